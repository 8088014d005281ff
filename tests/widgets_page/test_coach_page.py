"""The first minute in a page: marks at what comes next, what Evolve would cross, and what the browser remembers."""

from __future__ import annotations

import pytest
from bridge import Bridge, settled
from test_accessibility import violations
from test_live import FINAL, IDLE

from guidewidgets.widgets import GridWidget

MARK = "document.querySelector('.gw-coach').textContent"
SEEN = "localStorage.getItem('guidewidgets.coach')"
# What a click in the middle of the mark would meet, and how far the mark is from what it points at.
BELOW = """(at) => {
  const [mark, target] = ['.gw-coach', at].map((name) => document.querySelector(name).getBoundingClientRect());
  const middle = document.elementFromPoint(mark.left + mark.width / 2, mark.top + mark.height / 2);
  const gap = Math.max(mark.top - target.bottom, target.top - mark.bottom);
  const [, px] = document.querySelector('.gw-coach').style.cssText.match(/--gw\\w+: (.*)px/);
  const tip = mark.left + Number(px);
  return [middle.closest('.gw-coach') === null, Math.round(gap), Math.round(tip - target.left - target.width / 2)];
}"""
INSIDE = """() => {
  const { top, bottom } = document.querySelector('.gw-coach').getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}"""
CROSSED = (
    "[...document.querySelectorAll('.gw-crossed img')].map((img) => [img.dataset.slot, img.naturalWidth > 0])"
)
WIDTHS = [1440, 900, 600, 400]


def made(bridge, n):
    bridge.page.fill(".gw-n", "6")
    bridge.page.click(".gw-generate")
    bridge.until(lambda: len(bridge.widget.session.history) == n)
    bridge.until(f"{FINAL} && {IDLE} && document.querySelector('.gw-tile').dataset.slot === '{6 * (n - 1)}'")


def clicked(page):
    box = page.locator(".gw-coach").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("light", ["true", "false"])
def test_three_marks_one_after_the_other_that_cover_nothing(bridge, page, session, light):
    def points(at, width):
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        assert page.evaluate(BELOW, at) == [True, 3, 0]

    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    bridge.until(f"{MARK}.startsWith('Start here')")
    for width in WIDTHS:
        points(".gw-generate", width)
        assert page.evaluate(INSIDE)
    assert violations(page) == []
    assert page.evaluate(SEEN) is None
    made(bridge, 1)
    bridge.until(f"{MARK}.startsWith('Click what you like')")
    assert page.evaluate(SEEN) == "seen"
    for width in WIDTHS:
        points(".gw-frame", width)
    assert violations(page) == []
    page.click(".gw-tile >> nth=1")
    bridge.until(f"{MARK} === 'Now evolve them.'")
    for width in reversed(WIDTHS):
        points(".gw-evolve", width)
    assert violations(page) == []
    page.click(".gw-evolve")
    bridge.until(lambda: len(session.history) == 2)
    bridge.until(f"{FINAL} && {IDLE} && {MARK} === ''")
    page.set_viewport_size({"width": 320, "height": 900})  # narrower than where the last mark stood
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.click(".gw-tile >> nth=1")
    bridge.until(lambda: session.history[1][1].starred)
    assert page.evaluate(MARK) == ""
    page.evaluate("() => host.view()")  # another view of the same user
    settled(page)
    assert page.locator(".gw-coach").nth(1).inner_text() == ""


def test_a_click_or_escape_ends_a_mark_and_the_next_comes_in_its_time(bridge, page):
    bridge.until(f"{MARK} !== ''")
    page.focus(".gw-prompt")
    page.keyboard.press("Escape")
    assert page.evaluate(MARK) == ""
    assert page.evaluate(SEEN) == "seen"
    made(bridge, 1)
    bridge.until(f"{MARK} !== ''")
    clicked(page)
    assert page.evaluate(MARK) == ""
    assert page.evaluate("document.querySelectorAll('[data-mark=star]').length") == 0
    page.click(".gw-tile")
    bridge.until(f"{MARK} !== ''")
    page.click(".gw-tool-pin")  # who is at something else is left alone
    assert page.evaluate(MARK) == ""
    page.click(".gw-tool-select")
    assert page.evaluate(MARK) != ""


