"""Record docs/evolve.webp: the workbench in a real JupyterLab, from Generate over three stars to their children.

python docs/animation.py
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parent
TESTS = DOCS.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

from lab_page import open_lab  # noqa: E402 (found by the line above)
from workbench import Workbench  # noqa: E402

SESSION = """import guidewidgets as gw

s = gw.Session("a mushroom")
s"""
STARS = (2, 7, 11)
WIDTH = 640
LOOK, STEP, GLANCE = 2600, 120, 550  # milliseconds a frame stays


def main() -> None:
    """Record and save."""
    frames: list[tuple[Image.Image, int]] = []
    with open_lab("animation", width=1160, height=1400) as notebook:
        page = notebook.page
        notebook.open(SESSION)
        bench = Workbench(notebook)

        def shoot(milliseconds: int) -> None:
            page.mouse.move(5, 5)  # no hover in the picture
            shot = Image.open(io.BytesIO(bench.root.screenshot())).convert("RGB")
            frames.append((shot, milliseconds))

        def watch(generations: int) -> None:
            while notebook.py("print(len(s.history))") != str(generations):
                shoot(STEP)
            bench.painted(12)

        bench.press("generate")
        bench.root.locator(".gw-tile[data-painted]").first.wait_for()
        watch(1)
        shoot(LOOK)
        for i in STARS:
            bench.star(i)
            shoot(GLANCE)
        bench.press("evolve")
        bench.root.locator(".gw-tile[data-phase='preview'][data-painted]").first.wait_for()
        watch(2)
        shoot(LOOK + 1500)
    height = max(frame.height for frame, _ in frames)
    pictures: list[Image.Image] = []
    for frame, _ in frames:
        canvas = Image.new("RGB", (frame.width, height), "white")
        canvas.paste(frame)
        pictures.append(canvas.resize((WIDTH, round(WIDTH * height / frame.width)), Image.Resampling.LANCZOS))
    pictures[0].save(
        DOCS / "evolve.webp",
        save_all=True,
        append_images=pictures[1:],
        duration=[milliseconds for _, milliseconds in frames],
        loop=0,
        quality=70,
        method=6,
    )


if __name__ == "__main__":
    main()
