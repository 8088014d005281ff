"""The lineage with a real session, a real panel and a real page: only the kernel between them is missing."""

from __future__ import annotations

import pytest
from bridge import Bridge, settled, text
from test_accessibility import violations

from guidewidgets.widgets import LineagePanel

WAIT = 60


@pytest.fixture
def grown(session):
    """Five generations, the third undone: 0-5 sampled, 6-9 crossed, 10-11 mutated (undone), 12-14 crossed."""
    session.set(steps=1)
    session.sample(6).wait(WAIT)
    session.star(1, 4)
    session.cross([1, 4], n=4).wait(WAIT)
    session.mutate(6, at=[(0.5, 0.5)], n=2).wait(WAIT)
    session.undo()
    session.set(prompt="a fox AND a hat", guidance=3)
    session.cross([6, 7], n=3).wait(WAIT)
    session.star(13)
    return session


@pytest.fixture
def lineage(page, grown):
    panel = LineagePanel(grown)
    bridge = Bridge(page, panel)
    bridge.until("document.querySelector('.gw-root').dataset.nodes === '15'")
    bridge.until("document.querySelector('.gw-lineage-picture')")
    yield bridge
    panel.close()


def current(page):
    return int(page.get_attribute(".gw-root", "data-current"))


def pixel(page, x, y):
    """Colour of the drawing at a place of the graph, in CSS pixels at zoom 1; it is scrolled to its beginning."""
    return page.evaluate(
        """([x, y]) => { const c = document.querySelector('.gw-lineage-canvas');
        const r = devicePixelRatio * Number(document.querySelector('.gw-lineage-scroll').dataset.zoom);
        return [...c.getContext('2d').getImageData(x * r, y * r, 1, 1).data]; }""",
        [x, y],
    )


def test_it_shows_the_newest_and_what_changed(lineage, page):
    assert current(page) == 14
    details = page.inner_text(".gw-lineage-details")
    assert "14 · Evolve" in details
    assert "guidance" in details
    assert page.locator(".gw-lineage-edge").count() == 2
    assert page.inner_text(".gw-lineage-edge >> nth=0 >> ins >> nth=0").strip() == "AND"
    assert page.inner_text(".gw-lineage-edge >> nth=0 >> del >> nth=0").strip() == "on"
    assert "Of its starting noise" in details


def test_keys_walk_the_graph(lineage, page):
    page.focus(".gw-lineage-node")
    page.keyboard.press("p")
    assert current(page) == 6
    page.keyboard.press("p")
    assert current(page) == 1
    page.keyboard.press("d")
    assert current(page) == 6
    page.keyboard.press("ArrowDown")
    assert current(page) == 7
    page.keyboard.press("ArrowRight")
    assert current(page) == 11  # undone, and still there
    assert "undone" in page.get_attribute(".gw-lineage-node", "aria-label")
    page.keyboard.press("Home")
    assert current(page) == 0
    page.keyboard.press("ArrowLeft")
    assert current(page) == 0
    page.keyboard.press("End")
    assert current(page) == 14
    lineage.until("document.querySelector('.gw-voice').textContent.includes('Image 14')")


def test_a_chip_leads_to_any_ancestor(lineage, page):
    page.click(".gw-lineage-relatives .gw-lineage-chip[data-slot='4']")
    assert current(page) == 4
    assert page.evaluate("document.activeElement.className") == "gw-lineage-node"


def test_pictures_come_when_they_are_in_sight(lineage, page):
    page.focus(".gw-lineage-node")
    page.keyboard.press("Home")
    x = 14 + 28
    lineage.until(lambda: pixel(page, x, 26 + 28)[3] == 255)
    lineage.until(lambda: pixel(page, x, 26 + 54)[:3] == [0x56, 0xB4, 0xE9])  # the bar below it: sampled


def test_stars_are_given_and_filtered(lineage, page, grown):
    page.focus(".gw-lineage-node")
    page.keyboard.press("Space")
    lineage.until(lambda: grown[14].starred)
    page.keyboard.press("Space")
    lineage.until(lambda: not grown[14].starred)
    lineage.until("document.querySelector('.gw-lineage-star').getAttribute('aria-pressed') === 'false'")
    page.keyboard.press("f")
    assert page.inner_text(".gw-lineage-operators").split() == ["Generate", "2", "Evolve", "3"]
    page.keyboard.press("f")
    assert page.inner_text(".gw-lineage-operators").split() == ["Generate", "6", "Evolve", "7", "Vary", "2"]


