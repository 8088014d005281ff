"""Files and code in the page: dropped, chosen, saved, copied."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from test_accessibility import violations
from test_live import generated, slots

from guidewidgets.session import Candidate
from guidewidgets.untrusted import SessionFileError

DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name));
  const root = document.querySelector('.gw-root');
  for (const type of ['dragenter', 'dragover', 'drop'])
    root.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
}"""

HEAR = """(name) => {
  window.heard = [];
  const button = document.querySelector(name);
  new MutationObserver(() => heard.push(button.textContent)).observe(button, { childList: true });
}"""


@pytest.fixture
def picture(bridge, session, tmp_path):
    generated(bridge, 2)
    path = tmp_path / "fox.png"
    session[1].save(path)
    return path


def test_a_picture_dropped_on_the_grid_comes_back(bridge, session, page, picture):
    page.evaluate(DROP, [picture.name, base64.b64encode(picture.read_bytes()).decode()])
    bridge.until(lambda: len(session.history) == 2)
    assert session[2].hash == session[1].hash
    bridge.until("document.querySelector('.gw-status-text').textContent.includes('fox.png is image 2 now')")
    assert slots(page) == [2]
    assert page.locator(".gw-veil").is_hidden()


def test_a_picture_chosen_with_the_button(bridge, session, page, picture):
    choosers = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))  # noqa: PLW0108 - takes no builtin
    bridge.pump()  # Playwright does not wait until the browser has heard that it is to hand choosers over
    page.focus(".gw-open")
    page.keyboard.press("Enter")
    bridge.until(lambda: choosers)
    choosers[0].set_files(picture)
    bridge.until(lambda: len(session.history) == 2)
    assert session[2].hash == session[1].hash


def test_a_large_file_travels_in_pieces(bridge, session, page, picture):
    data = picture.read_bytes()
    padding = bytes(
        9 << 20
    )  # behind the picture's end: it is still a picture, or refused, but it has arrived whole
    page.evaluate(DROP, ["fox.png", base64.b64encode(data + padding).decode()])
    line = "document.querySelector('.gw-status-text').textContent"
    bridge.until(f"{line}.includes('fox.png') && !{line}.includes('Reading')")
    assert page.evaluate("host.model.sent.filter((m) => m.name === 'restore').map((m) => m.args.part)") == [
        0,
        1,
        2,
    ]


def test_a_file_that_is_none_of_ours_says_so(bridge, page):
    page.evaluate(DROP, ["notes.txt", ""])
    bridge.until("document.querySelector('.gw-status-text').textContent.includes('expected a PNG')")
    assert page.locator(".gw-status").get_attribute("data-level") == "error"


def test_what_is_saved_from_the_full_size_view_carries_its_genome(bridge, session, page, picture, tmp_path):
    page.focus(".gw-tile >> nth=0")
    page.keyboard.press("Enter")
    bridge.until("document.querySelector('.gw-full').dataset.exact !== undefined")
    with page.expect_download() as download:
        page.click(".gw-save")
        bridge.until("host.model.sent.some((m) => m.name === 'png')")
        bridge.pump()
    download.value.save_as(tmp_path / "saved.png")
    assert download.value.suggested_filename == "guidewidgets-0.png"
    assert Candidate.load(tmp_path / "saved.png").hash == session[0].hash
    said = page.locator(".gw-foot [role=status]").first  # in the dialog: what is behind it is not read out
    assert said.inner_text() == "Saved as guidewidgets-0.png, 16 × 16 pixels"
    with page.expect_download() as download:
        page.click(".gw-plain")  # the pixels, and not a word of how they were made
    data = download.value.path().read_bytes()
    assert said.inner_text().startswith("Saved as guidewidgets-0.webp")
    assert Image.open(io.BytesIO(data)).convert("RGB").tobytes() == session[0].image.tobytes()
    with pytest.raises(SessionFileError):
        Candidate.load(download.value.path())
    page.keyboard.press("ArrowRight")
    assert said.inner_text() == ""
    with page.expect_download() as download:
        page.keyboard.press("d")
        bridge.until(lambda: said.inner_text().startswith("Saved as guidewidgets-1.png"))
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.keyboard.press("d")  # on the grid, where the status line has it
        bridge.until(
            "document.querySelector('.gw-status-text').textContent.startsWith('Saved as guidewidgets-0')"
        )
    assert download.value.suggested_filename == "guidewidgets-0.png"


@pytest.mark.parametrize("light", ["true", "false"])
def test_the_code_opens_is_copied_and_accessible(bridge, session, page, light):
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    generated(bridge, 2)
    page.click(".gw-code")
    bridge.until("document.querySelector('.gw-code-dialog').open")
    assert page.text_content(".gw-code-text") == session.code()
    page.evaluate(HEAR, ".gw-copy")  # it says so for a moment only
    page.click(".gw-copy")
    page.wait_for_function("heard.some((words) => /Copied|Selected/.test(words))")
    assert page.evaluate("getSelection().toString().trim()") in ("", session.code().strip())
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('.gw-code-dialog').open")
