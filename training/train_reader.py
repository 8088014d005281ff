"""Train the scene reader: dense answers from the masks, smears among what shows nothing, and an eye for styles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from guidewidgets.vision.nets import CELLS, ReaderNet, Seen, TextureNet
from guidewidgets.vision.reader import Reader
from training import pool
from training.flat import load
from training.loop import Run, fit
from training.world.colours import COLOURS, TINTS
from training.world.nouns import HELD_OUT, NOUNS, SECOND
from training.world.places import PLACES
from training.world.scene import SECOND_STAGE, Scene, World
from training.world.styles import COLOURLESS, STYLES

if TYPE_CHECKING:
    from pathlib import Path

    from diffusers import AutoencoderTiny

WORDS: Final = {
    "nouns": list(NOUNS),
    "colours": ["own", *TINTS],
    "grounds": [*PLACES, *COLOURS],
    "styles": ["plain", *STYLES],
}
_NOUN = {word: 1 + i for i, word in enumerate(WORDS["nouns"])}
_COLOUR = {word: i for i, word in enumerate(WORDS["colours"])}
_GROUND = {word: i for i, word in enumerate(WORDS["grounds"])}
_STYLE = {word: i for i, word in enumerate(WORDS["styles"])}
# Styles are rare in the world and looked at close up: their net has pictures of its own.
STYLED: Final = (
    pool.Part(replace(SECOND_STAGE, nouns=tuple(NOUNS), styled=0.85, held_out=0.0, apart=False), 403, 7000),
)
_MANY: Final = (0.04, 0.38, 0.48, 0.1)
PARTS: Final = (
    pool.Part(
        replace(
            SECOND_STAGE, nouns=(*SECOND, *HELD_OUT), count=_MANY, tinted=0.35, held_out=0.0, apart=False
        ),
        401,
        18000,
    ),
    pool.Part(World(tuple(NOUNS), count=_MANY, tinted=0.3, styled=0.2, held_out=0.0), 402, 7000),
)


@dataclass(frozen=True)
class Truth:
    """What a batch of pictures shows, in the reader's numbers; a ground of -1 cannot be seen."""

    nouns: Tensor
    colours: Tensor
    grounds: Tensor
    present: Tensor


def make() -> ReaderNet:
    """Return an untrained reader."""
    torch.manual_seed(41)
    return ReaderNet(len(_NOUN), len(_COLOUR), len(_GROUND), len(_STYLE))


