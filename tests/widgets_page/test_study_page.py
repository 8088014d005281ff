"""A blind study in a real page, voted on by keyboard, by touch and by hand."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import numpy as np
from bridge import Bridge, settled
from PIL import Image, ImageDraw
from test_accessibility import violations

from guidewidgets.evaluate import Study
from guidewidgets.widgets import StudyPanel

SHOTS = os.environ.get("GUIDEWIDGETS_SHOTS")
READY = "document.querySelector('.gw-study-pair').dataset.trial === '{}'"
REDNESS = """() => [...document.querySelectorAll('.gw-study-picture img')].map((img) => {
  const size = { width: img.naturalWidth, height: img.naturalHeight };
  const canvas = Object.assign(document.createElement('canvas'), size);
  const brush = canvas.getContext('2d');
  brush.drawImage(img, 0, 0);
  const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += data[i] - data[i + 2];
  return sum / (data.length / 4);
})"""


def picture(red, seed, size=96):
    """A disc on a ground, redder or less so, unlike any other."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (size, size), tuple(rng.integers(150, 200, 3).tolist()))
    x, y = rng.integers(size // 4, size // 2, 2).tolist()
    ImageDraw.Draw(image).ellipse((x, y, x + size // 2, y + size // 2), (red, 60, 60))
    return image


def study_of(n, size=96):
    pairs = [(picture(230, 2 * i, size), picture(90, 2 * i, size), f"a red ball {i}") for i in range(n)]
    return Study(pairs, "Which one has the redder ball?", n)


def opened(page, study):
    panel = StudyPanel(study)
    bridge = Bridge(page, panel)
    bridge.until("document.querySelector('.gw-root').dataset.state === 'live'")
    bridge.until("document.querySelector('.gw-study-question').textContent !== ''")
    return panel, bridge


def look(page, name):
    """Screenshots, light and dark, narrow and wide; and what axe finds."""
    for light, width in (("true", 1440), ("false", 400), ("true", 400), ("false", 1440)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if SHOTS:
            theme = "light" if light == "true" else "dark"
            page.locator(".gw-root").screenshot(path=Path(SHOTS) / f"study-{name}-{theme}-{width}.png")
        if width == 400:
            assert violations(page) == []


def test_a_full_study_by_keyboard(page, tmp_path):
    study = study_of(47)
    panel, bridge = opened(page, study)
    assert study.plan["hash"][:16] in page.locator(".gw-study-plan").inner_text()
    assert "54 pairs, about 4 min" in page.locator(".gw-study-about").inner_text()
    assert page.locator(".gw-study-pair").is_hidden()
    look(page, "start")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('gw-study-start')")
    page.keyboard.press("Enter")
    bridge.until(READY.format(0))
    page.keyboard.press("?")
    assert "←\u00a0left" in page.locator(".gw-status-text").inner_text()
    look(page, "choice")
    backs = 0
    while study.remaining:
        trial = study.trials - study.remaining
        bridge.until(READY.format(trial))
        left, right = page.evaluate(REDNESS)
        if trial == 9 and backs == 0:  # a slip, taken back
            page.keyboard.press("ArrowLeft" if left < right else "ArrowRight")
            bridge.until(READY.format(10))
            page.keyboard.press("Backspace")
            bridge.until(lambda: study.trials - study.remaining == 9)
            backs = 1
            continue
        tie = trial == 20 and study.plan["trials"][20]["kind"] == "vote"
        page.keyboard.press("ArrowDown" if tie else "ArrowLeft" if left > right else "ArrowRight")
        bridge.until(lambda trial=trial: study.trials - study.remaining == trial + 1)
    bridge.until("!document.querySelector('.gw-study-look').hidden")
    assert page.locator(".gw-study-result").is_hidden()
    look(page, "done")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    bridge.until("!document.querySelector('.gw-study-result').hidden")
    result = study.result()
    assert page.locator(".gw-study-sentence").inner_text() == result.sentence
    assert (result.concluded, result.ties, result.missed, result.agreement) == (True, 1, 0, 1.0)
    assert 0 < result.seconds < 60
    look(page, "result")
    with page.expect_download() as download:
        page.locator(".gw-study-csv").click()
        bridge.until(lambda: any(m.get("value") == "text/csv" for m in bridge.log))
    download.value.save_as(tmp_path / "votes.csv")
    with (tmp_path / "votes.csv").open(encoding="utf-8", newline="") as file:
        assert sum(row["withdrawn"] == "1" for row in csv.DictReader(file)) == 1
    panel.close()


def test_both_pictures_appear_at_once_as_large_as_each_other_and_say_nothing(page):
    study = study_of(8, size=300)
    panel, bridge = opened(page, study)
    page.locator(".gw-study-start").click()
    bridge.until(READY.format(0))
    for width in (400, 760, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        one, other = (page.locator(".gw-study-picture img").nth(i).bounding_box() for i in (0, 1))
        assert (one["width"], one["height"], one["y"]) == (other["width"], other["height"], other["y"])
        assert one["x"] + one["width"] <= other["x"]
        assert one["width"] > 0.36 * min(width, 1100)
    html = page.locator(".gw-root").inner_html()
    assert not re.search("first|second|catch|repeat", html.replace("before the first", ""))
    # The pictures after the next: one is broken, so that neither is shown, and nothing can be chosen.
    before = page.locator(".gw-study-picture img").nth(0).get_attribute("src")
    original = panel.pictures

    def broken(wanted):
        tiles, buffers = original(wanted)
        return tiles, [
            b"no picture" if tile["slot"] == 5 else data for tile, data in zip(tiles, buffers, strict=True)
        ]

    panel.pictures = broken
    page.keyboard.press("ArrowLeft")
    bridge.until(READY.format(1))
    shown = page.locator(".gw-study-picture img").nth(0).get_attribute("src")
    assert shown != before
    page.keyboard.press("ArrowLeft")
    bridge.until("document.querySelector('.gw-status').dataset.level === 'error'")
    assert page.locator(".gw-study-picture img").nth(0).get_attribute("src") == shown
    page.keyboard.press("ArrowLeft")
    bridge.pump()
    assert study.trials - study.remaining == 2
    panel.close()


def test_by_touch_and_a_key_that_is_held_votes_once(page):
    study = study_of(8)
    panel, bridge = opened(page, study)
    page.locator(".gw-study-start").click()
    bridge.until(READY.format(0))
    page.keyboard.down("ArrowRight")
    page.keyboard.down("ArrowRight")  # repeated by the system
    page.keyboard.down("ArrowRight")
    bridge.until(READY.format(1))
    page.keyboard.down("ArrowRight")
    bridge.pump()
    page.keyboard.up("ArrowRight")
    assert study.trials - study.remaining == 1
    page.locator(".gw-study-side").nth(1).click()
    bridge.until(READY.format(2))
    page.locator(".gw-study-tie").click()
    bridge.until(READY.format(3))
    page.locator(".gw-study-back").click()
    bridge.until(READY.format(2))
    assert page.locator(".gw-study-back").get_attribute("aria-disabled") == "true"
    assert page.locator(".gw-study-head span").inner_text() == "3 of 10"
    bridge.until("document.querySelector('.gw-voice').textContent.includes('Pair 3 of 10. a red ball')")
    panel.close()


def test_without_a_kernel_it_says_so(page):
    study = study_of(8)
    panel = StudyPanel(study)
    panel.tell_traits()
    page.evaluate("traits => host.start(traits)", {"kind": "study", "still": panel.still, "tiles": []})
    page.evaluate("() => host.view()")
    page.wait_for_selector(".gw-root[data-state=static]")
    assert "No kernel answers here" in page.locator(".gw-status-text").inner_text()
    assert page.locator(".gw-study-start").is_hidden()
    panel.close()


def test_a_study_that_goes_on(page):
    study = study_of(8)
    study.vote("left")
    panel, bridge = opened(page, study)
    assert page.locator(".gw-study-start").inner_text() == "Go on"
    page.locator(".gw-study-start").click()
    bridge.until(READY.format(1))
    panel.close()
