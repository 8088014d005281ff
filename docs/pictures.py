"""Make the pictures of the documentation, in docs/pictures/: `make pictures`, or python docs/pictures.py [name …].

Those of the embedded model are painted here, unpicked: the first numbers of a seed. `screenshots.py` takes the others.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import screenshots
import torch
from PIL import Image, ImageDraw, ImageFont

import guidewidgets as gw
from guidewidgets.widgets import colours
from guidewidgets.widgets.compare import change_map

FOLDER = Path(__file__).with_name("pictures")
SIDE, GAP, LINE = 112, 6, 15  # pixels: of a picture, between two, of a line of text
FONT = ImageFont.load_default(size=12)
# Okabe-Ito, told apart by colour-blind readers too; grey is fresh noise.
PARENTS = ((0, 114, 178), (230, 159, 0), (0, 158, 115))
FRESH = (187, 187, 187)


class Cell(NamedTuple):
    """A picture, what is written below it, the colour of its frame, and spots (x, y, radius) that are ringed."""

    image: Image.Image
    caption: str = ""
    frame: tuple[int, int, int] | None = None
    spots: Sequence[tuple[float, float, float]] = ()


def strip(rows: Iterable[Sequence[Cell]], side: int = SIDE) -> Image.Image:
    """Rows of pictures side by side."""
    table = [list(row) for row in rows]
    lines = [max(cell.caption.count("\n") + bool(cell.caption) for cell in row) for row in table]
    width = max(len(row) for row in table) * (side + GAP) - GAP
    page = Image.new("RGB", (width, sum(side + GAP + LINE * n + 3 * bool(n) for n in lines) - GAP), "white")
    draw = ImageDraw.Draw(page)
    top = 0
    for row, n in zip(table, lines, strict=True):
        for k, cell in enumerate(row):
            left = k * (side + GAP)
            small = cell.image.width < 40  # a map of the latent
            how = Image.Resampling.NEAREST if small else Image.Resampling.BICUBIC
            page.paste(cell.image.convert("RGB").resize((side, side), how), (left, top))
            if cell.frame:
                draw.rectangle((left, top, left + side - 1, top + side - 1), outline=cell.frame, width=3)
            for x, y, radius in cell.spots:
                at = np.array([left + x * side, top + y * side])
                for reach, tone in ((1, "black"), (0, "white")):
                    box = (*(at - radius * side - reach), *(at + radius * side + reach))
                    draw.ellipse(box, outline=tone, width=1 + reach)
            middle = (left + side / 2, top + side + 2)
            draw.multiline_text(middle, cell.caption, "black", FONT, "ma", spacing=1, align="center")
        top += side + GAP + LINE * n + 3 * bool(n)
    return page


def cells(images: torch.Tensor, captions: Sequence[str] = ()) -> list[Cell]:
    """Of images (n, 3, H, W) in [0, 1]."""
    arrays = images.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).numpy()
    return [Cell(Image.fromarray(a), captions[k] if captions else "") for k, a in enumerate(arrays)]


def mosaic() -> Image.Image:
    """Three parents, their children, and where each child's noise comes from."""
    s = gw.Session("a rocket in space", seed=0)
    s.sample(12).wait()
    s.star(1, 4, 7)
    children = s.cross(n=6).wait()
    known = dict(zip(children[0].recipe.parent_ids, PARENTS, strict=True))
    above = [Cell(s[i].image, f"parent {i}", known[i]) for i in known]
    below = [Cell(Image.new("RGB", (16, 16), known[i])) for i in known]
    for child in children:
        owners = s.owners(child.id)
        shades = [[known.get(int(i), FRESH) for i in row] for row in owners]
        above.append(Cell(child.image, f"child {child.id}"))
        below.append(Cell(Image.fromarray(np.array(shades, dtype=np.uint8))))
    return strip([above, below], side=76)


def mean() -> Image.Image:
    """The plain mean of two noises, which is too weak, above the sum that is as strong as they."""
    e = gw.Engine.load()
    x = e.noise(12, seed=7)
    both = x[:6] + x[6:]
    return strip(
        cells(e.render(both / by, "a fox on a beach"), [f"divided by {name}"] * 6)
        for by, name in ((2, "2"), (2**0.5, "1.41"))
    )


def film() -> Image.Image:
    """A picture comes out of the noise: x_t above, the network's guess of the end below."""
    e = gw.Engine.load()
    steps: list[tuple[str, torch.Tensor, torch.Tensor]] = []
    e.render(
        e.noise(1, seed=7),
        "a fox on a beach",
        steps=10,
        on_step=lambda step: steps.append((f"step {step.i}", step.x.clone(), step.denoised.clone())),
    )
    shown = [steps[k] for k in (0, 1, 2, 4, 6, 9)]
    noisy, clean = ([e.decode(x) for _, x, _ in shown], [e.decode(x) for _, _, x in shown])
    return strip([cells(torch.cat(noisy)), cells(torch.cat(clean), [name for name, _, _ in shown])])


