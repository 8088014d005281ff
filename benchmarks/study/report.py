"""From runs to numbers with intervals, and a figure.

Users stop after the same number of images, near or not, so what is known of a way is how many scenes are found by each
number of images. These figures come from that, and none guesses when those who stopped would have found theirs:

- images per scene found: all images looked at, by those who gave up too, over the scenes found. By renewal and reward
  it is what a scene costs in the long run to somebody who gives up after ten batches and turns to the next one.
- what a part adds: how many times fewer images per scene found than without it, on the same scenes;
- the median: images by which half of the scenes are found (Kaplan and Meier's estimate, where all stop at one time).

Intervals resample scenes, the same for all ways.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.study.ways import WAYS
from benchmarks.timing import RESULTS, write

RESAMPLES = 4000
PARTS = (
    ("Voronoi cells, over pixel by pixel", "Voronoi", "uniform crossover"),
    ("the learned taste", "Voronoi + taste", "Voronoi"),
)
"""What is added, the way with it, and the way without."""
COLOURS = ("#8c8c8c", "#56b4e9", "#f0e442", "#cc79a7", "#0072b2", "#d55e00", "#009e73")


def threshold(pool: list[float], images: int) -> float:
    """The similarity that one random image in `images` reaches, on average over pools."""
    return float(np.quantile(pool, 1 - 1 / images, method="weibull"))


def looked_at(best: list[float], near: float, batch: int) -> tuple[int, bool]:
    """(images looked at until one is near or the user gives up, whether one was)."""
    for r, value in enumerate(best):
        if value >= near:
            return (r + 1) * batch, True
    return len(best) * batch, False


def per_scene(rows: list[tuple[int, bool]]) -> float:
    """Images looked at for each scene found, those of users who gave up included."""
    found = sum(hit for _, hit in rows)
    return sum(count for count, _ in rows) / found if found else float("inf")


def median(rows: list[tuple[int, bool]]) -> float:
    """Images by which half of the scenes are found; infinite where fewer are."""
    found = sorted(count if hit else float("inf") for count, hit in rows)
    return found[(len(found) - 1) // 2]


def interval(values: list[float]) -> list[float | None]:
    """The middle 95 % of resampled values."""
    low, high = np.quantile(np.array(values), [0.025, 0.975], method="nearest")
    return [round(float(x), 3) if np.isfinite(x) else None for x in (low, high)]


def figures(runs: dict[str, Any], batch: int) -> dict[str, Any]:
    """All numbers, by way."""
    done = [run for run in runs.values() if "pool" in run]
    names = [name for name in WAYS if all(name in run for run in done)]
    rounds = len(done[0][names[0]]["best"])
    near = [threshold(run["pool"], rounds * batch) for run in done]
    rows = {
        name: [looked_at(run[name]["best"], n, batch) for run, n in zip(done, near, strict=True)]
        for name in names
    }
    rng = np.random.default_rng(0)
    samples = rng.integers(len(done), size=(RESAMPLES, len(done)))
    # What re-rolling costs is known exactly: one image in rounds · batch is near, batch by batch.
    miss = (1 - 1 / (rounds * batch)) ** batch
    reroll = batch / (1 - miss)
    reroll_median = batch * int(np.ceil(np.log(0.5) / np.log(miss)))
    told: dict[str, Any] = {}
    costs: dict[str, list[float]] = {}
    for name in names:
        again = costs[name] = [per_scene([rows[name][i] for i in sample]) for sample in samples]
        z = np.array([_z(run, run[name]["best"]) for run in done])
        told[name] = {
            "images_per_scene_found": round(per_scene(rows[name]), 1),
            "images_interval": interval(again),
            "times_fewer_than_rerolling": round(reroll / per_scene(rows[name]), 2),
            "times_fewer_interval": interval([reroll / x for x in again]),
            "median_images": _finite(median(rows[name])),
            "median_interval": interval([median([rows[name][i] for i in sample]) for sample in samples]),
            "found": sum(hit for _, hit in rows[name]),
            "z_of_best": [round(float(v), 2) for v in z.mean(0)],
            "z_of_best_interval": interval([float(z[s, -1].mean()) for s in samples]),
            "cosine_of_a_batch": [round(float(v), 3) for v in _mean(done, name, "cosine")],
        }
    return {
        "scenes": len(done),
        "rounds": rounds,
        "rerolling_images_per_scene_exact": round(reroll, 1),
        "rerolling_median_images_exact": reroll_median,
        "ways": told,
        "what each part adds": {
            what: {
                "times_fewer": round(per_scene(rows[without]) / per_scene(rows[name]), 2),
                "interval": interval([a / b for a, b in zip(costs[without], costs[name], strict=True)]),
            }
            for what, name, without in PARTS
            if {name, without} <= costs.keys()
        },
        "taste": _taste(done, names),
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _z(run: dict[str, Any], best: list[float]) -> list[float]:
    return [(value - np.mean(run["pool"])) / np.std(run["pool"]) for value in best]


def _mean(done: list[dict[str, Any]], name: str, what: str) -> np.ndarray:
    return np.array([run[name][what] for run in done]).mean(0)


def _taste(done: list[dict[str, Any]], names: list[str]) -> dict[str, Any]:
    """How often the taste's top three of a batch were picked, against chance; from the sixth batch on."""
    told: dict[str, Any] = {}
    sources = [(name, name) for name in ("Voronoi", "Voronoi + taste") if name in names]
    for label, name in [*sources, ("picks by the dice", "dice")]:
        pairs = [run[name]["precision"] for run in done if name in run]
        late = np.array([p for one in pairs for p in one[4:]] or [p for one in pairs for p in one])
        if len(late):
            rng = np.random.default_rng(1)
            again = [late[rng.integers(len(late), size=len(late))].mean(0) for _ in range(RESAMPLES)]
            told[label] = {
                "precision_of_top_3": round(float(late[:, 0].mean()), 3),
                "chance": round(float(late[:, 1].mean()), 3),
                "times_chance": round(float(late[:, 0].mean() / late[:, 1].mean()), 2),
                "times_chance_interval": interval([float(a[0] / a[1]) for a in again]),
                "batches": len(late),
            }
    return told


