"""SDXL, Z-Image and FLUX.2 klein in their real shapes, for torch's meta device; and smaller, to be measured."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import tiny
import tiny_transformers
import torch
from diffusers import FlowMatchEulerDiscreteScheduler as FlowMatch
from torch.profiler import ProfilerActivity, profile
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Qwen3Config,
    Qwen3ForCausalLM,
)

LEVELS = (128, 256, 512, 512)


def autoencoder(kind: Any = diffusers.AutoencoderKL, levels: tuple[int, ...] = LEVELS, **numbers: Any) -> Any:
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    return kind(block_out_channels=levels, layers_per_block=2, **blocks, **numbers)


def clip(kind: Any, width: int, layers: int, words: int = 49408) -> Any:
    numbers = {
        "num_attention_heads": width // 64,
        "projection_dim": width,
        "bos_token_id": 0,
        "eos_token_id": 1,
    }
    return kind(
        CLIPTextConfig(
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            vocab_size=words,
            pad_token_id=1,
            **numbers,
        )
    )


def qwen3(width: int = 2560, layers: int = 36, heads: int = 32, words: int = 151936) -> Any:
    numbers = {"num_attention_heads": heads, "num_key_value_heads": heads // 4, "head_dim": 128}
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=words,
            hidden_size=width,
            intermediate_size=4 * width if width < 2560 else 9728,
            num_hidden_layers=layers,
            tie_word_embeddings=True,
            **numbers,
        )
    )


def sdxl(folder: Path, *, small: bool) -> Any:
    width = 32 if small else 320
    words = tiny.tokenizer(folder)
    states = (128, 192) if small else (768, 1280)
    unet = diffusers.UNet2DConditionModel(
        sample_size=32 if small else 128,
        block_out_channels=(width, 2 * width, 4 * width),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 2, 4) if small else (5, 10, 20),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        transformer_layers_per_block=(1, 2, 6) if small else (1, 2, 10),
        projection_class_embeddings_input_dim=states[1] + 6 * 256,
        cross_attention_dim=sum(states),
    )
    return diffusers.StableDiffusionXLPipeline(
        vae=autoencoder(
            levels=(8, 16, 32, 32) if small else LEVELS,
            norm_num_groups=8 if small else 32,
            sample_size=1024,
            latent_channels=4,
        ),
        text_encoder=clip(CLIPTextModel, states[0], 4 if small else 12, 512 if small else 49408),
        text_encoder_2=clip(
            CLIPTextModelWithProjection, states[1], 4 if small else 32, 512 if small else 49408
        ),
        tokenizer=words,
        tokenizer_2=words,
        unet=unet,
        scheduler=tiny.scheduler(),
        add_watermarker=False,
    )


def z_image(_: Path, *, small: bool) -> Any:
    network = (
        diffusers.ZImageTransformer2DModel(dim=384, n_layers=8, n_heads=3, n_kv_heads=3, cap_feat_dim=256)
        if small
        else diffusers.ZImageTransformer2DModel()
    )
    return diffusers.ZImagePipeline(
        scheduler=FlowMatch(shift=3.0),
        vae=_plain(small=small),
        text_encoder=qwen3(256, 4, 4, 512) if small else qwen3(),
        tokenizer=tiny_transformers.spelling(end=False),
        transformer=network,
    )


def klein(_: Path, *, small: bool) -> Any:
    network = diffusers.Flux2Transformer2DModel(
        num_layers=1 if small else 5,
        num_single_layers=2 if small else 20,
        num_attention_heads=3 if small else 24,
        joint_attention_dim=3 * (256 if small else 2560),
        guidance_embeds=False,
    )
    return diffusers.Flux2KleinPipeline(
        scheduler=FlowMatch(use_dynamic_shifting=True),
        vae=autoencoder(
            diffusers.AutoencoderKLFlux2,
            (16, 32, 32, 32) if small else LEVELS,
            norm_num_groups=16 if small else 32,
            latent_channels=32,
            sample_size=1024,
        ),
        text_encoder=qwen3(256, 28, 4, 512) if small else qwen3(),
        tokenizer=tiny_transformers.spelling(end=False),
        transformer=network,
        is_distilled=True,
    )


def _plain(*, small: bool) -> Any:
    return autoencoder(
        levels=(16, 32, 32, 32) if small else LEVELS,
        norm_num_groups=16 if small else 32,
        latent_channels=16,
        sample_size=1024,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


SHAPES = {"SDXL": sdxl, "Z-Image": z_image, "FLUX.2 klein": klein}


def on_meta(name: str, folder: Path) -> Any:
    """The real shapes, without weights."""
    with torch.device("meta"):
        return SHAPES[name](folder, small=False)


def zeros(name: str, folder: Path) -> Any:
    """The smaller shapes with weights of zero, which are made at once."""
    with torch.device("meta"):
        pipe = SHAPES[name](folder, small=True)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.to_empty(device="cpu").requires_grad_(requires_grad=False)
            for values in (*part.parameters(), *part.buffers()):
                values.zero_()
    return pipe


def described(pipeline: Any, folder: Path) -> Path:
    """A folder with all of a pipeline but its weights."""
    for name, part in pipeline.components.items():
        if isinstance(part, diffusers.ModelMixin):
            part.save_config(folder / name)
        elif isinstance(part, torch.nn.Module):
            part.config.save_pretrained(folder / name)
        elif part is not None:
            part.save_pretrained(folder / name)
    pipeline.save_config(folder)
    return folder


def allocated(call: Callable[[], object], path: Path) -> int:
    """The most bytes that torch's own allocator held on the CPU at once during a call, beyond those before it."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        call()
    seen.export_chrome_trace(str(path))
    events = [e for e in json.loads(path.read_text())["traceEvents"] if e.get("name") == "[memory]"]
    changes = [e["args"]["Bytes"] for e in sorted(events, key=lambda e: e["ts"])]
    return max(itertools.accumulate(changes))
