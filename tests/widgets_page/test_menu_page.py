"""A picture's own menu in a page, with a real session behind it."""

from __future__ import annotations

import pytest
from bridge import settled
from test_accessibility import violations

ITEMS = "[...document.querySelectorAll('.gw-menu-item')].map((item) => item.firstChild.textContent)"
OPEN = "document.querySelector('.gw-menu').matches(':popover-open')"


@pytest.fixture
def three(bridge, page, session):
    """Three pictures of two concepts."""
    session.prompt = "an owl AND a fox"
    bridge.until("document.querySelector('.gw-prompt').value === 'an owl AND a fox'")
    page.fill(".gw-n", "3")
    page.click(".gw-generate")
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 3")
    return bridge


def test_a_right_click_opens_it_and_mutate_here_pins_that_spot(three, page, session):
    frame = page.locator(".gw-frame").nth(1)
    box = frame.bounding_box()
    spot = {"x": box["width"] / 4, "y": box["height"] / 2}
    frame.click(button="right", position=spot)
    assert page.evaluate(OPEN)
    assert page.evaluate(ITEMS) == [
        "Star", "Full size", "Reject", "Note and tags …", "Vary", "Mutate here", "Check what holds",
        "Repair what is missing", "Optimise towards …", "Compose from it", "Where it draws the eye", "Copy",
        "Save as PNG (opens again)",
    ]  # fmt: skip
    settled(page)
    assert violations(page) == []
    page.click(".gw-menu-item:has-text('Mutate here')")
    assert not page.evaluate(OPEN)
    assert page.get_attribute(".gw-tile >> nth=1", "data-drawn") == "1"
    page.click(".gw-apply")
    three.until(lambda: len(session.history) == 2)
    recipe = session.history[-1][0].recipe
    assert recipe.parent_ids == (1,)
    ((x, y),) = recipe.parameters["region"]["points"]
    assert (x, y) == (pytest.approx(0.25, abs=0.02), pytest.approx(0.5, abs=0.02))


def test_by_keyboard_alone_and_the_picture_has_the_keyboard_again(three, page, session):
    page.locator(".gw-tile >> nth=2").focus()
    page.keyboard.press("o")
    assert page.evaluate("document.activeElement.textContent").startswith("Star")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.firstChild.textContent") == "Save as PNG (opens again)"
    page.keyboard.press("Escape")
    assert not page.evaluate(OPEN)
    assert page.evaluate("document.activeElement.dataset.slot") == "2"
    page.keyboard.press("o")
    page.keyboard.press("v")
    three.until(lambda: len(session.history) == 2)
    assert session.history[-1][0].recipe.operator == "mutate"


def test_repair_and_the_other_tabs_are_about_that_picture(three, page, session):
    def choose(words: str) -> None:
        page.click(".gw-tab >> nth=0")
        page.hover(".gw-tile[data-slot='2']")
        page.click(".gw-tile[data-slot='2'] .gw-dots")
        page.click(f".gw-menu-item:has-text('{words}')")

    choose("Optimise towards")
    three.until("document.querySelector('.gw-monitor-choice')?.value === '2'")
    assert page.evaluate("document.querySelector('[aria-selected=true]').dataset.tab") == "monitor"
    choose("Where it draws the eye")
    three.until("document.querySelector('.gw-saliency')?.dataset.shown === '2'")
    choose("Compose from it")
    three.until("document.querySelector('.gw-composer select')?.value === '2'")
    choose("Save as PNG (opens again)")
    three.until("document.querySelector('.gw-root').dataset.job === 'idle'")
    choose("Repair what is missing")
    three.until(lambda: len(session.history) == 2)
    assert "s.repair(2" in session.code()


def test_one_concept_has_nothing_to_repair(three, page, session):
    session.prompt = "an owl"
    three.until("document.querySelector('.gw-prompt').value === 'an owl'")
    page.click(".gw-generate")
    three.until("document.querySelectorAll('.gw-tile[data-final]').length === 3")
    three.until(lambda: len(session.history) == 2)
    three.until("document.querySelector('.gw-tile').dataset.slot === '3'")
    page.locator(".gw-frame").nth(0).click(button="right")
    assert "Repair what is missing" not in page.evaluate(ITEMS)
