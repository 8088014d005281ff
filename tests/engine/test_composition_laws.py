"""What composed sampling does to distributions that are known in closed form.

Errors of estimated means and variances are 3 standard errors wide, plus a stated share for the finite steps.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
import torch
from analytic import Mixture, gaussian, karras, sample
from mixed import WHOLE

from guidewidgets.engine.guidance.negation import Track
from guidewidgets.prompt import Prompt

N = 4000
STEPS = 200
EULER = 0.01  # of DDIM in 200 steps, relative: measured 0.4 % of the variance


def agrees(x, mean, variance, errors=3.0, slack=EULER):
    """Whether samples (n,) have a mean and a variance, up to standard errors."""
    n, spread = len(x), variance**0.5
    assert abs(x.mean() - mean) <= errors * spread / n**0.5 + slack * spread, (x.mean(), mean)
    assert abs(x.var() - variance) <= errors * variance * (2 / n) ** 0.5 + 2 * slack * variance, (
        x.var(),
        variance,
    )


def test_factorised_concepts_compose_exactly():
    # Each concept says something of its own coordinate only: the projective composition of Bradley et al. 2025.
    world = {"": gaussian((0, 0), 1.0), "a": gaussian((2, 0), (0.25, 1)), "b": gaussian((0, -1), (1, 0.25))}
    x = sample(world, "a AND b", N, STEPS)
    agrees(x[:, 0], 2.0, 0.25)
    agrees(x[:, 1], -1.0, 0.25)


# Isotropic Gaussians of variances c, summed with coefficients a (Σ a = 1): the walk along the summed scores ends with
# variance Π c^a, the product itself has 1/Σ(a/c).
SUMS = [
    ("a AND b", {"": 4.0, "a": 1.0, "b": 0.5}, 0.125, 1 / 2.75),
    ("a AND NOT b", {"": 4.0, "a": 1.0, "b": 2.0}, 2.0, 1 / 0.75),
    ("a ::3", {"": 1.0, "a": 0.5}, 0.125, 0.25),
]


@pytest.mark.parametrize(("prompt", "variances", "walked", "product"), SUMS)
def test_the_walk_ends_beside_the_product(prompt, variances, walked, product):
    world = {name: gaussian((0, 0), variance) for name, variance in variances.items()}
    x = sample(world, prompt, N, STEPS)
    agrees(x.flatten(), 0.0, walked)
    # The bias is no sampling error: tens of standard errors lie between the two.
    assert abs(x.var() - product) > 20 * product * (2 / x.numel()) ** 0.5


SHIFTED = {"": gaussian((0, 0), 4.0), "a": gaussian((1, 0), 1.0), "b": gaussian((-1, 1), 0.5)}
PRODUCT = ((-0.364, 0.727), 1 / 2.75)  # Λ = -1/4 + 1 + 2, μ = Λ⁻¹(1·(1,0) + 2·(-1,1))
WALKED = ((-0.185, 0.734), 0.125)


def test_without_the_corrector_means_are_biased_too():
    x = sample(SHIFTED, "a AND b", N, STEPS)
    for axis in (0, 1):
        agrees(x[:, axis], WALKED[0][axis], WALKED[1])
    assert abs(x[:, 0].mean() - PRODUCT[0][0]) > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["ddim", "obelm", "dpmpp-2m", *["edict", "bdia", "ddpm"] * WHOLE])
def test_the_corrector_reaches_the_product(sampler):
    corrector = {"steps": 20, "size": 0.2}
    x = sample(
        SHIFTED, "a AND b", N, corrector=corrector, schedule=karras(60, least=0.02), sampler=sampler, seed=1
    )
    for axis in (0, 1):
        # Three standard errors and nothing else: steps of size 0.2 leave less.
        agrees(x[:, axis], PRODUCT[0][axis], PRODUCT[1], slack=0.0)


def test_many_weights_sharpen_where_the_tilted_density_does_not():
    corners = [(2.0, 2.0), (2.0, -2.0), (-2.0, 2.0), (-2.0, -2.0)]
    quarter = [(0.25, 0.25)]
    world = {
        "": Mixture(corners, quarter * 4, [0.25] * 4),
        "right": Mixture(corners[:2], quarter * 2, [0.5] * 2),
        "top": Mixture([corners[0], corners[2]], quarter * 2, [0.5] * 2),
    }
    once, often = (sample(world, f"right ::{w} AND top ::{w}", 1000, STEPS) for w in (1, 7.5))
    agrees(once[:, 0], 2.0, 0.25)
    # What users see as burned pictures: the mode moves out and narrows, though the tilted density stays.
    assert 2.8 < often.mean() < 3.2
    assert often.var() < 0.1


MODES = {
    "": Mixture([(-2.0, 0.0), (2.0, 0.0)], [(1.0, 1.0)] * 2, [0.5, 0.5]),
    "left": gaussian((-2.0, 0.0), 1.0),
}


@pytest.mark.parametrize(("weight", "mean", "share"), [(0.25, 0.74, 0.59), (1, 3.68, 0.82), (2, 7.67, 0.93)])
def test_linear_not_leaks_and_overshoots(weight, mean, share):
    x = sample(MODES, f"NOT left ::{weight}", N, 150)[:, 0]
    assert abs(x.mean() - mean) < 0.05 * mean + 3 * x.std() / N**0.5
    assert abs((x > 0).double().mean() - share) < 0.01 + 3 * (share * (1 - share) / N) ** 0.5


@pytest.mark.slow
def test_dynamic_not_leaves_what_is_no_such_thing():
    # A logical NOT is N(2, 1), 97.7 % of it on the right; the tracked one knows what it has seen so far only.
    track = Track(prior=0.5, temperature=1.0)
    x = sample(MODES, "NOT left", 500, 50, "dynamic", track=track, sampler="ddpm", seed=3)[:, 0]
    assert (x > 0).double().mean() > 0.9
    assert abs(x.mean() - 2) < 0.4
    linear = sample(MODES, "NOT left", 500, 50, sampler="ddpm", seed=3)[:, 0]
    assert abs(linear.mean() - 2) > 1.2


def test_perp_not_spares_what_the_rest_asks_for():
    # The negated concept differs from what is asked for by one coordinate; in the other they want the same.
    world = {"": gaussian((0, 0), 4.0), "a": gaussian((3, 0), 1.0), "b": gaussian((3, 3), 1.0)}
    plain, linear, perp = (
        sample(world, prompt, 400, 60, negation)
        for prompt, negation in (("a", "linear"), ("a AND NOT b", "linear"), ("a AND NOT b", "perp"))
    )
    agrees(plain[:, 0], 3.0, 1.0, slack=0.03)
    assert linear[:, 0].mean() < 1.0  # the shared wish is taken back
    assert perp[:, 0].mean() > 2.0  # and here kept
    assert perp[:, 1].mean() < -1.0  # while the other is avoided


@pytest.mark.slow
@pytest.mark.parametrize(("weight", "mean", "variance"), [(0.5, -0.286, 1.143), (1, -0.667, 1.333)])
def test_not_has_a_domain(weight, mean, variance):
    # Base N(0, 4), a N(0, 1), b N(1, 2): proper while β < 4, μ = -(β/2)/(1 - β/4), variance 1/(1 - β/4).
    world = {"": gaussian((0, 0), 4.0), "a": gaussian((0, 0), 1.0), "b": gaussian((1, 0), 2.0)}
    corrector = {"steps": 20, "size": 0.2}
    x = sample(world, f"a AND NOT b ::{weight}", N, corrector=corrector, schedule=karras(60, least=0.02))
    agrees(x[:, 0], mean, variance, slack=0.02)


def test_outside_of_it_samples_run_away():
    world = {"": gaussian((0, 0), 4.0), "a": gaussian((0, 0), 1.0), "b": gaussian((1, 0), 2.0)}
    proper, improper = (
        sample(world, f"a AND NOT b ::{w}", 500, corrector={"steps": 10, "size": 0.2}, schedule=karras(60))
        for w in (1, 5)
    )
    assert improper.abs().mean() > 10 * proper.abs().mean()


def test_or_draws_its_branches_by_their_shares():
    prompt = Prompt.parse("cat ::3 OR dog OR {fox AND hat} ::2")
    n = 6000
    drawn = Counter(str(prompt.resolve(random.Random(f"0/{i}"))) for i in range(n))
    expected = {"cat": n / 2, "dog": n / 6, "fox AND hat": n / 3}
    chi = sum((drawn[name] - count) ** 2 / count for name, count in expected.items())
    assert set(drawn) == set(expected)
    assert chi < 13.8  # two degrees of freedom: one seed in a thousand is further off


def test_the_sum_is_the_same_in_whatever_the_network_predicts():
    # The coefficients sum to one, so any affine reading of the output commutes with the sum.
    generator = torch.Generator().manual_seed(0)
    eps = torch.randn(3, 5, generator=generator, dtype=torch.float64)
    x = torch.randn(5, generator=generator, dtype=torch.float64)
    alpha, sigma = 0.6, 0.8
    weights = torch.tensor([7.5, -3.0], dtype=torch.float64)

    def summed(values):
        return values[0] + (weights[:, None] * (values[1:] - values[0])).sum(0)

    clean = (x - sigma * eps) / alpha
    assert torch.allclose((x - sigma * summed(eps)) / alpha, summed(clean), atol=1e-13, rtol=0)
