"""Read a model so that it fits into the memory there is: judged first, then read once, straight to where it works."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import huggingface_hub
import psutil
import torch
from diffusers import DiffusionPipeline
from diffusers.pipelines import pipeline_utils

from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.model.fit import GIB, Memory, Plan, choose, quantisation
from guidewidgets.engine.model.guest import HOOKS
from guidewidgets.engine.model.microbatch import free_bytes
from guidewidgets.engine.model.needs import held_bytes, needs_of, packed_files
from guidewidgets.engine.model.skeleton import skeleton
from guidewidgets.engine.model.source import Source
from guidewidgets.engine.model.stamp import Stamp, stamp
from guidewidgets.engine.model.stored import stored_entries
from guidewidgets.engine.weights import modules_of

# What is not fetched from the hub before it is known that the model can be used.
LARGE = (
    "*.safetensors",
    "*.bin",
    "*.ckpt",
    "*.pt",
    "*.pth",
    "*.msgpack",
    "*.h5",
    "*.onnx*",
    "*.gguf",
    "*.png",
)
VARIANTS = {torch.float16: "fp16", torch.bfloat16: "bf16"}
# How diffusers calls what it loads weights in: it has had both names, and warns of the older one since.
DTYPE = "dtype" if hasattr(pipeline_utils, "_resolve_dtype") else "torch_dtype"
_VARIANT = re.compile(r"\.(fp16|bf16)(-\d+-of-\d+)?\.safetensors$")


class Fitted(NamedTuple):
    """A pipeline on its device, what its files hold, one line that says how it was loaded, and whether that costs.

    It costs time or precision, which users are to know.
    """

    pipeline: Any
    stored: Stamp
    line: str
    costs: bool


def memory_of(device: torch.device, gib: float | None = None) -> Memory:
    """What is free now; `gib` stands in the place of the device's."""
    host = int(psutil.virtual_memory().available)
    if device.type == "cpu":
        host = int(gib * GIB) if gib else host
        return Memory(host, host, "cpu")
    return Memory(int(gib * GIB) if gib else free_bytes(device), host, device.type)


def read_fitted(source: Source, device: torch.device, dtype: torch.dtype | None, memory: Memory) -> Fitted:
    """Read a model that is nobody else's.

    Args:
        source: where it is.
        device: where to run.
        dtype: of its weights; None: fp32 or bf16 on a CPU, else what its kind is made for.
        memory: that may be used.

    Raises:
        ValueError: it cannot be read, is of a kind that is not supported, or does not fit; nothing was loaded then.
    """
    with source.reading():
        folder = source.folder or Path(
            huggingface_hub.snapshot_download(source.given, ignore_patterns=list(LARGE))
        )
        empty = skeleton(folder)
    family = family_of(empty)
    packed = packed_files(folder)
    dtypes = (dtype,) if dtype else usual_dtypes(device, transformer=family.part == "transformer")
    needs = {each: needs_of(family, each, packed) for each in dtypes}
    try:
        plan = choose(needs, memory)
    except ValueError as error:
        remedy = (
            "take a smaller model, or install bitsandbytes, torchao or optimum-quanto, which pack weights"
        )
        message = f"model={source.given!r} {error}: {remedy}"
        raise ValueError(message) from error
    variant = pick_variant(_names(source, folder), plan.dtype)
    wide = torch.float32 if family.upcasts(plan.dtype) else plan.dtype
    config = quantisation(plan, modules_of(empty))
    with source.reading():
        pipeline = DiffusionPipeline.from_pretrained(
            source.folder or source.given,
            local_files_only=source.folder is not None,
            use_safetensors=True,
            low_cpu_mem_usage=True,
            variant=variant,
            quantization_config=config,
            device_map=device.type if _straight(plan, device) else None,
            **{DTYPE: {"default": plan.dtype, "vae": wide}},
        )
    for module in modules_of(pipeline).values():
        module.requires_grad_(requires_grad=False).eval()
    _place(pipeline, plan, device)
    held = stamp(pipeline)
    cast = {name: part for name, part in held.parts.items() if not config or name not in config.quant_mapping}
    cast = {n: replace(part, entries=stored_entries(folder / n, part.entries)) for n, part in cast.items()}
    files = f"its {variant} files, " if variant else ""
    line = f"{source.id} for {memory}: {files}{plan}"
    costs = plan.quantiser is not None or plan.offload != "none" or plan.dtype is not dtypes[0]
    return Fitted(pipeline, replace(held, parts={**held.parts, **cast}), line, costs)


def as_lent(pipeline: Any, gib: float | None) -> str:
    """One line about a live pipeline, which is taken as it is.

    Args:
        pipeline: that was lent.
        gib: the memory that was asked for, or None.

    Raises:
        ValueError: its weights are more than that, and are not offloaded.
    """
    parts = modules_of(pipeline).values()
    rests = any(name in vars(module) for part in parts for module in part.modules() for name in HOOKS)
    sizes = sum(map(held_bytes, parts)) / GIB
    name = type(pipeline).__name__
    if gib is not None and sizes > gib and not rests:
        message = (
            f"fit={gib:g}: the weights of this {name} are {sizes:.1f} GiB, and a live pipeline is taken as it is: "
            "offload it (pipe.enable_model_cpu_offload()), or give its folder or id"
        )
        raise ValueError(message)
    how = "offloaded" if rests else f"{sizes:.1f} GiB of weights"
    return f"this {name} is taken as it was lent: {how}"


def usual_dtypes(device: torch.device, *, transformer: bool) -> tuple[torch.dtype, ...]:
    """Of weights on a device, the most wanted first.

    Args:
        device: where the model runs.
        transformer: whether its denoiser is one: they are trained in bf16, and some overflow in fp16.
    """
    if device.type == "cpu":
        return torch.float32, torch.bfloat16
    # Cards before 2020 have no units for bf16.
    wide = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return (torch.bfloat16 if wide and transformer else torch.float16,)


def _names(source: Source, folder: Path) -> list[str]:
    """Of the model's files."""
    if source.folder is None:
        with contextlib.suppress(Exception):  # whatever the client of the day raises without a connection
            return huggingface_hub.list_repo_files(source.given)
    return [path.relative_to(folder).as_posix() for path in folder.glob("*/*")]


def pick_variant(names: Iterable[str], dtype: torch.dtype) -> str | None:
    """Which variant of the files to read: that of the dtype, else any where there are no plain ones; None is plain."""
    weights = [name for name in names if name.endswith(".safetensors") and "/" in name]
    found = {match[1] for name in weights if (match := _VARIANT.search(name))}
    if (wanted := VARIANTS.get(dtype)) in found:
        return wanted
    plain = any(not _VARIANT.search(name) for name in weights)
    return None if plain or not found else min(found)


def _straight(plan: Plan, device: torch.device) -> bool:
    """Whether weights can go from the files to the device, past the RAM; diffusers knows but the current one."""
    current = device.type == "cuda" and device.index in (None, torch.cuda.current_device())
    return current and plan.offload == "none"


def _place(pipeline: Any, plan: Plan, device: torch.device) -> None:
    """Leave the networks where they rest until they are used."""
    if plan.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif plan.offload == "group":
        streams = device.type == "cuda"  # on which the next layer comes while this one works
        pipeline.enable_group_offload(
            device, offload_type="leaf_level", use_stream=streams, low_cpu_mem_usage=streams
        )
    elif not _straight(plan, device):
        for module in modules_of(pipeline).values():
            module.to(device)
