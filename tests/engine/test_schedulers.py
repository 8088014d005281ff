"""Every scheduler of diffusers: walked as the pipeline itself walks it, or told of once."""

from __future__ import annotations

import inspect
import sys
import warnings

import diffusers
import pytest
import tiny
import torch
from diffusers.utils import DummyObject

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.ddim import STREAM
from guidewidgets.engine.samplers.noise import kick
from guidewidgets.engine.samplers.own import NAMES

# As `test_against_diffusers.py`; measured 5e-6, for sigmas that diffusers rounds to fp32.
TOLERANCE = 1e-4
SCHEDULERS = {
    name: getattr(diffusers, name)
    for name in sorted(dir(diffusers))
    if name.endswith("Scheduler") and inspect.isclass(getattr(diffusers, name))
}
WANTING = {"DPMSolverSDEScheduler", "CosineDPMSolverMultistepScheduler"}  # where there is no torchsde
# Cannot be made of a config of betas alone: no pipeline of Stable Diffusion has them.
OTHER = {"AmusedScheduler", "RFD4ProteinaScheduler", "UnCLIPScheduler", "VQDiffusionScheduler"}
# Those of flows, EDM and Sana-Sprint need networks of their own, see `test_families.py`.
WALKED = sorted(name for name in NAMES if not name.startswith(("FlowMatch", "EDM", "SCM")))


@pytest.fixture(scope="module")
def pipeline(words):
    made = tiny.stable_diffusion(words)
    made.set_progress_bar_config(disable=True)
    return made