def truth(scenes: list[Scene], cover: Tensor) -> Truth:
    """Return what pictures show.

    Args:
        scenes: n of them.
        cover: (n, 3, 32, 32) in [0, 1], see `pool.Pool`.
    """
    n = len(scenes)
    share = F.avg_pool2d(cover, pool.CELLS // CELLS)
    nouns = torch.zeros(n, 1 + len(_NOUN), CELLS, CELLS)
    colours = torch.zeros(n, len(_COLOUR), CELLS, CELLS)
    present = torch.zeros(n, len(_NOUN))
    grounds = torch.full((n,), -1)
    for i, scene in enumerate(scenes):
        for k, thing in enumerate(scene.things):
            nouns[i, _NOUN[thing.noun]] += share[i, k]
            if scene.style not in COLOURLESS:
                colours[i, _COLOUR[thing.colour or "own"]] += share[i, k]
            if share[i, k].sum() > 0.8:  # what others hide is not there
                present[i, _NOUN[thing.noun] - 1] = 1
        if not (scene.style in COLOURLESS and scene.ground in COLOURS):
            grounds[i] = _GROUND[scene.ground]
    nouns[:, 0] = (1 - nouns.sum(1)).clamp(min=0)
    return Truth(nouns, colours, grounds, present)


def loss_of(seen: Seen, true: Truth) -> Tensor:
    """Return the sum of cross-entropies: cells, colours of covered cells, ground, presence."""
    importance = 0.4 + true.nouns[:, 1:].sum(1)
    cells = -(true.nouns * seen.nouns.log_softmax(1)).sum(1)
    covered = true.colours.sum().clamp(min=1)
    colours = -(true.colours * seen.colours.log_softmax(1)).sum() / covered
    ground = F.cross_entropy(seen.ground, true.grounds, ignore_index=-1)
    present = F.binary_cross_entropy_with_logits(seen.present, true.present, reduction="none").sum(1).mean()
    return (cells * importance).mean() * 2 + 0.7 * colours + 0.3 * ground + 0.2 * present


def train(
    run: Run, folder: Path, vae: AutoencoderTiny, parts: tuple[pool.Part, ...] = PARTS, tests: int = 400
) -> dict[str, float]:
    """Train all but the eye for styles in `folder`; return the ceilings on unseen true renders."""
    torch.set_num_threads(1)
    net = make()
    drawn = pool.cached(folder / "pool", "reader", parts, vae, smeared=0.3, most=0.45, scrambled=0.06)
    mirrored = [pool.mirror(scene) for scene in drawn.scenes]
    unseen = exam(tests, 7400)
    generator, rng = torch.Generator().manual_seed(42), np.random.default_rng(42)

    def loss(step: int) -> Tensor:
        picks = rng.integers(len(drawn.scenes), size=run.batch)
        flip = step % 2 == 1
        images, cover = pool.batch(drawn.images, picks), torch.from_numpy(drawn.cover[picks]).float() / 255
        if flip:
            images, cover = images.flip(3), cover.flip(3)
        scenes = [(mirrored if flip else drawn.scenes)[i] for i in picks]
        return loss_of(net.things(pool.augment(images, generator)), truth(scenes, cover))

    def report(weights: dict[str, Tensor]) -> dict[str, float]:
        tested = make()
        load({"net": tested}, weights)
        found = ceilings(reader_of(tested), unseen)
        return {key: value for key, value in found.items() if key != "style"}

    return fit("reader", {"net": net}, loss, report, folder, run)


def train_style(
    run: Run, folder: Path, vae: AutoencoderTiny, parts: tuple[pool.Part, ...] = STYLED, tests: int = 400
) -> dict[str, float]:
    """Train the reader's eye for styles in `folder`; return its accuracy on unseen true renders."""
    torch.set_num_threads(1)
    torch.manual_seed(43)
    net = TextureNet(len(_STYLE))
    drawn = pool.cached(folder / "pool", "style", parts, vae, smeared=0.3)
    styles = torch.tensor([_STYLE[scene.style or "plain"] for scene in drawn.scenes])
    unseen = pool.paint_parts(pool.Part(replace(SECOND_STAGE, styled=0.85, held_out=0.0), 7410, tests))
    generator, rng = torch.Generator().manual_seed(44), np.random.default_rng(44)

    def loss(step: int) -> Tensor:
        picks = rng.integers(len(drawn.scenes), size=run.batch)
        images = pool.batch(drawn.images, picks)
        images = pool.augment(images.flip(3) if step % 2 else images, generator)
        return F.cross_entropy(net(images), styles[picks])

    @torch.no_grad()
    def report(weights: dict[str, Tensor]) -> dict[str, float]:
        tested = TextureNet(len(_STYLE))
        load({"net": tested}, weights)
        images = torch.from_numpy(unseen.images).permute(0, 3, 1, 2).float() / 255
        told = tested(images).argmax(1).tolist()
        true = [_STYLE[scene.style or "plain"] for scene in unseen.scenes]
        return {"style": float(np.mean([a == b for a, b in zip(told, true, strict=True)]))}

    return fit("style", {"net": net}, loss, report, folder, run)


def reader_of(net: ReaderNet) -> Reader:
    """Return a reader with the words of the world."""
    return Reader(net, **WORDS)


Exam = dict[str, tuple[list[Scene], Tensor]]


def exam(count: int, seed: int) -> Exam:
    """Return unseen true renders of the generator's world for every category of the score sheet."""
    nouns = {
        "noun": replace(SECOND_STAGE, count=(0, 1, 0, 0), tinted=0.0, styled=0.0, held_out=0.0),
        "held_out": replace(SECOND_STAGE, nouns=HELD_OUT, count=(0, 1, 0, 0), styled=0.0, held_out=0.0),
        "colour": replace(SECOND_STAGE, count=(0, 1, 0, 0), tinted=1.0, styled=0.0, held_out=0.0),
        "pair": replace(SECOND_STAGE, count=(0, 0, 1, 0), tinted=0.0, styled=0.0, held_out=0.0, apart=False),
        "style": replace(SECOND_STAGE, count=(0, 1, 0, 0), styled=1.0, held_out=0.0),
        "place": replace(SECOND_STAGE, count=(0, 1, 0, 0), tinted=0.0, styled=0.0, held_out=0.0),
    }
    out: Exam = {}
    for key, world in nouns.items():
        drawn = pool.paint_parts(pool.Part(world, seed, count))
        out[key] = drawn.scenes, torch.from_numpy(drawn.images).permute(0, 3, 1, 2).float() / 255
    return out


def ceilings(reader: Reader, tests: Exam) -> dict[str, float]:
    """Return the reader's accuracy on true renders, in the categories and by the rules of the score sheet."""
    right: dict[str, list[bool]] = {}
    for key, (scenes, images) in tests.items():
        for scene, reading in zip(scenes, reader.read(images), strict=True):
            named = [thing.noun for thing in scene.things]
            if key in {"noun", "held_out"}:
                right.setdefault(key, []).append(reading.present[:1] == named)
                right.setdefault(f"{key}_alone", []).append(reading.present == named)
            elif key == "colour":
                seen = reading.colours.get(named[0], "absent") == scene.things[0].colour
                right.setdefault("colour", []).append(seen)
            elif key == "pair":
                both = set(named) <= set(reading.present)
                right.setdefault("pair", []).append(both)
                right.setdefault("relation", []).append(reading.relation(*named) == scene.relation)
            elif key == "style":
                right.setdefault("style", []).append(reading.style == scene.style)
            else:
                right.setdefault("place", []).append(reading.ground == scene.ground)
    return {key: float(np.mean(hits)) for key, hits in right.items()}
