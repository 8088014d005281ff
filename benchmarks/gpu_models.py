"""Pipelines of real sizes with random weights, made on the device: nothing is downloaded. Tiny ones for a CPU."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import diffusers
import torch
import transformers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from torch import nn

hub: Any = diffusers  # whose constructors say less than they take
texts: Any = transformers
MARKS = ["<pad>", "<s>", "</s>", "<unk>", " "]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FOUR_BITS = 4.5 / 8  # bytes of a weight in nf4, its scales included


def spelling(limit: int) -> Any:
    """A tokenizer that spells words letter by letter, between marks."""
    known = {token: i for i, token in enumerate([*MARKS, *LETTERS])}
    words: Any = Tokenizer(models.WordLevel(known, "<unk>"))
    words.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    words.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    marks = {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "</s>"}
    made = texts.PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=limit, **marks)
    made.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    return made


def autoencoder(latent: int, *, tiny: bool) -> Any:
    """Of factor 8, as Stable Diffusion's and FLUX's; tiny ones of factor 2."""
    widths = (32, 32) if tiny else (128, 256, 512, 512)
    return hub.AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        layers_per_block=1 if tiny else 2,
        latent_channels=latent,
        sample_size=16 if tiny else 512,
    )


def stable_diffusion(device: torch.device, dtype: torch.dtype, *, tiny: bool) -> Any:
    """Stable Diffusion 1.5: 0.86 thousand million parameters, 512 pixels."""
    limit = 24 if tiny else 77
    text = texts.CLIPTextConfig(
        vocab_size=len(MARKS) + len(LETTERS),
        hidden_size=32 if tiny else 768,
        intermediate_size=32 if tiny else 3072,
        num_hidden_layers=2 if tiny else 12,
        num_attention_heads=4 if tiny else 12,
        max_position_embeddings=limit,
        eos_token_id=2,
    )
    small: dict[str, Any] = {
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    }
    with torch.device(device):
        torch.manual_seed(0)
        unet = hub.UNet2DConditionModel(
            sample_size=8 if tiny else 64,
            cross_attention_dim=text.hidden_size,
            attention_head_dim=8,
            **small if tiny else {},
        )
        encoder, vae = texts.CLIPTextModel(text), autoencoder(4, tiny=tiny)
    made = hub.StableDiffusionPipeline(
        vae=vae.to(dtype).eval(),
        text_encoder=encoder.to(dtype).eval(),
        tokenizer=spelling(limit),
        unet=unet.to(dtype).eval(),
        scheduler=hub.DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    made.set_progress_bar_config(disable=True)
    return made


def z_image(device: torch.device, dtype: torch.dtype, *, tiny: bool) -> tuple[Any, int, int]:
    """Z-Image for 512 pixels, the number of its transformer's parameters, and bytes that nf4 would save of them.

    Its linear layers are in nf4 where bitsandbytes is installed, and then nothing is left to save. Its text encoder has
    two layers only: it is freed after encoding.
    """
    width = 16 if tiny else 2560
    small: dict[str, Any] = {
        "all_patch_size": (2,),
        "all_f_patch_size": (1,),
        "in_channels": 4,
        "dim": 32,
        "n_layers": 3,
        "n_refiner_layers": 1,
        "n_heads": 2,
        "n_kv_heads": 2,
        "axes_dims": [8, 4, 4],
        "axes_lens": [256, 32, 32],
    }
    with torch.device("meta"):
        network = hub.ZImageTransformer2DModel(cap_feat_dim=width, **small if tiny else {})
    count, saved = _filled(network, device, dtype)
    text = texts.Qwen3Config(
        vocab_size=len(MARKS) + len(LETTERS),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=2 if tiny else 20,
        num_key_value_heads=1,
        head_dim=8 if tiny else 128,
    )
    with torch.device(device):
        encoder, vae = (
            texts.Qwen3ForCausalLM(text),
            autoencoder(int(network.config["in_channels"]), tiny=tiny),
        )
    made = hub.ZImagePipeline(
        scheduler=hub.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae.to(dtype).eval(),
        text_encoder=encoder.to(dtype).eval(),
        tokenizer=spelling(512),
        transformer=network.eval(),
    )
    made.default_sample_size = 8 if tiny else 64
    made.set_progress_bar_config(disable=True)
    return made, count, saved


def _filled(network: nn.Module, device: torch.device, dtype: torch.dtype) -> tuple[int, int]:
    """Give a network on the meta device random weights, packed where that can be; their number, and bytes not saved."""
    packs = device.type == "cuda" and importlib.util.find_spec("bitsandbytes") is not None
    count = sum(weight.numel() for weight in network.parameters())
    linear = sum(m.weight.numel() for m in network.modules() if isinstance(m, nn.Linear))
    for where, layer in list(network.named_modules()):
        for name, weight in list(layer.named_parameters(recurse=False)):
            values = torch.randn(weight.shape, device=device, dtype=dtype) * 0.02
            values = values if weight.ndim > 1 else torch.full_like(values, float("weight" in name))
            setattr(layer, name, nn.Parameter(values, requires_grad=False))
        if packs and isinstance(layer, nn.Linear):
            above, _, name = where.rpartition(".")
            setattr(network.get_submodule(above), name, _packed(layer, dtype).to(device))
    return count, 0 if packs else round(linear * (dtype.itemsize - FOUR_BITS))


def _packed(layer: nn.Linear, dtype: torch.dtype) -> nn.Module:
    bnb: Any = importlib.import_module("bitsandbytes")
    made = bnb.nn.Linear4bit(
        layer.in_features,
        layer.out_features,
        "bias" in dict(layer.named_parameters()),
        dtype,
        quant_type="nf4",
    )
    made.weight = bnb.nn.Params4bit(layer.weight.data, requires_grad=False, quant_type="nf4")
    made.bias = layer.bias
    return made
