"""Find a model and open it as a diffusers pipeline. What is read is data only: safetensors, never code or pickles."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import torch
from diffusers import DiffusionPipeline

from guidewidgets.engine.families.base import Family
from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.model.fitted import as_lent, memory_of, read_fitted
from guidewidgets.engine.model.guest import adapted
from guidewidgets.engine.model.quiet import quiet
from guidewidgets.engine.model.revision import Origin
from guidewidgets.engine.model.source import Source
from guidewidgets.engine.model.stamp import Stamp, stamp
from guidewidgets.engine.weights import modules_of, unwrapped
from guidewidgets.forks import Guard, in_child, settle

EMBEDDED = Path(__file__).parents[2] / "models" / "emoji"
EMBEDDED_ID = "guidewidgets/emoji"
_locks: WeakKeyDictionary[torch.nn.Module, Guard] = WeakKeyDictionary()
MAX_NAME = 1000  # that a file may say
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")

# The threads that share the work of torch are not there in the child of a fork, and it would wait for them for ever.
in_child(at_first=lambda: torch.set_num_threads(1))


@dataclass(frozen=True, slots=True)
class Opened:
    """A pipeline on its device, an id for people, its folder if it has one; what it was, and what it is now.

    `fit` says in one line how it was fitted into memory; empty where nobody asked. `costs`: time, or precision.
    """

    pipeline: Any
    id: str
    folder: Path | None
    origin: Origin
    stamp: Stamp
    fit: str = ""
    costs: bool = False


def open_pipeline(
    model: Any,
    device: torch.device | None,
    dtype: torch.dtype | None,
    fit: str | float | None = None,
) -> Opened:
    """Open a model and put it on its device.

    Args:
        model: None (the embedded model), a folder, an id on the model hub, or a live diffusers pipeline. A live one is
            shared and never changed: parts whose `device` or `dtype` differ from what is asked for are copied.
        device: where to run; None keeps a live pipeline where it is, else takes the best there is.
        dtype: of the weights; None keeps a live pipeline's own, else fp32 on the CPU and fp16 on accelerators.
        fit: see `Engine.load`.

    Raises:
        ValueError: there is no such model, or it cannot be read or used, or does not fit.
        TypeError: `model` is none of these.
    """
    settle()  # or reading would wait for threads that a fork has lost
    gib, line, costs = pick_fit(fit), "", False
    if isinstance(model, DiffusionPipeline):
        source = Source("", str(model.config.get("_name_or_path") or type(model).__name__), None)
        family_of(model)  # refuses what cannot be used before anything is done with it
        line = "" if fit is None else as_lent(model, gib)
        before = stamp(model)
        pipeline = adapted(model, device, dtype)
    elif model is not None and not isinstance(model, (str, Path)):
        message = f"model={model!r}: expected None, a folder, a model id or a diffusers pipeline"
        raise TypeError(message)
    elif fit is not None:
        source, device = _find(model), device or best_device()
        pipeline, before, line, costs = read_fitted(source, device, dtype, memory_of(device, gib))
    else:
        source = _find(model)
        pipeline = _read(source)
        family = family_of(pipeline)
        # Before any cast: the same weights in fp16 and fp32 are the same model.
        before = stamp(pipeline)
        _settle(pipeline, family, device or best_device(), dtype)
    now = before if pipeline is model else stamp(pipeline)
    name = source.id.encode(errors="replace").decode()[:MAX_NAME]
    origin = Origin.of(before, now, shipped=pipeline is not model)
    return Opened(pipeline, name, source.folder, origin, now, line, costs)


def _settle(pipeline: Any, family: Family, device: torch.device, dtype: torch.dtype | None) -> None:
    """Move, cast and freeze a pipeline that is nobody else's."""
    dtype = dtype or (torch.float32 if device.type == "cpu" else torch.float16)
    wide = family.upcasts(dtype)  # its autoencoder overflows in fp16, and says so
    for name, module in modules_of(pipeline).items():
        with quiet():  # diffusers warns of casts that keep nothing in fp32, even where nothing asks for it
            module.to(device, torch.float32 if wide and name == "vae" else dtype)
        module.requires_grad_(requires_grad=False).eval()


def _find(model: str | Path | None) -> Source:
    folder = EMBEDDED if model is None else Path(model).expanduser()
    local = folder.is_dir()
    if not local and not HUB_ID.fullmatch(str(model)):
        expected = "expected a folder, an id like 'owner/name', a pipeline or None"
        message = f"model={str(model)!r}: no such folder; {expected}"
        raise ValueError(message)
    if local and not (folder / "model_index.json").is_file():
        message = (
            f"model={str(model)!r}: the folder has no model_index.json, so it is not a diffusers pipeline"
        )
        raise ValueError(message)
    if not local:
        return Source(str(model), str(model), None)
    return Source(str(model), EMBEDDED_ID if model is None else folder.name, folder)


def _read(source: Source) -> Any:
    with source.reading():
        return DiffusionPipeline.from_pretrained(
            source.folder or source.given,
            local_files_only=source.folder is not None,
            use_safetensors=True,
            low_cpu_mem_usage=True,
        )


def pick_device(device: str | torch.device | None) -> torch.device | None:
    """The device asked for, checked; None stays None.

    Raises:
        ValueError: there is no such device here.
    """
    if device is None:
        return None
    try:
        chosen = torch.device(device)
        return torch.empty(1, device=chosen).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        message = f"device={str(device)!r} is not available here: {str(error).splitlines()[0]}"
        raise ValueError(message) from error


def pick_fit(fit: str | float | None) -> float | None:
    """The GiB asked for, checked; None for "auto", and where nobody asked.

    Raises:
        ValueError: none of these.
    """
    if fit is None or fit == "auto":
        return None
    if isinstance(fit, (str, bool)) or not isinstance(fit, (int, float)) or not 0 < fit < math.inf:
        message = f"fit={fit!r}: expected None, 'auto' or a number of GiB above 0"
        raise ValueError(message)
    return float(fit)


def lock_of(network: torch.nn.Module) -> Guard:
    """The lock of a network: one, however many engines were made of the same pipeline."""
    return _locks.setdefault(unwrapped(network), Guard("the model", patient=False))


def best_device() -> torch.device:
    """CUDA, else MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("mps") if torch.backends.mps.is_available() else torch.device("cpu")


def pick_dtype(dtype: str | torch.dtype | None) -> torch.dtype | None:
    """A floating dtype by name or object.

    Raises:
        ValueError: not one of float64, float32, bfloat16, float16.
    """
    names = {
        "float64": torch.float64,
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
        "float16": torch.float16,
    }
    if dtype is None or (isinstance(dtype, torch.dtype) and dtype in names.values()):
        return dtype
    if not isinstance(dtype, str) or dtype not in names:
        message = f"dtype={dtype!r}: expected one of {', '.join(names)}"
        raise ValueError(message)
    return names[dtype]
