"""A saved page without a kernel, drawn by the html-manager: the stand-in for nbconvert, documentation sites, VS Code.

Its scripts would come from content delivery networks; here the same files come from the packages in js/node_modules
and from anywidget's own.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import anywidget
import nbformat
import pytest
from bridge import SECONDS
from ipywidgets.embed import dependency_state, embed_minimal_html
from nbconvert import HTMLExporter
from PIL import Image
from traitlets.config import Config

from guidewidgets.widgets import GridWidget

MODULES = Path(__file__).parents[2] / "js" / "node_modules"
SCRIPTS = {
    r"require(\.min)?\.js": MODULES / "requirejs" / "require.js",
    r"html-manager.*embed-amd\.js": MODULES / "@jupyter-widgets" / "html-manager" / "dist" / "embed-amd.js",
    r"anywidget@.*index\.js": Path(anywidget.__file__).parent / "nbextension" / "index.js",
}
CORS = {"Access-Control-Allow-Origin": "*"}


@pytest.fixture
def saved(chromium, tmp_path):
    """Open a widget's static page; every request it makes is answered from local files or fails the test."""
    strangers, errors = [], []
    context = chromium.new_context(viewport={"width": 760, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def open_(widget):
        path = tmp_path / "page.html"
        state = dependency_state(widget, drop_defaults=False)
        embed_minimal_html(str(path), views=[widget], state=state, title="saved")
        html = re.sub(r'integrity="[^"]*"', "", path.read_text(encoding="utf-8"))

        def answer(route):
            url = route.request.url
            found = next((file for pattern, file in SCRIPTS.items() if re.search(pattern, url)), None)
            if url == "http://saved.test/":
                route.fulfill(body=html, content_type="text/html")
            elif found:
                route.fulfill(body=found.read_bytes(), content_type="text/javascript", headers=CORS)
            else:
                # It looks beside the page first, and then where the network would be.
                strangers.extend([] if url.startswith("http://saved.test/") else [url])
                route.fulfill(status=404)

        page.route("**/*", answer)
        page.goto("http://saved.test/")
        return page

    yield open_
    context.close()
    assert errors == []
    assert strangers == []


def test_a_saved_page_shows_the_pictures_and_no_buttons(saved, session):
    session.sample(4, prompt="a fox").wait(60)
    session.star(session.history[0][2].id)
    widget = GridWidget(session)
    page = saved(widget)
    widget.close()
    page.wait_for_function("document.querySelectorAll('.gw-tile[data-final]').length === 4")
    page.wait_for_selector(".gw-root[data-state=static]")
    marks = page.eval_on_selector_all(".gw-tile", "tiles => tiles.map(t => t.dataset.mark)")
    assert marks == ["none", "none", "star", "none"]
    assert page.inner_text(".gw-title") == "Generation 1 of 1 · 4 images · a fox"
    for name in ("generate", "evolve", "undo", "redo", "cancel"):
        assert not page.is_visible(f".gw-{name}")
    data = page.evaluate(
        "async () => [...new Uint8Array(await (await fetch(document.querySelector('.gw-tile img').src)).arrayBuffer())]"
    )
    assert (
        Image.open(io.BytesIO(bytes(data))).convert("RGB").tobytes() == session.history[0][0].image.tobytes()
    )


def test_a_page_saved_before_any_picture_says_so(saved, session):
    widget = GridWidget(session)
    page = saved(widget)
    widget.close()
    page.wait_for_selector(".gw-root[data-state=static]")
    assert page.inner_text(".gw-empty") == "No pictures were saved with this page."


def test_a_page_by_nbconvert_shows_the_pictures_without_network(chromium, session, tmp_path):
    """With the option that docs/hosts.md names: by itself nbconvert prefers scripts of a content delivery network."""
    session.sample(3, prompt="a fox").wait(60)
    widget = GridWidget(session)
    data, _ = widget._repr_mimebundle_()
    widget.close()
    cell = nbformat.v4.new_code_cell("s", outputs=[nbformat.v4.new_output("display_data", data)])
    option = Config({"NbConvertBase": {"display_data_priority": ["text/html", "image/png", "text/plain"]}})
    page = tmp_path / "page.html"
    page.write_text(HTMLExporter(option).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0])
    context = chromium.new_context(offline=True)
    opened = context.new_page()
    opened.goto(page.as_uri(), wait_until="domcontentloaded")
    shown = opened.evaluate(
        "[...document.images].map(image => [image.src.slice(0, 11), image.naturalWidth > 0])"
    )
    context.close()
    assert shown == [["data:image/", True]] * 3
