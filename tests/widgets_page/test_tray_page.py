"""The favourites of all generations in a page, with a real session behind them."""

from __future__ import annotations

import io
import zipfile

from bridge import settled
from PIL import Image, ImageChops, ImageStat
from test_accessibility import violations

FINAL = "document.querySelectorAll('.gw-tile[data-final]').length === 2"


def test_favourites_are_listed_opened_exported_and_joined_across_generations(bridge, page, session):
    page.fill(".gw-n", "2")
    assert page.get_attribute(".gw-tray", "aria-disabled") == "true"
    for n in (1, 2):
        page.click(".gw-generate")
        bridge.until(lambda n=n: len(session.history) == n)
        bridge.until(f"{FINAL} && document.querySelector('.gw-tile').dataset.slot === '{2 * (n - 1)}'")
        page.click(".gw-tile >> nth=1")
        bridge.until(lambda: session.history[-1][1].starred)
    bridge.until("document.querySelector('.gw-tray').ariaDisabled === 'false'")
    page.keyboard.press("f")
    bridge.until("document.querySelectorAll('.gw-favourites img[src]').length === 2")
    assert page.inner_text(".gw-tray-dialog h2") == "Favourites (2)"
    settled(page)
    assert violations(page) == []
    with page.expect_download() as zipped:
        page.click(".gw-as-zip")
        bridge.until("document.querySelector('.gw-tray-dialog').dataset.busy === undefined")
    with zipfile.ZipFile(zipped.value.path()) as file:
        assert file.namelist() == ["00001.png", "00003.png", "pictures.csv"]
    assert page.inner_text(".gw-tray-dialog [role=status]").startswith("Saved as favourites.zip")
    with page.expect_download() as sheet:
        page.click(".gw-as-sheet")
        bridge.until("document.querySelector('.gw-tray-dialog').dataset.busy === undefined")
    assert Image.open(io.BytesIO(sheet.value.path().read_bytes())).width == 640  # two of 1.6 inches
    page.dblclick(".gw-favourites .gw-frame-button >> nth=0")  # of the generation before
    bridge.until("document.querySelector('.gw-lightbox').open")
    assert page.inner_text(".gw-lightbox h2") == "Image 1"
    assert page.inner_text(".gw-title").startswith("Generation 1 of 2")
    bridge.until("'exact' in document.querySelector('.gw-full').dataset")
    with page.expect_download() as large:
        page.click(".gw-enlarged")
    enlarged, small = Image.open(large.value.path()), session[1].image
    assert enlarged.width == 512 // small.width * small.width > small.width
    seen = small.resize(enlarged.size, Image.Resampling.BILINEAR)
    assert max(ImageStat.Stat(ImageChops.difference(enlarged.convert("RGB"), seen)).mean) < 4  # of 255
    page.keyboard.press("Escape")
    bridge.until("document.querySelector('.gw-title').textContent.startsWith('Generation 2 of 2')")
    assert page.get_attribute(".gw-evolve-ticked", "aria-disabled") == "true"  # the tray is there as it was
    for i in (0, 1):
        page.click(f".gw-favourites .gw-frame-button >> nth={i}")
    assert page.get_attribute(".gw-blend-ticked", "aria-disabled") == "false"
    page.click(".gw-evolve-ticked")
    bridge.until(lambda: len(session.history) == 3)
    assert session.history[2][0].recipe.parent_ids == (1, 3)
