"""What a pipeline does beside painting a text, refused by name where it would be left out unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diffusers import UNet2DConditionModel

from guidewidgets.engine.weights import unwrapped

# A word of the name of diffusers' class, for what leaves no trace among the parts.
_BY_CLASS = {
    "ControlNet": "a ControlNet",
    "PAG": "perturbed-attention guidance (PAG)",
    "SAG": "self-attention guidance (SAG)",
    "GLIGEN": "the boxes of GLIGEN",
    "Panorama": "the views of a panorama",
    "StableDiffusionAdapter": "a T2I-Adapter",
    "StableDiffusionXLAdapter": "a T2I-Adapter",
    "AttendAndExcite": "Attend-and-Excite",
    "SemanticStableDiffusion": "semantic guidance (SEGA)",
    "StableDiffusionPipelineSafe": "safety guidance",
    "LEdits": "the edits of LEDITS++",
    "DiffEdit": "the masks of DiffEdit",
    "UnCLIP": "image embeddings (unCLIP)",
}
_BY_PART = {
    "controlnet": "a ControlNet",
    "adapter": "a T2I-Adapter",
    "motion_adapter": "a motion module (AnimateDiff), and its pictures move",
    "vocoder": "a vocoder, and makes sound, not pictures",
    "image_normalizer": "image embeddings (unCLIP)",
}


def refuse(pipeline: Any) -> None:
    """Refuse a pipeline whose pictures would lack something.

    Raises:
        ValueError: one line names what, and says what to do.
    """
    name = type(pipeline).__name__
    parts: dict[str, Any] = pipeline.components
    for missing in _missing(parts):
        message = f"{name} has no {missing} (it is None): load it again, or give it back before the pipeline is lent"
        raise ValueError(message)
    for control in _controls(pipeline, parts):
        message = (
            f"{name} paints with {control}, which is not supported: take the plain text-to-image pipeline"
        )
        raise ValueError(message)
    if isinstance(unet := unwrapped(parts.get("unet")), UNet2DConditionModel):
        for input_ in _inputs(unet, parts):
            message = f"{name}: {input_}, which is not supported: take a plain text-to-image model"
            raise ValueError(message)
    elif "unet" in parts:
        message = f"{name}: its network is a {type(unet).__name__}, not a U-Net for single pictures: take another model"
        raise ValueError(message)


def _missing(parts: dict[str, Any]) -> Iterator[str]:
    """Parts that somebody took out, usually to save memory."""
    encoders = [part for part in parts if part.startswith("text_encoder")]
    needed = [part for part in ("unet", "transformer", "vae", "scheduler", "tokenizer") if part in parts]
    yield from (part for part in needed if parts[part] is None)
    if "unet" in parts and not _refines(parts):
        yield from (part for part in encoders if parts[part] is None)
    elif encoders and all(parts[part] is None for part in encoders):
        yield encoders[0]


def _refines(parts: dict[str, Any]) -> bool:
    """Whether it is an SDXL refiner, whose only text encoder is the second."""
    second = parts.get("text_encoder_2")
    return second is not None and parts["unet"].config.cross_attention_dim == second.config.hidden_size


def _controls(pipeline: Any, parts: dict[str, Any]) -> Iterator[str]:
    kinds = [kind for kind in type(pipeline).__mro__ if kind.__module__.startswith("diffusers.pipelines")]
    names = " ".join(kind.__name__ for kind in (type(pipeline), *kinds))
    yield from (what for part, what in _BY_PART.items() if parts.get(part) is not None)
    yield from (what for word, what in _BY_CLASS.items() if word in names)
    unet = unwrapped(parts.get("unet"))
    if "IPAdapter" in type(getattr(unet, "encoder_hid_proj", None)).__name__:
        yield "an IP-Adapter (pipe.unload_ip_adapter() takes it out)"
    if getattr(getattr(unet, "config", None), "attention_type", "default") != "default":
        yield "the boxes of GLIGEN"


def _inputs(unet: Any, parts: dict[str, Any]) -> Iterator[str]:
    """What a U-Net wants to be told beside a text."""
    config, encoders = unet.config, [part for part in parts if part.startswith("text_encoder")]
    if config.get("class_embed_type") or config.get("num_class_embeds"):
        yield "its U-Net wants class embeddings"
    kind, added = config.get("encoder_hid_dim_type"), config.get("addition_embed_type")
    kolors = (kind, added, len(encoders)) == ("text_proj", "text_time", 1)
    if kind and not kolors:
        yield f"its U-Net wants other states than CLIP's ({kind})"
    if added not in (None, "text_time"):
        yield f"its U-Net wants further conditions ({added})"
    if not encoders:
        yield "its U-Net is told no text"
    if added == "text_time" and "text_encoder_2" not in encoders and not kolors:
        yield "its U-Net wants two text encoders (SDXL)"
    channels = parts["vae"].config.get("out_channels", 3) if "vae" in parts else 3
    if channels != 3:
        yield f"its autoencoder makes {channels} channels, such as colours and depth (LDM3D), not 3"
