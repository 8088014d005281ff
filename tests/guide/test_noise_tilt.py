"""NoiseTilt: a Gaussian whose walk can be worked out, noise that stays noise, and plain sampling where it is off."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from gaussian import S, best, schedule

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.guide import MeanColour, Symmetry, noise_tilt
from guidewidgets.guide.noise_tilt import tilted, tilted_noise, walk
from guidewidgets.guide.preconditioning import white
from guidewidgets.guide.whiteness import bands

# Pictures from N(m, s²): x̂_0 and ε are linear in x_t, so is every step, and a linear loss has the same gradient all the
# way. Then the walk is linear in its noises, which can be summed apart from any code of ours but W.
SCHEDULE = schedule((0.02, 0.1, 0.2, 0.4, 0.8, 1.0))
SHAPE = (2, 8, 8)


def linear(a):
    """A loss that falls along a."""
    return lambda z, _k: (z[:, :1], {"loss": -(z * a).sum((1, 2, 3))})


def ended(n, a, tilt):
    sampler = make_sampler("ddpm", SCHEDULE, seeds=range(n))
    x = draw(n, SHAPE, 0).double()
    *_, (last, _, _) = walk(sampler, best, x, linear(a), lambda terms: terms["loss"], tilt, nullcontext())
    return last


def gains():
    """What noise of the standard deviation 1 in each tilted step is multiplied by until the end."""
    found = []
    for k, stride in enumerate(SCHEDULE.strides[:3]):  # those that end with more noise than picture
        now, then = stride.now, stride.then
        gain = (
            then.sigma**2 / now.sigma**2 * (1 - now.alpha**2 / then.alpha**2)
        ) ** 0.5  # √ of the paper's β̃
        for later in SCHEDULE.strides[k + 1 :]:
            t, s = later.now, later.then
            clean = S**2 * t.alpha / (t.alpha**2 * S**2 + t.sigma**2)
            v = s.sigma**2 / t.sigma**2 * (1 - t.alpha**2 / s.alpha**2)
            direction = max(0.0, s.sigma**2 - v) ** 0.5
            gain *= s.alpha * clean + direction * (1 - t.alpha * clean) / t.sigma
        found.append(gain)
    return found


def test_a_gaussian_moves_as_it_must():
    """Tilted wholly, the early steps leave nothing to chance, and every picture moves by the same sum along W(a)."""
    a = draw(1, SHAPE, 7).double()[0]
    toward = white(a)
    plain = ended(300, a, 0.0)
    noiseless = ended(300, a, 1.0) - sum(gains()) * toward
    assert noiseless.std(0).max() < plain.std(0).min()
    back = ended(300, -a, 1.0) + sum(gains()) * toward
    assert torch.allclose(noiseless, back, atol=1e-9)
    # What is left is plain sampling with less noise: the same mean, within 5 standard errors of each number.
    error = (noiseless.var(0) + plain.var(0)).sqrt() / 300**0.5
    assert ((noiseless.mean(0) - plain.mean(0)).abs() / error).max() < 5


@pytest.mark.parametrize("tilt", [0.25, 0.5, 0.9])
def test_each_picture_moves_by_its_tilt_alone(tilt):
    """The mean is unchanged: beside plain sampling of the same noises only √(1 - τ²) z - z and τ W(a) are added."""
    a = draw(1, SHAPE, 7).double()[0]
    forth, back, plain = ended(20, a, tilt), ended(20, -a, tilt), ended(20, a, 0.0)
    assert torch.allclose((forth - back) / 2, (tilt * sum(gains()) * white(a)).expand_as(forth), atol=1e-9)
    start = ended(20, a, 1.0) - sum(gains()) * white(a)  # without the noise of the tilted steps
    assert torch.allclose((forth + back) / 2 - start, (1 - tilt**2) ** 0.5 * (plain - start), atol=1e-9)


def test_no_tilt_is_ancestral_sampling(seeing):
    x = seeing.noise(2, seed=1)
    steps = list(noise_tilt(seeing, x, "a cat", Symmetry(), 0.0, sampling_steps=4, guidance=3.0))
    assert [s.index for s in steps] == [1, 2, 3, 4]
    plain = seeing.render(x, "a cat", steps=4, guidance=3.0, sampler="ddpm")
    assert (steps[-1].image - plain).abs().max() < 1e-5  # √v z, divided by √v and multiplied again


def test_tilted_noise_has_the_power_of_noise():
    """In every block: its expectation is exact, its mean over 400 draws within 5 standard errors."""
    z = draw(400, (4, 16, 16), 0).double()
    g = 1e-7 * torch.nn.functional.avg_pool2d(draw(400, (4, 16, 16), 1), 7, 1, 3).double()
    power = torch.fft.fft2(tilted_noise(z, g, 0.6), norm="ortho").abs().square()
    block = bands(16, 16)
    for b in range(7):
        inside = power[..., block == b].mean(-1)
        assert (inside.mean(0) - 1).abs().max() < 5 * (2 / (400 * int((block == b).sum()))) ** 0.5
    nowhere = torch.zeros_like(g)
    assert torch.equal(tilted_noise(z, nowhere, 0.6), z)


def test_the_loss_falls_with_the_tilt(seeing):
    x, objective = seeing.noise(3, seed=3), MeanColour((1, 0, 0))
    after = [
        objective.bind(None)(
            list(noise_tilt(seeing, x, "a cat", objective, tilt, sampling_steps=8))[-1].image
        )
        .mean()
        .item()
        for tilt in (0.0, 1.0)
    ]
    assert after[1] < after[0]


def test_it_says_how_the_guess_is_doing(seeing):
    objective = 2 * Symmetry() + MeanColour((0, 0, 0))
    steps = list(noise_tilt(seeing, seeing.noise(1), "a cat", objective, sampling_steps=3))
    assert all(list(s.losses) == ["Symmetry", "MeanColour(0, 0, 0)"] for s in steps)
    assert all(s.loss == pytest.approx(sum(s.losses.values())) for s in steps)
    final = 2 * Symmetry().bind(None)(steps[-1].image) + MeanColour((0, 0, 0)).bind(None)(steps[-1].image)
    assert steps[-1].loss == pytest.approx(final.item(), rel=1e-5)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"tilt": -0.1}, "tilt=-0.1"),
        ({"tilt": 1.5}, "tilt=1.5"),
        ({"sampling_steps": 0}, "steps=0"),
    ],
)
def test_refusals(seeing, kwargs, says):
    with pytest.raises(ValueError, match=says):
        noise_tilt(seeing, seeing.noise(1), "a cat", Symmetry(), **kwargs)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"sampler": "ddim"}, "sampler='ddim' adds no noise to tilt"),
        ({"sampler": "ddpm", "sampler_parameters": {"eta": 0.0}}, "'ddpm' with eta=0 adds no noise"),
        ({"sampler": "ddpm", "corrector": {"steps": 1, "size": 0.1}}, "a corrector"),
    ],
)
def test_walks_without_noise_to_tilt(seeing, settings, says):
    from guidewidgets.guide.losses import Losses

    genomes = seeing.genomes(seeing.noise(1), "a cat", 3, **settings)
    with pytest.raises(ValueError, match=says):
        tilted(seeing, genomes, Losses(Symmetry(), None), 0.5)