def together() -> Image.Image:
    """AND of wholes, of parts, and one sentence; the same four noises each."""
    e = gw.Engine.load()
    rows = {
        "a fox AND\nan owl": "a fox AND an owl",
        "a picture with a fox AND\na picture with an owl": "a picture with a fox AND a picture with an owl",
        "both orders of\na fox and an owl": "a fox and an owl ::0.5 AND an owl and a fox ::0.5",
    }
    x = e.noise(4, seed=1)
    groups = [cells(e.render(x, prompt)) for prompt in rows.values()]
    return strip(
        [[Cell(strip([g[:2], g[2:]]), name) for g, name in zip(groups, rows, strict=True)]], side=220
    )


def without() -> Image.Image:
    """NOT, from hardly to far too much."""
    e = gw.Engine.load()
    x = e.noise(2, seed=1)
    tries = {
        "no NOT": "",
        "::0.5": " AND NOT a meadow ::0.5",
        "::1": " AND NOT a meadow",
        "::3": " AND NOT a meadow ::3",
    }
    columns = [cells(e.render(x, f"a house in a meadow{more}"), ["", name]) for name, more in tries.items()]
    columns.append(
        cells(e.render(x, f"a house in a meadow{tries['::3']}", negation="perp"), ["", "::3, perp"])
    )
    return strip(zip(*columns, strict=True))


def spot() -> Image.Image:
    """New noise at one spot, without and with the rest held; and what changed."""
    s = gw.Session("a castle on a beach", seed=2)
    s.sample(1).wait()
    at, radius = (0.5, 0.4), 0.25
    row = [Cell(s[0].image, "before", spots=[(*at, radius)])]
    for lock, name in ((False, "new noise there"), (True, "and the rest locked")):
        child = s.mutate(0, at=[at], radius=radius, n=1, lock=lock).wait()[0]
        amounts = colours.inferno(change_map(child.image, s[0].image), 128.0)
        row += [Cell(child.image, name), Cell(Image.fromarray(amounts), "what changed")]
    return strip([row])


def parts() -> Image.Image:
    """The left of one picture and the right of another."""
    s = gw.Session("a house in a meadow", seed=2)
    ids = [c.id for c in s.sample(2).wait()]
    picks = {ids[0]: [(0.2, 0.5)], ids[1]: [(0.8, 0.5)]}
    parents = [Cell(s[i].image, f"picture {i}", spots=[(*picks[i][0], 0.06)]) for i in ids]
    return strip([parents + [Cell(c.image, "both") for c in s.recombine(picks, n=4).wait()]])


def pulled() -> Image.Image:
    """DOODL's pictures on the way down."""
    e = gw.Engine.load()
    ways = gw.guide.doodl(
        e, e.noise(1, seed=5), "a fox on a beach", gw.MeanColour((0.35, 0.3, 0.75)), steps=20
    )
    steps = [(step.image, f"update {step.index}\nloss {step.loss:.3f}") for step in ways]
    shown = [steps[k] for k in (0, 4, 8, 12, 16, 20)]
    return strip(
        [cells(torch.cat([image.reshape(1, *image.shape[-3:]) for image, _ in shown]), [c for _, c in shown])]
    )


def word() -> Image.Image:
    """Pictures that a word was learned from, and what it then gives."""
    s = gw.Session("a blue mushroom", seed=3)
    given = [Cell(c.image, "shown to it") for c in s.sample(3).wait()]
    s.star(*(c.id for c in s.history[-1]))
    s.learn("blip").wait()
    made = [Cell(c.image, "a blip on a beach") for c in s.sample(3, prompt="a blip on a beach").wait()]
    return strip([given + made])


def held() -> Image.Image:
    """Pictures in the order of what they hold least."""
    s = gw.Session("a picture with a fox AND a picture with an owl", seed=1)
    order = s.sample(12, of=12).wait()
    return strip(
        [[Cell(c.image, f"least: {min((c.holds or {}).values()):+.3f}") for c in (*order[:3], *order[9:])]]
    )


def samplers() -> Image.Image:
    """The same noise, painted by one sampler after another."""
    e = gw.Engine.load()
    x = e.noise(1, seed=7)
    names = ("dpmpp-2m", "ddim", "euler", "heun", "ddpm", "euler-a")
    return strip([[cells(e.render(x, "a fox on a beach", sampler=name), [name])[0] for name in names]])


PICTURES: dict[str, Callable[[], Image.Image]] = {
    p.__name__: p for p in (mosaic, mean, film, together, without, spot, parts, pulled, word, held, samplers)
}


def main(names: Sequence[str]) -> None:
    """Paint them and save them."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # sessions without a path
        for name in names or (*PICTURES, *screenshots.SHOTS):
            image = PICTURES[name]() if name in PICTURES else screenshots.take(name)
            image.save(FOLDER / f"{name}.webp", quality=72, method=6)


if __name__ == "__main__":
    main(sys.argv[1:])
