"""One user on one way: asks for latents, looks at what became of them, picks; and many such users side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.study.targets import Target
from benchmarks.study.ways import PICKS, WAYS, Seen, precision
from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.session.preference.features import features

BATCH = 12
SKETCH = 4  # strides; to pictures of six they are what a session's five are to its twenty
TOGETHER = 120
DICE = "dice"
"""The control: our Voronoi crossover from picks by the dice."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Paints latents and looks at the pictures.

    Attributes:
        engine: paints.
        strides: of the model's usual walk, for all pictures alike.
        judge: the user's eyes, an encoder of images.
    """

    engine: Engine
    strides: int
    judge: Any

    def paint(self, x: Tensor, prompt: str, strides: int | None = None) -> Tensor:
        """Images (n, 3, H, W)."""
        parts = []
        for part in x.split(TOGETHER):
            *_, step = self.engine.sample(self.engine.genomes(part, prompt), strides=strides or self.strides)
            parts.append(self.engine.decode(step.x).float())
        return torch.cat(parts)

    def near(self, images: Tensor, target: Target) -> np.ndarray:
        """Cosines (n,) of images to the target, as the user sees them."""
        with torch.no_grad():
            seen = self.judge.images(torch.cat([images, target.image[None]]))
        return (seen[:-1] @ seen[-1]).double().numpy()

    def look(self, images: Tensor) -> np.ndarray:
        """Features (n, D), as the session sees them."""
        return np.stack(features(self.engine, images))


class Walk:
    """One user on one way."""

    def __init__(self, eyes: Eyes, target: Target, name: str) -> None:
        self.name, self._target = name, target
        self._way, self._again = WAYS["Voronoi" if name == DICE else name]
        self._dice = np.random.default_rng((target.index, 3)) if name == DICE else None
        self.seen = Seen(
            eyes.engine.latent_shape, BATCH, lambda x: eyes.look(eyes.paint(x, target.prompt, SKETCH))
        )
        self.values = np.empty(0)
        self.best: list[float] = []

    def ask(self) -> Tensor:
        """Latents of the new images of the next batch; those that are shown again are painted already."""
        r = len(self.best)
        shown = 0 if r == 0 else self._again
        return self._way(self.seen, BATCH - shown, seed_of(self._target, 1, r))

    def tell(self, x: Tensor, values: np.ndarray, looks: np.ndarray) -> None:
        """What became of them: how near they are to the target (n,), and their features (n, D)."""
        seen, start = self.seen, len(self.values)
        shown = seen.picks[-1][: self._again] if seen.picks else []
        self.values = np.concatenate([self.values, values])
        seen.latents = torch.cat([seen.latents, x]) if start else x
        seen.features = np.concatenate([seen.features, looks]) if start else looks
        batch = [*shown, *range(start, start + len(x))]
        order = (
            np.argsort(-self.values[batch], kind="stable")
            if self._dice is None
            else self._dice.permutation(len(batch))
        )
        seen.batches.append(batch)
        seen.picks.append([batch[i] for i in order[:PICKS]])
        self.best.append(float(self.values.max()))

    def told(self) -> dict[str, Any]:
        """What the report needs to know, as JSON data."""
        return {
            "best": self.best,
            "cosine": [likeness(self.seen.latents[batch]) for batch in self.seen.batches],
            "precision": precision(self.seen) if self.name in ("Voronoi", "Voronoi + taste", DICE) else [],
            "guided": self.seen.memory.get("guided", {}),
        }


def walk(eyes: Eyes, target: Target, names: Sequence[str], rounds: int) -> dict[str, dict[str, Any]]:
    """Users on several ways, round by round, their batches painted together; all begin with the same images."""
    walks = [Walk(eyes, target, name) for name in names]
    for r in range(rounds):
        if r == 0:
            asked = [draw(BATCH, eyes.engine.latent_shape, seed_of(target, 0, 0))]
        else:
            asked = [one.ask() for one in walks]
        images = eyes.paint(torch.cat(asked), target.prompt)
        values, looks, at = eyes.near(images, target), eyes.look(images), 0
        for i, one in enumerate(walks):
            x = asked[0 if r == 0 else i]
            one.tell(x, values[at : at + len(x)], looks[at : at + len(x)])
            at += 0 if r == 0 else len(x)
    return {one.name: one.told() for one in walks}


def pool(eyes: Eyes, target: Target, count: int) -> list[float]:
    """How near random images are that nobody picks from."""
    x = draw(count, eyes.engine.latent_shape, seed_of(target, 7, 0))
    return eyes.near(eyes.paint(x, target.prompt), target).tolist()


def likeness(latents: Tensor) -> float:
    """Mean pairwise cosine of a batch's latents."""
    flat = torch.nn.functional.normalize(latents.flatten(1), dim=1)
    n = len(flat)
    return float(((flat @ flat.T).sum() - n) / (n * (n - 1)))


def seed_of(target: Target, stream: int, r: int) -> int:
    """A seed of its own for every scene, stream and round."""
    return (target.index * 16 + stream) * 1000 + r
