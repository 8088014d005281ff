"""Generations in a page, with a real session behind them."""

from __future__ import annotations

from bridge import settled
from test_accessibility import violations


def test_two_generations_back_and_on_from_there(bridge, page, session):
    done = "document.querySelectorAll('.gw-tile[data-final]').length === 4"
    title = "document.querySelector('.gw-title').textContent"
    page.set_viewport_size({"width": 1200, "height": 900})  # what is said of the session has one line
    page.fill(".gw-n", "4")
    # But for the line of status: what is said while the model is new to the session may take two.
    tall = (
        "document.querySelector('.gw-root').offsetHeight - document.querySelector('.gw-status').offsetHeight"
    )
    settled(page)
    held = page.evaluate(tall)
    for n in (1, 2, 3):
        page.click(".gw-generate" if n == 1 else ".gw-evolve")
        bridge.until(f"{done} && {title}.startsWith('Generation {n} of {n}')")
        page.click(".gw-tile >> nth=1")
        bridge.until(lambda n=n: len(session.history) == n and session.history[-1][1].starred)
    bridge.until("document.querySelectorAll('.gw-film img[src]').length === 3")
    page.click(".gw-film button >> nth=0")
    bridge.until(f"{done} && {title}.startsWith('Generation 1 of 3')")
    settled(page)
    assert violations(page) == []
    assert page.evaluate(tall) == held  # from the empty grid to the film, nothing below has moved
    page.click(".gw-back-here")
    bridge.until(f"{title}.startsWith('Generation 1 of 1')")
    assert page.evaluate("document.activeElement.closest('.gw-root') !== null")  # the keyboard is not lost


def test_how_far_children_go_is_set_by_slider_or_key_and_stays(bridge, page, session):
    page.fill(".gw-n", "2")
    page.click(".gw-generate")
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 2")
    page.click(".gw-tile >> nth=0")
    bridge.until(lambda: session.history[-1][0].starred)
    page.keyboard.press("]")  # with no tool in hand that has a size
    page.locator(".gw-strength").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".gw-strength", "aria-valuetext") == "15 % new noise"
    page.click(".gw-evolve")
    bridge.until(lambda: len(session.history) == 2)
    assert session.history[-1][0].recipe.parameters["fresh"] == 0.15
    assert "fresh=0.15" in session.code()
    bridge.until("document.querySelector('.gw-root').dataset.job === 'idle'")
    assert page.input_value(".gw-strength") == "15"
