"""EDICT, BDIA and O-BELM against their published updates and against themselves backwards."""

from __future__ import annotations

import math

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.base import Prediction, to_prediction
from guidewidgets.engine.samplers.coupled import BDIA, EDICT, OBELM
from guidewidgets.engine.samplers.ddim import DDIM
from guidewidgets.engine.samplers.grids import make_schedule
from guidewidgets.engine.samplers.registry import make_sampler

CONFIG = {
    "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "steps_offset": 1, "set_alpha_to_one": False, "prediction_type": "epsilon",
}  # fmt: skip


def mixture(x, stride, k):
    """The exact noise prediction for data from two Gaussians at ±2 with spread 0.3: nonlinear, smooth."""
    del k
    alpha, sigma = stride.now.alpha, stride.now.sigma
    variance = alpha**2 * 0.09 + sigma**2
    lean = torch.tanh(2 * alpha * x / variance)
    score = (2 * alpha * lean - x) / variance
    return to_prediction(-sigma * score, x, stride, "epsilon")


def noise(dtype=torch.float64):
    return torch.randn(1, 4, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).to(dtype)


def walk(sampler, state, predict=mixture):
    *_, (_, state) = sampler.iterate(state, predict)
    return state


def back(sampler, state, predict=mixture):
    for k in reversed(range(len(sampler.schedule))):
        state = sampler.undo(state, k, predict)
    return state


def published_edict(x, schedule, p, predict):
    """The update as the paper writes it, with the alternation of its eqs. 14-15; kept apart from the couplings."""
    pair = [x.clone(), x.clone()]
    for k, stride in enumerate(schedule.strides):
        a = stride.then.alpha / stride.now.alpha
        b = stride.then.sigma - a * stride.now.sigma
        for j in (k % 2, 1 - k % 2):
            pair[j] = a * pair[j] + b * predict(pair[1 - j], stride, k).epsilon
        pair[0] = p * pair[0] + (1 - p) * pair[1]
        pair[1] = (1 - p) * pair[0] + p * pair[1]
    return pair


@pytest.mark.parametrize("steps", [5, 10, 25, 50])
@pytest.mark.parametrize("p", [0.9, 0.93, 0.97, 1.0])
def test_edict_is_the_published_update(steps, p):
    schedule = make_schedule(CONFIG, steps)
    ours = walk(EDICT(schedule, p), (noise(), noise()))
    theirs = published_edict(noise(), schedule, p, mixture)
    for one, two in zip(ours, theirs, strict=True):
        assert (one - two).abs().max() < 1e-12


@pytest.mark.parametrize("steps", [50, 49])
def test_edict_on_a_pipeline(words, steps):
    """A tiny Stable Diffusion in fp64, both parities: the update by hand, guidance and all."""
    engine = Engine.load(tiny.stable_diffusion(words), dtype="float64")
    x = engine.noise(1, seed=1).double()
    *_, step = engine.sample(engine.genomes(x, "a cat", steps=steps, guidance=3.0, sampler="edict"))
    schedule = engine.schedule(steps)

    def predict(z, stride, k):
        del k
        with torch.no_grad():
            rows = engine.network.ask(z, torch.tensor([0, 0]), ["", "a cat"], stride.t, engine.size)
        return Prediction((rows[0] + 3.0 * (rows[1] - rows[0]))[None], z)

    assert (step.x - published_edict(x, schedule, 0.93, predict)[0]).abs().max() < 1e-10


@pytest.mark.parametrize("steps", [1, 2, 10, 49, 50])
@pytest.mark.parametrize("sampler", [EDICT, BDIA, OBELM])
def test_single_steps_can_be_undone(sampler, steps):
    made = sampler(make_schedule(CONFIG, steps))
    state = made.start(noise())
    for k in range(steps):
        after, _ = made.step(state, k, mixture)
        before = made.undo(after, k, mixture)
        for one, two in zip(before, state, strict=True):
            assert (one - two).norm() / two.norm() < 1e-12
        state = after


@pytest.mark.parametrize("steps", [5, 10, 25, 50, 100])
@pytest.mark.parametrize("sampler", [EDICT, BDIA, OBELM])
def test_round_trips(sampler, steps):
    """Noise → picture → noise, in fp64: 1e-11 up to 50 steps, 1e-9 at 100."""
    made = sampler(make_schedule(CONFIG, steps))
    again = back(made, walk(made, made.start(noise())))
    assert (again[0] - noise()).norm() / noise().norm() < (1e-11 if steps <= 50 else 1e-9)


@pytest.mark.parametrize("steps", [20, 50])
def test_round_trip_in_fp32(steps):
    made = EDICT(make_schedule(CONFIG, steps))
    x = noise(torch.float32)
    assert (back(made, walk(made, made.start(x)))[0] - x).norm() / x.norm() < 1e-3


