"""What axe-core finds wrong with the widget in each of its states: nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
# Rules about whole pages; the widget is a part of somebody else's.
PAGE_RULES = {
    rule: {"enabled": False}
    for rule in ("html-has-lang", "landmark-one-main", "page-has-heading-one", "region")
}


def violations(page):
    page.add_script_tag(path=AXE)
    found = page.evaluate("rules => axe.run('.gw-root', { rules })", PAGE_RULES)
    assert len(found["passes"]) > 10  # it has looked at something
    return [(v["id"], v["help"], [node["html"][:120] for node in v["nodes"]]) for v in found["violations"]]


def rest(page):
    page.keyboard.press("Tab")


def typing(page):
    page.fill(".gw-prompt", "a fox AND")
    page.keyboard.press("Enter")
    req = page.evaluate("host.model.sent.at(-1).req")
    error = {"message": "a concept is missing", "detail": "", "line": 1, "column": 10, "hint": ""}
    page.evaluate("c => host.deliver(c, [])", {"kind": "reply", "req": req, "ok": False, "error": error})


def starred(page):
    page.click(".gw-tile >> nth=1")
    page.keyboard.press("x")


def zoomed(page):
    page.focus(".gw-tile")
    page.keyboard.press("Enter")


def keys(page):
    page.focus(".gw-tile")
    page.keyboard.press("?")


@pytest.mark.parametrize("light", ["true", "false"])
@pytest.mark.parametrize("act", [rest, typing, starred, zoomed, keys])
def test_finished_images(page, show, act, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    show(5)
    act(page)
    page.wait_for_timeout(300)  # transitions
    assert violations(page) == []


@pytest.mark.parametrize("light", ["true", "false"])
def test_under_way_with_an_error(page, show, fixture, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    notices = [{"level": "error", "text": "sample failed", "detail": "Traceback"}]
    show(5, pictures=2, job=fixture["from_kernel"]["frame"]["job"], notices=notices)
    page.click(".gw-more")
    page.wait_for_timeout(300)
    assert violations(page) == []


def test_nothing_yet(page, show):
    show(0)
    assert violations(page) == []
