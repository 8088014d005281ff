"""The shipped weights as the state of a training folder, so that a sitting can start from them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel

from training import export
from training.train_unet import save

if TYPE_CHECKING:
    from pathlib import Path


def shipped(folder: Path, model: Path = export.MODEL) -> None:
    """Write codec, tokenizer and state of a model folder into a training folder.

    The weights are fp16, 3e-4 of their size from what was trained: less than one step of a sitting moves them.

    Args:
        folder: the training folder.
        model: a folder that `export.export` wrote.
    """
    shutil.copytree(model / "vae", folder / "codec", dirs_exist_ok=True)
    shutil.copytree(model / "tokenizer", folder / "tokenizer", dirs_exist_ok=True)
    modules = {
        "unet": UNet2DConditionModel.from_pretrained(model / "unet"),
        "text": CLIPTextModel.from_pretrained(model / "text_encoder"),
    }
    save(
        folder / "state.safetensors",
        {
            f"{key}.{name}": parameter.detach().float().contiguous()
            for key, module in modules.items()
            for name, parameter in module.named_parameters()
        },
    )
