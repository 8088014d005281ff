"""A well-spread first batch against a plain one: how far apart its latents and, what matters, its pictures are.

    python -m benchmarks.spread [batches]

Pictures are told apart by `judge`: one minus the cosine, mean over all pairs of a batch, and to the nearest other one.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import Tensor

from benchmarks.timing import seconds, write
from guidewidgets.engine import Engine
from guidewidgets.evolve import spread
from guidewidgets.evolve.spread import low_pass
from guidewidgets.vision.embedded import judge

N = 12
PROMPTS = ("a fox on a beach", "a house", "a cat and a tree")


def apart(vectors: np.ndarray) -> tuple[float, float]:
    """Mean distance of all pairs, and to the nearest other, of unit vectors (n, D)."""
    cosines = vectors @ vectors.T
    pairs = cosines[~np.eye(len(vectors), dtype=bool)].reshape(len(vectors), -1)
    return float(1 - pairs.mean()), float(1 - pairs.max(axis=1).mean())


def main(batches: int = 20) -> None:
    """Measure pairs of batches and write."""
    engine, eyes = Engine.load(), judge()
    rows: dict[str, list[tuple[float, float, float, float]]] = {"plain": [], "spread": []}
    for i in range(batches):
        prompt = PROMPTS[i % len(PROMPTS)]
        both: dict[str, Tensor] = {
            "plain": engine.noise(N, seed=i),
            "spread": spread(N, engine.latent_shape, seed=i)[0],
        }
        for name, latents in both.items():
            images = engine.render(latents, prompt, steps=8)
            with torch.no_grad():
                looks = eyes.images(images).double().numpy()
            rows[name].append((*apart(low_pass(latents)), *apart(looks)))
    kinds = ("latents_all", "latents_nearest", "pictures_all", "pictures_nearest")
    figures: dict[str, object] = {"batches": batches, "n": N}
    plain, wide = np.array(rows["plain"]), np.array(rows["spread"])
    for k, kind in enumerate(kinds):
        gain = wide[:, k] / plain[:, k]
        error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if batches > 1 else None
        figures[kind] = {
            "plain": round(float(plain[:, k].mean()), 4),
            "spread": round(float(wide[:, k].mean()), 4),
            "ratio_mean": round(float(gain.mean()), 3),
            "ratio_standard_error": None if error is None else round(error, 3),
        }
    figures["seconds_for_12"] = round(
        min(seconds(lambda: spread(N, engine.latent_shape)) for _ in range(3)), 3
    )
    figures["seconds_for_50_at_512_px"] = round(seconds(lambda: spread(50, (4, 64, 64))), 3)
    write("spread", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
