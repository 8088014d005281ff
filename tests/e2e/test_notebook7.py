"""The tour's first minute in Notebook 7, which the other tests' server shows too; and no rule of its page is ours."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import nbformat
import pytest
from lab import FRESH, ROOT, TIMEOUT_S, TOKEN, Lab, Notebook
from playwright.sync_api import Browser
from workbench import Workbench, until

pytestmark = pytest.mark.skipif(find_spec("notebook") is None, reason="Notebook 7 is not installed")

TOUR = ROOT / "notebooks" / "00_tour.ipynb"
# The widget again, in a frame as wide that has its style sheet and no host; what of it is not as it is here.
DIFFERENT = """(root) => {
    const names = `float display boxSizing width height marginTop marginRight marginBottom marginLeft
        paddingTop paddingRight paddingBottom paddingLeft borderTopWidth borderLeftWidth fontSize fontFamily
        fontWeight lineHeight letterSpacing textAlign textTransform whiteSpace wordBreak color backgroundColor
        boxShadow listStyleType`.split(/\\s+/);
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.style.cssText = `position: fixed; border: 0; width: ${root.getBoundingClientRect().width}px; height: 2000px`;
    const page = frame.contentDocument;
    const sheet = [...document.querySelectorAll('style')].find(one => one.textContent.includes('.gw-root'));
    page.open();  // with a doctype: else line boxes are those of old
    page.write('<!doctype html><body data-jp-theme-light="true" style="margin: 0">');
    page.close();
    page.head.append(sheet.cloneNode(true));
    page.body.innerHTML = root.outerHTML;
    const twins = [page.body.firstElementChild, ...page.body.firstElementChild.querySelectorAll('*')];
    const here = [root, ...root.querySelectorAll('*')];
    const found = here.length === twins.length ? [] : ['not the same elements'];
    here.forEach((one, i) => {
        const [ours, plain] = [getComputedStyle(one), frame.contentWindow.getComputedStyle(twins[i])];
        for (const name of names) {
            const [a, b] = [ours[name], plain[name]];
            const near = Math.abs(parseFloat(a) - parseFloat(b)) < 1;
            if (a !== b && !near) found.push(`${one.tagName}.${one.getAttribute('class')} ${name}: ${a}, not ${b}`);
        }
    });
    frame.remove();
    return found;
}"""


class Seven(Notebook):
    """A notebook in a page of its own."""

    def _show(self) -> None:
        self.page.goto(f"{self.lab.url}/notebooks/{self.path}?token={TOKEN}", wait_until="domcontentloaded")
        shown = "path => window.jupyterapp?.shell?.currentWidget?.context?.path === path"
        self.page.wait_for_function(shown, arg=self.path)


@pytest.fixture
def notebook(lab: Lab, chromium: Browser) -> Iterator[Notebook]:
    """The tour as far as its first cell; errors in the page that are not Notebook 7's own fail the test."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(TIMEOUT_S * 1000)
    errors: list[str] = []

    def listen(error: Any) -> None:
        if "/static/notebook/" not in (error.stack or ""):  # it has one of its own, with nothing in it
            errors.append(f"{error}\n{error.stack}")

    page.on("pageerror", listen)
    notebook = Seven(page, lab, "seven", FRESH)  # with nothing imported before it
    document = nbformat.read(TOUR, as_version=4)
    by_hand = next(i for i, cell in enumerate(document.cells) if "by_hand" in cell.metadata.get("tags", ()))
    del document.cells[by_hand + 1 :]
    notebook.open_document(document)
    yield notebook
    notebook.close()
    page.close()
    assert errors == []


def test_the_first_minute(notebook: Notebook):
    bench, page = Workbench(notebook), notebook.page
    bench.press("generate")
    bench.painted(12)
    live = "[...root.querySelectorAll('.gw-tile')].every(t => t.dataset.painted > 1)"  # and then whole
    until(bench.root, live)
    for place in (0, 4, 7):
        bench.star(place)
    starred = bench.starred()
    bench.press("evolve")
    notebook.until("len(s.history) == 2")
    bench.painted(12)
    assert notebook.py("print({c.recipe.parent_ids for c in s.history[1]})") == f"{{{tuple(starred)}}}"

    page.mouse.move(0, 0)
    page.evaluate("() => document.activeElement?.blur()")
    until(bench.root, "document.getAnimations().every(one => one.playState === 'finished')")
    assert bench.root.evaluate(DIFFERENT) == []
    output = ".jp-OutputArea-output"
    widths = f"root => [root, root.closest('{output}')].flatMap(e => [e.scrollWidth, e.clientWidth])"
    own, seen, cell, room = bench.root.evaluate(widths)
    assert own == seen <= cell == room
    frames = bench.root.locator(".gw-frame").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).flatMap(({ width, height }) => [width, height])"
    )
    assert 80 < min(frames) <= max(frames) <= 256.5
    bench.root.locator(".gw-help").click()
    terms = bench.root.locator(".gw-keys dt").evaluate_all("all => all.map(t => t.offsetWidth)")
    assert min(terms) > 100
