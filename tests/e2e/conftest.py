"""One JupyterLab, one page, three kernels; each test opens a notebook of its own in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fresh import Interpreters
from lab import FRESH, LATEST, OLDER_KERNELS, ROOT, TIMEOUT_S, Lab, Notebook, serve
from lab_page import load
from playwright.sync_api import Browser, Page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies here."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember for the fixtures how the test went."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, fresh: Interpreters) -> Iterator[Lab]:
    """The server, with a kernelspec for each version of ipykernel: forked ones, which import nothing heavy."""
    folders = {version: ROOT / ".make" / "kernels" / version for version in OLDER_KERNELS}
    missing = [version for version, folder in folders.items() if not (folder / "ipykernel").is_dir()]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"no ipykernel {missing}: `make test` installs it"
        )
    with serve(tmp_path_factory.mktemp("lab"), {**folders, LATEST: None, FRESH: None}, fresh) as running:
        yield running


@pytest.fixture(scope="session")
def app(lab: Lab, chromium: Browser) -> Page:
    """JupyterLab in a page: loaded once, since that costs seconds and a notebook in it one."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(TIMEOUT_S * 1000)
    page.add_init_script(path=Path(__file__).with_name("spy.js"))
    load(page, lab)
    return page


@pytest.fixture
def kernel() -> str:
    """The kernel of the test's notebook; tests choose others by parametrizing `kernel`."""
    return LATEST


@pytest.fixture
def notebook(lab: Lab, app: Page, kernel: str, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook to open; errors in the page fail the test, and a failed test leaves a screenshot."""
    name = re.sub(r"\W+", "_", request.node.name)
    errors: list[str] = []

    def listen(error: object) -> None:
        if "Canceled future for" not in str(error):  # what JupyterLab had asked of a kernel that was ended
            errors.append(str(error))

    app.on("pageerror", listen)
    notebook = Notebook(app, lab, name, kernel)
    yield notebook
    app.remove_listener("pageerror", listen)
    failed = errors or request.node.stash.get(FAILED, True)
    if failed:
        folder = Path(os.environ.get("E2E_ARTIFACTS", ROOT / "e2e-artifacts"))
        folder.mkdir(exist_ok=True)
        app.screenshot(path=folder / f"{name}.png")
        (folder / f"{name}.log").write_text("\n".join([*errors, lab.log.read_text()[-5000:]]))
    notebook.close()
    if failed:
        load(app, lab)  # whatever went wrong in the page is no other test's trouble
    assert errors == []
