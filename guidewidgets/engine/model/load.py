"""Find a model and open it as a diffusers pipeline. What is read is data only: safetensors, never code or pickles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import torch
from diffusers import DiffusionPipeline

from guidewidgets.engine.families.base import Family
from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.model.guest import adapted
from guidewidgets.engine.model.quiet import quiet
from guidewidgets.engine.model.revision import Origin
from guidewidgets.engine.model.stamp import Stamp, stamp
from guidewidgets.engine.weights import modules_of, unwrapped
from guidewidgets.forks import Guard, in_child

EMBEDDED = Path(__file__).parents[2] / "models" / "emoji"
EMBEDDED_ID = "guidewidgets/emoji"
_locks: WeakKeyDictionary[torch.nn.Module, Guard] = WeakKeyDictionary()
MAX_NAME = 1000  # that a file may say
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")

# The threads that share the work of torch are not there in the child of a fork, and it would wait for them for ever.
in_child(at_first=lambda: torch.set_num_threads(1))


@dataclass(frozen=True, slots=True)
class Opened:
    """A pipeline on its device, an id for people, its folder if it has one; what it was, and what it is now."""

    pipeline: Any
    id: str
    folder: Path | None
    origin: Origin
    stamp: Stamp


def open_pipeline(model: Any, device: torch.device | None, dtype: torch.dtype | None) -> Opened:
    """Open a model and put it on its device.

    Args:
        model: None (the embedded model), a folder, an id on the model hub, or a live diffusers pipeline. A live one is
            shared and never changed: parts whose `device` or `dtype` differ from what is asked for are copied.
        device: where to run; None keeps a live pipeline where it is, else takes the best there is.
        dtype: of the weights; None keeps a live pipeline's own, else fp32 on the CPU and fp16 on accelerators.

    Raises:
        ValueError: there is no such model, or it cannot be read or used.
        TypeError: `model` is none of these.
    """
    folder: Path | None = None
    lent = isinstance(model, DiffusionPipeline)
    if lent:
        pipeline, name = model, str(model.config.get("_name_or_path") or type(model).__name__)
    elif model is None or isinstance(model, (str, Path)):
        pipeline, name, folder = _read(model)
    else:
        message = f"model={model!r}: expected None, a folder, a model id or a diffusers pipeline"
        raise TypeError(message)
    family = family_of(pipeline)  # refuses what cannot be used before anything is done with it
    # Before any cast: the same weights in fp16 and fp32 are the same model.
    before = now = stamp(pipeline)
    if lent:
        pipeline = adapted(pipeline, device, dtype)
    else:
        _settle(pipeline, family, device or best_device(), dtype)
    if not lent or pipeline is not model:
        now = stamp(pipeline)
    name = name.encode(errors="replace").decode()[:MAX_NAME]
    return Opened(pipeline, name, folder, Origin.of(before, now, shipped=not lent), now)


def _settle(pipeline: Any, family: Family, device: torch.device, dtype: torch.dtype | None) -> None:
    """Move, cast and freeze a pipeline that is nobody else's."""
    dtype = dtype or (torch.float32 if device.type == "cpu" else torch.float16)
    wide = family.upcasts(dtype)  # its autoencoder overflows in fp16, and says so
    for name, module in modules_of(pipeline).items():
        with quiet():  # diffusers warns of casts that keep nothing in fp32, even where nothing asks for it
            module.to(device, torch.float32 if wide and name == "vae" else dtype)
        module.requires_grad_(requires_grad=False).eval()


def _read(model: str | Path | None) -> tuple[Any, str, Path | None]:
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
    try:
        with quiet():
            pipeline = DiffusionPipeline.from_pretrained(
                folder if local else str(model),
                local_files_only=local,
                use_safetensors=True,
                low_cpu_mem_usage=False,
            )
    except (OSError, ValueError, KeyError, AttributeError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        remedy = "check the name; without a connection, give a folder that holds the model"
        message = f"model={str(model)!r} cannot be opened ({remedy}): {first}"
        raise ValueError(message) from error
    if not local:
        return pipeline, str(model), None
    return pipeline, EMBEDDED_ID if model is None else folder.name, folder


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
