"""The first values of weights as their files hold them, where what was read of them is in another dtype.

The same files in fp16 and in fp32 are one model, of one revision.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from guidewidgets.engine.model.stamp import Entries
from guidewidgets.engine.weights import SAMPLE

DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
"""As safetensors calls them; others are never cast."""


def stored_entries(folder: Path, read: Entries) -> Entries:
    """Entries of a network's weights, from its plain files where those have them; else as they were read.

    Args:
        folder: of the network; its files have been read, and checked, by safetensors.
        read: entries of what was read.
    """
    held = dict(_entries(folder))
    return tuple((label, held.get(label, sample)) for label, sample in read)


def _entries(folder: Path) -> Iterator[tuple[bytes, bytes]]:
    for path in sorted(folder.glob("*.safetensors")):
        if path.name.count(".") > 1:  # a variant: it is rounded already
            continue
        with path.open("rb") as file:  # a few bytes of each, where mapping it would take as much as it holds
            length = int.from_bytes(file.read(8), "little")
            header: dict[str, dict[str, Any]] = json.loads(file.read(length))
            for name, about in header.items():
                if dtype := DTYPES.get(about.get("dtype", "")):
                    shape: list[int] = about["shape"]
                    file.seek(8 + length + about["data_offsets"][0])
                    first = bytearray(file.read(min(SAMPLE, math.prod(shape)) * dtype.itemsize))
                    sample = torch.frombuffer(first, dtype=dtype).float().numpy().tobytes() if first else b""
                    yield f"{name}{tuple(shape)}".encode(), sample
