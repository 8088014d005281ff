"""A pipeline that was lent is its owner's: exactly as it was before, during and after, whatever is done with it."""

from __future__ import annotations

import warnings

import accelerate
import pytest
import tiny
import torch
from peft import LoraConfig

import guidewidgets as gw
from guidewidgets.engine import Engine

SECONDS = 120
MAKERS = {
    "SD 1": tiny.stable_diffusion,
    "SD 2": lambda words: tiny.stable_diffusion(words, "v_prediction"),
    "SDXL": tiny.stable_diffusion_xl,
}


def half(pipe):
    for part in (pipe.unet, pipe.vae, *encoders(pipe)):
        part.half()


def mixed(pipe):
    pipe.unet.half()


def wide_vae(pipe):
    half(pipe)
    pipe.vae.float()
    pipe.vae.register_to_config(force_upcast=False)


def learning(pipe):
    """As somebody leaves it who trains it: with dropout, and some weights frozen."""
    pipe.unet.train()
    pipe.text_encoder.train().requires_grad_(requires_grad=False)


def compiled(pipe):
    pipe.unet = torch.compile(pipe.unet, backend="eager")


def fused(pipe):
    pipe.fuse_qkv_projections()


def model_offload(pipe):
    pipe.enable_model_cpu_offload(device="cpu")


def sequential_offload(pipe):
    """What `enable_sequential_cpu_offload` does, which wants an accelerator."""
    for part in (pipe.unet, pipe.vae, *encoders(pipe)):
        accelerate.cpu_offload(part, torch.device("cpu"))


def lora(pipe, scale=0.2, name="fox", seed=0):
    torch.manual_seed(seed)
    config = LoraConfig(r=4, lora_alpha=2, init_lora_weights=False, target_modules=["to_q", "to_v"])
    pipe.unet.add_adapter(config, name)
    pipe.set_adapters([name], [scale])


def words(pipe):
    vector = torch.linspace(-1, 1, 32)
    pipe.load_textual_inversion({"<toy>": vector}, token="<toy>")


def encoders(pipe):
    return [part for name, part in pipe.components.items() if name.startswith("text_encoder") and part]


STATES = [half, mixed, wide_vae, learning, fused, model_offload, sequential_offload, lora, words]
CASES = [(family, None) for family in MAKERS]
CASES += [("SD 1", state) for state in STATES]
CASES += [("SD 2", lora), ("SDXL", half), ("SDXL", mixed), ("SDXL", wide_vae), ("SDXL", model_offload)]
CASES += [("SDXL", sequential_offload), ("SDXL", lora)]
IDS = [f"{family}, {state.__name__ if state else 'plain'}" for family, state in CASES]


