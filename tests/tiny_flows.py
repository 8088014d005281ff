"""Tiny random-weight pipelines of the large families of flow matching, text encoders included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import FlowMatchEulerDiscreteScheduler as FlowMatch
from tiny import text_config, tokenizer
from tiny_parts import dimmed, gemma2, qwen3, qwen25, shaken, spelling, t5, vae
from transformers import (
    CLIPTextModel,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)


def stable_diffusion_3(folder: Path, *, t5_too: bool = True, **schedule: Any) -> Any:
    """SD3 with an 8 × 8 latent."""
    network = diffusers.SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=64,
        caption_projection_dim=32,
        pooled_projection_dim=64,
        pos_embed_max_size=16,
    )
    words = tokenizer(folder)
    encoder = None
    if t5_too:
        encoder = shaken(
            T5EncoderModel(T5Config(vocab_size=32, d_model=64, d_kv=8, d_ff=37, num_layers=1)), 4
        )
    made = diffusers.StableDiffusion3Pipeline(
        transformer=shaken(network),
        scheduler=FlowMatch(**({"shift": 3.0} | schedule)),
        vae=vae(4),
        text_encoder=CLIPTextModelWithProjection(text_config(1)).eval(),
        tokenizer=words,
        text_encoder_2=CLIPTextModelWithProjection(text_config(3)).eval(),
        tokenizer_2=words,
        text_encoder_3=encoder,
        tokenizer_3=spelling() if t5_too else None,
    )
    made.tokenizer_max_length = 24
    return made


def flux(folder: Path, *, dev: bool) -> Any:
    """FLUX.1 with an 8 × 8 latent: dev is told its guidance, schnell is not."""
    network = diffusers.FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
        guidance_embeds=dev,
    )
    made = diffusers.FluxPipeline(
        scheduler=FlowMatch(use_dynamic_shifting=True, shift=3.0) if dev else FlowMatch(),
        vae=vae(4),
        text_encoder=CLIPTextModel(text_config(1)).eval(),
        tokenizer=tokenizer(folder),
        text_encoder_2=t5(),
        tokenizer_2=spelling(),
        transformer=shaken(network),
    )
    made.default_sample_size = 8
    return made


def _flux_2(*, told: bool) -> tuple[Any, Any]:
    """Network and autoencoder of FLUX.2 with an 8 × 8 latent, which the network sees as 4 × 4."""
    network = diffusers.Flux2Transformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=48,
        timestep_guidance_channels=32,
        axes_dims_rope=[4, 4, 4, 4],
        guidance_embeds=told,
    )
    autoencoder = diffusers.AutoencoderKLFlux2(
        block_out_channels=(32, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        sample_size=32,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    autoencoder = dimmed(shaken(autoencoder, 2))
    source = torch.Generator().manual_seed(5)
    autoencoder.bn.running_mean.copy_(torch.randn(16, generator=source))
    autoencoder.bn.running_var.copy_(torch.rand(16, generator=source) + 0.5)
    return shaken(network), autoencoder


def klein(*, distilled: bool) -> Any:
    """FLUX.2 klein."""
    network, autoencoder = _flux_2(told=False)
    made = diffusers.Flux2KleinPipeline(
        scheduler=FlowMatch(use_dynamic_shifting=True),
        vae=autoencoder,
        text_encoder=qwen3(28),
        tokenizer=spelling(end=False),
        transformer=network,
        is_distilled=distilled,
    )
    made.default_sample_size = 8
    return made


def flux_2_dev() -> Any:
    """FLUX.2 dev, with a smaller language model of another kind."""
    network, autoencoder = _flux_2(told=True)
    words = spelling(end=False)
    words.chat_template = "{% for m in messages %}<s>{{ m.content[0].text }}</s>{% endfor %}"
    made = diffusers.Flux2Pipeline(
        scheduler=FlowMatch(use_dynamic_shifting=True),
        vae=autoencoder,
        text_encoder=qwen3(31),
        tokenizer=words,
        transformer=network,
    )
    made.default_sample_size = 8
    made.system_message = "paint"
    return made


def z_image() -> Any:
    """Z-Image with an 8 × 8 latent."""
    network = diffusers.ZImageTransformer2DModel(
        all_patch_size=(2,),
        all_f_patch_size=(1,),
        in_channels=4,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    made = diffusers.ZImagePipeline(
        scheduler=FlowMatch(shift=3.0),
        vae=vae(4),
        text_encoder=qwen3(),
        tokenizer=spelling(end=False),
        transformer=shaken(network),
    )
    made.default_sample_size = 8  # says nothing itself: real ones make 1024 pixels a side
    return made


def qwen_image() -> Any:
    """Qwen-Image with an 8 × 8 latent."""
    network = diffusers.QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    )
    autoencoder = diffusers.AutoencoderKLQwenImage(
        base_dim=16,
        z_dim=4,
        dim_mult=[1, 1],
        num_res_blocks=1,
        temperal_downsample=[False],
        latents_mean=[0.1, 0.2, -0.3, 0.4],
        latents_std=[1.5, 0.7, 2.0, 1.1],
    )
    made = diffusers.QwenImagePipeline(
        scheduler=FlowMatch(
            use_dynamic_shifting=True, shift_terminal=0.02, max_shift=0.9, max_image_seq_len=8192
        ),
        vae=dimmed(shaken(autoencoder, 2, 0.5), 0.5),
        text_encoder=shaken(qwen25(), 4, 0.5),
        tokenizer=spelling(end=False),
        transformer=shaken(network, 0, 0.4),
    )
    made.default_sample_size = 8
    return made


def lumina_2() -> Any:
    """Lumina 2 with an 8 × 8 latent."""
    network = diffusers.Lumina2Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=4,
        hidden_size=16,
        num_layers=2,
        num_refiner_layers=1,
        num_attention_heads=2,
        num_kv_heads=1,
        multiple_of=8,
        axes_dim_rope=(4, 2, 2),
        cap_feat_dim=16,
    )
    made = diffusers.Lumina2Pipeline(
        transformer=shaken(network, 0, 0.4),
        scheduler=FlowMatch(use_dynamic_shifting=True),
        vae=vae(4),
        text_encoder=shaken(gemma2(), 4, 0.5),
        tokenizer=spelling(end=False),
    )
    made.vae_scale_factor = 2  # which it has for fixed
    return made
