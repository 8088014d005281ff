"""Train the classifier: one object a picture, held-out nouns among them, no words but its list of names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from guidewidgets.vision.nets import ClassifierNet
from training import pool
from training.flat import load
from training.loop import Run, fit
from training.world.nouns import HELD_OUT, NAMED, NOUNS, SECOND
from training.world.scene import World

if TYPE_CHECKING:
    from pathlib import Path

    from diffusers import AutoencoderTiny
    from torch import Tensor

NAMES: Final = tuple(NOUNS)
_ONE: Final = (0.0, 1.0, 0.0, 0.0)
_FLAT: Final = {"flat": 0.7, "glossy": 0.1, "cartoon": 0.2}
# Two in seven pictures show held-out nouns, the rest whatever they could be mistaken for.
PARTS: Final = (
    pool.Part(World(HELD_OUT, _FLAT, _ONE, tinted=0.2, styled=0.1, held_out=0.0), 501, 4000),
    pool.Part(World(SECOND, _FLAT, _ONE, tinted=0.2, styled=0.1, held_out=0.0), 502, 6000),
    pool.Part(World(NAMED, _FLAT, _ONE, tinted=0.2, styled=0.1, held_out=0.0), 503, 4000),
)


def make() -> ClassifierNet:
    """Return an untrained classifier."""
    torch.manual_seed(51)
    return ClassifierNet(len(NAMES))


def train(
    run: Run, folder: Path, vae: AutoencoderTiny, parts: tuple[pool.Part, ...] = PARTS, tests: int = 600
) -> dict[str, float]:
    """Train in `folder`; return the accuracy on unseen true renders."""
    torch.set_num_threads(1)
    net = make()
    drawn = pool.cached(folder / "pool", "classifier", parts, vae, smeared=0.2)
    classes = torch.tensor([NAMES.index(scene.things[0].noun) for scene in drawn.scenes])
    generator, rng = torch.Generator().manual_seed(52), np.random.default_rng(52)
    unseen = {
        name: pool.paint_parts(
            pool.Part(World(nouns, art, _ONE, tinted=0.0, styled=0.0, held_out=0.0), 7500, tests)
        )
        for name, nouns, art in (
            ("held_out", HELD_OUT, {"flat": 1.0}),
            ("held_out_all_sets", HELD_OUT, World().art),
            ("target", SECOND, {"flat": 1.0}),
            ("all", NAMES, World().art),
        )
    }

    def loss(step: int) -> Tensor:
        picks = rng.integers(len(drawn.scenes), size=run.batch)
        images = pool.batch(drawn.images, picks)
        images = pool.augment(images.flip(3) if step % 2 else images, generator)
        return F.cross_entropy(net(images).float(), classes[picks], label_smoothing=0.05)

    def report(weights: dict[str, Tensor]) -> dict[str, float]:
        tested = make()
        load({"net": tested}, weights)
        return {name: accuracy(tested, pictures) for name, pictures in unseen.items()}

    return fit("classifier", {"net": net}, loss, report, folder, run)


@torch.no_grad()
def accuracy(net: ClassifierNet, pictures: pool.Pool) -> float:
    """Return the share of pictures whose one object is named rightly."""
    images = torch.from_numpy(pictures.images).permute(0, 3, 1, 2).float() / 255
    named = torch.cat([net(chunk).argmax(1) for chunk in images.split(100)]).tolist()
    return float(np.mean([NAMES[k] == s.things[0].noun for k, s in zip(named, pictures.scenes, strict=True)]))
