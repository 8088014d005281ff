"""The weights of somebody's model as they are underneath: compiled, fused, offloaded and adapted ones are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from diffusers.hooks.group_offloading import (
    _get_group_onload_device,  # pyright: ignore[reportPrivateUsage] - its public user came with 0.42
)
from torch import Tensor, nn
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

SAMPLE = 16  # values of each parameter that a fingerprint holds
_FUSED = {
    "to_qkv": "to_q",
    "to_kv": "to_k",
    "to_added_qkv": "add_q_proj",
}  # copies beside what they were made of


class Weight(NamedTuple):
    """One parameter: its name without wrappers, its values, and the adapter it belongs to, if any."""

    name: str
    values: Tensor
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA or its kind, as it acts on one part of a pipeline: its name, and its scale in every layer it acts on."""

    name: str
    scales: tuple[float, ...]


def unwrapped(module: Any) -> Any:
    """A module without what `torch.compile` has put around it."""
    while isinstance(inner := getattr(module, "_orig_mod", None), nn.Module):
        module = inner
    return module


def modules_of(pipeline: Any) -> dict[str, nn.Module]:
    """The networks among a pipeline's parts, by name."""
    return {name: part for name, part in pipeline.components.items() if isinstance(part, nn.Module)}


def execution_device(part: Any) -> torch.device:
    """Where a module computes, which is not where its weights rest while they are offloaded."""
    # By `vars`: asking a module for what it lacks is slow, and this is asked of all of them before every job.
    held = [vars(module) for module in part.modules()]
    if any("_diffusers_hook" in one for one in held):
        try:
            return torch.empty(0, device=_get_group_onload_device(part)).device
        except ValueError:  # a hook of another kind
            pass
    named = (getattr(one.get("_hf_hook"), "execution_device", None) for one in held)
    found = next((device for device in named if device is not None), part.device)
    return torch.empty(0, device=found).device  # "cuda" and "cpu:0" in the usual form


def weights(part: nn.Module) -> Iterator[Weight]:
    """All parameters of a module, each once, in the order of `named_parameters`.

    Raises:
        ValueError: one is on no device, and nothing says where it is.
    """
    seen: set[tuple[int, tuple[int, ...]]] = set()
    adapted: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    for path, module, maps in _offloaded(part):
        at = f"{path}." if path else ""
        adapted += tuple(f"{at}{name}." for name in _adapts(module))
        children: Mapping[str, object] = vars(module)["_modules"]
        copies += tuple(f"{at}{new}." for new, old in _FUSED.items() if new in children and old in children)
        if at.startswith(copies):
            continue
        for name, parameter in module.named_parameters(recurse=False):
            values = _values(maps, at + name, parameter)
            key = values.data_ptr() or id(values), tuple(values.shape)
            if key not in seen:
                seen.add(key)
                yield _named(at + name, values, adapted)


def _adapts(module: nn.Module) -> tuple[str, ...]:
    """Names of the modules in which a layer of peft's keeps its adapters; none of any other."""
    return tuple(vars(module).get("adapter_layer_names") or getattr(type(module), "adapter_layer_names", ()))


def _named(path: str, values: Tensor, adapted: tuple[str, ...]) -> Weight:
    """Take the wrappers' own names out."""
    name = path.replace("_orig_mod.", "").replace(".base_layer.", ".")
    inside = next((prefix for prefix in adapted if path.startswith(prefix)), None)
    return Weight(name, values, inside and path[len(inside) :].partition(".")[0])


Maps = dict[str, Mapping[str, Tensor]]


def _offloaded(part: nn.Module) -> Iterator[tuple[str, nn.Module, Maps]]:
    """Every module with its path, and where accelerate keeps the weights of it and of those above, by path."""
    maps: Maps = {}
    for path, module in part.named_modules():
        hook = vars(module).get("_hf_hook")
        for one in getattr(hook, "hooks", [hook]):
            if (kept := getattr(one, "weights_map", None)) is not None:
                maps[path] = kept
        yield path, module, maps


