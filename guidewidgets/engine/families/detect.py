"""Which family a pipeline belongs to."""

from __future__ import annotations

import inspect
from typing import Any

from guidewidgets.engine.families.aura_flow import AuraFlow
from guidewidgets.engine.families.base import Family
from guidewidgets.engine.families.chroma import Chroma
from guidewidgets.engine.families.controls import refuse
from guidewidgets.engine.families.edm import EDM
from guidewidgets.engine.families.flux import Flux
from guidewidgets.engine.families.flux_2 import Flux2
from guidewidgets.engine.families.hunyuan_dit import HunyuanDiT
from guidewidgets.engine.families.kolors import Kolors
from guidewidgets.engine.families.lumina_2 import Lumina2
from guidewidgets.engine.families.pixart import PixArt
from guidewidgets.engine.families.qwen_image import QwenImage
from guidewidgets.engine.families.sana import Sana
from guidewidgets.engine.families.sana_sprint import SanaSprint
from guidewidgets.engine.families.stable_diffusion import StableDiffusion, StableDiffusionXL
from guidewidgets.engine.families.stable_diffusion_3 import StableDiffusion3
from guidewidgets.engine.families.z_image import ZImage
from guidewidgets.engine.weights import unwrapped

TRANSFORMERS: dict[str, type[Family]] = {
    "AuraFlowTransformer2DModel": AuraFlow,
    "ChromaTransformer2DModel": Chroma,
    "Flux2Transformer2DModel": Flux2,
    "FluxTransformer2DModel": Flux,
    "HunyuanDiT2DModel": HunyuanDiT,
    "Lumina2Transformer2DModel": Lumina2,
    "PixArtTransformer2DModel": PixArt,
    "QwenImageTransformer2DModel": QwenImage,
    "SD3Transformer2DModel": StableDiffusion3,
    "SanaTransformer2DModel": Sana,
    "ZImageTransformer2DModel": ZImage,
}
"""Families by the class of their pipeline's transformer."""
EDM_SCHEDULERS = ("EDMDPMSolverMultistepScheduler", "EDMEulerScheduler")
SUPPORTED = (
    "Stable Diffusion 1.x to 3.5, SDXL, FLUX.1 and FLUX.2, Z-Image, Qwen-Image, Lumina 2, Sana, PixArt, Chroma, "
    "AuraFlow, HunyuanDiT or Kolors"
)


def family_of(pipeline: Any) -> Family:
    """The family of a diffusers pipeline, judged by its parts, not by its class name.

    Raises:
        ValueError: a kind of model that is not supported, named with the reason.
    """
    refuse(pipeline)
    name = type(pipeline).__name__
    parts = getattr(pipeline, "components", {})
    network = type(unwrapped(parts.get("transformer"))).__name__
    if network in TRANSFORMERS:
        _check_transformer(name, pipeline, parts)
        kind = TRANSFORMERS[network]
        if kind is Sana and pipeline.transformer.config.get("guidance_embeds"):
            kind = SanaSprint
        made = kind(pipeline)
        side = made.factor * made.unit
        try:
            made.schedule(1, (side, side), "ddim")
        except ValueError as error:
            message = f"{name} with a {type(pipeline.scheduler).__name__}: {error}"
            raise ValueError(message) from error
        return made
    if "transformer" in parts:
        message = f"{name} paints with a {network}, which is not supported: expected {SUPPORTED}"
        raise ValueError(message)
    if "unet" not in parts or "vae" not in parts:
        message = f"{name} has no U-Net or transformer with a VAE: expected {SUPPORTED}"
        raise ValueError(message)
    config = pipeline.unet.config
    latent = int(getattr(pipeline.vae.config, "latent_channels", 4))
    if config.in_channels != latent:
        channels = f"its UNet takes {config.in_channels} channels, not the VAE's {latent}"
        message = f"{name}: {channels}: inpainting and editing models are not supported"
        raise ValueError(message)
    if "text_encoder_2" in parts:
        if parts["text_encoder"] is None:
            message = f"{name} is an SDXL refiner, which cannot start from noise: load the base model"
            raise ValueError(message)
        edm = type(pipeline.scheduler).__name__ in EDM_SCHEDULERS
        return EDM(pipeline) if edm else StableDiffusionXL(pipeline)
    return Kolors(pipeline) if config.get("encoder_hid_dim_type") else StableDiffusion(pipeline)


def _check_transformer(name: str, pipeline: Any, parts: dict[str, Any]) -> None:
    """Refuse what lacks a part, and what paints from pictures."""
    needed = [key for key in parts if key == "vae" or key.startswith(("text_encoder", "tokenizer"))]
    missing = [
        key for key in needed if parts[key] is None and not key.endswith("_3")
    ]  # SD3 can do without T5
    if missing:
        message = f"{name} has no {missing[0]} (it is None): load it whole"
        raise ValueError(message)
    config = pipeline.transformer.config
    given, made = int(config.in_channels), config.get("out_channels") or config.in_channels
    # As many channels come out as go in, or twice as many with variances, or a quarter where four are one patch.
    plain = made in (given, 2 * given) or given == 4 * made
    if not plain or "image" in inspect.signature(pipeline.encode_prompt).parameters:
        message = f"{name} paints from pictures, not from text alone: inpainting and editing models are not supported"
        raise ValueError(message)
