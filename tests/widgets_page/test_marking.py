"""Tools in a real page: nothing moves, fingers and mice draw, marks show on any pixel."""

from __future__ import annotations

import io

import pytest
from bridge import settled
from PIL import Image
from test_live import FINAL, IDLE
from test_page import BOXES, CONTRAST

SENT = "name => host.model.sent.filter(m => m.kind === 'cmd' && m.name === name).map(m => m.args)"


def drag(page, index, *spots):
    box = page.locator(".gw-frame").nth(index).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in spots]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


@pytest.mark.parametrize("width", [700, 1200])
def test_a_tool_that_is_taken_up_moves_nothing(page, show, width):
    page.set_viewport_size({"width": width, "height": 900})
    show(6)
    settled(page)
    before = page.evaluate(BOXES)
    page.click(".gw-tool-pin")
    settled(page)
    assert page.evaluate(BOXES) == before
    page.click(".gw-frame >> nth=1")
    page.click(".gw-frame >> nth=2")
    assert page.inner_text(".gw-apply").split() == ["Recombine", "2"]
    settled(page)
    assert page.evaluate(BOXES) == before


@pytest.mark.parametrize("width", [320, 400, 521])
def test_the_tools_fit_a_phone(page, show, width):
    page.set_viewport_size({"width": width, "height": 900})
    show(6)
    page.evaluate("() => { document.querySelector('#out').style.padding = 0 }")
    page.click(".gw-tool-brush")
    page.click(".gw-frame >> nth=1")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    root = page.locator(".gw-root").bounding_box()
    for button in page.locator(".gw-tool-row :is(button, input):visible").all():
        box = button.bounding_box()
        assert root["x"] <= box["x"]
        assert box["x"] + box["width"] <= root["x"] + root["width"]


def test_a_stroke_goes_on_outside_of_its_tile(page, show):
    show(6)
    page.click(".gw-tool-brush")
    drag(page, 0, (0.5, 0.5), (1.5, 0.5), (1.5, 1.5))
    assert page.get_attribute(".gw-tile >> nth=0", "data-drawn") == "1"
    assert page.locator("[data-drawn]").count() == 1
    assert page.evaluate(SENT, "mark") == []


def test_marks_show_on_any_pixel(page, show):
    """On the picture's own colour, on black and on white a mark has pixels that are much darker or lighter."""
    show(6)
    page.click(".gw-tool-pin")
    page.click(".gw-frame >> nth=0")
    page.click(".gw-tool-brush")
    drag(page, 1, (0.3, 0.3), (0.7, 0.7))
    page.mouse.move(0, 0)
    for colour, brightness in (("#000", 0), ("#fff", 255), ("#808080", 128)):
        style = f"for (const i of document.querySelectorAll('.gw-img')) i.style.filter = 'opacity(0)'; \
            for (const f of document.querySelectorAll('.gw-frame')) f.style.background = '{colour}'"
        page.evaluate(f"() => {{ {style} }}")
        settled(page)
        for tile in (0, 1):
            shot = page.locator(".gw-frame").nth(tile).screenshot()
            levels = Image.open(io.BytesIO(shot)).convert("L").crop((20, 20, 130, 130)).tobytes()
            differing = sum(abs(level - brightness) > 60 for level in levels)
            assert differing > 100, (colour, tile)


def test_a_finger_pins_and_brushes(page, show):
    show(6)
    tools = page.context.new_cdp_session(page)
    page.click(".gw-tool-brush")
    box = page.locator(".gw-frame").nth(2).bounding_box()
    touch = {"x": box["x"] + 30, "y": box["y"] + 30}
    tools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    tools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [touch]})
    for step in range(1, 6):
        moved = {"x": touch["x"] + 10 * step, "y": touch["y"] + 8 * step}
        tools.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_selector(".gw-tile[data-slot='2'][data-drawn='1']")
    assert page.locator(".gw-rim path").get_attribute("d").count("L") >= 2
    page.click(".gw-tool-pin")
    tap = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    tools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [tap]})
    tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_selector(".gw-tile[data-slot='2'][data-drawn='2']")
    assert page.evaluate(SENT, "mark") == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_words_of_the_tools_are_legible(page, show, dark):
    page.evaluate("dark => { document.body.dataset.jpThemeLight = String(!dark) }", dark)
    show(6)
    page.click(".gw-tool-pin")
    page.click(".gw-frame >> nth=1")
    page.mouse.move(0, 0)
    settled(page)
    assert page.evaluate(CONTRAST) == []


def test_the_whole_way_with_a_real_session(bridge, session):
    """Brush, recombine, origins; pin, mutate, change: with the widget's own Python side."""
    page = bridge.page
    done = f"{IDLE} && {FINAL}"
    page.fill(".gw-n", "2")
    page.click(".gw-generate")
    bridge.until(lambda: len(session.history) == 1)
    bridge.until(done)
    page.click(".gw-tool-brush")
    drag(page, 0, (0.2, 0.2), (0.2, 0.8))
    page.click(".gw-tool-pin")
    page.click(".gw-frame >> nth=1")
    page.click(".gw-apply")
    bridge.until(lambda: len(session.history) == 2)
    bridge.until(f"{done} && document.querySelector('.gw-tile').dataset.slot === '2'")
    recipe = session.history[1][0].recipe
    assert (recipe.operator, recipe.parent_ids) == ("recombine", (0, 1))
    page.focus(".gw-tile")
    page.keyboard.press("c")
    bridge.until("Boolean(document.querySelector('.gw-layer[data-ready] canvas'))")
    assert page.locator(".gw-chip").count() == 2
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("m")
    bridge.until(lambda: len(session.history) == 3)
    bridge.until(f"{done} && document.querySelector('.gw-tile').dataset.slot === '4'")
    page.focus(".gw-tile")
    page.keyboard.press("c")
    bridge.until("Boolean(document.querySelector('.gw-layer[data-ready] img'))")
    assert "Change against 2" in page.inner_text(".gw-means")
    urls = page.evaluate("host.counts.urls")
    page.keyboard.press("Escape")
    bridge.until(f"host.counts.urls === {urls - 3}")
