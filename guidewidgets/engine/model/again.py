"""A pipeline that was lent, loaded once more from its folder: as its owner has it, in another process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diffusers
import torch
from diffusers import DiffusionPipeline

from guidewidgets.engine.model.fitted import DTYPE
from guidewidgets.engine.model.quiet import quiet


def load_again(
    folder: str, dtypes: Mapping[str, str], scheduler: tuple[str, Mapping[str, Any]] | None
) -> Any:
    """The pipeline, on the CPU.

    Args:
        folder: that it came from.
        dtypes: of its networks, by their names, such as "float16".
        scheduler: class and numbers, where its owner gave it another one.
    """
    with quiet():
        kinds = {name: getattr(torch, dtype) for name, dtype in dtypes.items()}
        pipeline = DiffusionPipeline.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            **{DTYPE: {"default": torch.float32, **kinds}},
        )
    if scheduler is not None:
        name, numbers = scheduler
        pipeline.scheduler = getattr(diffusers, name).from_config(dict(numbers))
    return pipeline
