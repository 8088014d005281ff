"""Painted scenes kept in memory with what is true of them, for the nets that look at pictures."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor

from training import codec
from training.world.paint import paint
from training.world.scene import SECOND_STAGE, Scene, World, make

if TYPE_CHECKING:
    from pathlib import Path

    from diffusers import AutoencoderTiny
    from numpy.typing import NDArray

CELLS: Final = 32  # cells per side in which a pool remembers where its objects are
THINGS: Final = 3  # at most this many objects in a scene
MIRRORED: Final = {"left": "right", "right": "left"}
# Every noun and art set, and the generator's nouns and art more often than the rest.
WHOLE: Final = World(styled=0.2)
TARGET: Final = replace(SECOND_STAGE, art={"flat": 0.7, "glossy": 0.1, "cartoon": 0.2}, apart=False)


@dataclass(frozen=True)
class Part:
    """`count` scenes of a world, those with the numbers from 0 under `seed`."""

    world: World
    seed: int
    count: int

    def scenes(self) -> list[Scene]:
        """Return the scenes as data."""
        return [make(self.world, self.seed, i) for i in range(self.count)]


@dataclass(frozen=True)
class Pool:
    """Scenes with their pixels.

    Args:
        scenes: n of them.
        images: (n, 64, 64, 3) uint8.
        cover: (n, 3, 32, 32) uint8: 255 times how much of a cell the visible part of thing k fills.
    """

    scenes: list[Scene]
    images: NDArray[np.uint8]
    cover: NDArray[np.uint8]


def mirror(scene: Scene) -> Scene:
    """Return the scene that a mirrored picture of `scene` shows, as far as words can tell.

    Nets that look must know a thing whichever way it faces; the generator's world has one way (`scene.Thing`).
    """
    things = tuple(replace(thing, x=1 - thing.x) for thing in scene.things)
    relation = MIRRORED.get(scene.relation, scene.relation) if scene.relation else None
    return replace(scene, things=things, relation=relation)


def paint_parts(*parts: Part) -> Pool:
    """Paint all scenes of `parts`, nothing else done to them."""
    scenes = [scene for part in parts for scene in part.scenes()]
    images = np.zeros((len(scenes), 64, 64, 3), np.uint8)
    cover = np.zeros((len(scenes), THINGS, CELLS, CELLS), np.uint8)
    for i, scene in enumerate(scenes):
        picture = paint(scene)
        images[i] = picture.image
        n = len(picture.masks)
        cells = picture.masks.reshape(n, CELLS, 2, CELLS, 2).mean((2, 4))
        cover[i, :n] = (255 * cells).round().astype(np.uint8)
    return Pool(scenes, images, cover)


@torch.no_grad()
def smear(images: NDArray[np.uint8], vae: AutoencoderTiny, most: float, generator: torch.Generator) -> None:
    """Send images through the codec, in place, with noise on the latents.

    This is how generated pictures differ from painted ones: fine detail is lost, edges wobble.

    Args:
        images: (n, 64, 64, 3) uint8.
        vae: the codec.
        most: the noise has a standard deviation drawn from [0, most] latent standard deviations; half of it is
            coarse (equal in 2×2 neighbours).
        generator: draws the noise.
    """
    for start in range(0, len(images), 50):
        chunk = slice(start, start + 50)
        latents = vae.encoder(codec.to_tensor(images[chunk]).contiguous(memory_format=torch.channels_last))
        n, c, h, w = latents.shape
        fine = torch.randn(latents.shape, generator=generator)
        coarse = torch.randn(n, c, h // 2, w // 2, generator=generator)
        noise = (fine + coarse.repeat_interleave(2, 2).repeat_interleave(2, 3)) / 2**0.5
        level = most * torch.rand(n, 1, 1, 1, generator=generator) / vae.config["scaling_factor"]
        decoded = vae.decoder(latents + level * noise)
        images[chunk] = to_uint8(decoded)


@torch.no_grad()
def scramble(pool: Pool, chosen: NDArray[np.int64], vae: AutoencoderTiny, rng: np.random.Generator) -> None:
    """Turn objects into smears of their own colours, in place: their latents change places with each other.

    Nothing is left to be recognised, so the scenes' things and cover are taken away.
    """
    for i in chosen.tolist():
        latents = vae.encoder(codec.to_tensor(pool.images[i : i + 1]))
        side = latents.shape[-1]
        cover = pool.cover[i].max(0).reshape(side, CELLS // side, side, CELLS // side).mean((1, 3)).ravel()
        inside = np.flatnonzero(cover > 60)
        flat = latents.flatten(2)
        flat[..., inside] = flat[..., rng.permutation(inside)]
        pool.images[i] = to_uint8(vae.decoder(flat.view_as(latents)))[0]
        pool.cover[i] = 0
        pool.scenes[i] = replace(pool.scenes[i], things=(), relation=None)


def to_uint8(decoded: Tensor) -> NDArray[np.uint8]:
    """Turn (n, 3, H, W) in [-1, 1] into (n, H, W, 3) uint8."""
    return ((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).contiguous().numpy()


def build(
    parts: tuple[Part, ...],
    vae: AutoencoderTiny,
    smeared: float = 0.3,
    most: float = 0.35,
    scrambled: float = 0.0,
    seed: int = 0,
) -> Pool:
    """Paint all scenes of `parts`, then `smear` and `scramble` a share of them each."""
    pool = paint_parts(*parts)
    rng = np.random.default_rng(seed)
    draw = rng.random(len(pool.scenes))
    chosen = np.flatnonzero(draw < smeared)
    images = pool.images[chosen]
    smear(images, vae, most, torch.Generator().manual_seed(seed))
    pool.images[chosen] = images
    scramble(pool, np.flatnonzero(draw >= 1 - scrambled), vae, rng)
    return pool


def cached(folder: Path, name: str, parts: tuple[Part, ...], vae: AutoencoderTiny, **how: float) -> Pool:
    """Return `build(...)`, kept in `folder` so that a run that was cut off need not paint again."""
    told = json.dumps([[asdict(part) for part in parts], how])
    note = folder / f"{name}.json"
    if not (note.exists() and note.read_text() == told):
        pool = build(parts, vae, **how)  # pyright: ignore[reportArgumentType]
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / f"{name}.images.npy", pool.images)
        np.save(folder / f"{name}.cover.npy", pool.cover)
        note.write_text(told)
        return pool
    scenes = [scene for part in parts for scene in part.scenes()]
    drawn = Pool(scenes, np.load(folder / f"{name}.images.npy"), np.load(folder / f"{name}.cover.npy"))
    for i in np.flatnonzero(~drawn.cover.any((1, 2, 3))).tolist():
        scenes[i] = replace(scenes[i], things=(), relation=None)  # empty, or scrambled
    return drawn


def batch(images: NDArray[np.uint8], picks: NDArray[np.int64]) -> Tensor:
    """Return (n, 3, 64, 64) float32 in [0, 1] of the picked images."""
    return torch.from_numpy(images[picks]).permute(0, 3, 1, 2).float() / 255


def augment(images: Tensor, generator: torch.Generator, shift: int = 3) -> Tensor:
    """Shift, brighten, blur and grain a batch a little.

    Args:
        images: (n, 3, H, W) in [0, 1].
        generator: draws what is done. Shifts and the choice who is blurred are drawn per quarter of the batch.
        shift: at most this many pixels, edges repeated.

    Returns:
        The same shape, in [0, 1].
    """
    n, side = len(images), images.shape[-1]
    padded = torch.nn.functional.pad(images, (shift,) * 4, mode="replicate")
    quarters: list[Tensor] = []
    for quarter in padded.chunk(4):
        y, x = torch.randint(2 * shift + 1, (2,), generator=generator).tolist()
        moved = quarter[:, :, y : y + side, x : x + side]
        if torch.rand((), generator=generator) < 0.2:
            soft = torch.nn.functional.avg_pool2d(moved, 3, 1, 1, count_include_pad=False)
            moved = moved.lerp(soft, torch.rand((), generator=generator).item())
        quarters.append(moved)
    out = torch.cat(quarters)
    contrast = 1 + 0.12 * torch.randn(n, 1, 1, 1, generator=generator)
    light = 0.04 * torch.randn(n, 3, 1, 1, generator=generator)
    grain = 0.05 * torch.rand(n, 1, 1, 1, generator=generator)
    out = (out - 0.5) * contrast + 0.5 + light + grain * torch.randn(out.shape, generator=generator)
    return out.clamp(0, 1)
