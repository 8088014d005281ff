"""Tiny random-weight pipelines of the families on transformers, text encoders included; nothing is downloaded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import FlowMatchEulerDiscreteScheduler as FlowMatch
from tiny import LETTERS, scheduler, text_config, tokenizer, xl_network
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Gemma2Config,
    Gemma2Model,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5EncoderModel,
)

CHAT = (
    "{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}a{% endif %}{% if enable_thinking %}b{% endif %}"
)


def shaken(module: Any, seed: int = 0, scale: float = 0.2) -> Any:
    """Weights so large that text, time and place all show in what comes out."""
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in module.named_parameters():
            wide = torch.randn(weight.shape, generator=source) * (scale if weight.ndim > 1 else 0.1)
            weight.copy_(wide + (1.0 if weight.ndim == 1 and "norm" in name else 0.0))
    return module.eval()


def dimmed(autoencoder: Any, factor: float = 0.1) -> Any:
    """With pictures between black and white, so that nothing is lost in clamping."""
    with torch.no_grad():
        autoencoder.decoder.conv_out.weight.mul_(factor)
    return autoencoder


def spelling(*, end: bool = True) -> PreTrainedTokenizerFast:
    """A tokenizer that spells words letter by letter, with an end mark or none."""
    tokens = ["<pad>", "</s>", "<unk>", "<s>", " ", *LETTERS]
    words = Tokenizer(models.WordLevel({token: i for i, token in enumerate(tokens)}, "<unk>"))
    words.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    if end:
        words.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        bos_token="<s>",
        chat_template=CHAT,
        model_max_length=512,
    )


def t5() -> T5EncoderModel:
    """T5's encoder, 32 wide."""
    numbers = {"vocab_size": 32, "d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_heads": 4}
    return shaken(T5EncoderModel(T5Config(**numbers)), 4)


# Of the language models, 16 wide.
LANGUAGE = {
    "vocab_size": 32,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}


def qwen3(layers: int = 3) -> Qwen3ForCausalLM:
    """A language model."""
    return shaken(Qwen3ForCausalLM(Qwen3Config(**LANGUAGE, num_hidden_layers=layers, head_dim=8)), 4)


def gemma2() -> Gemma2Model:
    """A language model."""
    return shaken(Gemma2Model(Gemma2Config(**LANGUAGE, num_hidden_layers=2, head_dim=8)), 4)


def qwen25() -> Qwen2_5_VLForConditionalGeneration:
    """A language model that can see; nobody shows it a picture."""
    text = LANGUAGE | {
        "num_hidden_layers": 2,
        "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
        "rope_theta": 10000.0,
    }
    sight = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    return shaken(
        Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config=sight)), 4
    )


def vae(channels: int, **changes: Any) -> Any:
    """An autoencoder of factor 2."""
    numbers = {
        "block_out_channels": (32, 32),
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
        "latent_channels": channels,
        "sample_size": 32,
        "use_quant_conv": False,
        "use_post_quant_conv": False,
        "scaling_factor": 1.5,
        "shift_factor": 0.06,
    }
    return dimmed(shaken(diffusers.AutoencoderKL(**numbers | changes), 2))


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