def write_report(runs: dict[str, Any], batch: int, options: argparse.Namespace) -> dict[str, Any]:
    """Numbers beside the other results, and the figure."""
    told = figures(runs, batch) | {"strides": options.strides}
    write("simulated_user", told)
    draw(runs, told, batch, RESULTS / "simulated_user.png")
    return told


def draw(runs: dict[str, Any], told: dict[str, Any], batch: int, path: Path) -> None:
    """Scenes found by images looked at; how near the best is; how alike the images of a batch are."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    done = [run for run in runs.values() if "pool" in run]
    near = [threshold(run["pool"], told["rounds"] * batch) for run in done]
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), dpi=110, layout="constrained")
    looks = batch * np.arange(1, told["rounds"] + 1)
    for name, colour in zip(told["ways"], COLOURS, strict=False):
        style = {"color": colour, "lw": 2.4 if name.startswith("Voronoi") else 1.5}
        reached = np.array([[b >= n for b in run[name]["best"]] for run, n in zip(done, near, strict=True)])
        z = np.array([_z(run, run[name]["best"]) for run in done])
        axes[0].step([0, *looks], [0, *(100 * reached.mean(0))], where="post", label=name, **style)
        axes[1].plot(looks, z.mean(0), label=name, **style)
        error = z.std(0, ddof=1) / np.sqrt(len(z)) if len(z) > 1 else np.zeros(z.shape[1])
        axes[1].fill_between(looks, z.mean(0) - error, z.mean(0) + error, color=colour, alpha=0.15, lw=0)
        axes[2].plot(looks, told["ways"][name]["cosine_of_a_batch"], label=name, **style)
    axes[2].axhline(0.95, color="black", lw=0.8, ls=":")
    titles = (
        "scenes found, %",
        "best so far, in standard deviations\nof random images (± standard error)",
        "mean pairwise cosine of a batch's latents\n(dotted: 0.95, practically one image)",
    )
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("images looked at")
        axis.set_xlim(0, looks[-1])
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(0, 101)
    axes[0].legend(fontsize=8, frameon=False)
    figure.savefig(path)
    plt.close(figure)