@pytest.mark.parametrize("steps", [10, 49, 50, 100])
def test_edict_from_a_picture_and_back(steps):
    made = EDICT(make_schedule(CONFIG, steps))
    z = 0.5 * noise()
    again = walk(made, back(made, (z, z)))
    # On the way to the noise differences grow by p^(-2N), 2e6 at 100 steps, and shrink again on the way back.
    assert all((one - z).norm() / z.norm() < (1e-12 if steps <= 50 else 1e-10) for one in again)


def test_a_wrong_parity_would_be_noticed():
    """The released DOODL undoes steps with the other parity where N is even: it is this far off."""

    class Wrong:
        def __init__(self, right):
            self.right = right

        def __getattr__(self, name):
            return getattr(self.right, name)

    made = EDICT(make_schedule(CONFIG, 10))
    state = walk(made, made.start(noise()))
    for k in reversed(range(10)):
        members = list(state)
        stride = made.schedule.strides[k]
        for c in reversed(made.couplings(k)):
            swap = (1 - c.target, 1 - c.source) if c.evaluates else (c.target, c.source)
            added, _ = c.drive(members[swap[1]], stride, k, mixture)
            members[swap[0]] = (members[swap[0]] - added) / c.keep
        state = tuple(members)
    assert (state[0] - noise()).norm() / noise().norm() > 1e-3


def test_edict_with_p_1_and_a_constant_noise_is_ddim():
    schedule = make_schedule(CONFIG, 10)
    constant = noise()

    def predict(x, stride, k):
        del k
        return to_prediction(constant, x, stride, "epsilon")

    pair = walk(EDICT(schedule, 1.0), (noise(), noise()), predict)
    (single,) = walk(DDIM(schedule), (noise(),), predict)
    assert torch.allclose(pair[0], single, atol=1e-12)
    assert torch.allclose(pair[0], pair[1], atol=1e-12)


@pytest.mark.parametrize(("sampler", "worse"), [(BDIA, 60), (OBELM, 3), (EDICT, 60)])
def test_all_lead_to_the_same_picture(sampler, worse):
    """At 200 steps each agrees with a 1,000-step DDIM about as well as a 200-step DDIM does."""
    (reference,) = walk(DDIM(make_schedule(CONFIG, 1000)), (noise(),))
    (ddim,) = walk(DDIM(make_schedule(CONFIG, 200)), (noise(),))
    made = sampler(make_schedule(CONFIG, 200))
    ours = walk(made, made.start(noise()))[0]
    assert (ours - reference).abs().max() < worse * (ddim - reference).abs().max()


def test_amplification():
    schedule = make_schedule(CONFIG, 50)
    assert math.isclose(EDICT(schedule).amplification(), 0.93**-100)
    assert BDIA(schedule).amplification() == 1
    assert BDIA(schedule, 0.5).amplification() == 2**50
    assert DDIM(schedule).amplification() == math.inf
    assert OBELM(make_schedule({**CONFIG, "steps_offset": 0}, 50)).amplification() == math.inf


def test_zero_terminal_snr_is_not_for_all():
    config = {
        **CONFIG,
        "rescale_betas_zero_snr": True,
        "timestep_spacing": "trailing",
        "prediction_type": "v_prediction",
    }
    schedule = make_schedule(config, 10)
    for sampler in ("ddim", "ddpm", "bdia"):
        assert make_sampler(sampler, schedule)
    for sampler in ("edict", "obelm"):
        with pytest.raises(ValueError, match="zero terminal SNR"):
            make_sampler(sampler, schedule)


def test_noise_predicted_at_pure_noise_is_refused_with_the_right_advice():
    config = {
        **CONFIG,
        "rescale_betas_zero_snr": True,
        "timestep_spacing": "trailing",
        "prediction_type": "epsilon",
    }
    with pytest.raises(
        ValueError, match=r"pure noise .*rescale_betas_zero_snr=False, or.*='v_prediction'"
    ) as caught:
        make_schedule(config, 10)
    assert "guidance" not in str(caught.value)
    assert make_schedule({**config, "timestep_spacing": "leading"}, 10)  # which never goes there


def test_inversion_of_images(words):
    """Images → pairs → images, beyond what the autoencoder itself loses."""
    engine = Engine.load(tiny.stable_diffusion(words), dtype="float64")
    images = torch.rand(2, 3, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    floor = engine.decode(engine.encode(images))
    for steps in (10, 25):
        pair = engine.invert(images, "a cat", steps=steps, guidance=2.0)
        assert pair.latents.shape == (2, 2, 4, 8, 8)
        assert pair.latents.dtype == torch.float64
        again = engine.render(pair, "a cat", guidance=2.0, sampler="edict")
        assert (again - floor).abs().max() < 1e-9
        edited = engine.render(pair, "a dog", guidance=2.0, sampler="edict")
        assert (edited - floor).abs().max() > 1e-3
    with pytest.raises(ValueError, match="made by edict in 25 steps"):
        engine.render(pair, "a cat", steps=10, sampler="edict")
    assert engine.render(pair, "a cat", steps=10, sampler="edict", force=True).shape == (2, 3, 16, 16)
    with pytest.raises(ValueError, match="sampler='ddim': its steps cannot be undone; expected 'edict'"):
        engine.invert(images, sampler="ddim")
