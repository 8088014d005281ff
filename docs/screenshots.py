"""The widgets and the page that paints as they look in a real Chromium, for `pictures.py`.

Every widget has a real session behind it; only JupyterLab is missing.
"""

from __future__ import annotations

import functools
import http.server
import io
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import guidewidgets as gw
from guidewidgets import widgets

DOCS = Path(__file__).parent
TESTS = DOCS.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "widgets_page")]

from bridge import ORIGIN, Bridge, serve, settled  # noqa: E402 (found by the line above)
from browsers import launch  # noqa: E402

ROOT = "document.querySelector('.gw-root')"
WIDTH = 900
# A part, and where on it its number stands: shares of its width and height.
PARTS = (
    (".gw-tabs", 0.55, 0.5),
    (".gw-prompt-field", 0.97, 0.5),
    (".gw-generate", 1.035, 0.5),
    (".gw-fields", 0.4, 0),
    (".gw-history", 0.5, -0.1),
    (".gw-tool-group", 1.12, 0.5),
    (".gw-tile:first-child .gw-caption", 0.5, 0.5),
    (".gw-row .gw-tile:nth-child(3) .gw-frame", 0.5, 0.5),
)
NUMBER = """parts => parts.forEach(([selector, x, y], i) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  const badge = document.createElement("b");
  badge.textContent = i + 1;
  badge.style.cssText = `position: fixed; z-index: 9; left: ${box.left + x * box.width - 11}px;
    top: ${box.top + y * box.height - 11}px; width: 22px; height: 22px; border-radius: 50%; background: #d55e00;
    color: white; font: bold 13px/22px sans-serif; text-align: center; box-shadow: 0 0 0 2px white;`;
  document.querySelector(".gw-root").append(badge);
})"""
WHOLE = ("paints", "exported")  # pages; of the others only the widget is shown


def workbench(page: Page) -> None:
    """Twelve pictures, three of them starred."""
    s = gw.Session("a mushroom", seed=0)
    s.sample(12).wait()
    s.star(1, 4, 6)
    bridge = Bridge(page, s.workbench)
    bridge.until(f"{ROOT}.dataset.state === 'live'")
    bridge.until("document.querySelector('.gw-generate:not([inert])')")
    bridge.until("document.querySelectorAll('.gw-tile[data-final][data-painted]').length === 12")


def labelled(page: Page) -> None:
    """The workbench with a number on each of its parts, which docs/guides/workbench.md explains."""
    workbench(page)
    page.locator(".gw-tile").nth(2).hover()
    page.evaluate(NUMBER, PARTS)


def lineage(page: Page) -> None:
    """Four generations."""
    s = gw.Session("an owl in the snow", seed=3)
    s.sample(8).wait()
    s.star(1, 4, 6)
    s.cross(n=8).wait()
    s.star(9, 12)
    s.mutate(9, at=[(0.5, 0.5)], n=3).wait()
    s.cross([9, 12], n=6).wait()
    bridge = Bridge(page, widgets.LineagePanel(s))
    bridge.until(f"{ROOT}.dataset.nodes === '25' && document.querySelector('.gw-lineage-picture')")


def composer(page: Page) -> None:
    """Three chips, their maps and their sum."""
    s = gw.Session("a fox AND a beach AND NOT a house ::0.5", seed=2)
    bridge = Bridge(page, widgets.ComposerPanel(s))
    bridge.until(f"'full' in {ROOT}.dataset && {ROOT}.dataset.previewed === '{s.prompt}'")


def monitor(page: Page) -> None:
    """An optimisation that has ended."""
    s = gw.Session("a fox on a beach", seed=5)
    s.sample(1).wait()
    s.optimize(0, gw.MeanColour((0.35, 0.3, 0.75)) + 0.2 * gw.ClipText("a fox at night"), steps=12).wait()
    bridge = Bridge(page, widgets.MonitorPanel(s))
    bridge.until(f"{ROOT}.dataset.last === '12'")


def study(page: Page) -> None:
    """The first pair."""
    e = gw.Engine.load()
    prompts = [f"{noun} in the snow" for noun in e.words["nouns"][:8]]
    x = e.noise(8, seed=3)
    pairs = list(zip(e.render(x, prompts), e.render(x, prompts, steps=3), prompts, strict=True))
    bridge = Bridge(page, widgets.StudyPanel(gw.evaluate.Study(pairs, "Which is the better picture?", n=47)))
    bridge.until(f"{ROOT}.dataset.state === 'live'")  # clicks carry no messages
    page.click(".gw-study-start")
    bridge.until("document.querySelector('.gw-study-pair').dataset.trial === '0'")
    page.wait_for_timeout(500)  # both are on show


def paints(page: Page) -> None:
    """The page that paints, with one picture taken apart; `make page` has to have built it."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(quiet, directory=DOCS / "page")
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page.set_viewport_size({"width": 1280, "height": 900})  # pictures and the inside of one side by side
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    page.wait_for_selector("ul.tiles:not(:has(.under-way)) .tile")
    page.click(".picture")
    page.wait_for_selector(".body:not(.stale):not([hidden])")
    page.locator("#step").fill("4")
    server.shutdown()


def exported(page: Page) -> None:
    """What `s.to_html` writes, opened as a file."""
    s = gw.Session("a mushroom", seed=7)
    s.sample(6).wait()
    s.star(1, 4)
    s.cross(n=6).wait()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trip.html"
        s.to_html(path)
        page.goto(path.as_uri())
        height = page.evaluate("Math.ceil(document.body.getBoundingClientRect().bottom)")
        page.set_viewport_size({"width": WIDTH, "height": height + 16})


SHOTS: dict[str, Callable[[Page], None]] = {
    shot.__name__: shot for shot in (workbench, labelled, lineage, composer, monitor, study, paints, exported)
}


def take(name: str) -> Image.Image:
    """One of them, as wide as a page of the documentation shows it."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": WIDTH, "height": 800})
        page.set_default_timeout(180_000)
        serve(page)
        page.goto(ORIGIN)
        page.wait_for_function("window.host")
        SHOTS[name](page)
        if name not in WHOLE:  # the page that paints lets no styles in
            page.add_style_tag(content=".gw-status { visibility: hidden; }")  # names a temporary folder
        settled(page)
        shot = page.screenshot() if name in WHOLE else page.locator(".gw-root").first.screenshot()
        browser.close()
    return Image.open(io.BytesIO(shot)).convert("RGB")