def lent(family, folder, *states):
    """A pipeline in some state, its library's remarks unheard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = MAKERS[family](folder)
        pipe.set_progress_bar_config(disable=True)
        for state in states:
            state(pipe)
    return pipe


def told(pipe):
    """Everything of a pipeline that somebody could have changed, but its pixels."""
    found = {
        "scheduler": (id(pipe.scheduler), dict(pipe.scheduler.config), pipe.scheduler.timesteps.tolist())
    }
    for name, part in pipe.components.items():
        found[name] = id(part)
        if not isinstance(part, torch.nn.Module):
            continue
        found[f"{name} config"] = dict(getattr(part.config, "items", dict)()) or str(part.config)
        for path, module in part.named_modules():
            hook = getattr(module, "_hf_hook", None)
            hooks = type(hook), len(module._forward_hooks), len(module._forward_pre_hooks)
            found[f"{name} {path}"] = (id(module), module.training, id(hook), *hooks, sorted(vars(module)))
        for path, p in part.named_parameters():
            values = None if p.is_meta else p.detach().float().sum().item()
            found[f"{name} {path}"] = (p.dtype, p.device, p.requires_grad, p.grad is None, values)
    return found


def pixels(pipe):
    """Of its own call, or what that fails with: precisions mixed by hand are not all that diffusers can do."""
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(5))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what the pipeline itself calls
            images = pipe(
                "a cat", latents=x.to(pipe.unet.dtype), num_inference_steps=2, output_type="pt"
            ).images
        return images.float().numpy().tobytes()
    except RuntimeError as error:
        return str(error)


@pytest.mark.parametrize(("family", "state"), CASES, ids=IDS)
def test_a_lent_pipeline_stays_as_it_was(family, state, words):
    pipe = lent(family, words, *([state] if state else []))
    own = pixels(pipe)
    before = told(pipe)
    engine = Engine.load(pipe)
    assert told(pipe) == before
    made = engine.render(engine.noise(1), "a cat", steps=2, guidance=3.0)
    assert torch.isfinite(made).all()
    assert told(pipe) == before
    x = engine.noise(1).requires_grad_()
    (gradient,) = torch.autograd.grad(engine.render(x, "a cat", steps=1, gradient="cached").mean(), x)
    assert gradient.abs().max() > 0
    assert told(pipe) == before
    assert engine.notices == []  # using it is no change of it
    assert pixels(pipe) == own


@pytest.mark.slow
def test_a_compiled_one_does(words):
    pipe = lent("SD 1", words, compiled)
    own, before = pixels(pipe), told(pipe)
    engine, plain = Engine.load(pipe), Engine.load(lent("SD 1", words))
    x = engine.noise(1)
    assert engine.revision == plain.revision
    assert (engine.render(x, "a cat", steps=2) - plain.render(x, "a cat", steps=2)).abs().max() <= 1e-4
    assert told(pipe) == before
    assert pixels(pipe) == own


@pytest.mark.parametrize("state", [fused, model_offload, sequential_offload])
@pytest.mark.parametrize("family", ["SD 1", "SDXL"])
def test_wrappers_are_no_other_model(family, state, words):
    wrapped, plain = (Engine.load(lent(family, words, *states)) for states in ([state], []))
    assert wrapped.revision == plain.revision
    x = plain.noise(2)
    difference = wrapped.render(x, "a cat", steps=2) - plain.render(x, "a cat", steps=2)
    assert difference.abs().max() <= 1e-4  # sums in another order


def test_the_schedule_is_part_of_the_revision(words):
    """The same weights on other noise levels paint another picture of the same genome."""
    schedules = ({}, {"timestep_spacing": "trailing"}, {"beta_end": 0.02}, {"rescale_betas_zero_snr": True})
    found = [Engine.load(tiny.stable_diffusion(words, "v_prediction", **one)).revision for one in schedules]
    assert len(set(found)) == len(found)
    assert {one.partition("~")[0] for one in found} == {found[0]}


def test_a_session_leaves_it_as_it_was(words):
    pipe = lent("SDXL", words, half, learning)
    own, before = pixels(pipe), told(pipe)
    session = gw.Session("a cat", model=pipe)
    session.set(steps=2)
    session.sample(2).wait(SECONDS)
    session.star(0)
    session.mutate(0, n=1).wait(SECONDS)
    assert told(pipe) == before
    session.close()
    assert told(pipe) == before
    assert pixels(pipe) == own


def test_precisions_are_taken_as_they_are(words):
    narrow = Engine.load(lent("SD 1", words, half))
    assert (narrow.dtype, narrow.codec.vae.dtype) == (torch.float16, torch.float16)
    wide = Engine.load(lent("SD 1", words, wide_vae))
    assert (wide.dtype, wide.codec.vae.dtype) == (torch.float16, torch.float32)
    pipe = lent("SD 1", words, mixed)
    assert (Engine.load(pipe).dtype, pipe.text_encoder.dtype) == (torch.float16, torch.float32)


def test_sdxl_decodes_in_fp32_where_it_would_overflow(words):
    """As its own class does: half precision has no number above 65504."""
    pipe = lent("SDXL", words, half)
    with torch.no_grad():
        pipe.vae.decoder.conv_in.weight.mul_(2e5)
    engine = Engine.load(pipe)
    x = engine.noise(1)
    assert torch.isfinite(engine.codec.decode(x)).all()
    assert pipe.vae.dtype == torch.float16
    pipe.vae.register_to_config(force_upcast=False)
    assert not torch.isfinite(Engine.load(pipe).codec.decode(x)).all()


def test_another_dtype_is_a_copy(words):
    pipe = lent("SD 1", words)
    before = told(pipe)
    engine = Engine.load(pipe, dtype="float64")
    assert engine.render(engine.noise(1).double(), "a cat", steps=1).dtype == torch.float64
    assert engine.revision == Engine.load(pipe).revision
    assert told(pipe) == before
    same = Engine.load(pipe, device="cpu", dtype="float32")
    assert same.pipeline is pipe


def test_a_copy_leaves_hooks_behind(words):
    pipe = lent("SD 1", words, sequential_offload)
    before = told(pipe)
    engine = Engine.load(pipe, dtype="float64")
    assert torch.isfinite(engine.render(engine.noise(1).double(), "a cat", steps=1)).all()
    assert told(pipe) == before


def ip_adapter(pipe):
    """What loading one leaves in a U-Net, without its weights."""
    from diffusers.models.embeddings import ImageProjection, MultiIPAdapterImageProjection

    pipe.unet.encoder_hid_proj = MultiIPAdapterImageProjection([ImageProjection(16, 32, 2)])
    pipe.unet.config.encoder_hid_dim_type = "ip_image_proj"


def test_a_refused_pipeline_comes_back_as_it_was(words):
    pipe = lent("SD 1", words, ip_adapter, learning)
    before = told(pipe)
    with pytest.raises(ValueError, match="IP-Adapter"):
        Engine.load(pipe, dtype="float16")
    assert told(pipe) == before
