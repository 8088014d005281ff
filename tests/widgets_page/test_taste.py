"""The taste panel in a real page, with a real session behind it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from bridge import Bridge, settled
from test_accessibility import violations

from guidewidgets.widgets.taste import TastePanel

SHOTS = os.environ.get("GUIDEWIDGETS_SHOTS")


def redness(candidate):
    pixels = np.asarray(candidate.image, float)
    return pixels[..., 0].mean() - pixels[..., 2].mean()


@pytest.fixture
def learned(session):
    session.set(steps=1)
    for _ in range(3):
        batch = session.sample(8).wait(60)
        session.star(*[c.id for c in sorted(batch, key=redness)[-3:]])
    return session


def opened(page, session):
    panel = TastePanel(session)
    bridge = Bridge(page, panel)
    bridge.until("document.querySelector('.gw-root').dataset.state === 'live'")
    return panel, bridge


def shot(page, name):
    if SHOTS:
        page.locator(".gw-root").screenshot(path=Path(SHOTS) / f"{name}.png")


def test_what_it_likes_how_sure_and_how_well_it_foretold(page, learned):
    panel, bridge = opened(page, learned)
    bridge.until("document.querySelectorAll('.gw-taste-likes img[src^=blob]').length === 6")
    opinion = learned.opinion()
    slots = page.locator(".gw-taste-likes img").evaluate_all("all => all.map(i => Number(i.dataset.slot))")
    assert slots == [number for number, *_ in opinion.ranking[:6]]
    assert "Learned from 9 stars, 45 comparisons" in page.locator(".gw-taste-summary").inner_text()
    meter = page.locator("[role=meter]")
    assert int(meter.get_attribute("aria-valuenow")) == round(100 * opinion.auc)
    assert page.locator(".gw-taste-chart rect").count() == len(opinion.foretold) == 2
    assert f"you starred {opinion.foretold[-1].hits}" in page.locator(".gw-taste-last").inner_text()
    shot(page, "taste")
    panel.close()


def test_a_question_is_answered_by_key_and_by_click_and_a_point_is_dragged_and_kept(page, learned):
    panel, bridge = opened(page, learned)
    bridge.until("document.querySelectorAll('.gw-taste-choice img[src^=blob]').length === 4")
    slots = page.locator(".gw-taste-choice").evaluate_all("all => all.map(b => Number(b.dataset.slot))")
    page.locator(".gw-taste-choice").first.focus()
    page.keyboard.press("2")
    bridge.until(lambda: learned.opinion().comparisons == 48)
    assert learned._state.history.choices[0].better.id == slots[1]
    bridge.until(f"Number(document.querySelector('.gw-root').dataset.version) >= {learned.view().version}")
    page.locator(".gw-taste-choice").last.click()
    bridge.until(lambda: len(learned._state.history.choices) == 2)
    # From the middle of the triangle to its left end.
    sketched = "document.querySelector('.gw-taste-plane img[data-slot=\"-1\"]').src"
    bridge.until(f"{sketched}.startsWith('blob')")
    before = page.evaluate(sketched)
    corners = page.locator(".gw-taste-corner select").evaluate_all("all => all.map(s => Number(s.value))")
    page.locator(".gw-composer-keep").scroll_into_view_if_needed()
    box = page.locator(".gw-taste-pad").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 2 / 3)
    page.mouse.down()
    page.mouse.move(box["x"] - 5, box["y"] + box["height"] + 5, steps=4)
    page.mouse.up()
    told = f"100 % of {corners[1]}"
    assert told in page.locator("[role=slider]").get_attribute("aria-valuetext")
    bridge.until(f"{sketched} !== {before!r}")
    bridge.until(lambda: panel.pad.weights == (0, 100, 0))
    page.locator(".gw-composer-keep").click()
    bridge.until(lambda: len(learned.history) == 4)
    made = learned.history[-1][0]
    assert made.genome.latent.equal(learned[corners[1]].genome.latent)
    bridge.until(f"document.querySelector('.gw-taste-plane').innerText.includes('Kept as {made.id}')")
    panel.close()


def test_suggesting_by_button(page, learned):
    panel, bridge = opened(page, learned)
    bridge.until("document.querySelector('.gw-taste-suggest').getAttribute('aria-disabled') === 'false'")
    page.locator(".gw-taste-suggest").click()
    bridge.until(lambda: len(learned.history) == 4)
    assert learned.history[-1].operator == "suggest"
    panel.close()


def test_before_anything_is_starred(page, session):
    panel, bridge = opened(page, session)
    assert "Star images you like" in page.locator(".gw-taste-summary").inner_text()
    assert page.locator(".gw-taste-sections").is_hidden()
    page.locator(".gw-taste-suggest").click(force=True)
    bridge.until(lambda: any(not m.get("ok", True) for m in bridge.log))
    assert session.history == ()
    panel.close()


def test_leverage_is_measured_and_shown(page, session):
    session.set(steps=3)
    panel, bridge = opened(page, session)
    page.locator(".gw-taste-measure").click()
    bridge.until("document.querySelectorAll('.gw-taste-lever').length === 3")
    names = page.locator(".gw-taste-lever").evaluate_all("all => all.map(r => r.dataset.lever)")
    assert names == ["noise", "embedding", "early"]
    seen = "all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth)))"
    assert page.locator(".gw-taste-map").evaluate_all(seen) == [16, 16, 16]
    assert "of 255" in page.locator(".gw-taste-scale").inner_text()
    shot(page, "leverage")
    panel.close()


def test_refused_words_reach_the_status_line(page, learned):
    panel, bridge = opened(page, learned)
    req = {"kind": "cmd", "req": "x", "name": "prefer", "args": {"slots": [1, 1]}}
    panel._handle_custom_msg(req, [])
    bridge.until(lambda: any(m.get("req") == "x" for m in bridge.log))
    reply = next(m for m in bridge.log if m.get("req") == "x")
    assert not reply["ok"]
    assert "same picture" in reply["error"]["message"]
    panel.close()


@pytest.mark.parametrize("width", [320, 900])
@pytest.mark.parametrize("light", ["true", "false"])
def test_axe_finds_nothing_and_it_fits(page, learned, light, width):
    page.set_viewport_size({"width": width, "height": 900})
    panel, bridge = opened(page, learned)
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    page.evaluate("() => { document.querySelector('#out').style.padding = 0 }")
    page.locator(".gw-taste-measure").click()
    bridge.until("document.querySelectorAll('.gw-taste-lever').length === 3")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    shot(page, f"taste_{width}_{'light' if light == 'true' else 'dark'}")
    panel.close()
