"""Paint docs/mosaic.png: three parents, and what Voronoi crossover makes of their noise.

Usage: python docs/mosaic.py ["a prompt"] [seed]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import ListedColormap

import guidewidgets as gw
from guidewidgets.evolve import voronoi_crossover

mpl.use("agg")

# Okabe-Ito, told apart by colour-blind readers too; grey is fresh noise.
COLOURS = ("#0072B2", "#E69F00", "#009E73")
GREY = "#BBBBBB"
CHILDREN = 6


def main(prompt: str, seed: int) -> None:
    """Render and save."""
    session = gw.Session(prompt, seed=seed)
    session.sample(12).wait()
    session.star(1, 4, 7)
    children = session.cross(n=CHILDREN).wait()
    recipe = children[0].recipe
    parents = [session[i] for i in recipe.parent_ids]
    _, owners = voronoi_crossover(
        [p.genome.latent for p in parents],
        CHILDREN,
        recipe.parameters["cells"],
        recipe.parameters["fresh"],
        recipe.seed,
    )
    figure, axes = plt.subplots(2, len(parents) + CHILDREN, figsize=(11, 2.75), dpi=110)
    shades = ListedColormap([GREY, *COLOURS])
    for k, parent in enumerate(parents):
        show(axes[0, k], parent.image, f"parent {parent.id}", COLOURS[k])
        solid = np.full(owners.shape[1:], k)
        show(axes[1, k], solid, "", COLOURS[k], cmap=shades)
    for k, child in enumerate(children):
        column = len(parents) + k
        show(axes[0, column], child.image, f"child {child.id}", "none")
        show(axes[1, column], owners[k], "", "none", cmap=shades)
    axes[1, 0].set_ylabel("where the noise\ncomes from", fontsize=8)
    figure.tight_layout(pad=0.4)
    figure.savefig(Path(__file__).with_name("mosaic.png"))


def show(axis: plt.Axes, picture: object, title: str, frame: str, cmap: ListedColormap | None = None) -> None:
    """One picture or map with a coloured frame."""
    axis.imshow(picture, cmap=cmap, vmin=-1, vmax=2, interpolation="bicubic" if cmap is None else "nearest")
    axis.set_title(title, fontsize=9)
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set(edgecolor=frame, linewidth=3)


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else "a fox on a beach", int(sys.argv[2]) if len(sys.argv) > 2 else 0
    )