def _values(maps: Maps, path: str, parameter: Tensor) -> Tensor:
    if not parameter.is_meta:
        return parameter
    above, inner = path, ""
    while above:
        above, _, last = above.rpartition(".")
        inner = f"{last}.{inner}" if inner else last
        if above in maps:
            return maps[above][inner]
    message = f"the weights {path!r} are on no device (meta): load them before the pipeline is lent"
    raise ValueError(message)


def materialised(part: nn.Module) -> dict[str, Tensor]:
    """Parameters of a module that are offloaded, by name: their values."""
    found: dict[str, Tensor] = {}
    for path, module, maps in _offloaded(part):
        for name, parameter in module.named_parameters(recurse=False):
            at = f"{path}.{name}" if path else name
            if parameter.is_meta:
                found[at] = _values(maps, at, parameter)
    return found


def adapters(part: nn.Module) -> tuple[Adapter, ...]:
    """The adapters that act on a module now, as peft has it, by name; those at scale 0 do not act."""
    found: dict[str, list[float]] = {}
    for module in part.modules():
        if not _adapts(module) or getattr(module, "disable_adapters", False):
            continue
        layer: Any = module
        for name in layer.active_adapters:
            # What is merged is in the weights.
            if name not in layer.merged_adapters and name in getattr(layer, "scaling", {}):
                found.setdefault(name, []).append(round(_scale(layer, name), 6))
    return tuple(Adapter(name, tuple(scales)) for name, scales in sorted(found.items()) if any(scales))


def _scale(layer: Any, name: str) -> float:
    """What somebody set: peft keeps it times alpha / r."""
    alpha, rank = getattr(layer, "lora_alpha", {}).get(name), getattr(layer, "r", {}).get(name)
    if not alpha or not rank:
        return float(layer.scaling[name])
    rooted = getattr(layer, "use_rslora", {}).get(name, False)
    return float(layer.scaling[name]) / (alpha / (rank**0.5 if rooted else rank))


def samples(found: Iterable[Weight]) -> list[bytes]:
    """The first values of each parameter, float32."""
    firsts = [_first(weight.values).float() for weight in found]
    lengths = [len(first) for first in firsts]
    by_device: dict[torch.device, list[int]] = {}
    for i, first in enumerate(firsts):
        by_device.setdefault(first.device, []).append(i)
    answer: list[bytes] = [b""] * len(firsts)
    for places in by_device.values():  # one copy for all of a device: each would wait for it
        row = torch.cat([firsts[i] for i in places]).cpu()
        for i, values in zip(places, row.split([lengths[i] for i in places]), strict=True):
            answer[i] = values.numpy().tobytes()
    return answer


def _first(values: Tensor) -> Tensor:
    values = values.detach()
    if values.ndim > 1 and values.numel():  # flattening another memory format copies everything
        values = values[: -(-SAMPLE // max(1, values[0].numel()))]
    if is_packed(values):  # which cannot be flattened
        values = values.dequantize()
    return values.flatten()[:SAMPLE]


def is_packed(values: Tensor) -> bool:
    """Whether weights are a tensor around others, as quantisers make them (torchao, quanto)."""
    return is_traceable_wrapper_subclass(values)


def fingerprint(parts: Iterable[nn.Module]) -> str:
    """Twelve hex digits that tell weights apart: names, shapes and a few values of every parameter; no adapters."""
    digest = hashlib.sha256()
    for part in parts:
        for label, sample in entries([weight for weight in weights(part) if weight.adapter is None]):
            digest.update(label)
            digest.update(sample)
    return digest.hexdigest()[:12]


def entries(found: list[Weight]) -> list[tuple[bytes, bytes]]:
    """What a fingerprint holds of each parameter: its name and shape, its first values."""
    labels = [f"{weight.name}{tuple(weight.values.shape)}".encode() for weight in found]
    return list(zip(labels, samples(found), strict=True))
