"""Notes and tags in a page, and what the full-size view can do, with a real session behind it."""

from __future__ import annotations

import pytest
from bridge import settled
from test_accessibility import violations

OPEN = "document.querySelector('.gw-lightbox').open"
FOCUS = "document.activeElement"
NOTED = "[...document.querySelectorAll('.gw-noted:not([hidden])')].map((mark) => mark.title)"


@pytest.fixture
def three(bridge, page, session):
    """Three pictures."""
    page.fill(".gw-n", "3")
    page.click(".gw-generate")
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 3")
    bridge.until(lambda: len(session.history) == 1)
    bridge.until("document.querySelector('.gw-root').dataset.job === 'idle'")
    return bridge


def test_by_mouse_from_the_menu_to_the_tray(three, page, session):
    page.locator(".gw-frame").nth(1).click(button="right")
    page.click(".gw-menu-item:has-text('Note and tags')")
    assert page.evaluate(FOCUS + ".ariaLabel") == "Note"
    page.fill(".gw-notes textarea", "such ears")
    page.fill(".gw-notes input", "keep, print,keep")
    page.click(".gw-next")
    three.until(lambda: (session[1].note, session[1].tags) == ("such ears", ("keep", "print")))
    assert page.inner_text(".gw-lightbox h2") == "Image 2"
    assert page.input_value(".gw-notes textarea") == ""
    page.fill(".gw-notes input", "x" * 31)
    page.click(".gw-lightbox .gw-full")
    three.until("document.querySelector('.gw-notes [role=alert]').textContent !== ''")
    assert page.inner_text(".gw-notes [role=alert]") == "a tag has 31 characters: expected at most 30"
    assert page.input_value(".gw-notes input") == "x" * 31  # to be mended
    page.click(".gw-previous")
    three.until("document.querySelector('.gw-notes input').value === 'keep, print'")
    page.click(".gw-star-this")
    page.click(".gw-lightbox .gw-close")
    assert page.evaluate(NOTED) == ["such ears · keep, print"]
    assert page.get_attribute(".gw-tile >> nth=1", "aria-label").endswith(
        ", starred, such ears · keep, print"
    )
    three.until(lambda: session[1].starred)
    three.until("document.querySelector('.gw-tray').ariaDisabled === 'false'")
    page.click(".gw-tray")
    three.until("document.querySelectorAll('.gw-favourites img[src]').length === 1")
    assert page.inner_text(".gw-favourites span") == "such ears · keep, print"
    session.note(1, "those ears")
    three.until("document.querySelector('.gw-favourites span').textContent.startsWith('those ears')")
    settled(page)
    assert violations(page) == []


@pytest.mark.parametrize("light", ["true", "false"])
def test_by_keyboard_alone(three, page, session, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    page.locator(".gw-tile >> nth=0").focus()
    page.keyboard.press("n")
    page.keyboard.type("x marks the spot, b")  # in a field no key means anything else
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("twice")
    page.keyboard.press("Tab")
    page.keyboard.type("keep")
    settled(page)
    assert violations(page) == []
    page.keyboard.press("Enter")
    three.until(lambda: session[0].tags == ("keep",))
    assert (session[0].note, session[0].rejected) == ("x marks the spot, b\ntwice", False)
    assert page.evaluate(FOCUS + ".className").endswith("gw-lightbox")  # the picture's keys work again
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    page.keyboard.type("left by Esc")
    page.keyboard.press("Escape")
    three.until(lambda: session[1].note == "left by Esc")
    assert not page.evaluate(OPEN)
    assert page.evaluate(FOCUS + ".dataset.slot") == "0"
    three.until(f"{NOTED}.length === 2")
    page.keyboard.press("z")
    three.until(lambda: session[1].note == "")
    three.until(f"{NOTED}.length === 1")


def test_the_full_size_view_rejects_varies_pins_and_evolves(three, page, session):
    def zoom() -> None:
        three.until("document.querySelectorAll('.gw-tile[data-final]').length === 3")
        three.until("document.querySelector('.gw-root').dataset.job === 'idle'")
        page.locator(".gw-tile >> nth=1").focus()
        page.keyboard.press("Enter")
        assert page.evaluate(OPEN)

    zoom()
    page.keyboard.press("x")
    three.until(lambda: session[1].rejected)
    assert page.get_attribute(".gw-reject-this", "aria-pressed") == "true"
    page.click(".gw-reject-this")
    three.until(lambda: not session[1].rejected)
    page.keyboard.press("x")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")  # no button has the keyboard any more
    page.keyboard.press(" ")
    three.until(lambda: session[1].starred)
    page.click(".gw-pin-this")
    assert not page.evaluate(OPEN)
    assert page.get_attribute(".gw-root", "data-tool") == "pin"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    zoom()
    page.click(".gw-vary-this")
    three.until(lambda: len(session.history) == 2)
    assert not page.evaluate(OPEN)
    assert session.history[-1][0].recipe.parent_ids == (1,)
    three.until("document.querySelector('.gw-tile').dataset.slot === '3'")
    zoom()
    assert page.get_attribute(".gw-evolve-this", "title") == "Evolve 1 once more (E)"
    page.keyboard.press("e")
    three.until(lambda: len(session.history) == 3)
    assert session.history[-1].operator == "cross"
