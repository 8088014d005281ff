"""Pipelines and schedulers as people set them up: the pipeline's own pixels, or a notice that says why not."""

from __future__ import annotations

import sys
import warnings

import accelerate
import diffusers
import pytest
import tiny
import torch
from peft import LoraConfig

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers import ddim

TOLERANCE = 1e-4  # the budget of the design; sums in another order cost a hundredth of it
STEPS = 4  # PNDM itself fails with fewer


def plain(pipe):
    return pipe


def scheduled(name, **options):
    def change(pipe):
        pipe.scheduler = getattr(diffusers, f"{name}Scheduler").from_config(pipe.scheduler.config, **options)

    return change


def altered(part, kind=None, **changes):
    """One of its networks of another class or config."""

    def change(pipe):
        net = getattr(pipe, part)
        numbers = {name: value for name, value in net.config.items() if not name.startswith("_")}
        torch.manual_seed(7)
        setattr(pipe, part, (kind or type(net)).from_config(numbers | changes).eval())

    return change


def called(name, *args, **kwargs):
    def change(pipe):
        there = pipe
        for step in name.split("."):
            there = getattr(there, step)
        there(*args, **kwargs)

    return change


def offloaded(pipe):
    for part in (pipe.unet, pipe.vae, pipe.text_encoder):
        accelerate.cpu_offload(part, torch.device("cpu"))


def lora(pipe):
    torch.manual_seed(0)
    config = LoraConfig(r=4, lora_alpha=2, init_lora_weights=False, target_modules=["to_q", "to_v"])
    pipe.unet.add_adapter(config, "fox")
    pipe.set_adapters(["fox"], [0.2])


def fused_lora(pipe):
    lora(pipe)
    pipe.fuse_lora()


def word(pipe):
    pipe.load_textual_inversion({"cat": torch.linspace(-1, 1, 32)}, token="<cat>")


def spread(pipe):
    pipe.vae.register_to_config(latents_mean=[-1.6, 1.3, -0.2, 0.4], latents_std=[8.4, 5.9, 2.5, 3.2])


def learning(pipe):
    pipe.unet.train()
    pipe.text_encoder.train()


