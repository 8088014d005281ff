"""From finished pixels in the kernel to pictures on the page, in a real JupyterLab: 50 pictures of 512 × 512.

Ours is the whole way a generation takes: a session whose decoder hands out prepared photographs, its worker, the
widget. The peer is what one writes without a widget of one's own: a GridBox of `ipywidgets.Image` with PNGs of the
same photographs, at the same size on the page. Budget: ≤ 0.20 × the time.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks.timing import write

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

from lab import Notebook  # noqa: E402 (found by the line above)
from lab_page import open_lab  # noqa: E402

N, SIDE = 50, 512

SETUP = f"""
import io, time
import ipywidgets, numpy as np, torch
from PIL import Image
import guidewidgets as gw

def photograph(seed):
    # Natural images have a 1/f spectrum; a little grain keeps PNG honest.
    rng = np.random.default_rng(seed)
    f = np.hypot(np.fft.fftfreq({SIDE})[:, None], np.fft.rfftfreq({SIDE})[None]) + 1 / {SIDE}
    spectra = rng.normal(size=(3, *f.shape)) + 1j * rng.normal(size=(3, *f.shape))
    waves = np.fft.irfft2(spectra / f**1.2)
    waves = (waves - waves.mean()) / waves.std() / 5 + 0.5 + rng.normal(size=waves.shape) / 80
    return waves.clip(0, 1).astype("float32")

photographs = torch.tensor(np.stack([photograph(i) for i in range({N})]))

s = gw.Session("a fox on a beach")
started = None
def decode(latents):
    global started
    started = time.time()
    return photographs[: len(latents)]
s.engine.codec.decode = decode

def peer(width):
    global started
    started = time.time()
    tiles = []
    for pixels in photographs.mul(255).round().byte().permute(0, 2, 3, 1).numpy():
        png = io.BytesIO()
        Image.fromarray(pixels).save(png, "PNG")
        layout = ipywidgets.Layout(width=f"{{width}}px", height=f"{{width}}px")
        tiles.append(ipywidgets.Image(value=png.getvalue(), format="png", layout=layout))
    box.children = [ipywidgets.GridBox(tiles, layout=ipywidgets.Layout(grid_template_columns="repeat(6, 1fr)"))]

box = ipywidgets.VBox()
"""
# The moment (ms since 1970) when n pictures are there, decoded and given to the screen.
PAINTED = """async ([selector, n, width]) => {
    let images;
    do {
        await new Promise(requestAnimationFrame);
        images = [...document.querySelectorAll(selector)];
    } while (images.length !== n || !images.every(i => i.complete && i.naturalWidth >= width));
    await Promise.all(images.map(i => i.decode().catch(() => 0)));
    await new Promise(requestAnimationFrame);
    await new Promise(done => setTimeout(done));
    return performance.timeOrigin + performance.now();
}"""


def measure(notebook: Notebook, code: str, selector: str, width: int) -> float:
    """Seconds from `started` in the kernel until the page shows the pictures."""
    notebook.py(f"started = None; {code}")
    end = notebook.page.evaluate(PAINTED, [selector, N, width])
    return end / 1000 - float(notebook.py("print(started)"))


def main(count: int) -> None:
    """Measure `count` pairs, in turn, and write."""
    with open_lab("paint") as notebook:
        page = notebook.page
        notebook.open(SETUP, "s", "box")
        page.locator(".gw-root[data-state='live']").wait_for()
        notebook.ran()
        rows: list[dict[str, float]] = []
        for i in range(count + 1):  # the first pair warms up
            ours = measure(notebook, f"s.undo(); s.sample({N}, steps=1)", ".gw-tile img", 1)
            page.wait_for_function(
                "n => document.querySelectorAll('.gw-tile[data-final]').length === n", arg=N
            )
            width = round(page.locator(".gw-tile img").first.bounding_box()["width"])
            theirs = measure(notebook, f"peer({width})", ".widget-image", SIDE)
            notebook.py("box.children = []")
            if i:
                rows.append({"ours": ours, "theirs": theirs, "ratio": ours / theirs})
    figures: dict[str, Any] = {name: round(statistics.median(r[name] for r in rows), 4) for name in rows[0]}
    write("paint", {f"{N} pictures of {SIDE} x {SIDE}": figures | {"pairs": count, "tile_px": width}})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
