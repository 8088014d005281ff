"""Begin to paint with workers: how each is to load the model, where each is to paint, and whether there is room."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline

from guidewidgets.arguments import as_int
from guidewidgets.engine.genome_model import GenomeModel
from guidewidgets.engine.model.load import HUB_ID
from guidewidgets.engine.model.microbatch import free_bytes
from guidewidgets.engine.model.needs import held_bytes
from guidewidgets.engine.weights import modules_of
from guidewidgets.engine.workers.messages import Begin
from guidewidgets.engine.workers.pool import Pool
from guidewidgets.engine.workers.ray_actors import RayActor, actors_of, connect, is_address
from guidewidgets.engine.workers.spawned import Heard, Lost, Spawned, Transport

MOST = 64
MOST_ON_CPU = 4  # of "auto"
BESIDE = 700 << 20  # bytes that a process takes beside the weights: torch and its device's libraries
GIB = 1 << 30


def start_workers(
    own: GenomeModel, model: Any, dtype: torch.dtype | None, fit: str | float | None, workers: int | str
) -> Pool:
    """Workers that paint what a model paints.

    Args:
        own: the model, loaded in this process.
        model: what it was loaded from.
        dtype: that was asked for.
        fit: likewise.
        workers: how many, "auto", "ray" or the address of a Ray cluster.

    Raises:
        ValueError: they cannot load it, or there is no room for so many.
    """
    loaded = _how(model, own.dtype if fit is None else dtype, fit)  # on whatever device: the same pictures
    begin = partial(loaded, kind=type(own))
    if is_address(workers):
        ray = connect(str(workers))
        devices, takes = actors_of(ray)

        def ask(number: int, heard: Heard, lost: Lost) -> Transport:
            return RayActor(ray, takes, begin(device=devices[number], threads=1), heard, lost)

        return Pool(ask, devices, own.id, own.revision)
    devices = _devices(own, workers)
    threads = max(1, torch.get_num_threads() // len(devices))

    def start(number: int, heard: Heard, lost: Lost) -> Transport:
        return Spawned(begin(device=devices[number], threads=threads), heard, lost)

    return Pool(start, devices, own.id, own.revision)


def _how(model: Any, dtype: torch.dtype | None, fit: str | float | None) -> partial[Begin]:
    """How a worker loads the model."""
    if not isinstance(model, DiffusionPipeline):
        named = None if model is None else str(Path(model).expanduser() if Path(model).is_dir() else model)
        if named is not None and Path(named).is_dir():
            named = os.path.abspath(named)  # noqa: PTH100 - a link stays one
        return partial(
            Begin, model=named, pipeline=None, scheduler=None, dtype=dtype and _name(dtype), fit=fit
        )
    told = str(model.config.get("_name_or_path") or "")
    if not (Path(told) / "model_index.json").is_file() and not HUB_ID.fullmatch(told):
        message = (
            f"workers cannot load this {type(model).__name__}: nothing says where its files are. Save it "
            "(pipe.save_pretrained('folder')) and give the folder, Engine.load('folder', workers=…)"
        )
        raise ValueError(message)
    scheduler: Any = model.scheduler  # pyright: ignore[reportAttributeAccessIssue] - every pipeline here has one
    numbers: Mapping[str, Any] = dict(scheduler.config)
    kinds = {name: _name(part.dtype) for name, part in modules_of(model).items()}
    folder = os.path.abspath(told) if Path(told).is_dir() else told  # noqa: PTH100
    return partial(
        Begin,
        model=folder,
        pipeline=kinds,
        scheduler=(type(scheduler).__name__, numbers),
        dtype=None,
        fit=None,
    )


def _name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _devices(own: GenomeModel, workers: int | str) -> Sequence[str]:
    """Of each worker, in turn.

    Raises:
        ValueError: there is no room for so many.
    """
    kind = own.device.type
    there = [f"cuda:{i}" for i in range(torch.cuda.device_count())] if kind == "cuda" else [str(own.device)]
    takes = sum(map(held_bytes, modules_of(own.pipeline).values())) + BESIDE
    fitting = {device: max(0, free_bytes(torch.device(device)) // takes) for device in there}
    if workers == "auto":
        most = {
            d: min(n, 1 if kind != "cpu" else min(MOST_ON_CPU, torch.get_num_threads()))
            for d, n in fitting.items()
        }
        count = sum(most.values())
        chosen = [device for device in there for _ in range(most[device])]
    else:
        if isinstance(workers, str):
            message = f"workers={workers!r}: expected a number, 'auto', 'ray' or the address of a Ray cluster"
            raise ValueError(message)
        count = as_int("workers", workers, 1, MOST)
        chosen = [there[i % len(there)] for i in range(count)]
    if not chosen or any(chosen.count(device) > fitting[device] for device in there):
        free = ", ".join(f"{free_bytes(torch.device(d)) / GIB:.1f} GiB of {d}" for d in there)
        message = (
            f"workers={workers!r}: each takes about {takes / GIB:.1f} GiB, and {free} are free: "
            f"at most {sum(fitting.values())} fit"
        )
        raise ValueError(message)
    return chosen
