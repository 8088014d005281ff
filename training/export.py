"""Write the model folder: a StableDiffusionPipeline in fp16 that diffusers itself loads and runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTokenizer

from training import codec
from training.flat import load
from training.text import make_encoder
from training.train_codec import paint_many
from training.unet import make_scheduler, make_unet
from training.world import captions
from training.world.colours import COLOURS
from training.world.nouns import NAMED
from training.world.scene import World
from training.world.styles import STYLES

MODEL = Path(__file__).parents[1] / "guidewidgets" / "models" / "emoji"


def pipeline(folder: Path, weights: dict[str, Tensor] | None = None) -> StableDiffusionPipeline:
    """Assemble the fp32 pipeline from a training folder.

    Args:
        folder: holds tokenizer/, codec/ and, unless `weights` are given, average.safetensors.
        weights: UNet and text encoder weights as `flat.Flat.weights` returns them.
    """
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    modules = {"unet": make_unet(), "text": make_encoder(tokenizer)}
    load(modules, weights or load_file(folder / "average.safetensors"))
    return StableDiffusionPipeline(
        vae=AutoencoderTiny.from_pretrained(folder / "codec"),
        text_encoder=modules["text"].eval(),
        tokenizer=tokenizer,
        unet=modules["unet"].eval(),
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


@torch.no_grad()
def fit_preview(vae: AutoencoderTiny, n: int) -> dict[str, Tensor]:
    """Fit the linear map from scaled latents to pixels by least squares over real scenes.

    Returns:
        "weight" (48, 4, 3, 3) and "bias" (48,) of a convolution with zero padding whose output, after a pixel
        shuffle by 4, is RGB in [0, 1].
    """
    images = codec.to_tensor(paint_many(World(), 11, range(n)))
    latents = vae.encoder(images) * vae.config["scaling_factor"]
    decoded = (vae.decoder(latents / vae.config["scaling_factor"]).clamp(-1, 1) + 1) / 2
    neighbours = F.unfold(latents, 3, padding=1).transpose(1, 2).reshape(-1, 9 * codec.CHANNELS)
    inputs = torch.cat([neighbours, torch.ones(len(neighbours), 1)], dim=1).double()
    pixels = (
        F.pixel_unshuffle(decoded, codec.FACTOR).flatten(2).transpose(1, 2).reshape(len(inputs), -1).double()
    )
    solution = torch.linalg.lstsq(inputs, pixels).solution.T.float()
    weight = solution[:, :-1].reshape(-1, codec.CHANNELS, 3, 3).contiguous()
    return {"weight": weight, "bias": solution[:, -1].contiguous()}


def vocabulary(world: World, defaults: dict[str, Any]) -> dict[str, Any]:
    """Describe in words what a checkpoint trained on `world` knows."""
    return {
        "words": captions.words(),
        "nouns": sorted(world.nouns),
        "untrained_nouns": sorted(set(NAMED) - set(world.nouns)),
        "colours": list(COLOURS),
        "places": {place: list(forms[0]) for place, forms in captions.PLACE_WORDS.items()},
        "styles": {style: list(captions.STYLE_FORMS[style]) for style in STYLES},
        "sizes": {key: list(forms) for key, forms in captions.SIZE_WORDS.items()},
        "relations": {key: list(forms) for key, forms in captions.RELATION_WORDS.items()},
        "defaults": defaults,
    }


def export(folder: Path, target: Path, world: World, defaults: dict[str, Any], scenes: int) -> None:
    """Save the pipeline of a training folder in fp16, with its preview map and vocabulary, into `target`.

    Args:
        folder: holds codec/, tokenizer/ and the weights.
        target: the model folder to write.
        world: what the checkpoint was trained on.
        defaults: guidance, steps and sampler that the engine takes when nothing is said.
        scenes: how many the preview is fitted to.
    """
    pipe = pipeline(folder)
    preview = fit_preview(pipe.vae, scenes)
    pipe.to(torch.float16).save_pretrained(target, safe_serialization=True)
    for name in ("vocab.json", "merges.txt"):  # transformers before 5 reads these instead of tokenizer.json
        shutil.copy(folder / "tokenizer" / name, target / "tokenizer" / name)
    save_file(preview, target / "preview.safetensors")
    # transformers loads in the dtype of the config, diffusers in fp32 unless told otherwise: make them agree.
    _edit(target / "text_encoder" / "config.json", dtype="float32")
    _edit(target / "vae" / "config.json")
    _edit(target / "unet" / "config.json")
    for file in target.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes 0600, which a wheel would carry to its users
    (target / "vocabulary.json").write_text(json.dumps(vocabulary(world, defaults), indent=1) + "\n")


def _edit(file: Path, **changes: str) -> None:
    """Change entries of a JSON file and drop the path the weights came from."""
    entries = json.loads(file.read_text()) | changes
    entries.pop("_name_or_path", None)
    file.write_text(json.dumps(entries, indent=1) + "\n")
