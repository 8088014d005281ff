"""How alike siblings become: mean pairwise cosine of each generation, our defaults against the literal rule.

    python -m benchmarks.diversity [users]

A user on latents alone (nothing is painted): every 8 × 8 block of noise becomes one of six contents, liked is the share
of blocks that match a hidden map; 50 images, the best three are picked and shown again.
"""

from __future__ import annotations

import sys

import numpy as np
import torch

from benchmarks.timing import RESULTS, write
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import voronoi_crossover

SHAPE = (4, 64, 64)
GENERATIONS = 10
RULES = {"defaults": (None, None), "literal rule": (6, 0.0), "8 cells each, 5 % fresh": (24, 0.05)}


def curve(seed: int, cells: int | None, fresh: float | None) -> list[float]:
    """Mean pairwise cosine of the children of each generation, the first batch first."""
    rng = np.random.default_rng(seed)
    looks = torch.from_numpy(rng.normal(size=(6, 256))).float()
    wish = torch.from_numpy(rng.integers(6, size=64))

    def score(latents: torch.Tensor) -> torch.Tensor:
        blocks = latents.unfold(2, 8, 8).unfold(3, 8, 8).permute(0, 2, 3, 1, 4, 5).reshape(-1, 64, 256)
        return ((blocks @ looks.T).argmax(-1) == wish).float().mean(1)

    x = draw(50, SHAPE, seed)
    found = [_likeness(x)]
    for r in range(GENERATIONS):
        best = x[score(x).topk(3).indices]
        children, _ = voronoi_crossover(best, 47, cells=cells, fresh=fresh, seed=seed * 100 + r)
        found.append(_likeness(children))
        x = torch.cat([best, children])
    return found


def _likeness(latents: torch.Tensor) -> float:
    flat = torch.nn.functional.normalize(latents.flatten(1), dim=1)
    n = len(flat)
    return ((flat @ flat.T).sum().item() - n) / (n * (n - 1))


def main(users: int = 8) -> None:
    """Measure, write and draw."""
    curves = {name: np.array([curve(s, *rule) for s in range(users)]) for name, rule in RULES.items()}
    write(
        "diversity",
        {
            "users": users,
            "limit": 0.95,
            **{name: [round(float(v), 3) for v in rows.mean(0)] for name, rows in curves.items()},
        },
    )
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(5.5, 3.2), dpi=110, layout="constrained")
    for (name, rows), colour in zip(curves.items(), ("#0072b2", "#d55e00", "#009e73"), strict=True):
        axis.plot(rows.mean(0), "o-", color=colour, label=name)
    axis.axhline(0.95, color="black", lw=0.8, ls=":")
    axis.set(xlabel="generation", ylabel="mean pairwise cosine of siblings", ylim=(-0.05, 1.05))
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8)
    figure.savefig(RESULTS / "diversity.png")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
