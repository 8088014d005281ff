"""JupyterLab in a page of the browser."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browsers import launch
from lab import LATEST, TIMEOUT_S, TOKEN, Lab, Notebook, serve
from playwright.sync_api import Page, sync_playwright


def load(page: Page, lab: Lab) -> None:
    """Open JupyterLab with nothing in it."""
    page.goto(f"{lab.url}/lab?reset&token={TOKEN}", wait_until="domcontentloaded")
    page.wait_for_function("() => window.jupyterapp?.started")
    page.evaluate("() => jupyterapp.started.then(() => true)")


@contextmanager
def open_lab(
    name: str, width: int = 1280, height: int = 1000, script: Path | None = None
) -> Iterator[Notebook]:
    """A notebook to open, in a server and a browser of its own: for scripts, which have no fixtures.

    Args:
        name: of the notebook.
        width: of the page.
        height: of the page.
        script: JavaScript that the page runs before its own.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), {LATEST: None}) as lab,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(TIMEOUT_S * 1000)
        if script is not None:
            page.add_init_script(path=script)
        load(page, lab)
        yield Notebook(page, lab, name, LATEST)
        browser.close()
