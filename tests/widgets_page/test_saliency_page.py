"""The saliency view in a page, with a real session behind it."""

from __future__ import annotations

import pytest
from bridge import Bridge
from test_accessibility import violations

import guidewidgets as gw
from guidewidgets.region import Region
from guidewidgets.widgets import SaliencyPanel

ROOT = "document.querySelector('.gw-root')"


@pytest.fixture
def two(session):
    session.sample(2).wait(120)
    return session


@pytest.fixture
def view(page, two):
    panel = SaliencyPanel(two)
    bridge = Bridge(page, panel)
    bridge.until(f"{ROOT}.dataset.state === 'live' && 'ready' in {ROOT}.dataset")
    yield bridge
    two.cancel()
    panel.close()


def source(view, name):
    view.page.click(f"[data-source='{name}'].gw-saliency-tab")
    view.until(f"{ROOT}.dataset.source === {name!r} && !('looking' in {ROOT}.dataset)")


def test_overlay_contour_boxes_and_legend(view):
    page = view.page
    names = page.locator(".gw-saliency-tabs >> nth=0").locator("button")
    assert names.all_inner_texts() == ["Stands out", "Contrast", "Prompt", "Optimised"]
    assert names.nth(1).get_attribute("title") == "Spectral residual"  # the field's term
    view.until(
        "document.querySelector('.gw-saliency-tab[data-source=spectral]').ariaPressed === 'true'"
    )  # nobody chose yet
    source(view, "spectral")
    view.until(f"Number({ROOT}.dataset.boxes) >= 1")
    assert page.get_attribute(".gw-root", "data-kind") == "object"
    assert page.locator("rect.gw-saliency-box:not(.gw-saliency-under)").count() >= 1
    assert "M" in page.get_attribute("path.gw-saliency-line >> nth=0", "d")
    assert "spectral residual: what stands out" in page.inner_text(".gw-saliency-legend")
    assert "Box 1:" in page.inner_text(".gw-saliency-list")
    covered = (
        "() => { const c = document.querySelector('.gw-saliency-map'); const d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; return d[3] > 0 || d[7] > 0; }"
    )
    assert page.evaluate(covered)
    page.locator(".gw-saliency-slider[aria-label=Opacity]").fill("0")
    assert not page.evaluate(covered)


def test_words_tell_where_they_are(view):
    source(view, "word:fox")
    view.until("document.querySelector('.gw-saliency-legend').textContent.includes(\"attention to 'fox'\")")
    assert view.page.get_attribute(".gw-root", "data-kind") == "text"
    assert view.page.locator(".gw-saliency-tab[aria-pressed=true]").inner_text() == "fox"
    labels = view.page.locator(".gw-saliency-tabs >> nth=1").inner_text().split()
    assert labels == ["fox", "beach"]


def test_another_candidate(view, two):
    view.page.select_option(".gw-saliency-choice", "1")
    view.until(f"{ROOT}.dataset.shown === '1'")
    assert view.widget._map.candidate == 1


def test_a_picture_that_is_undone_is_looked_at_no_longer(view, two):
    two.mutate(0, n=2).wait(120)
    source(view, "spectral")
    view.until(f"{ROOT}.dataset.shown === '2'")
    two.undo()
    view.until(f"{ROOT}.dataset.shown === '0'")


def test_an_earlier_generation_is_looked_at_with_its_siblings_to_choose_from(view, two):
    two.mutate(0, n=2).wait(120)
    choices = "[...document.querySelectorAll('.gw-saliency-choice option')].map((o) => o.value).join()"
    view.until(f"{choices}.startsWith('2,3')")
    view.page.evaluate("() => host.model.send({kind: 'cmd', req: 'x', name: 'show', args: {slot: 1}})")
    view.until(f"{ROOT}.dataset.shown === '1' && {choices} === '0,1'")
    two.undo()
    two.undo()  # with both generations
    two.sample(2).wait(120)
    view.until(f"{ROOT}.dataset.shown === '4' && {choices} === '4,5'")


def test_painting_says_where_to_look(view):
    page = view.page
    page.focus(".gw-saliency-stage[tabindex]")
    page.keyboard.press("p")
    box = page.locator(".gw-saliency-stage[tabindex]").bounding_box()
    x, y = box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20)
    page.mouse.up()
    assert page.get_attribute(".gw-root", "data-strokes") == "1"
    page.click(".gw-saliency-use")
    view.until(f"{ROOT}.dataset.kind === 'painted'")
    region = view.widget._source
    assert isinstance(region, Region)
    mask = region.mask(16, 16)
    assert mask[8:10, 3:5].any()
    assert not mask[:, 8:].any()
    (left, _, right, _) = view.widget._map.boxes[0]
    assert left < 0.25 < right < 0.7


def test_it_follows_what_a_loss_looks_at(view, two):
    region = Region.box(0, 0, 0.5, 1)
    job = two.optimize(0, gw.MeanColour((0, 1, 0)), "sgool", 4, saliency=region)
    view.until(f"{ROOT}.dataset.source === 'loss' && {ROOT}.dataset.kind === 'painted'")
    job.wait(120)


def test_side_by_side_and_keys(view):
    page = view.page
    assert page.is_hidden(".gw-saliency-beside")
    page.focus(".gw-saliency-stage[tabindex]")
    page.keyboard.press("v")
    assert page.is_visible(".gw-saliency-beside")
    page.keyboard.press("b")
    assert page.locator("rect.gw-saliency-box").count() == 0
    page.keyboard.press("c")
    assert page.locator("path.gw-saliency-line").count() == 0
    page.keyboard.press("b")
    assert page.locator("rect.gw-saliency-box").count() >= 2


def test_refusals_are_one_line(view):
    view.page.evaluate(
        "() => host.model.send({kind: 'cmd', req: 'x', name: 'source', args: {source: 'magic'}})"
    )
    view.until("document.querySelector('.gw-saliency-legend').textContent.includes(\"saliency='magic'\")")
    view.page.click(".gw-saliency-optimise")  # the tiny model has no encoder
    view.until("/encoder|saliency/.test(document.querySelector('.gw-status').textContent)")


@pytest.mark.parametrize("light", ["true", "false"])
def test_axe_finds_nothing(view, light):
    view.page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    source(view, "spectral")
    view.page.click(".gw-saliency-brush")
    assert violations(view.page) == []