def loaded(pipeline, kind, **changes):
    """An engine, and what was said when it was loaded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own, such as of numpy's ways
        pipeline.scheduler = kind.from_config(tiny.scheduler().config, **changes)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        return Engine.load(pipeline), [str(one.message) for one in said if one.category is UserWarning]


def both(pipeline, engine, steps, monkeypatch, **how):
    """The engine's pictures and the pipeline's, which is given the same noise on the way."""
    x = engine.noise(2 if steps == 4 else 1, seed=steps)
    seeds = [genome.noise_seed for genome in engine.genomes(x, "a cat", steps)]
    drawn = iter(range(steps))

    def draw(shape, **_):
        return kick(seeds, (STREAM, next(drawn)), 1.0, torch.zeros(shape))

    module = sys.modules[type(pipeline.scheduler).__module__]
    if hasattr(module, "randn_tensor"):
        monkeypatch.setattr(module, "randn_tensor", draw)
    theirs = pipeline(
        "a cat",
        latents=x.clone(),
        num_inference_steps=steps,
        guidance_scale=5.0,
        num_images_per_prompt=len(x),
        output_type="pt",
        **how,
    ).images
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of guidance for a distilled model
        return engine.render(x, "a cat", steps=steps, guidance=5.0), theirs


@pytest.mark.parametrize("steps", [1, 4, 7])
@pytest.mark.parametrize("name", WALKED)
def test_the_default_is_what_the_pipeline_does(pipeline, monkeypatch, name, steps):
    engine, said = loaded(pipeline, SCHEDULERS[name], clip_sample=False)
    assert not said
    assert engine.sampler == NAMES[name]
    ours, theirs = both(
        pipeline, engine, steps, monkeypatch, **({"eta": 0.3} if name == "TCDScheduler" else {})
    )
    assert theirs.std() > 0.01
    assert (ours - theirs).abs().max() <= TOLERANCE


@pytest.mark.parametrize("name", sorted(set(SCHEDULERS) - set(WALKED) - WANTING - OTHER))
def test_others_are_named_once_with_what_is_used_instead(pipeline, name):
    engine, said = loaded(pipeline, SCHEDULERS[name])
    assert len(said) == 1
    assert f"{name} " in said[0]
    assert f"{engine.sampler!r} is used in its place" in said[0]
    assert torch.isfinite(engine.render(engine.noise(1), "a cat", steps=1)).all()


SPACINGS = [
    ("EulerDiscreteScheduler", {"use_karras_sigmas": True}),
    ("EulerDiscreteScheduler", {"use_exponential_sigmas": True}),
    ("EulerDiscreteScheduler", {"use_beta_sigmas": True}),
    ("EulerDiscreteScheduler", {"timestep_spacing": "trailing", "interpolation_type": "log_linear"}),
    ("EulerDiscreteScheduler", {"timestep_spacing": "leading", "final_sigmas_type": "sigma_min"}),
    ("EulerDiscreteScheduler", {"timestep_spacing": "trailing", "rescale_betas_zero_snr": True}),
    ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"}),
    ("HeunDiscreteScheduler", {"use_karras_sigmas": True, "timestep_spacing": "trailing"}),
    ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True, "timestep_spacing": "leading"}),
    ("DPMSolverMultistepScheduler", {"use_lu_lambdas": True, "timestep_spacing": "trailing"}),
    ("DPMSolverMultistepScheduler", {"final_sigmas_type": "sigma_min", "lower_order_final": False}),
    ("DPMSolverMultistepScheduler", {"final_sigmas_type": "sigma_min", "euler_at_final": True}),
    ("DPMSolverMultistepScheduler", {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}),
]


@pytest.mark.parametrize(("name", "changes"), SPACINGS, ids=range(len(SPACINGS)))
def test_spacings_are_the_schedulers_own(words, monkeypatch, name, changes):
    changes = {"prediction_type": "v_prediction"} | changes
    pipeline = tiny.stable_diffusion(words)
    pipeline.set_progress_bar_config(disable=True)
    engine, said = loaded(pipeline, SCHEDULERS[name], **changes)
    assert not said
    # From 15 steps on, DPM-Solver++ may end in second order.
    ours, theirs = both(pipeline, engine, 15 if "final_sigmas_type" in changes else 6, monkeypatch)
    assert (ours - theirs).abs().max() <= TOLERANCE


@pytest.mark.parametrize(
    ("changes", "says", "instead"),
    [
        ({"solver_order": 3}, r"DPMSolverMultistepScheduler with solver_order=3 is not", "dpmpp-2m"),
        ({"algorithm_type": "sde-dpmsolver++"}, r"algorithm_type='sde-dpmsolver\+\+'", "dpmpp-2m"),
        ({"solver_type": "heun"}, r"solver_type='heun'", "dpmpp-2m"),
    ],
)
def test_what_else_a_scheduler_must_say(pipeline, changes, says, instead):
    pipeline.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(tiny.scheduler().config, **changes)
    with pytest.warns(UserWarning, match=says):
        engine = Engine.load(pipeline)
    assert engine.sampler == instead


@pytest.mark.parametrize("name", ["EulerDiscreteScheduler", "PNDMScheduler", "LMSDiscreteScheduler"])
def test_ddim_takes_no_defaults_of_another_scheduler(pipeline, name):
    """They moved our DDIM by 0.076: the spacing that Euler has by itself is no word of the model's."""
    engine, _ = loaded(pipeline, diffusers.DDIMScheduler)
    x = engine.noise(1, seed=1)
    own = engine.render(x, "a cat", steps=4)
    engine, _ = loaded(pipeline, SCHEDULERS[name])
    assert torch.equal(engine.render(x, "a cat", steps=4, sampler="ddim"), own)


def test_missing_packages_are_why_some_are_not_tried():
    assert {name for name, kind in SCHEDULERS.items() if isinstance(kind, DummyObject)} <= WANTING


def test_a_scheduler_put_in_later_is_told_of_too(pipeline):
    engine, _ = loaded(pipeline, diffusers.DDIMScheduler)
    pipeline.scheduler = diffusers.LMSDiscreteScheduler.from_config(pipeline.scheduler.config)
    with pytest.warns(UserWarning, match="LMSDiscreteScheduler"):
        engine.genomes(engine.noise(1), "a cat", steps=2)
    engine.genomes(engine.noise(1), "a cat", steps=2)  # a second warning would be an error here


def test_the_pipelines_own_name_is_resolved(pipeline):
    engine, _ = loaded(pipeline, diffusers.HeunDiscreteScheduler)
    assert engine.samplers[0] == "pipeline"
    (genome,) = engine.genomes(engine.noise(1), "a cat", steps=2, sampler="pipeline")
    assert genome.sampler == "heun" == engine.settings().sampler
