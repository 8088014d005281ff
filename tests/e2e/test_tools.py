"""By hand in a notebook: pin a spot and mutate, brush regions and recombine; by mouse, and by keyboard alone."""

from __future__ import annotations

import json
from typing import Any

from lab import Notebook
from playwright.sync_api import Locator
from workbench import Workbench

START = """import guidewidgets as gw
s = gw.Session("a fox on a beach")
s.steps = 4
s.sample(4).wait()
s"""


def opened(notebook: Notebook) -> Workbench:
    notebook.open(START)
    bench = Workbench(notebook)
    bench.painted(4)
    bench.fill("n", "3")
    return bench


def recipe(notebook: Notebook) -> Any:
    """Operator, parents and parameters of the newest generation's first candidate."""
    told = "[r.operator, r.parent_ids, r.parameters]"
    return json.loads(notebook.py(f"import json; r = s.history[-1][0].recipe; print(json.dumps({told}))"))


def spot(tile: Locator, x: float, y: float) -> tuple[float, float]:
    """Where in the window a spot of a tile's picture is."""
    tile.scroll_into_view_if_needed()
    box = tile.locator(".gw-frame").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def stroke(bench: Workbench, index: int, *spots: tuple[float, float]) -> None:
    """Brush over a tile from spot to spot."""
    mouse, tile = bench.page.mouse, bench.tiles.nth(index)
    mouse.move(*spot(tile, *spots[0]))
    mouse.down()
    for x, y in spots[1:]:
        mouse.move(*spot(tile, x, y), steps=5)
    mouse.up()
    tile.and_(bench.page.locator("[data-drawn='1']")).wait_for()


def compared(bench: Workbench) -> Locator:
    """The full-size view of the focused tile with its map, once the kernel has sent it."""
    bench.page.keyboard.press("c")
    box = bench.root.locator("dialog.gw-lightbox")
    box.locator(".gw-layer[data-look='map'][data-ready]").wait_for()
    return box


def test_pin_mutate_and_see_what_changed(notebook: Notebook):
    bench = opened(notebook)
    bench.press("tool-pin")
    bench.page.mouse.click(*spot(bench.tiles.nth(1), 0.25, 0.75))
    bench.tiles.nth(1).and_(bench.page.locator("[data-drawn='1']")).wait_for()
    assert bench.starred() == []
    bench.press("apply")
    notebook.until("len(s.history) == 2")
    bench.painted(3)
    operator, parents, parameters = recipe(notebook)
    assert (operator, parents, parameters["lock"]) == ("mutate", [1], True)
    ((x, y),) = parameters["region"]["points"]
    assert abs(x - 0.25) < 0.02
    assert abs(y - 0.75) < 0.02
    bench.root.and_(bench.page.locator("[data-tool='select']")).wait_for()

    bench.tiles.nth(0).hover()
    bench.tiles.nth(0).locator(".gw-zoom").click()
    box = bench.root.locator("dialog.gw-lightbox")
    box.locator(".gw-look-map").click()
    box.locator(".gw-layer[data-ready]").wait_for()
    assert "of 255" in box.locator(".gw-scale").inner_text()
    assert "Change against 1" in box.locator(".gw-means").inner_text()
    assert box.locator(".gw-layer path").count() == 2  # the region's outline, in two tones
    seen = "img => img.decode().then(() => img.naturalWidth)"
    assert box.locator(".gw-layer img").evaluate(seen) == int(notebook.py("print(s[1].image.width)"))
    bench.page.keyboard.down("b")
    box.locator(".gw-layer[data-look='before'][data-ready]").wait_for()
    bench.page.keyboard.up("b")
    box.locator(".gw-layer[data-look='map'][data-ready]").wait_for()


def test_brush_two_images_and_recombine(notebook: Notebook):
    bench = opened(notebook)
    bench.press("tool-brush")
    stroke(bench, 0, (0.2, 0.2), (0.3, 0.8))
    stroke(bench, 3, (0.8, 0.2), (0.7, 0.8))
    bench.press("apply")
    notebook.until("len(s.history) == 2")
    bench.painted(3)
    operator, parents, parameters = recipe(notebook)
    assert (operator, parents) == ("recombine", [0, 3])
    assert [pick["kind"] for pick in parameters["picks"]] == ["bitmap", "bitmap"]

    bench.tiles.nth(0).focus()
    box = compared(bench)
    chips = box.locator(".gw-chip").evaluate_all("chips => chips.map(chip => chip.dataset.parent)")
    assert chips == ["0", "3"]  # the first child is the exact map: nothing fresh
    layer = box.locator(".gw-layer").bounding_box()
    assert layer
    bench.page.mouse.move(layer["x"] + 0.25 * layer["width"], layer["y"] + 0.5 * layer["height"])
    box.locator(".gw-told").filter(has_text="noise here is 0’s").wait_for()
    bench.page.mouse.move(layer["x"] + 0.75 * layer["width"], layer["y"] + 0.5 * layer["height"])
    box.locator(".gw-told").filter(has_text="noise here is 3’s").wait_for()


def test_by_keyboard_alone(notebook: Notebook):
    bench = opened(notebook)
    press = bench.page.keyboard.press
    bench.root.locator(".gw-apply").wait_for(state="hidden")
    bench.tiles.nth(0).focus()  # tests/widgets_page shows that Tab leads here
    for key in ("p", "Enter", "Shift+ArrowLeft", "Enter", "m"):
        press(key)
    notebook.until("len(s.history) == 2")
    bench.painted(3)
    operator, parents, parameters = recipe(notebook)
    assert (operator, parents, parameters["lock"]) == ("mutate", [0], True)
    assert parameters["region"]["points"] == [[0.4, 0.5]]
    box = compared(bench)
    assert "Change against 0" in box.locator(".gw-means").inner_text()
    press("Escape")

    press("z")
    notebook.until("len(s.history) == 1")
    bench.painted(4)
    press("Home")
    for key in ("b", "Enter", "Enter", "Shift+ArrowLeft", "ArrowDown", "Enter", "ArrowRight"):
        press(key)
    for key in ("Enter", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter", "m"):
        press(key)
    notebook.until("len(s.history) == 2")
    bench.painted(3)
    operator, parents, _ = recipe(notebook)
    assert (operator, parents) == ("recombine", [0, 1])
