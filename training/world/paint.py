"""From a scene to pixels, object masks and boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.world import art
from training.world.colours import COLOURS, tint
from training.world.places import paint_place, paint_plain
from training.world.scene import Scene, Thing
from training.world.styles import STYLES


@dataclass(frozen=True)
class Picture:
    """A painted scene.

    Args:
        image: (side, side, 3) uint8.
        masks: (n, side, side) float32 in [0, 1]: how much of each pixel shows object i.
    """

    image: NDArray[np.uint8]
    masks: NDArray[np.float32]

    @property
    def boxes(self) -> list[tuple[float, float, float, float]]:
        """Return (left, top, right, bottom) of each object as shares of the side, from its visible pixels."""
        return [_box(mask) for mask in self.masks]


def _box(mask: NDArray[np.float32]) -> tuple[float, float, float, float]:
    rows, columns = (np.flatnonzero((mask > 0.5).any(axis=axis)) for axis in (1, 0))  # noqa: PLR2004
    if rows.size == 0:
        return (0.0, 0.0, 0.0, 0.0)
    side = mask.shape[0]
    return (columns[0] / side, rows[0] / side, (columns[-1] + 1) / side, (rows[-1] + 1) / side)


def _layer(thing: Thing, art_set: str, side: int) -> Image.Image:
    """Return one object on a transparent (side, side) layer."""
    sprite = art.sprites()[f"{art_set}/{thing.noun}"]
    if thing.mirror:
        sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if thing.colour is not None:
        sprite = tint(sprite, thing.colour)
    sprite = sprite.rotate(thing.angle, Image.Resampling.BICUBIC, expand=True)
    scale = thing.width * side / art.SPRITE
    size = (max(2, round(sprite.width * scale)), max(2, round(sprite.height * scale)))
    sprite = sprite.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BICUBIC)  # noqa: PLR2004
    layer = Image.new("RGBA", (side, side))
    corner = (round(thing.x * side - size[0] / 2), round(thing.y * side - size[1] / 2))
    layer.paste(sprite, corner)
    return layer


def paint(scene: Scene, side: int = 64) -> Picture:
    """Paint a scene; later things stand in front of earlier ones.

    Args:
        scene: what to paint.
        side: pixels.

    Returns:
        The picture with one mask per thing of the scene, in order.
    """
    rng = np.random.default_rng(scene.grain)
    painter = paint_plain if scene.ground in COLOURS else paint_place
    canvas = painter(scene.ground, side, rng).convert("RGBA")
    masks = np.zeros((len(scene.things), side, side), np.float32)
    for i, thing in enumerate(scene.things):
        layer = _layer(thing, scene.art, side)
        canvas = Image.alpha_composite(canvas, layer)
        alpha = np.asarray(layer.getchannel("A"), np.float32) / 255
        masks[:i] *= 1 - alpha
        masks[i] = alpha
    image = np.asarray(canvas.convert("RGB"))
    if scene.style is not None:
        styled = STYLES[scene.style](image.astype(np.float32) / 255)
        image = (np.clip(styled, 0, 1) * 255).round().astype(np.uint8)
    return Picture(image, masks)
