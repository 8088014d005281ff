"""Tensors as safetensors bytes; reading checks the header against limits before anything is allocated."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from guidewidgets.untrusted import SessionFileError, bad, parse_json

MAX_HEADER = 1 << 20
MAX_BYTES = 256 << 20
MAX_TENSORS = 4096
WIDTHS = {"F16": 2, "F32": 4, "F64": 8}


def pack(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """Named tensors as safetensors; every one on the CPU, contiguous."""
    return save(
        {name: t.detach().cpu().contiguous() for name, t in tensors.items()}, dict(metadata or {}) or None
    )


def unpack(data: bytes, what: str = "the latent") -> dict[str, Tensor]:
    """Tensors from untrusted safetensors: fp16, fp32 or fp64, finite, of bounded size and number.

    Raises:
        SessionFileError: anything is wrong with them.
    """
    check_header(data, what)
    try:
        tensors = load(data)
    except Exception as error:
        raise bad(f"{what} is no safetensors: {str(error)[:100]}") from error
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise bad(f"{what} holds NaN or infinity in {name!r:.40}")
    return tensors


def check_header(data: bytes, what: str) -> dict[str, Any]:
    """The header of safetensors bytes, its shapes and offsets checked; see `unpack`."""
    if not 8 < len(data) <= MAX_BYTES:
        raise bad(f"{what} has {len(data):,} bytes: expected up to {MAX_BYTES:,}")
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(MAX_HEADER, len(data) - 8):
        raise bad(f"{what} is no safetensors: its header claims {length:,} bytes")
    header = parse_json(bytes(data[8 : 8 + length]), f"{what}'s header")
    names = [name for name in header if name != "__metadata__"]
    if not 1 <= len(names) <= MAX_TENSORS:
        raise bad(f"{what} holds {len(names)} tensors: expected 1 to {MAX_TENSORS}")
    for name in names:
        try:
            _check_entry(header[name], len(data) - 8 - length)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, SessionFileError):
                raise bad(f"{what}, {name!r:.40}: {error}") from error
            raise bad(f"{what}, {name!r:.40}: no dtype, shape and offsets as safetensors has them") from error
    return header


def _check_entry(entry: Any, room: int) -> None:
    dtype, shape, (start, stop) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in WIDTHS:
        raise bad(f"dtype {dtype!r:.20}: expected {', '.join(WIDTHS)}")
    if len(shape) > 8 or any(type(side) is not int or not 0 <= side <= MAX_BYTES for side in shape):
        raise bad(f"shape {shape!r:.60}")
    if type(start) is not int or type(stop) is not int or not 0 <= start <= stop <= room:
        raise bad("its offsets lie outside the file")
    if math.prod(shape) * WIDTHS[dtype] != stop - start:
        raise bad(f"shape {shape!r:.60} does not fill its {stop - start:,} bytes")


def compact(latent: Tensor) -> Tensor:
    """The narrowest copy that gives a latent, of any shape, back bit for bit: fp16 if it does, else as it is."""
    half = latent.half()
    return half if torch.equal(half.to(latent.dtype), latent) else latent
