"""The simulated user's arithmetic, and its ways, on latents alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.study.report import figures, looked_at, per_scene, threshold
from benchmarks.study.ways import WAYS, Seen, precision
from guidewidgets.engine.samplers.noise import draw

SHAPE = (4, 16, 16)


def test_near_is_what_one_image_in_so_many_reaches():
    pool = list(np.linspace(0, 1, 1001))
    assert threshold(pool, 100) == pytest.approx(0.99, abs=0.002)


def test_those_who_give_up_count():
    rows = [looked_at([0.1, 0.5, 0.9], 0.5, 12), looked_at([0.1, 0.2, 0.3], 0.5, 12)]
    assert rows == [(24, True), (36, False)]
    assert per_scene(rows) == 60
    assert per_scene([(36, False)]) == float("inf")


def test_re_rolling_is_told_to_cost_what_it_costs(monkeypatch):
    """Walks of plain chance: the interval of images per scene found holds the exact figure (95 %, seeded)."""
    monkeypatch.setattr("benchmarks.study.report.RESAMPLES", 300)
    rng = np.random.default_rng(0)
    runs, pool = {}, np.linspace(0, 1, 5001).tolist()
    for i in range(200):
        best = np.maximum.accumulate(rng.random((10, 12)).max(axis=1)).tolist()
        walk = {"best": best, "cosine": [0.0] * 10, "precision": [], "guided": {}}
        # A pool as if endless: one of a few hundred puts "near" a little too far, to the disadvantage of all ways.
        runs[str(i)] = {"pool": pool, **dict.fromkeys(WAYS, walk)}
    told = figures(runs, 12)
    exact = told["rerolling_images_per_scene_exact"]
    assert exact == pytest.approx(12 / (1 - (1 - 1 / 120) ** 12), abs=0.1)
    low, high = told["ways"]["random"]["images_interval"]
    assert low < exact < high
    assert 0.8 < told["ways"]["random"]["times_fewer_than_rerolling"] < 1.25


@pytest.mark.parametrize("name", list(WAYS))
def test_every_way_gives_ordinary_latents(name):
    """A user on latents alone; each way goes on from what was picked, with a spread of one."""
    way, again = WAYS[name]
    wish = draw(1, SHAPE, 5)[0].flatten()
    seen = Seen(SHAPE, 12, lambda x: x.flatten(1)[:, :64].double().numpy())
    x = draw(12, SHAPE, 0)
    values = torch.empty(0)
    for r in range(4):
        shown = [] if r == 0 else seen.picks[-1][:again]
        count = 12 - len(shown)
        x = x if r == 0 else way(seen, count, 100 + r)
        assert x.shape == (count, *SHAPE)
        assert 0.8 < x.std() < 1.2
        new = list(range(len(values), len(values) + count))
        values = torch.cat([values, x.flatten(1) @ wish])
        seen.latents = x if r == 0 else torch.cat([seen.latents, x])
        seen.features = seen.latents.flatten(1)[:, :64].double().numpy()
        batch = [*shown, *new]
        seen.batches.append(batch)
        seen.picks.append([batch[i] for i in values[batch].topk(3).indices.tolist()])
    assert all(0 <= p <= 1 and 0 < c <= 1 for p, c in precision(seen))
