"""A photo that is dropped on the grid."""

from __future__ import annotations

import base64
import io

import pytest
import tiny
from bridge import settled
from PIL import Image
from test_accessibility import violations
from test_files_page import DROP

from guidewidgets.engine import Engine


@pytest.fixture(scope="module")
def engine(words):
    """A tiny model that reads words with the embedded one's encoder."""
    made = Engine.load(tiny.stable_diffusion(words))
    made.encoder = Engine.load().encoder
    return made


@pytest.fixture
def photo():
    """A JPEG with nothing in it but pixels."""
    held = io.BytesIO()
    Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(held, "JPEG")
    return base64.b64encode(held.getvalue()).decode()


def asked(bridge, photo):
    bridge.page.evaluate(DROP, ["beach.jpg", photo])
    bridge.until(
        "document.querySelector('.gw-photo-dialog').open && document.querySelector('.gw-photo').naturalWidth === 320"
    )


def test_a_photo_is_inverted_and_edited_if_the_user_says_so(bridge, session, page, photo):
    before = page.evaluate("host.counts.urls")
    asked(bridge, photo)
    for light in ("false", "true"):
        page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
        settled(page)
        assert violations(page) == []
    said = page.inner_text(".gw-photo-dialog p")
    assert said.startswith("beach.jpg is a photo")
    assert "takes minutes" in said  # before anything is begun
    page.keyboard.press("Escape")
    bridge.until(f"host.counts.urls === {before}")
    assert session.history == ()
    asked(bridge, photo)
    assert page.evaluate("document.activeElement.value") == "a fox on a beach"
    page.fill(".gw-photo-dialog [type=number]", "0.5")
    page.keyboard.press("Enter")
    assert (
        page.inner_text(".gw-photo-dialog [role=alert]") == "Updates: expected a whole number from 1 to 1000"
    )
    page.fill(".gw-photo-dialog [type=number]", "2")
    page.keyboard.press("Enter")
    bridge.until(lambda: len(session.history) == 1)
    edit = session.code()
    assert "gw.ClipText(text='a fox on a beach'), steps=2" in edit
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 1")
    assert not page.evaluate("document.querySelector('.gw-photo-dialog').open")
    asked(bridge, photo)
    page.click(".gw-invert")
    bridge.until(lambda: len(session.history) == 2)
    assert session.code().count("steps=0") == 1


def test_an_edit_shows_how_far_it_is_and_can_be_cancelled(bridge, session, page, photo):
    asked(bridge, photo)
    page.fill(".gw-photo-dialog [type=number]", "900")
    page.keyboard.press("Enter")
    # From the inversion on, which comes before the first update.
    bridge.until("document.querySelector('.gw-figures').title.startsWith('edit: inverting')")
    assert page.inner_text(".gw-figures").startswith("Step ")
    assert page.inner_text(".gw-figures").endswith(" left")
    page.click(".gw-cancel")
    bridge.until("document.querySelector('.gw-root').dataset.job === 'idle'")
    assert len(session.history) == 0 or len(session.history[0]) == 0


def test_a_photo_that_is_refused_says_why(bridge, page, photo):
    page.evaluate(DROP, ["beach.jpg", photo[: len(photo) // 8 * 4]])
    bridge.until(
        "document.querySelector('.gw-status-text').textContent.includes('cannot be read as a picture')"
    )
    assert not page.evaluate("document.querySelector('.gw-photo-dialog').open")
    asked(bridge, photo)
    bridge.widget.uploads.take("another", 0, 1, b"")  # from another window: only the newest file is kept
    page.click(".gw-invert")
    bridge.until("document.querySelector('.gw-status-text').textContent.includes('drop it again')")
    assert page.get_attribute(".gw-status", "data-level") == "error"
