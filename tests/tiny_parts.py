"""Tokenizers, text encoders and autoencoders of tiny pipelines on transformers, with random weights."""

from __future__ import annotations

from typing import Any

import diffusers
import torch
from tiny import LETTERS
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import (
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
