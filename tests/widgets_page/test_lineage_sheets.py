"""The drawing of a long lineage: a handful of sheets that are used again, never blank, never out of date."""

from __future__ import annotations

import pytest
from bridge import Bridge, frames

from guidewidgets.widgets import LineagePanel

WAIT = 60
GENERATIONS = 16
SAMPLED = [0x56, 0xB4, 0xE9, 255]

# Colour of the drawing at a place of the graph, in CSS pixels at zoom 1; null where no sheet is.
PIXEL = """([x, y]) => {
  const space = document.querySelector('.gw-lineage-space').getBoundingClientRect();
  const zoom = Number(document.querySelector('.gw-lineage-scroll').dataset.zoom), r = devicePixelRatio;
  for (const canvas of document.querySelectorAll('.gw-lineage-canvas:not(.gw-lineage-line)')) {
    const at = x * zoom - (canvas.getBoundingClientRect().left - space.left);
    if (at < 0 || at * r >= canvas.width) continue;
    return [...canvas.getContext('2d').getImageData(at * r, y * zoom * r, 1, 1).data];
  }
  return null;
}"""


@pytest.fixture
def long_one(page, session):
    """Sixteen generations of two, in columns 108 pixels apart."""
    session.set(steps=1)
    for _ in range(GENERATIONS):
        session.sample(2).wait(WAIT)
    panel = LineagePanel(session)
    bridge = Bridge(page, panel)
    bridge.until("document.querySelector('.gw-root').dataset.state === 'live'")
    page.focus(".gw-lineage-node")
    page.keyboard.press("0")
    for _ in range(8):
        page.keyboard.press("+")  # far beyond 1
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert page.get_attribute(".gw-lineage-scroll", "data-zoom") == "1"
    yield bridge
    panel.close()


def bar(generation: int) -> list[float]:
    """The middle of the coloured bar below the first picture of a generation."""
    return [14 + 108 * generation + 28, 26 + 54]


def test_wherever_it_is_scrolled_everything_in_sight_is_painted(long_one, page):
    most = page.evaluate("document.querySelector('.gw-lineage-scroll').clientWidth") / 256 + 4
    for wanted in (0, 130, 777, 300, 1500, 640, 1024, 90, 0):
        page.evaluate("left => { document.querySelector('.gw-lineage-scroll').scrollLeft = left }", wanted)
        frames(page)
        left = page.evaluate("document.querySelector('.gw-lineage-scroll').scrollLeft")
        width = page.evaluate("document.querySelector('.gw-lineage-scroll').clientWidth")
        for generation in range(GENERATIONS):
            x, y = bar(generation)
            if left <= x - 28 and x + 28 <= left + width:
                assert page.evaluate(PIXEL, [x, y]) == SAMPLED, (left, generation)
    assert page.locator(".gw-lineage-canvas").count() <= 2 * most


def test_no_seam_lies_between_sheets(long_one, page):
    page.evaluate("() => { document.querySelector('.gw-lineage-scroll').scrollLeft = 0 }")
    frames(page, 4)
    edges = [
        round(256 * i) for i in range(1, 3) for g in range(9) if 108 * g + 15 < 256 * i < 108 * g + 69
    ]  # where sheets meet within a picture
    assert edges
    for x in edges:
        assert [page.evaluate(PIXEL, [x + d, 80]) for d in (-1, 0)] == [SAMPLED, SAMPLED]


def test_marks_are_painted_and_taken_back(long_one, page, session):
    page.keyboard.press("Home")
    corner = [14 + 56 - 9 - 6, 26 + 9]  # in the badge, beside its star

    def golden():
        return page.evaluate(PIXEL, corner) == [0xF5, 0xC5, 0x18, 255]

    assert not golden()
    page.keyboard.press("Space")
    long_one.until(lambda: session[0].starred and golden())
    session.undo()
    long_one.until(lambda: not session[0].starred and not golden())
    session.redo()
    long_one.until(golden)


def test_zooming_by_keys_keeps_the_current_image_in_sight(long_one, page):
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    for key in "----++++++++":
        page.keyboard.press(key)
        frames(page)
        node, box = (
            page.evaluate(
                "name => { const { left, right } = document.querySelector(name).getBoundingClientRect();"
                " return [left, right]; }",
                name,
            )
            for name in (".gw-lineage-node", ".gw-lineage-scroll")
        )
        assert box[0] <= sum(node) / 2 <= box[1]
