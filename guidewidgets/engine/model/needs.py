"""How much memory a pipeline takes, told from the shapes of its networks: on torch's meta device, before loading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from guidewidgets.engine.families.base import Family
from guidewidgets.engine.weights import modules_of, unwrapped

# Measured on meta tensors, with attention that keeps no table of all pairs: numbers alive at once while the decoder
# paints, in units of its widest picture's channels times pixels. Those of videos pad their time axis with copies.
DECODER_FLOATS = {False: 6, True: 18}
CHANNELS = 128  # of the widest level of a decoder that does not say


@dataclass(frozen=True, slots=True)
class Part:
    """The weights of one network in one dtype.

    Attributes:
        total: bytes of them all.
        linear: those among them which quantisers pack.
        layer: of the largest layer.
        packed: whether its files are quantised already.
    """

    total: int
    linear: int
    layer: int
    packed: bool = False

    def bytes(self, share: float = 1.0) -> int:
        """Once what can be packed takes this share of its bytes."""
        return round(self.total - self.linear + self.linear * (1.0 if self.packed else share))


@dataclass(frozen=True, slots=True)
class Needs:
    """What a pipeline takes in one dtype, for one picture of its own size; gradients take more.

    Attributes:
        parts: its networks by name.
        denoiser: name of the denoising one.
        activations: bytes that networks take while they work, by name; none of what takes little.
    """

    parts: Mapping[str, Part]
    denoiser: str
    activations: Mapping[str, int] = field(default_factory=dict[str, int])

    def weights(self, share: float = 1.0) -> dict[str, int]:
        """Bytes of each network, packed as `Part.bytes` says."""
        return {name: part.bytes(share) for name, part in self.parts.items()}

    def together(self, share: float = 1.0) -> int:
        """Bytes with all networks on the device."""
        return sum(self.weights(share).values()) + max(self.activations.values(), default=0)

    def in_turn(self, share: float = 1.0) -> int:
        """Bytes with that network alone which works."""
        held = self.weights(share).items()
        return max(size + self.activations.get(name, 0) for name, size in held)

    def streamed(self) -> int:
        """Bytes with that layer alone which works, and the next on its way."""
        largest = max(part.layer for part in self.parts.values())
        return 2 * largest + max(self.activations.values(), default=0)


def needs_of(family: Family, dtype: torch.dtype, files: Mapping[str, int] | None = None) -> Needs:
    """What the pipeline of a family takes in a dtype.

    Args:
        family: of a pipeline whose networks may be on the meta device.
        dtype: that it is loaded in.
        files: bytes of the files of parts that are quantised there already, by name.
    """
    wide = torch.float32 if family.upcasts(dtype) else dtype
    found: dict[str, Part] = {}
    for name, module in modules_of(family.pipeline).items():
        if files and name in files:
            found[name] = Part(files[name], 0, files[name], packed=True)
        else:
            found[name] = _part(module, wide if name == "vae" else dtype)
    vae: Any = family.pipeline.vae
    pixels = math.prod(family.latent_shape[1:]) * family.factor**2
    painted = DECODER_FLOATS[family.frames] * _channels(vae.config) * pixels * wide.itemsize
    asked = int(family.row_floats * dtype.itemsize)
    return Needs(found, family.part, {family.part: asked, "vae": painted})


def held_bytes(module: nn.Module) -> int:
    """Bytes of a network's weights and buffers as they are."""
    return sum(p.nbytes for p in (*module.parameters(), *module.buffers()))


def packed_files(folder: Path) -> dict[str, int]:
    """Bytes of the weights' files of each part that is quantised in them, by name."""
    configs = (c for c in folder.glob("*/config.json") if '"quantization_config"' in c.read_text("utf-8"))
    return {c.parent.name: sum(f.stat().st_size for f in c.parent.glob("*.safetensors")) for c in configs}


def _channels(config: Any) -> int:
    listed = config.get("block_out_channels") or config.get("decoder_block_out_channels")
    return int((listed or [config.get("base_dim") or CHANNELS])[0])


def _part(module: Any, dtype: torch.dtype) -> Part:
    inner = unwrapped(module)
    total = linear = largest = 0
    for layer, where in _layers(inner):
        held = 0
        for name, values in (*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)):
            # Neither integers nor what no file holds follows the dtype that is asked for.
            own = not values.is_floating_point() or name in vars(layer)["_non_persistent_buffers_set"]
            wide = not own and _kept_wide(inner, f"{where}.{name}", dtype)
            size = values.numel() * (values.itemsize if own else 4 if wide else dtype.itemsize)
            held += size
            if isinstance(layer, nn.Linear) and values.ndim > 1 and not wide:
                linear += size
        total, largest = total + held, max(largest, held)
    return Part(total, linear, largest)


def _layers(module: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    """Every module once, tied weights too: the first that has them."""
    seen: set[int] = set()
    for where, layer in module.named_modules():
        own = [id(values) for values in layer.parameters(recurse=False)]
        if not (own and seen.issuperset(own)):
            yield layer, where
        seen.update(own)


def _kept_wide(module: Any, name: str, dtype: torch.dtype) -> bool:
    """Whether its library loads these weights in fp32, whatever dtype is asked for."""
    if dtype.itemsize >= torch.float32.itemsize:
        return False
    always = list(getattr(module, "_keep_in_fp32_modules_strict", None) or ())
    some = list(getattr(module, "_keep_in_fp32_modules", None) or ())
    # transformers spares those of the second kind from fp16 only, diffusers from both.
    spared = some if dtype == torch.float16 or type(module).__module__.startswith("diffusers") else []
    path = name.split(".")
    return any(one in path or one in name for one in (*always, *spared))
