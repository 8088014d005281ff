"""Tiny random-weight pipelines of the families on transformers, text encoders included; nothing is downloaded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import diffusers
from diffusers import FlowMatchEulerDiscreteScheduler as FlowMatch
from tiny import scheduler, text_config, tokenizer, xl_network
from tiny_flows import flux, flux_2_dev, klein, lumina_2, qwen_image, stable_diffusion_3, z_image
from tiny_parts import dimmed, gemma2, shaken, spelling, t5, vae
from transformers import (
    CLIPTextModel,
    PreTrainedTokenizerFast,
)

__all__ = [
    "aura_flow",
    "chroma",
    "flux",
    "flux_2_dev",
    "hunyuan_dit",
    "klein",
    "kolors",
    "lumina_2",
    "pixart",
    "qwen_image",
    "sana",
    "shaken",
    "spelling",
    "stable_diffusion_3",
    "vae",
    "z_image",
]


def sana(walk: Any, kind: Any = diffusers.SanaPipeline) -> Any:
    """Sana with an 8 × 8 latent, and an autoencoder of factor 2 where it has 32; or Sana-Sprint."""
    sprint = kind is not diffusers.SanaPipeline
    network = diffusers.SanaTransformer2DModel(
        patch_size=1,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=8,
        num_cross_attention_heads=2,
        cross_attention_head_dim=8,
        cross_attention_dim=16,
        caption_channels=16,
        sample_size=8,
        guidance_embeds=sprint,
        qk_norm="rms_norm_across_heads" if sprint else None,
    )
    autoencoder = diffusers.AutoencoderDC(
        in_channels=3,
        latent_channels=4,
        attention_head_dim=2,
        encoder_block_types=("ResBlock", "EfficientViTBlock"),
        decoder_block_types=("ResBlock", "EfficientViTBlock"),
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        encoder_qkv_multiscales=((), (5,)),
        decoder_qkv_multiscales=((), (5,)),
        encoder_layers_per_block=(1, 1),
        decoder_layers_per_block=(1, 1),
        upsample_block_type="interpolate",
        downsample_block_type="conv",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=0.41407,
    )
    return kind(
        tokenizer=spelling(end=False),
        text_encoder=gemma2(),
        vae=dimmed(shaken(autoencoder, 2)),
        transformer=shaken(network),
        scheduler=walk,
    )


def pixart(kind: Any, **changes: Any) -> Any:
    """PixArt, α or Σ, with an 8 × 8 latent."""
    network = diffusers.PixArtTransformer2DModel(
        **{
            "sample_size": 8,
            "num_layers": 2,
            "patch_size": 2,
            "attention_head_dim": 8,
            "num_attention_heads": 3,
            "caption_channels": 32,
            "in_channels": 4,
            "cross_attention_dim": 24,
            "out_channels": 8,
            "num_embeds_ada_norm": 1000,
        }
        | changes
    )
    return kind(
        tokenizer=spelling(),
        text_encoder=t5(),
        vae=vae(4, shift_factor=None),
        transformer=shaken(network),
        scheduler=scheduler(beta_start=0.0001, beta_end=0.02, beta_schedule="linear"),
    )


def chroma() -> Any:
    """Chroma with an 8 × 8 latent."""
    network = diffusers.ChromaTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        axes_dims_rope=(4, 4, 8),
        approximator_num_channels=8,
        approximator_hidden_dim=16,
        approximator_layers=1,
    )
    made = diffusers.ChromaPipeline(
        scheduler=FlowMatch(),
        vae=vae(4),
        text_encoder=t5(),
        tokenizer=spelling(),
        transformer=shaken(network),
    )
    made.default_sample_size = 8
    return made


def aura_flow() -> Any:
    """AuraFlow with an 8 × 8 latent."""
    network = diffusers.AuraFlowTransformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_mmdit_layers=1,
        num_single_dit_layers=1,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=32,
        caption_projection_dim=32,
        pos_embed_max_size=256,
    )
    return diffusers.AuraFlowPipeline(
        tokenizer=spelling(),
        text_encoder=t5(),
        vae=vae(4, shift_factor=None),
        transformer=shaken(network),
        scheduler=FlowMatch(shift=1.73),
    )


def hunyuan_dit(folder: Path) -> Any:
    """HunyuanDiT with an 8 × 8 latent, and an autoencoder of factor 8: its pipeline takes no other."""
    network = diffusers.HunyuanDiT2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=4,
        num_layers=4,
        num_attention_heads=2,
        attention_head_dim=16,
        hidden_size=32,
        mlp_ratio=2.0,
        cross_attention_dim=32,
        cross_attention_dim_t5=32,
        pooled_projection_dim=16,
        text_len_t5=256,
    )
    words = tokenizer(folder)
    clip = text_config(1)
    clip.max_position_embeddings = 77
    eight = {
        "block_out_channels": (32,) * 4,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    return diffusers.HunyuanDiTPipeline(
        vae=vae(4, shift_factor=None, **eight),
        text_encoder=CLIPTextModel(clip).eval(),
        tokenizer=words,
        transformer=shaken(network),
        scheduler=scheduler(beta_end=0.018, prediction_type="v_prediction"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        text_encoder_2=t5(),
        tokenizer_2=spelling(),
    )


class _PaddedLeft(PreTrainedTokenizerFast):
    """Spells as `spelling` does; pads on the left and counts places, as ChatGLM's tokenizer, which needs a library."""

    def __call__(self, *args: Any, **how: Any) -> Any:
        found = super().__call__(*args, **how)
        if "return_tensors" in how:
            found["position_ids"] = (found.attention_mask.cumsum(1) - 1).clamp_min(0)
        return found


def kolors() -> Any:
    """Kolors with an 8 × 8 latent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of diffusers' torch.jit.script
        from diffusers.pipelines.kolors import pipeline_kolors, text_encoder
    numbers = {
        "num_layers": 3,
        "padded_vocab_size": 32,
        "hidden_size": 32,
        "ffn_hidden_size": 48,
        "kv_channels": 8,
        "num_attention_heads": 4,
        "seq_length": 256,
        "add_qkv_bias": True,
        "multi_query_attention": True,
        "multi_query_group_num": 2,
        "original_rope": True,
    }
    words = spelling(end=False)
    return pipeline_kolors.KolorsPipeline(
        vae=vae(4, shift_factor=None),
        text_encoder=shaken(text_encoder.ChatGLMModel(text_encoder.ChatGLMConfig(**numbers)), 4),
        tokenizer=_PaddedLeft(
            tokenizer_object=words.backend_tokenizer,
            pad_token="<pad>",
            unk_token="<unk>",
            padding_side="left",
        ),
        unet=shaken(xl_network(encoder_hid_dim=32, encoder_hid_dim_type="text_proj", text=32)),
        scheduler=scheduler(),
    )
