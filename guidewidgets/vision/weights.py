"""Weights from files of strangers: safetensors, or a pickle that torch reads without running anything in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

MOST_BYTES = 8 << 30


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """A state dict: `.safetensors`, else what `torch.load(weights_only=True)` makes of the file.

    Raises:
        ValueError: no such file, or it is no state dict; one line says why.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise ValueError(f"{file.name}: no such file")
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file.name} has {file.stat().st_size:,} bytes: at most {MOST_BYTES:,} are read")
    try:
        found: Any = _read(file)
    except Exception as error:  # whatever an odd file makes the readers say
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        message = f"{file.name} holds no weights that can be read safely: {reason}"
        raise ValueError(message[:400]) from error
    # Training scripts often save more than the weights.
    for key in ("state_dict", "model"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or not found or not all(isinstance(v, Tensor) for v in found.values()):
        raise ValueError(f"{file.name}: expected named tensors, found {type(found).__name__}")
    return {str(key).removeprefix("module."): value for key, value in found.items()}


def _read(file: Path) -> Any:
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(file)
    return torch.load(file, map_location="cpu", weights_only=True)
