"""The loop all nets that look at pictures are trained with: resume, step, report, save."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from safetensors.torch import load_file

from training.flat import Flat, load
from training.schedule import Schedule
from training.train_unet import save

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor, nn

    Weights = dict[str, Tensor]


_SPENT: Final = ("steps", "samples", "cpu_seconds")


@dataclass(frozen=True)
class Run:
    """How long and how fast. `batch` is the caller's; `ema` as in `flat.Flat`."""

    minutes: float
    batch: int = 128
    lr: float = 1e-3
    ema: float = 0.99
    save_minutes: float = 10.0


def resume(modules: Mapping[str, nn.Module], folder: Path) -> bool:
    """Load the state a former sitting left in `folder`, if there is one, and say so."""
    file = folder / "state.safetensors"
    if not file.exists():
        return False
    load(modules, load_file(file))
    return True


def _spent(folder: Path) -> dict[str, float]:
    """Return what former sittings took."""
    report = folder / "report.json"
    told: dict[str, float] = json.loads(report.read_text()) if report.exists() else {}
    return {key: float(told.get(key, 0)) for key in _SPENT}


def fit(
    name: str,
    modules: Mapping[str, nn.Module],
    loss_of: Callable[[int], Tensor],
    report: Callable[[Weights], dict[str, float]],
    folder: Path,
    run: Run,
) -> dict[str, float]:
    """Train from `folder`/state.safetensors if it is there, and save there.

    Args:
        name: for the log.
        modules: what is trained; their parameters become those of a `Flat`.
        loss_of: the loss of step i, counted over all sittings, with a graph.
        report: measures averaged weights ("module.parameter" → fp32).
        folder: gets state.safetensors (to go on from), average.safetensors and report.json.
        run: how long and how fast.

    Returns:
        The last report.
    """
    former = _spent(folder) if resume(modules, folder) else dict.fromkeys(_SPENT, 0.0)
    flat = Flat(modules, run.ema)
    schedule, spent, saved = Schedule(run.minutes, run.lr), time.process_time(), time.monotonic()
    total, since = 0.0, 0
    for step in range(10**9):
        loss = loss_of(int(former["steps"]) + step)  # fresh captions in every sitting
        loss.backward()
        flat.step(schedule.rate())
        total, since = total + loss.item(), since + 1
        over = schedule.progress() >= 1
        if step % 100 == 99 or over:
            cpu = time.process_time() - spent
            line = {"step": step + 1, "loss": round(total / since, 4), "cpu": round(cpu / (step + 1), 3)}
            print(name, json.dumps(line | {"progress": round(schedule.progress(), 3)}), flush=True)
            total, since = 0.0, 0
        if over or time.monotonic() - saved > 60 * run.save_minutes:
            average = flat.weights(averaged=True)
            save(folder / "state.safetensors", average if over else flat.weights(averaged=False))
            save(folder / "average.safetensors", average)
            now = (step + 1, (step + 1) * run.batch, time.process_time() - spent)
            seen = {key: former[key] + value for key, value in zip(_SPENT, now, strict=True)}
            found = {key: round(value, 4) for key, value in (report(average) | seen).items()}
            (folder / "report.json").write_text(json.dumps(found, indent=1))
            print(name, found, flush=True)
            saved = time.monotonic()
            if over:
                return found
    raise AssertionError