def test_who_has_made_pictures_before_sees_none(page, session):
    session.sample(2).wait()
    widget = GridWidget(session)
    bridge = Bridge(page, widget)
    bridge.until(f"{FINAL} && {SEEN} === 'seen'")
    page.click(".gw-tile")
    bridge.until(lambda: session.history[0][0].starred)
    assert page.evaluate(MARK) == ""
    widget.close()


def test_where_nothing_is_remembered_all_works(page, session):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused') } })"
    )
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    page.wait_for_function("window.host")
    widget = GridWidget(session)
    bridge = Bridge(page, widget)
    bridge.until(f"{MARK} !== ''")
    assert page.evaluate("getComputedStyle(document.querySelector('.gw-coach')).transitionProperty") == "none"
    made(bridge, 1)
    page.click(".gw-tool-pin")
    assert page.get_attribute(".gw-lock", "aria-pressed") == "true"
    page.click(".gw-lock")
    assert page.get_attribute(".gw-lock", "aria-pressed") == "false"
    widget.close()


def test_what_evolve_would_cross_is_seen_beside_it(bridge, page, session):
    page.set_viewport_size({"width": 1100, "height": 900})
    page.evaluate("document.body.style.paddingTop = '700px'")  # as below other cells
    made(bridge, 1)
    bridge.until("document.querySelector('.gw-row').getBoundingClientRect().bottom < innerHeight")
    assert page.locator(".gw-crossed").is_hidden()
    for i in (1, 4):
        page.click(f".gw-tile >> nth={i}")
    bridge.until(f"{CROSSED}.toString() === '1,true,4,true'")
    assert page.get_attribute(".gw-evolve", "title").startswith("Evolve 2 starred images: 1, 4. ")
    rows = page.evaluate("""() => [['.gw-history', '.gw-fields'], ['.gw-tool-group', '.gw-status', '.gw-blend']].map(
      (row) => new Set(row.map((name) => document.querySelector(name).offsetTop)).size)""")
    assert rows == [1, 1]  # Blend stands beside the tools, and makes no row of its own
    made(bridge, 2)
    bridge.until(f"{CROSSED}.toString() === '1,true,4,true'")  # of the generation before
    assert page.get_attribute(".gw-evolve", "title") == "Evolve 1, 4 once more"
    settled(page)
    assert violations(page) == []
    page.click(".gw-crossed button >> nth=1")
    bridge.until("document.querySelector('.gw-title').textContent.startsWith('Generation 1 of 2')")
    for i in (0, 1, 2, 3, 4, 5):
        if not session.history[0][i].starred:
            page.click(f".gw-tile >> nth={i}")
    page.click(".gw-newer")
    bridge.until("document.querySelector('.gw-title').textContent.startsWith('Generation 2 of 2')")
    bridge.until("document.querySelectorAll('.gw-crossed img').length === 6")


def test_the_rest_is_kept_unless_the_user_has_said_otherwise(bridge, page, session):
    made(bridge, 1)
    page.click(".gw-tool-pin")
    assert page.get_attribute(".gw-lock", "aria-pressed") == "true"
    page.click(".gw-frame >> nth=1")
    page.click(".gw-apply")
    bridge.until(lambda: len(session.history) == 2)
    assert session.history[1][0].recipe.parameters["lock"] is True
    bridge.until(f"{FINAL} && {IDLE}")
    page.click(".gw-tool-pin")
    page.keyboard.press("k")
    assert page.get_attribute(".gw-lock", "aria-pressed") == "false"
    page.evaluate("() => host.view()")
    page.click(".gw-tool-pin >> nth=1")
    assert page.locator(".gw-lock").nth(1).get_attribute("aria-pressed") == "false"
