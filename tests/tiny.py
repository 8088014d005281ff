"""Tiny random-weight pipelines of every family and a tiny CLIP, built from configs: real code, no downloads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

from guidewidgets.vision import ClipEncoder

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def tokenizer(folder: Path) -> CLIPTokenizer:
    """A CLIP tokenizer that spells words letter by letter."""
    tokens = ["<|startoftext|>", "<|endoftext|>", *LETTERS, *(letter + "</w>" for letter in LETTERS)]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        model_max_length=24,
        unk_token="<|endoftext|>",
        bos_token="<|startoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )


def text_config(seed: int) -> CLIPTextConfig:
    torch.manual_seed(seed)
    return CLIPTextConfig(
        vocab_size=54,
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=24,
        projection_dim=32,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def scheduler(**changes: object) -> DDIMScheduler:
    numbers = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "clip_sample": False,
        "set_alpha_to_one": False,
        "steps_offset": 1,
    }
    return DDIMScheduler(**(numbers | changes))


def vae() -> AutoencoderKL:
    torch.manual_seed(2)
    return AutoencoderKL(
        block_out_channels=(32, 64),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        sample_size=32,
    ).eval()


def stable_diffusion(
    folder: Path, prediction: str = "epsilon", told: int | None = None, **schedule: object
) -> StableDiffusionPipeline:
    """Stable Diffusion 1.x (epsilon) or 2.x (v_prediction) with an 8 × 8 latent.

    Latent consistency models are told their guidance, in `told` channels.
    """
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
        time_cond_proj_dim=told,
    )
    return StableDiffusionPipeline(
        vae=vae(),
        text_encoder=CLIPTextModel(text_config(1)).eval(),
        tokenizer=tokenizer(folder),
        unet=unet.eval(),
        scheduler=scheduler(prediction_type=prediction, **schedule),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def xl_network(text: int = 32, **changes: Any) -> UNet2DConditionModel:
    """SDXL's U-Net with an 8 × 8 latent, for pooled texts `text` wide."""
    torch.manual_seed(0)
    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=48 + text,
        cross_attention_dim=64,
        **changes,
    ).eval()


def stable_diffusion_xl(folder: Path, **schedule: object) -> StableDiffusionXLPipeline:
    """SDXL with two text encoders, pooled text and size conditioning."""
    words = tokenizer(folder)
    return StableDiffusionXLPipeline(
        vae=vae(),
        text_encoder=CLIPTextModel(text_config(1)).eval(),
        text_encoder_2=CLIPTextModelWithProjection(text_config(3)).eval(),
        tokenizer=words,
        tokenizer_2=words,
        unet=xl_network(),
        scheduler=scheduler(**schedule),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


def clip(folder: Path) -> ClipEncoder:
    """A CLIP of both towers that looks at 16 × 16 pixels."""
    torch.manual_seed(0)
    vision = {
        "hidden_size": 32,
        "intermediate_size": 37,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": 16,
        "patch_size": 4,
    }
    config = CLIPConfig(text_config=text_config(1).to_dict(), vision_config=vision, projection_dim=16)
    return ClipEncoder(CLIPModel(config), tokenizer(folder))
