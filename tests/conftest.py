"""What all tests share: the property tests' settings, one tiny engine and one browser."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsers import find_chromium, launch
from forked_workers import Forker, forker
from fresh import Interpreters, interpreters
from hypothesis import settings
from slow import slow

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

    from guidewidgets.engine import Engine

E2E = Path(__file__).parent / "e2e"
# JupyterLab; the page's build; the process that training forks from.
TOGETHER = ("tests/e2e/", "tests/page/test_painting", "tests/training/")

# With several workers each has one thread, or they would stand in each other's way.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# No deadline: the machines that run these tests have two busy cores. In CI the same examples on every run.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("prove", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


@pytest.fixture(scope="session", autouse=True)
def temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What sessions without a path save goes where pytest cleans up."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("temporary"))
    yield
    tempfile.tempdir = before


@pytest.fixture(autouse=True)
def own_notebook(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session offers those that were left in the same notebook: each test is one of its own."""
    monkeypatch.setenv("JPY_SESSION_NAME", request.node.nodeid)


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny pipelines' tokenizer keeps its files."""
    return tmp_path_factory.mktemp("tokenizer")


@pytest.fixture(scope="session")
def engine(words: Path) -> Engine:
    """One tiny random-weight pipeline for all: the real engine, pictures of 16 × 16 noise."""
    import tiny

    from guidewidgets.engine import Engine

    return Engine.load(tiny.stable_diffusion(words))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, words: Path) -> Path:
    """The same pipeline as a folder that models are loaded from."""
    import tiny

    made: Path = tmp_path_factory.mktemp("models") / "tiny"
    tiny.stable_diffusion(words).save_pretrained(made)
    return made


@pytest.fixture(scope="session")
def fresh() -> Iterator[Interpreters]:
    """Run scripts in interpreters that know nothing yet."""
    with interpreters() as ask:
        yield ask


@pytest.fixture(scope="session")
def forks(fresh: Interpreters) -> Iterator[Forker]:
    """Start workers in the place of `spawned.launch`, without their imports."""
    with forker(fresh) as made:
        yield made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with tests in a browser last: Playwright's event loop then stands in no other test's way.

    First of them come those in JupyterLab, which take one worker minutes. In CI all of them have a second try: kernels
    and JupyterLab's own start-up falter now and then on a busy machine. The summary names every test that needed it.
    """
    long = slow()
    for item in items:
        if item.nodeid.partition("[")[0] in long:
            item.add_marker(pytest.mark.slow)
        browses = "chromium" in getattr(item, "fixturenames", ())
        if browses:
            item.add_marker(pytest.mark.browser)
            if os.environ.get("CI"):
                item.add_marker(pytest.mark.flaky(reruns=1))
    last = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path in last, item.path.parent != E2E))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Give each worker whole files, and those in one piece that falter or build the same twice where two have them."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next(filter(nodeid.startswith, TOGETHER), super()._split_scope(nodeid))

    return Files(config, log)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, headless, started once; its absence fails in CI and skips elsewhere."""
    from playwright.sync_api import sync_playwright

    if find_chromium() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium here: `make test` installs it")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
