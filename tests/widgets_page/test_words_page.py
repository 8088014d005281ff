"""The row under the prompt and the lines under its words, in a page with the embedded model behind it."""

from __future__ import annotations

from bridge import Bridge, settled
from test_accessibility import violations

from guidewidgets import Session
from guidewidgets.widgets import GridWidget


def test_a_prompt_is_completed_underlined_and_thrown(page):
    session = Session("a fox on a beach", seed=0)
    widget = GridWidget(session)
    bridge = Bridge(page, widget)
    bridge.until("document.querySelector('.gw-root').dataset.state === 'live'")
    page.fill(".gw-prompt", "a dragon AND an ow")
    bridge.until("document.querySelectorAll('.gw-unknown').length === 2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value(".gw-prompt") == "a dragon AND an owl "
    # Each line lies under its word: the ink has the text's own place.
    ink, area = (
        page.evaluate(f"getComputedStyle(document.querySelector('{s}')).lineHeight")
        for s in (".gw-ink", ".gw-prompt")
    )
    assert ink == area
    settled(page)
    assert violations(page) == []
    page.click(".gw-dice")
    bridge.until(lambda: " in the " in str(session.prompt))
    assert session.engine.unknown_words(session.prompt) == []
    widget.close()
