"""What is said between this process and its workers."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guidewidgets.engine.genome_model import GenomeModel
from guidewidgets.engine.workers.renderer import Done, Order
from guidewidgets.genome import Genome

Work = Callable[[Any], Generator[tuple[Any, bool], Any, None]]
"""Engine → what is done with it: yields (what, waits), see `Said`; importable by name, and its state can be pickled."""


@dataclass(frozen=True, slots=True)
class Begin:
    """The first message to a worker: what to load, and where.

    Attributes:
        kind: class of the engine.
        model: a folder or an id; None is the embedded model.
        pipeline: None as `Engine.load` does; else the dtypes of a pipeline's parts, by name, as its owner loaded it.
        scheduler: class and numbers, where its owner gave it another one.
        dtype, fit: see `Engine.load`.
        device: where to paint.
        threads: of torch.
    """

    kind: type[GenomeModel]
    model: str | None
    pipeline: Mapping[str, str] | None
    scheduler: tuple[str, Mapping[str, Any]] | None
    dtype: str | None
    fit: str | float | None
    device: str
    threads: int


@dataclass(frozen=True, slots=True)
class Paint:
    """To a worker: a chunk of pictures."""

    token: int
    genomes: Sequence[Genome]
    order: Order


@dataclass(frozen=True, slots=True)
class Errand:
    """To a worker: something else than pictures.

    Attributes:
        token: number of it.
        work: given the worker's engine it says what it does, step by step. Where it says something that `waits`, it is
            sent the answer.
        order: its lane.
    """

    token: int
    work: Work
    order: Order


@dataclass(frozen=True, slots=True)
class Reply:
    """To a worker: the answer to what an errand said the n-th time."""

    token: int
    n: int
    answer: Any


@dataclass(frozen=True, slots=True)
class Said:
    """From a worker: what an errand says, counted from 0.

    Attributes:
        token: of the errand.
        n: counted from 0.
        what: it says; None with the last one.
        waits: whether it goes on only with an answer.
        over: whether it was the last one.
        cautions: that came up.
    """

    token: int
    n: int
    what: Any = None
    waits: bool = False
    over: bool = False
    cautions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Cancel:
    """To a worker: leave a chunk; it answers with `Left`."""

    token: int


@dataclass(frozen=True, slots=True)
class Hold:
    """To a worker: leave a chunk as it is (`held`), or go on with it."""

    token: int
    held: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """From a worker: its model is loaded.

    Attributes:
        model, revision: which one.
        pid, host: where the worker is.
        seconds: of one step of one picture, as tried.
    """

    model: str
    revision: str
    pid: int
    host: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Alive:
    """From a worker, every second. `memory` is what it holds of its device, in bytes."""

    memory: int


@dataclass(frozen=True, slots=True)
class Step:
    """From a worker: a step of a chunk.

    Attributes:
        token: of the chunk.
        step: counted from 1.
        total: steps in all.
        pixels: quick or, with the last step, finished pictures, uint8 (n, h, w, 3); as they are, since writing and
            reading JPEG takes longer than a pipe does.
        done: with the last step.
        seconds: of one picture's share of this chunk's quickest step so far.
        cautions: that came up.
    """

    token: int
    step: int
    total: int
    pixels: NDArray[np.uint8] | None
    done: Done | None
    seconds: float
    cautions: Sequence[str]

    @property
    def over(self) -> bool:
        """Whether it was the last one."""
        return self.done is not None


@dataclass(frozen=True, slots=True)
class Left:
    """From a worker: a chunk was left."""

    token: int


@dataclass(frozen=True, slots=True)
class Failed:
    """From a worker: an exception, of a chunk or (None) of loading."""

    token: int | None
    error: Exception


def carried(error: Exception) -> Exception:
    """An exception that can be sent: itself, or a RuntimeError that says the same."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever a strange exception does when it is taken apart
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
