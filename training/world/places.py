"""Backgrounds: twelve procedural places and plain colours, each different at every draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from training.world.colours import COLOURS

RGB = tuple[int, int, int]
Painter = Callable[[Image.Image, ImageDraw.ImageDraw, Generator], None]


def gradient(side: int, top: RGB, bottom: RGB) -> Image.Image:
    """Return a vertical gradient, (side, side) RGB."""
    t = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    rows = (np.array(top) * (1 - t) + np.array(bottom) * t).round().astype(np.uint8)
    return Image.fromarray(rows[:, None, :], "RGB").resize((side, side), Image.Resampling.NEAREST)


def _hill(draw: ImageDraw.ImageDraw, rng: Generator, height: float, fill: RGB, waves: float = 0.06) -> None:
    """Fill everything below a wavy horizon at `height` (share of the side from the top)."""
    side = draw.im.size[0]
    x = np.linspace(0, 1, 17)
    y = height + waves * np.sin(x * rng.uniform(3, 7) + rng.uniform(0, 6.3))
    points = [(float(a * side), float(b * side)) for a, b in zip(x, y, strict=True)]
    draw.polygon([*points, (side, side), (0, side)], fill=fill)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: RGB) -> None:
    side = draw.im.size[0]
    draw.ellipse(
        [(x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side], fill=fill
    )


def _dots(
    draw: ImageDraw.ImageDraw,
    rng: Generator,
    n: int,
    radius: float,
    fill: RGB,
    top: float = 0.0,
    bottom: float = 1.0,
) -> None:
    for x, y, r in zip(
        rng.uniform(0, 1, n), rng.uniform(top, bottom, n), rng.uniform(0.6, 1.2, n), strict=True
    ):
        _disc(draw, x, y, radius * r, fill)


def _cloud(draw: ImageDraw.ImageDraw, rng: Generator, fill: RGB) -> None:
    x, y, s = rng.uniform(0.05, 0.95), rng.uniform(0.08, 0.85), rng.uniform(0.06, 0.1)
    for dx, dy, r in ((-1.4, 0.2, 0.8), (0, 0, 1.15), (1.4, 0.2, 0.8), (-0.6, 0.35, 0.8), (0.7, 0.35, 0.8)):
        _disc(draw, x + dx * s, y + dy * s, r * s, fill)


def _meadow(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    horizon = rng.uniform(0.45, 0.65)
    _hill(draw, rng, horizon, (142, 212, 92))
    _hill(draw, rng, horizon + 0.16, (106, 192, 74))
    _dots(draw, rng, 7, 0.014, (255, 244, 180), horizon + 0.2)
    _dots(draw, rng, 5, 0.014, (255, 150, 170), horizon + 0.2)


def _sky(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    for _i in range(int(rng.integers(3, 6))):
        _cloud(draw, rng, (250, 252, 255))


def _night(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    _dots(draw, rng, 26, 0.008, (255, 250, 214), 0, 0.75)
    x, y, r = rng.uniform(0.12, 0.88), rng.uniform(0.1, 0.25), rng.uniform(0.06, 0.09)
    _disc(draw, x, y, r, (250, 240, 196))
    _hill(draw, rng, rng.uniform(0.76, 0.88), (22, 30, 62), 0.04)


def _sea(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    horizon = rng.uniform(0.3, 0.5)
    for i, fill in enumerate([(58, 150, 216), (40, 124, 200), (28, 100, 180), (20, 80, 158)]):
        _hill(draw, rng, horizon + i * 0.15, fill, 0.018)


def _desert(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    _disc(draw, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.22), 0.08, (255, 244, 200))
    horizon = rng.uniform(0.45, 0.62)
    _hill(draw, rng, horizon, (232, 178, 92))
    _hill(draw, rng, horizon + 0.17, (212, 150, 62), 0.07)


def _snow(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    horizon = rng.uniform(0.5, 0.68)
    _hill(draw, rng, horizon, (226, 236, 246))
    _hill(draw, rng, horizon + 0.14, (246, 250, 254))
    _dots(draw, rng, 24, 0.012, (255, 255, 255), 0, horizon)


def _sunset(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    horizon = rng.uniform(0.62, 0.76)
    side = draw.im.size[0]
    _disc(draw, rng.uniform(0.15, 0.85), horizon, rng.uniform(0.1, 0.14), (255, 226, 124))
    draw.rectangle([0, horizon * side, side, side], fill=(84, 44, 84))
    for i in range(3):
        y, x = horizon + 0.05 + 0.07 * i, rng.uniform(0.1, 0.6)
        draw.rectangle([x * side, y * side, (x + 0.3) * side, (y + 0.016) * side], fill=(214, 126, 98))


def _forest(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    side = draw.im.size[0]
    ground = rng.uniform(0.68, 0.8)
    for shade, low, high, n in (((112, 178, 132), 0.05, 0.25, 8), ((58, 128, 86), 0.15, 0.4, 7)):
        for i in range(n):
            x, w, top = (i + rng.uniform(0.1, 0.9)) / n, rng.uniform(0.07, 0.12), rng.uniform(low, high)
            points = [
                ((x - w) * side, ground * side),
                (x * side, top * side),
                ((x + w) * side, ground * side),
            ]
            draw.polygon(points, fill=shade)
    draw.rectangle([0, ground * side, side, side], fill=(40, 92, 58))


def _space(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    _disc(draw, rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.16, 0.26), (64, 22, 96))
    image.paste(image.filter(ImageFilter.GaussianBlur(draw.im.size[0] * 0.08)))
    _dots(draw, rng, 30, 0.008, (255, 255, 255))
    planet: list[RGB] = [(226, 142, 74), (120, 176, 226), (200, 110, 150)]
    _disc(
        draw,
        rng.uniform(0, 1),
        rng.choice([0.06, 0.94]),
        rng.uniform(0.09, 0.13),
        planet[int(rng.integers(3))],
    )


def _room(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    side = draw.im.size[0]
    floor = rng.uniform(0.66, 0.78)
    draw.rectangle([0, floor * side, side, side], fill=(170, 112, 74))
    draw.rectangle([0, floor * side, side, (floor + 0.025) * side], fill=(246, 240, 232))
    for x in np.linspace(-0.1, 1.1, 6):
        foot = (0.5 + (x - 0.5) * 1.5) * side
        draw.line(
            [(x * side, (floor + 0.025) * side), (foot, side)], fill=(140, 88, 56), width=max(1, side // 90)
        )
    x, y, s = rng.uniform(0.06, 0.66), rng.uniform(0.06, 0.2), rng.uniform(0.26, 0.32)
    draw.rectangle([x * side, y * side, (x + s) * side, (y + s) * side], fill=(255, 255, 255))
    for i in (0, 1):
        for j in (0, 1):
            a, b, w = x + 0.02 + i * s / 2, y + 0.02 + j * s / 2, s / 2 - 0.035
            draw.rectangle([a * side, b * side, (a + w) * side, (b + w) * side], fill=(150, 206, 246))


def _beach(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    side = draw.im.size[0]
    horizon = rng.uniform(0.34, 0.46)
    _disc(draw, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.2), 0.07, (255, 236, 130))
    draw.rectangle([0, horizon * side, side, side], fill=(42, 142, 214))
    shore = horizon + rng.uniform(0.13, 0.2)
    state = rng.bit_generator.state
    _hill(draw, rng, shore - 0.025, (240, 250, 255), 0.025)
    rng.bit_generator.state = state  # the same wave again: sand behind the foam
    _hill(draw, rng, shore + 0.01, (246, 218, 152), 0.025)


def _city(_: Image.Image, draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    side = draw.im.size[0]
    street = 0.86
    for shade, low, high in (((150, 150, 178), 0.1, 0.4), ((92, 98, 130), 0.28, 0.55)):
        x = rng.uniform(-0.1, 0.0)
        while x < 1:
            w, top = rng.uniform(0.13, 0.2), rng.uniform(low, high)
            draw.rectangle([x * side, top * side, (x + w) * side, street * side], fill=shade)
            for wy in np.arange(top + 0.04, street - 0.06, 0.09):
                for wx in (x + 0.03, x + w - 0.07):
                    if rng.random() < 0.6:
                        box = [wx * side, wy * side, (wx + 0.035) * side, (wy + 0.04) * side]
                        draw.rectangle(box, fill=(250, 222, 130))
            x += w + 0.012
    draw.rectangle([0, street * side, side, side], fill=(70, 72, 82))
    for x in np.arange(rng.uniform(-0.15, 0), 1, 0.24):
        draw.rectangle([x * side, 0.925 * side, (x + 0.13) * side, 0.945 * side], fill=(240, 240, 240))


# name → (top of the sky, bottom of the sky, what is painted over it)
PLACES: Final[dict[str, tuple[RGB, RGB, Painter]]] = {
    "meadow": ((120, 186, 246), (206, 232, 252), _meadow),
    "sky": ((84, 158, 240), (190, 224, 252), _sky),
    "night": ((14, 20, 54), (48, 58, 118), _night),
    "sea": ((130, 196, 248), (196, 228, 250), _sea),
    "desert": ((250, 206, 138), (252, 230, 176), _desert),
    "snow": ((156, 188, 214), (206, 222, 236), _snow),
    "sunset": ((104, 56, 132), (252, 152, 92), _sunset),
    "forest": ((158, 214, 172), (196, 232, 196), _forest),
    "space": ((10, 6, 26), (24, 12, 44), _space),
    "room": ((206, 226, 214), (222, 236, 226), _room),
    "beach": ((112, 196, 250), (190, 228, 252), _beach),
    "city": ((246, 168, 126), (250, 208, 160), _city),
}


def paint_place(name: str, side: int, rng: Generator) -> Image.Image:
    """Paint a place with its own light, horizon and furniture.

    Args:
        name: one of `PLACES`.
        side: pixels; painted at twice this and reduced, so edges are smooth.
        rng: what varies comes from here.

    Returns:
        (side, side) RGB.
    """
    top, bottom, painter = PLACES[name]
    light = rng.uniform(0.93, 1.06)
    image = gradient(2 * side, _scaled(top, light), _scaled(bottom, light))
    painter(image, ImageDraw.Draw(image), rng)
    return image.reduce(2)


def paint_plain(colour: str, side: int, rng: Generator) -> Image.Image:
    """Paint a plain colour, half of the time with a slight gradient; (side, side) RGB."""
    base = COLOURS[colour]
    light = rng.uniform(0.95, 1.05)
    fall = rng.uniform(0.78, 0.92) if rng.random() < 0.5 else 1.0
    return gradient(side, _scaled(base, light), _scaled(base, light * fall))


def _scaled(colour: RGB, by: float) -> RGB:
    r, g, b = (min(255, round(c * by)) for c in colour)
    return r, g, b
