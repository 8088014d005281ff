"""What cannot be optimised, inverted or read: one line says why, and nothing is lost."""

from __future__ import annotations

import pytest
import tiny
import torch

import guidewidgets as gw
from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.adjoint import check_reversible
from guidewidgets.engine.samplers.base import Sampler
from guidewidgets.engine.samplers.coupled import EDICT
from guidewidgets.guide import Symmetry, doodl, one_step
from guidewidgets.session import Session
from guidewidgets.vision.objective import Objective


@pytest.fixture
def turbo(words) -> Engine:
    """A pipeline that says it is distilled."""
    pipeline = tiny.stable_diffusion(words)
    pipeline.register_to_config(_name_or_path="stabilityai/sd-turbo")
    return Engine.load(pipeline)


# Models of few steps


def test_few_steps_work(turbo):
    """One to four steps without guidance: the defaults of such a model."""
    assert (turbo.vocabulary.steps, turbo.vocabulary.guidance) == (4, 1.0)
    for sampling_steps in (1, 4):
        run = list(
            doodl(turbo, turbo.noise(1), "a fox", Symmetry(), 4, sampling_steps=sampling_steps, lr=0.05)
        )
        assert min(step.loss for step in run) < run[0].loss


def test_guidance_on_a_distilled_model_is_doubted(turbo):
    with pytest.warns(UserWarning, match=r"guidance=7.5 will burn its pictures; .* guidance=1 \(none\)"):
        turbo.render(turbo.noise(1), "a fox", steps=1, guidance=7.5)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (
            lambda e: doodl(e, e.noise(1), "a fox", Symmetry(), 2, preset="published:clip"),
            "preset='published:clip' walks EDICT in 50 steps .*sd-turbo seems to be distilled",
        ),
        (
            lambda e: next(one_step(e, e.noise(1), "a fox", Symmetry())),
            "the guess without text, which stabilityai/sd-turbo was not made for.*through='guided', or doodl",
        ),
        (lambda e: e.invert(torch.rand(1, 3, 16, 16)), "sd-turbo seems to be distilled to a few steps"),
    ],
)
def test_what_does_not_hold_for_distilled_models(turbo, act, says):
    with pytest.raises(ValueError, match=says):
        act(turbo)


def test_one_step_through_the_guided_guess_holds(turbo):
    assert len(list(one_step(turbo, turbo.noise(1), "a fox", Symmetry(), through="guided"))) == 4


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"method": "one_step"}, "the guess without text"),
        ({"method": "noise_tilt"}, "walked back to its noise"),
        ({"preset": "published:fgvc"}, "published:fgvc"),
    ],
)
def test_sessions_refuse_before_anything_is_queued(turbo, kwargs, says):
    session = Session("a fox", model=turbo)
    session.sample(1).wait(60)
    with pytest.raises(ValueError, match=says):
        session.optimize(0, Symmetry(), **kwargs)
    assert len(session.history) == 1


# Inversion


@pytest.mark.parametrize(
    ("sampler", "says"),
    [
        ("bdia", "sampler='bdia': it walks on two neighbouring latents .* another picture"),
        ("obelm", "sampler='obelm': it walks on two neighbouring latents"),
        ("ddim", "sampler='ddim': its steps cannot be undone; expected 'edict'"),
        ("ddpm", "sampler='ddpm': its steps cannot be undone"),
    ],
)
def test_only_edict_inverts(seeing, sampler, says):
    with pytest.raises(ValueError, match=says):
        seeing.invert(torch.rand(1, 3, 16, 16), sampler=sampler, steps=5)


@pytest.mark.parametrize("name", ["bdia", "obelm"])
def test_why_the_others_do_not(double, name):
    """The refusal is no formality: from a picture alone, the way back and forth ends elsewhere."""
    z = double.encode(
        torch.rand(1, 3, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    )
    genomes = double.genomes(z, "a cat", 10, 1.0, name)
    run = double.walk(genomes)
    sampler: Sampler = run.sampler
    state = sampler.start(z)
    with torch.no_grad():
        for k in reversed(range(10)):
            state = sampler.undo(state, k, run.predict)
        for k in range(10):
            state, _ = sampler.step(state, k, run.predict)
    assert (state[0] - z).abs().max() > 1e-3


@pytest.fixture
def double(words) -> Engine:
    return Engine.load(tiny.stable_diffusion(words), dtype="float64")


# Rounding


def test_a_reversible_gradient_below_fp64(seeing, monkeypatch):
    schedule = seeing.schedule(100)
    check_reversible(EDICT(schedule), torch.float64, None)
    for dtype in (torch.float32, torch.float16):
        with pytest.raises(
            ValueError, match=r"undoing 100 steps of EDICT with float.*no float64\); use gradient='cached'"
        ):
            check_reversible(EDICT(schedule), dtype, None)
    # Apple's GPUs have no fp64, so the same is said there, before anything runs; none of them is needed for that.
    monkeypatch.setattr(seeing.network, "device", torch.device("mps"))
    x = seeing.noise(1).requires_grad_()
    with pytest.raises(ValueError, match=r"with float32 latents .* this device has no float64"):
        seeing.render(x, "a fox", steps=100, sampler="edict", gradient="reversible")


# Objectives


class Crooked(Objective):
    """Gives something else than a loss for each image."""

    name = "Crooked"

    def __init__(self, loss) -> None:
        self.loss = loss

    def bind(self, encoder):
        return self.loss


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (lambda images: images.mean(), r"Crooked gave shape \(\) for 2 image.*shape \(2,\)"),
        (lambda images: images.mean((2, 3)), r"Crooked gave shape \(2, 3\) for 2 image"),
        (lambda images: images.mean((1, 2, 3), keepdim=True), r"Crooked gave shape \(2, 1, 1, 1\)"),
        (lambda _: 0.0, "Crooked gave float for 2 image"),
    ],
)
@pytest.mark.parametrize("method", [doodl, one_step])
def test_a_loss_that_is_not_one_number_for_each_image(seeing, method, loss, says):
    with pytest.raises(ValueError, match=says):
        next(iter(method(seeing, seeing.noise(2), "a fox", Crooked(loss) + Symmetry(), sampling_steps=2)))


# Prompts


@pytest.mark.parametrize(
    ("prompt", "kind", "says"),
    [
        ("half \ud83d", ValueError, "half a character"),
        ("a " * 100, ValueError, "has 102 tokens; this model reads 24"),
        ("狐狸", ValueError, "nothing in it that this model's tokenizer can read"),
        (5, TypeError, "prompt=5: expected a text or a Prompt"),
    ],
)
def test_prompts_that_cannot_be_read(seeing, prompt, kind, says):
    with pytest.raises(kind, match=says):
        seeing.render(seeing.noise(1), prompt, steps=1)
    with pytest.raises(kind, match=says):
        doodl(seeing, seeing.noise(1), prompt, Symmetry(), 1)


def test_such_a_prompt_leaves_a_session_as_it_was(seeing):
    session = Session("a fox", model=seeing)
    session.sample(1, steps=2).wait(60)
    with pytest.raises(ValueError, match="half a character"):
        session.optimize(0, gw.ClipText("half \ud83d"), steps=2)
    with pytest.raises(ValueError, match="tokenizer can read"):
        session.sample(1, prompt="狐狸", steps=2)
    assert (len(session.history), session.prompt) == (1, gw.Prompt.parse("a fox"))