def test_branching_goes_on_from_any_candidate(lineage, page, grown):
    page.click(".gw-lineage-relatives .gw-lineage-chip[data-slot='1']")
    page.click(".gw-lineage-vary")
    lineage.until(lambda: len(grown.kinship()) == 15 + 12)
    assert all(c.recipe.parent_ids == (1,) for c in grown.history[-1])
    lineage.until("document.querySelector('.gw-root').dataset.nodes === '27'")
    assert current(page) == 26  # what was made here is turned to
    page.focus(".gw-lineage-node")
    page.keyboard.press("End")

    def came(message):
        return message["kind"] == "reply" and "tiles" in str(message.get("value"))

    lineage.until(lambda: any(map(came, lineage.log)))  # pictures that the page did not begin with
    lineage.until("document.querySelector(`.gw-lineage-chip[data-slot='1']`)")
    page.click(".gw-lineage-chip[data-slot='1']")
    page.focus(".gw-lineage-node")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("e")
    lineage.until(lambda: len(grown.kinship()) == 15 + 24)
    assert grown.history[-1][0].recipe.parent_ids == (1, 2)


def test_a_shift_click_adds_to_what_was_chosen_and_what_came_is_told(lineage, page, grown):
    def at(slot):  # first column, zoom 1 or less
        zoom = float(page.get_attribute(".gw-lineage-scroll", "data-zoom"))
        return {"x": (14 + 28) * zoom, "y": (26 + 28 + slot * 64) * zoom}

    page.focus(".gw-lineage-node")
    page.keyboard.press("Home")
    page.click(".gw-lineage-space", position=at(0))
    assert current(page) == 0
    page.click(".gw-lineage-space", position=at(2), modifiers=["Shift"])
    assert page.inner_text(".gw-lineage-actions .gw-quiet") == "picked: 0, 2"
    lineage.until("document.querySelector('.gw-lineage-picture')")
    buttons = page.locator(".gw-lineage-actions").bounding_box()
    assert buttons["y"] < page.locator(".gw-lineage-picture").bounding_box()["y"]
    page.click(".gw-lineage-evolve >> text=Evolve 0, 2")
    lineage.until("document.querySelector('.gw-status-text').textContent === '12 children of 0, 2'")
    assert grown.history[-1][0].recipe.parent_ids == (0, 2)


def test_an_undone_candidate_cannot_be_starred_and_says_so(lineage, page):
    page.click(".gw-lineage-chip[data-slot='6']")
    page.keyboard.press("ArrowRight")
    assert current(page) == 10
    page.keyboard.press("Space")
    lineage.until(
        "document.querySelector('.gw-status-text').textContent.includes('was undone: redo brings it back')"
    )


@pytest.mark.parametrize("look", ["slider", "side by side", "difference"])
def test_any_two_are_compared(lineage, page, look):
    page.focus(".gw-lineage-node")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Home")
    page.keyboard.press("c")
    lineage.until("document.querySelector('.gw-lineage-pair').dataset.pair === '14,0'")
    page.click(f".gw-lineage-modes >> text={look}")
    if look == "slider":
        page.fill(".gw-lineage-pair input[type=range]", "20")
        assert "20%" in page.get_attribute(".gw-lineage-other", "style")
    boxes = [page.locator(f".gw-lineage-{name}") for name in ("one", "other", "map")]
    visible = [box.evaluate("e => getComputedStyle(e).visibility") == "visible" for box in boxes]
    assert visible == ([False, False, True] if look == "difference" else [True, True, False])
    assert all(box.evaluate("e => e.naturalWidth") == 16 for box in boxes)
    page.keyboard.press("Escape")
    assert not page.locator(".gw-lineage-pair").is_visible()
    lineage.until("host.counts.urls === 1")  # the picture of the details, which may come last


@pytest.mark.parametrize("light", ["true", "false"])
def test_axe_finds_nothing(lineage, page, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    page.focus(".gw-lineage-node")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Home")
    page.keyboard.press("c")
    lineage.until("document.querySelector('.gw-lineage-pair').dataset.pair")
    page.click(".gw-lineage-modes >> text=difference")
    settled(page)
    assert violations(page) == []


def test_a_page_without_kernel_still_shows_the_graph(page, grown):
    panel = LineagePanel(grown)
    panel.tell_traits()
    traits = {"kind": "lineage", "still": panel.still}
    page.evaluate("traits => host.start(traits)", traits | {"tiles": [text(t) for t in panel.tiles]})
    page.evaluate("() => host.view()")
    page.wait_for_selector(".gw-root[data-state=static][data-nodes='15']")
    page.wait_for_function("document.querySelector('.gw-lineage-scroll').dataset.painted > 0")
    assert len(panel.tiles) == 15
    page.focus(".gw-lineage-node")
    page.keyboard.press("p")
    assert current(page) == 6
    assert not page.locator(".gw-lineage-actions").is_visible()
    panel.close()


def test_nothing_is_left_behind(lineage, page):
    page.evaluate("() => host.closeView(0)")
    assert page.evaluate("host.counts") == {"urls": 0, "listeners": 0, "observers": 0}
    assert page.evaluate("host.globals") == []
    page.evaluate("() => host.close()")
    assert page.evaluate("host.model.listening") == 0