TINY = {"encoder_block_out_channels": (16, 16), "decoder_block_out_channels": (16, 16)}
TINY |= {"num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1), "scaling_factor": 1.0}
TAESD = altered("vae", diffusers.AutoencoderTiny, **TINY)
TRAILING, LINSPACE = {"timestep_spacing": "trailing"}, {"timestep_spacing": "linspace"}
KARRAS = {"use_karras_sigmas": True}
ZERO_SNR = {"rescale_betas_zero_snr": True, **TRAILING}
DPM = "DPMSolverMultistep"

# What is expected to be the pipeline's own, to the budget and without a word.
SAME = {
    "DDIM": ("SD 1", scheduled("DDIM")),
    "DDIM, trailing": ("SD 1", scheduled("DDIM", **TRAILING)),
    "DDIM, linspace": ("SD 1", scheduled("DDIM", **LINSPACE)),
    "DDIM, no offset": ("SD 1", scheduled("DDIM", steps_offset=0)),
    "DDIM, alpha 1": ("SD 1", scheduled("DDIM", set_alpha_to_one=True)),
    "DDIM, linear betas": ("SD 1", scheduled("DDIM", beta_schedule="linear")),
    "DDIM, cosine betas": ("SD 1", scheduled("DDIM", beta_schedule="squaredcos_cap_v2")),
    "DDIM of x0": ("SD 1", scheduled("DDIM", prediction_type="sample")),
    "DDIM, zero SNR": ("SD 2", scheduled("DDIM", **ZERO_SNR)),
    "DDIM in parallel": ("SD 1", scheduled("DDIMParallel")),
    "Euler": ("SD 1", scheduled("EulerDiscrete")),
    "Euler, trailing": ("SD 1", scheduled("EulerDiscrete", **TRAILING)),
    "Euler, linspace": ("SD 1", scheduled("EulerDiscrete", **LINSPACE)),
    "Euler, Karras": ("SD 1", scheduled("EulerDiscrete", **KARRAS)),
    "Euler, exponential": ("SD 1", scheduled("EulerDiscrete", use_exponential_sigmas=True)),
    "Euler of v": ("SD 2", scheduled("EulerDiscrete")),
    "Euler of v, zero SNR": ("SD 2", scheduled("EulerDiscrete", **ZERO_SNR)),
    "Euler, XL": ("SDXL", scheduled("EulerDiscrete")),
    "Euler, Lightning": ("SDXL", scheduled("EulerDiscrete", **TRAILING)),
    "Euler a": ("SD 1", scheduled("EulerAncestralDiscrete")),
    "Euler a, Turbo": ("SDXL", scheduled("EulerAncestralDiscrete", **TRAILING)),
    "Heun": ("SD 1", scheduled("HeunDiscrete")),
    "Heun, Karras": ("SD 1", scheduled("HeunDiscrete", **KARRAS)),
    "Heun, XL": ("SDXL", scheduled("HeunDiscrete")),
    "DPM++ 2M": ("SD 1", scheduled(DPM)),
    "DPM++ 2M, Karras": ("SD 1", scheduled(DPM, **KARRAS)),
    "DPM++ 2M, trailing": ("SD 1", scheduled(DPM, **TRAILING)),
    "DPM++ 2M of v": ("SD 2", scheduled(DPM)),
    "DPM++ 2M, XL": ("SDXL", scheduled(DPM)),
    "DPM++ 2M, Euler at the end": ("SD 1", scheduled(DPM, euler_at_final=True)),
    "DDPM": ("SD 1", scheduled("DDPM")),
    "SD 2": ("SD 2", plain),
    "SDXL": ("SDXL", plain),
    "SDXL, zeros for nothing": ("SDXL", called("register_to_config", force_zeros_for_empty_prompt=False)),
    "no middle": ("SD 1", altered("unet", mid_block_type=None)),
    "more layers": ("SD 1", altered("unet", layers_per_block=2)),
    "upcast attention": ("SD 1", altered("unet", upcast_attention=True)),
    "TAESD": ("SD 1", TAESD),
    "TAESD, XL": ("SDXL", TAESD),
    "a spread VAE": ("SDXL", spread),
    "another scale": ("SD 1", altered("vae", scaling_factor=0.5)),
    "FreeU": ("SD 1", called("enable_freeu", s1=0.9, s2=0.2, b1=1.2, b2=1.4)),
    "fused QKV": ("SD 1", called("fuse_qkv_projections")),
    "tiled VAE": ("SD 1", called("vae.enable_tiling")),
    "sliced VAE": ("SD 1", called("vae.enable_slicing")),
    "sliced attention": ("SD 1", called("enable_attention_slicing", 1)),
    "channels last": ("SD 1", called("unet.to", memory_format=torch.channels_last)),
    "model offload": ("SD 1", called("enable_model_cpu_offload", device="cpu")),
    "sequential offload": ("SD 1", offloaded),
    "double": ("SD 1", called("to", torch.float64)),
    "a LoRA": ("SD 1", lora),
    "a LoRA, XL": ("SDXL", lora),
    "a merged LoRA": ("SD 1", fused_lora),
    "a word": ("SD 1", word),
}

# What may differ, and is then named.
TOLD = {
    "PNDM": ("SD 1", scheduled("PNDM")),
    "PNDM, without warm-up": ("SD 1", scheduled("PNDM", skip_prk_steps=True)),
    "LMS": ("SD 1", scheduled("LMSDiscrete")),
    "UniPC": ("SD 1", scheduled("UniPCMultistep")),
    "DEIS": ("SD 1", scheduled("DEISMultistep")),
    "KDPM2": ("SD 1", scheduled("KDPM2Discrete")),
    "KDPM2 a": ("SD 1", scheduled("KDPM2AncestralDiscrete")),
    "LCM": ("SD 1", scheduled("LCM")),
    "TCD": ("SD 1", scheduled("TCD")),
    "IPNDM": ("SD 1", scheduled("IPNDM")),
    "SA": ("SD 1", scheduled("SASolver")),
    "EDM Euler": ("SD 1", scheduled("EDMEuler")),
    "EDM DPM++": ("SD 1", scheduled("EDMDPMSolverMultistep")),
    "consistency": ("SD 1", scheduled("CMStochasticIterative")),
    "DPM++ 2S": ("SD 1", scheduled("DPMSolverSinglestep", final_sigmas_type="sigma_min")),
    "DPM++ 3M": ("SD 1", scheduled(DPM, solver_order=3)),
    "DPM++ 1": ("SD 1", scheduled(DPM, solver_order=1)),
    "DPM++ SDE": ("SD 1", scheduled(DPM, algorithm_type="sde-dpmsolver++")),
    "DPM++ of Heun's kind": ("SD 1", scheduled(DPM, solver_type="heun")),
    "DPM++ 2M, Lu": ("SD 1", scheduled(DPM, use_lu_lambdas=True)),
    "Euler, beta": ("SD 1", scheduled("EulerDiscrete", use_beta_sigmas=True)),
    "Euler, logarithms": ("SD 1", scheduled("EulerDiscrete", interpolation_type="log_linear")),
    "Euler, smallest level": ("SD 1", scheduled("EulerDiscrete", final_sigmas_type="sigma_min")),
    "DPM++ 2M, smallest level": ("SD 1", scheduled(DPM, final_sigmas_type="sigma_min")),
    "DPM++ 2M, to the end": ("SD 1", scheduled(DPM, lower_order_final=False)),
    "DDIM, clipped": ("SD 1", scheduled("DDIM", clip_sample=True)),
    "DDIM, thresholds": ("SD 1", scheduled("DDIM", thresholding=True)),
    "dropout": ("SD 1", learning),
}

FAMILIES = {
    "SD 1": tiny.stable_diffusion,
    "SD 2": lambda words: tiny.stable_diffusion(words, "v_prediction"),
    "SDXL": tiny.stable_diffusion_xl,
}


def silence(monkeypatch):
    """No noise on the way, on either side: theirs comes of one generator, ours of each picture's own seed."""

    def zeros(shape, dtype=None, device=None, **_):
        return torch.zeros(shape, dtype=dtype, device=device)

    for name, module in list(sys.modules.items()):
        if name.startswith("diffusers.schedulers.") and hasattr(module, "randn_tensor"):
            monkeypatch.setattr(module, "randn_tensor", zeros)
    monkeypatch.setattr(ddim, "kick", lambda _seeds, _path, _scale, like: torch.zeros_like(like))


def both(words, family, change):
    """The largest difference to the pipeline, in [0, 1], and what was said of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own
        pipe = FAMILIES[family](words)
        pipe.set_progress_bar_config(disable=True)
        change(pipe)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(4))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        engine = Engine.load(pipe)
        ours = engine.render(x.to(engine.dtype), "a cat", steps=STEPS, guidance=3.0)
    notices = [str(one.message) for one in said if issubclass(one.category, UserWarning)] + engine.notices
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {"num_inference_steps": STEPS, "guidance_scale": 3.0}
        theirs = pipe("a cat", latents=x.to(engine.dtype), output_type="pt", **settings).images
    assert theirs.std() > 0.01  # a grey picture would agree with anything
    return float((ours - theirs).abs().max()), notices


@pytest.mark.parametrize("name", SAME)
def test_the_pipelines_own_pixels(words, monkeypatch, name):
    silence(monkeypatch)
    difference, notices = both(words, *SAME[name])
    assert difference <= TOLERANCE
    # That such models are not guided is said of what they are, not of what is walked.
    assert [n for n in notices if "scheduler" in n.lower() and "guidance-distilled" not in n] == []


@pytest.mark.parametrize("name", TOLD)
def test_another_picture_is_never_unsaid(words, monkeypatch, name):
    silence(monkeypatch)
    difference, notices = both(words, *TOLD[name])
    named = [n for n in notices if "scheduler" in n.lower()]
    assert difference <= TOLERANCE or named, f"{difference:.1e} without a word"
