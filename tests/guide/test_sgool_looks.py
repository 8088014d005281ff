"""Where SGOOL looks: how often, how much of it is kept, and what is changed under way."""

from __future__ import annotations

import math

import pytest
import torch
from test_sgool import LEFT, OBJECTIVE, Fixed, losses, pictures

from guidewidgets.guide import Attend, MeanColour, sgool
from guidewidgets.region import Region
from guidewidgets.vision.saliency import Cut, Painted

# Where it looks


def maps_over_time(eye, **attend):
    first, second = torch.zeros(1, 16, 16), torch.zeros(1, 16, 16)
    first[:, :8], second[:, 8:] = 1.0, 1.0
    source = Fixed(first, second, first, second, first)
    one, seen = losses(eye, source, **attend), []
    for index in range(4):
        one.terms(pictures(), index)
        seen.append(one.focus().maps[0, 0, 0].item())
    return source.looks, seen


def test_every_step_every_k_and_frozen(eye):
    assert maps_over_time(eye) == (4, [1, 0, 1, 0])
    assert maps_over_time(eye, every=2) == (2, [1, 1, 0, 0])
    assert maps_over_time(eye, every=0) == (1, [1, 1, 1, 1])


def test_keeping_part_of_the_map_before(eye):
    looks, seen = maps_over_time(eye, keep=0.5)
    assert looks == 4
    assert seen == [1, 0.5, 0.75, 0.375]


def test_random_boxes_are_the_same_size_elsewhere(eye):
    real, random = losses(eye), losses(eye, control="random", seed=4)
    x = pictures()
    real.terms(x, 0), random.terms(x, 0)
    ((a,),), ((b,),) = real.focus().boxes, random.focus().boxes
    assert a.area == b.area
    assert (a.top, a.left) != (b.top, b.left)


def test_what_was_painted_is_followed(seeing):
    """The same seed, painted left or right: the colour goes where the paint is. Paired over seeds, sign test."""
    left, right = Painted(Region.box(0, 0, 0.5, 1)), Painted(Region.box(0.5, 0, 1, 1))
    objective = MeanColour((1, 0.2, 0.2))
    noises = torch.cat([seeing.noise(1, seed) for seed in range(12)])
    how = {"sampling_steps": 2, "lr": 0.1, "attend": Attend(whole=0, cut=Cut(blur=0, margin=0, square=False))}
    falls = []
    for paint in (left, right):
        first, *_, last = sgool(seeing, noises, "a cat", objective, paint, 4, **how)
        before, after = (objective.bind(None)(step.image[..., :, :8]) for step in (first, last))
        falls.append(before - after)
    # 12 of 12, or 11: p = 13/4096 < 0.01.
    assert (falls[0] > falls[1]).sum() >= 11


def test_weights_change_while_it_runs(seeing):
    run = sgool(
        seeing, seeing.noise(1), "a cat", OBJECTIVE, LEFT, 3, sampling_steps=2, attend=Attend(salient=0)
    )
    assert "salient" not in next(run).losses
    run.change(weights={"salient": 2.0, "whole": 0.5}, lr=0.2)
    step = next(run)
    terms = run.records[-1].terms
    assert math.isclose(step.losses["salient"], 2 * terms["salient"].item(), rel_tol=1e-6)
    assert math.isclose(
        step.losses["ClipText('a fox')"], 0.5 * terms["ClipText('a fox')"].item(), rel_tol=1e-6
    )
    assert run.best().index == 1  # what has no salient term cannot be compared with it
    assert run.plan.lr == 0.2


# Refusals


@pytest.mark.parametrize(
    "changes",
    [{"reduce": "max"}, {"kind": "love"}, {"every": -1}, {"keep": 1.0}, {"control": "worst"}, {"seed": -1}],
)
def test_bad_rules(changes):
    with pytest.raises(ValueError, match="expected"):
        Attend(**changes)


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"weights": {"magic": 1.0}}, TypeError, "no part 'magic'"),
        ({"weights": {"salient": float("nan")}}, ValueError, "expected a finite number"),
        ({"weights": {"salient": "much"}}, TypeError, "expected a number"),
        ({"optimizer": "momentum"}, TypeError, "unknown argument optimizer"),
        ({"lr": -1}, ValueError, "lr=-1"),
        ({"steps": -1}, ValueError, "steps=-1"),
    ],
)
def test_bad_changes_change_nothing(seeing, change, kind, says):
    run = sgool(seeing, seeing.noise(1), "a cat", OBJECTIVE, LEFT, 2, sampling_steps=2)
    before = dict(run.losses.weights), run.plan, run.updates
    with pytest.raises(kind, match=says):
        run.change(**change)
    assert (dict(run.losses.weights), run.plan, run.updates) == before
