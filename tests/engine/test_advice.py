"""What is no mistake but will not do what was meant is said by name: heavy NOTs, guidance-distilled models."""

from __future__ import annotations

import warnings

import diffusers
import families
import pytest
import tiny
from diffusers import FlowMatchEulerDiscreteScheduler as FlowMatch

from guidewidgets.engine import Engine


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("NOT cat", "only NOTs"),
        ("cat AND NOT dog ::1.5", "NOT outweighs the rest"),
    ],
)
def test_improper_sums_are_warned_of(engine, prompt, says):
    with pytest.warns(UserWarning, match=says):
        engine.render(engine.noise(1), prompt, steps=1)


def test_a_plain_composition_is_not_warned_of(engine):
    engine.render(engine.noise(1), "cat AND hat AND NOT dog", steps=1)
    engine.render(engine.noise(1), "cat AND NOT dog ::1.25", steps=1)  # as the study recommends


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("stabilityai/sd-turbo", 4),
        ("ByteDance/SDXL-Lightning-8step", 8),
        ("x/lcm-dreamshaper", 4),
        ("Hyper-SD_1-step", 1),
    ],
)
def test_distilled_models_are_named(words, name, steps):
    pipeline = tiny.stable_diffusion(words)
    pipeline.register_to_config(_name_or_path=name)
    engine = Engine.load(pipeline)
    assert (engine.vocabulary.steps, engine.vocabulary.guidance) == (steps, 1.0)
    with pytest.warns(UserWarning, match=f"{name} seems to be guidance-distilled.*say it all in one concept"):
        engine.render(engine.noise(1), "cat AND hat", steps=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.render(engine.noise(1), "cat", steps=1)  # one concept is what they are for


def _named(build, name):
    def make(words):
        made = build(words)
        made.register_to_config(_name_or_path=name)
        return made

    return make


def _walked(build, walk):
    def make(words):
        made = build(words)
        made.scheduler = walk
        return made

    return make


def family(name):
    return families.FAMILIES[name].build


LIGHTNING = FlowMatch(use_dynamic_shifting=True, base_shift=1.0986, max_shift=1.0986)
EULER_A = diffusers.EulerAncestralDiscreteScheduler
DISTILLED = {
    "SDXL-Turbo": (_walked(tiny.stable_diffusion_xl, EULER_A(timestep_spacing="trailing")), 4, 1, "spacing"),
    "SD-Turbo": (
        _walked(tiny.stable_diffusion, diffusers.EulerDiscreteScheduler(timestep_spacing="trailing")),
        *(4, 1, "spacing"),
    ),
    "SDXL-Lightning": (_named(tiny.stable_diffusion_xl, "SDXL-Lightning-8step"), 8, 1, "name says"),
    "LCM-LoRA": (_walked(tiny.stable_diffusion, diffusers.LCMScheduler()), 4, 1, "LCMScheduler"),
    "LCM": (family("LCM"), 4, 8, "told a guidance scale"),
    "FLUX.1 schnell": (family("FLUX.1 schnell"), 4, 1, "takes no guidance"),
    "FLUX.1 dev turbo": (_named(family("FLUX.1 dev"), "x/FLUX.1-dev-Turbo"), 8, 3.5, "name says"),
    "FLUX.2 klein": (family("FLUX.2 klein"), 4, 1, "is_distilled"),
    "FLUX.2 dev turbo": (_named(family("FLUX.2 dev"), "x/FLUX.2-dev-Turbo"), 8, 4, "name says"),
    "Z-Image-Turbo": (_named(family("Z-Image"), "Tongyi-MAI/Z-Image-Turbo"), 9, 1, "name says"),
    "Qwen-Image-Lightning": (_walked(family("Qwen-Image"), LIGHTNING), 8, 1, "base_shift = max_shift"),
    "SD 3.5 turbo": (_named(family("SD3"), "x/stable-diffusion-3.5-large-turbo"), 4, 1, "name says"),
    "SD3, flow LCM": (
        _walked(family("SD3"), diffusers.FlowMatchLCMScheduler()),
        4,
        1,
        "FlowMatchLCMScheduler",
    ),
    "Sana-Sprint": (family("Sana-Sprint"), 2, 4.5, "SCMScheduler"),
}


@pytest.mark.parametrize("name", DISTILLED)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_few_steps_are_the_default_of_distilled_models(words, name):
    build, steps, guidance, sign = DISTILLED[name]
    engine = Engine.load(build(words))
    assert sign in engine.distilled
    assert (engine.vocabulary.steps, engine.vocabulary.guidance) == (steps, guidance)


UNDISTILLED = {
    "SDXL": tiny.stable_diffusion_xl,
    "Euler": _walked(tiny.stable_diffusion, diffusers.EulerDiscreteScheduler()),
    "Euler on v, from pure noise": _walked(
        tiny.stable_diffusion,
        diffusers.EulerDiscreteScheduler(
            timestep_spacing="trailing", prediction_type="v_prediction", rescale_betas_zero_snr=True
        ),
    ),
    "DPM++, trailing": _walked(
        tiny.stable_diffusion, diffusers.DPMSolverMultistepScheduler(timestep_spacing="trailing")
    ),
    **{name: family(name) for name in ("FLUX.1 dev", "FLUX.2 klein base", "Z-Image", "Qwen-Image", "Sana")},
}


@pytest.mark.parametrize("name", UNDISTILLED)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_others_are_not_taken_for_distilled(words, name):
    engine = Engine.load(UNDISTILLED[name](words))
    assert not engine.distilled
    assert engine.vocabulary.steps >= 20
