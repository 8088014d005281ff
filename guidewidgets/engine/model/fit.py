"""How to load a model into the memory there is: dtype, quantisation, offload. diffusers and accelerate then do it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
import transformers

from guidewidgets.engine.model.needs import Needs

GIB = 2**30
USED = 0.9  # of the memory: the rest is for what libraries keep, and for the gaps between tensors
WORTH = 0.05  # of all weights: smaller networks are not worth quantising


@dataclass(frozen=True, slots=True)
class Quantiser:
    """A library that packs the weights of linear layers while they are loaded.

    Attributes:
        package: that has to be installed.
        bits: per weight, their scales included.
        words: for people.
    """

    package: str
    bits: float
    words: str

    def config(self, library: Any, dtype: torch.dtype) -> Any:
        """For one network, as its library (diffusers or transformers) takes it."""
        if self.package == "bitsandbytes":
            return library.BitsAndBytesConfig(
                load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
            )
        if self.package == "optimum-quanto":
            name = "weights_dtype" if library is diffusers else "weights"
            return library.QuantoConfig(**{name: "int8"})
        quantization = importlib.import_module("torchao.quantization")
        return library.TorchAoConfig(quantization.Int8WeightOnlyConfig())


# The nearer to the full weights, the earlier. (GGUF is a form of files, which diffusers reads one by one: a pipeline
# made of such is taken as it is lent.)
QUANTISERS = (
    Quantiser("torchao", 8.1, "in 8 bits by torchao"),
    Quantiser("optimum-quanto", 8.1, "in 8 bits by quanto"),
    Quantiser("bitsandbytes", 4.5, "in 4 bits by bitsandbytes"),
)
OFFLOAD = {
    "none": "",
    "model": "its networks take turns on the device, a second or so for each picture or new prompt",
    "group": "its layers stream through the device one by one, which makes every step several times slower",
}


def installed() -> tuple[Quantiser, ...]:
    """Those that can be used here."""
    return tuple(q for q in QUANTISERS if version(q.package))


def version(package: str) -> str:
    """Of a package; empty where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What may be used, in bytes.

    Attributes:
        device: of the device.
        host: RAM; the same where the device is the CPU.
        kind: of the device: "cuda", "cpu", "mps" …
    """

    device: int
    host: int
    kind: str

    def __str__(self) -> str:
        return f"{self.device / GIB:.3g} GiB" + (" of RAM" if self.kind == "cpu" else "")


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to load a model.

    Attributes:
        dtype: of the weights that are not packed.
        quantiser: that packs the others, or None.
        offload: a key of `OFFLOAD`.
        device_bytes, host_bytes: what it takes at most, for a picture at a time.
    """

    dtype: torch.dtype
    quantiser: Quantiser | None
    offload: str
    device_bytes: int
    host_bytes: int

    def __str__(self) -> str:
        words = [str(self.dtype).removeprefix("torch.")]
        words += [f"weights {self.quantiser.words}: pictures differ a little"] if self.quantiser else []
        words += [OFFLOAD[self.offload]] if self.offload != "none" else []
        taken = f"at most {self.device_bytes / GIB:.1f} GiB for a picture at a time"
        rest = f", and {self.host_bytes / GIB:.1f} GiB of RAM" if self.offload != "none" else ""
        return f"{'; '.join(words)}; {taken}{rest}"


def choose(
    needs: Mapping[torch.dtype, Needs], memory: Memory, quantisers: Sequence[Quantiser] | None = None
) -> Plan:
    """The first way that fits: full precision before packed weights, and both on the device before in turn.

    Args:
        needs: by dtype, the most wanted first.
        memory: that there is.
        quantisers: that may be used, the most wanted first; None: those installed.

    Raises:
        ValueError: nothing fits; the message begins with "needs".
    """
    ways = [
        plan
        for dtype, each in needs.items()
        for plan in _ways(dtype, each, memory.kind, installed() if quantisers is None else quantisers)
    ]
    for plan in ways:
        if plan.device_bytes <= USED * memory.device and plan.host_bytes <= USED * memory.host:
            return plan
    least = min(ways, key=lambda plan: plan.device_bytes)
    taken = f"needs {least.device_bytes / GIB:.1f} GiB at the least"
    if memory.kind == "cpu":
        message = f"{taken} ({str(least.dtype).removeprefix('torch.')}), beyond nine tenths of {memory}"
        raise ValueError(message)
    rests = f"with {least.host_bytes / GIB:.1f} GiB of RAM" if least.host_bytes else "all of it on the device"
    here = f"beyond nine tenths of {memory} and of {memory.host / GIB:.3g} GiB of RAM"
    message = f"{taken} ({rests}), {here}"
    raise ValueError(message)


def _ways(dtype: torch.dtype, needs: Needs, kind: str, quantisers: Sequence[Quantiser]) -> Iterator[Plan]:
    whole = sum(needs.weights().values())
    yield Plan(dtype, None, "none", needs.together(), 0)
    if kind in ("cpu", "mps"):  # whose memory is the RAM, so that nothing is won by moving
        return
    yield Plan(dtype, None, "model", needs.in_turn(), whole)
    if not any(part.packed for part in needs.parts.values()):
        for quantiser in quantisers:
            share = quantiser.bits / (8 * dtype.itemsize)
            packed = sum(needs.weights(share).values())
            yield Plan(dtype, quantiser, "none", needs.together(share), 0)
            yield Plan(dtype, quantiser, "model", needs.in_turn(share), packed)
        yield Plan(dtype, None, "group", needs.streamed(), whole)


def quantisation(plan: Plan, networks: Mapping[str, Any]) -> Any:
    """Diffusers' config for the networks to be packed: all but the autoencoder and small ones; None where none is.

    Args:
        plan: that says how.
        networks: by name, on the meta device.
    """
    if plan.quantiser is None:
        return None
    sizes = {name: sum(p.numel() for p in network.parameters()) for name, network in networks.items()}
    chosen = [n for n, size in sizes.items() if n != "vae" and size > WORTH * sum(sizes.values())]
    libraries = {
        n: diffusers if isinstance(networks[n], diffusers.ModelMixin) else transformers for n in chosen
    }
    return diffusers.PipelineQuantizationConfig(
        quant_mapping={n: plan.quantiser.config(libraries[n], plan.dtype) for n in chosen}
    )
