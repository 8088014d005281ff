"""Which family a pipeline belongs to."""

from __future__ import annotations

from typing import Any

from guidewidgets.engine.families.base import Family
from guidewidgets.engine.families.controls import refuse
from guidewidgets.engine.families.stable_diffusion import StableDiffusion, StableDiffusionXL


def family_of(pipeline: Any) -> Family:
    """The family of a diffusers pipeline, judged by its parts, not by its class name.

    Raises:
        ValueError: a kind of model that is not supported, named with the reason.
    """
    refuse(pipeline)
    name = type(pipeline).__name__
    parts = getattr(pipeline, "components", {})
    if "unet" not in parts or "vae" not in parts:
        message = f"{name} has no UNet and VAE: supported are Stable Diffusion 1.x, 2.x, SD-Turbo and SDXL"
        raise ValueError(message)
    config = pipeline.unet.config
    latent = int(getattr(pipeline.vae.config, "latent_channels", 4))
    if config.in_channels != latent:
        channels = f"its UNet takes {config.in_channels} channels, not the VAE's {latent}"
        message = f"{name}: {channels}: inpainting and editing models are not supported"
        raise ValueError(message)
    if getattr(config, "time_cond_proj_dim", None):
        message = (
            f"{name} is guidance-distilled (LCM): guidance is an input of its network, which is not supported"
        )
        raise ValueError(message)
    if "text_encoder_2" in parts:
        if parts["text_encoder"] is None:
            message = f"{name} is an SDXL refiner, which cannot start from noise: load the base model"
            raise ValueError(message)
        return StableDiffusionXL(pipeline)
    return StableDiffusion(pipeline)
