"""What axe-core finds wrong with the widget in each of its states: nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from bridge import settled

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


def drawing(page):
    page.click(".gw-tool-pin")
    page.click(".gw-tile >> nth=1")
    page.click(".gw-tile >> nth=2")
    page.keyboard.press("Enter")


def compared(page):
    page.focus(".gw-tile")
    page.keyboard.press("c")
    req = page.evaluate("host.model.sent.at(-1).req")
    parents = [{"slot": 4, "colour": "#0072b2", "share": 0.5}, {"slot": 7, "colour": "#e69f00", "share": 0.5}]
    shared, fresh = {"colour": "#c3c3c3", "share": 0.0}, {"colour": "#8c8c8c", "share": 0.0}
    told = {"slot": 0, "w": 1, "h": 2, "parents": parents, "shared": shared, "fresh": fresh}
    told |= {"media_type": "image/png"}
    reply = {"kind": "reply", "req": req, "ok": True, "value": told}
    page.evaluate("c => host.deliver(c, ['AAE=', host.png(4, 4), host.png(4, 4)])", reply)
    page.wait_for_selector(".gw-layer[data-ready]")


def lost(page):
    page.set_viewport_size({"width": 400, "height": 900})
    page.evaluate("() => host.model.handlers.get('comm_live_update').forEach((h) => h())")
    page.wait_for_selector("[data-state=gone]")


@pytest.mark.parametrize("light", ["true", "false"])
@pytest.mark.parametrize("act", [rest, typing, starred, zoomed, keys, drawing, compared, lost])
def test_finished_images(page, show, act, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    show(5, compare="origin" if act is compared else "none")
    act(page)
    settled(page)
    assert violations(page) == []


@pytest.mark.parametrize("light", ["true", "false"])
def test_under_way_with_an_error(page, show, fixture, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    notices = [{"level": "error", "text": "sample failed", "detail": "Traceback"}]
    show(5, pictures=2, job=fixture["from_kernel"]["frame"]["job"], notices=notices)
    page.click(".gw-more")
    settled(page)
    assert violations(page) == []


def test_nothing_yet(page, show):
    show(0)
    assert violations(page) == []
