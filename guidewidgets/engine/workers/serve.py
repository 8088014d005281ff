"""What a worker does: load the model once, then paint chunk after chunk, interactive ones first, step by step."""

from __future__ import annotations

import math
import os
import socket
import time
import traceback
from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue
from typing import Any, final

import psutil
import torch

from guidewidgets.caution import heard
from guidewidgets.engine.genome_model import GenomeModel
from guidewidgets.engine.model.again import load_again
from guidewidgets.engine.model.load import open_pipeline, pick_device, pick_dtype
from guidewidgets.engine.workers.messages import (
    Begin,
    Cancel,
    Errand,
    Failed,
    Hold,
    Left,
    Paint,
    Ready,
    Reply,
    Said,
    Step,
    carried,
)
from guidewidgets.engine.workers.renderer import Done, Frame, Local

Inbox = SimpleQueue[Any]
Send = Callable[[Any], object]


def work(begin: Begin, inbox: Inbox, send: Send) -> None:
    """Load and paint until the process ends; `Paint` and `Cancel` come by `inbox`."""
    torch.set_num_threads(begin.threads)
    try:
        model = load(begin)
        send(Ready(model.id, model.revision, os.getpid(), socket.gethostname(), _try_out(model)))
    except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
        send(Failed(None, _told(error)))
        return
    serve(model, inbox, send)


def load(begin: Begin) -> GenomeModel:
    """The model, as the other process has it. Raises as `Engine.load`."""
    device, model = pick_device(begin.device), begin.model
    if begin.pipeline is None or model is None:
        return begin.kind(open_pipeline(model, device, pick_dtype(begin.dtype), begin.fit))
    pipeline = load_again(model, begin.pipeline, begin.scheduler)
    return begin.kind(open_pipeline(pipeline.to(device), None, None))


def memory_of(device: str) -> int:
    """Bytes of the device that this process holds."""
    kind = torch.device(device)
    if kind.type == "cuda":
        return torch.cuda.memory_reserved(kind)
    return int(psutil.Process().memory_info().rss)


def serve(model: GenomeModel, inbox: Inbox, send: Send) -> None:
    """Paint what comes, for ever."""
    chunks: dict[int, _Chunk | _Errand] = {}
    while True:
        going = [chunk for chunk in chunks.values() if not chunk.held and not chunk.waits]
        message = _next(inbox, wait=not going)
        if message is not None:
            _take(message, chunks, model, send)
        else:
            chunk = next((c for c in going if c.asked.order.lane == "interactive"), going[0])
            try:
                step = chunk.advance()
            except Exception as error:  # noqa: BLE001 - it is the chunk's, and the worker lives on
                step = Failed(chunk.asked.token, _told(error))
            if isinstance(step, Failed) or step.over:
                del chunks[chunk.asked.token]
            send(step)


def _take(message: Any, chunks: dict[int, _Chunk | _Errand], model: GenomeModel, send: Send) -> None:
    """Do as told."""
    match message:
        case Paint():
            chunks[message.token] = _Chunk(model, message)
        case Errand():
            chunks[message.token] = _Errand(model, message)
        case Reply():
            if isinstance(errand := chunks.get(message.token), _Errand):
                errand.hear(message)
        case Hold():
            if message.token in chunks:
                chunks[message.token].held = message.held
        case Cancel():
            if (left := chunks.pop(message.token, None)) is not None:
                left.frames.close()
                send(Left(message.token))
        case _:
            pass


def _next(inbox: Inbox, *, wait: bool) -> Any:
    try:
        return inbox.get(block=wait)
    except Empty:
        return None


@final
class _Chunk:
    """Pictures that are being painted."""

    waits = False

    def __init__(self, model: GenomeModel, asked: Paint) -> None:
        self.asked, self.held, self._quickest = asked, False, math.inf
        self.frames: Generator[Frame, None, None] = Local(model).render(asked.genomes, asked.order)

    def advance(self) -> Step:
        """Make a step."""
        cautions: list[str] = []
        start = time.perf_counter()
        with heard(cautions.append):
            frame = next(self.frames)
        # The quickest step: others may have kept the machine busy during the rest.
        self._quickest = min(self._quickest, (time.perf_counter() - start) / len(frame.places))
        done = None
        if frame.done is not None:
            # A copy: a view would take along all it is a view of.
            latents = frame.done.latents.detach().cpu().clone()
            done = Done(latents, frame.done.hidden, frame.done.not_finite, frame.done.attribution)
        return Step(self.asked.token, frame.step, frame.total, frame.pixels, done, self._quickest, cautions)


@final
class _Errand:
    """Something else that is being done."""

    def __init__(self, model: GenomeModel, asked: Errand) -> None:
        self.asked, self.held, self.waits = asked, False, False
        self.frames = asked.work(model)
        self._n, self._answer = 0, None

    def hear(self, reply: Reply) -> None:
        """Go on, if that is what it waits for: another worker may have asked before this one took over."""
        if self.waits and reply.n == self._n - 1:
            self.waits, self._answer = False, reply.answer

    def advance(self) -> Said:
        """Make a step."""
        answer, self._answer, n = self._answer, None, self._n
        self._n += 1
        cautions: list[str] = []
        try:
            with heard(cautions.append):
                what, self.waits = self.frames.send(answer)
        except StopIteration:
            return Said(self.asked.token, n, over=True, cautions=cautions)
        return Said(self.asked.token, n, what, self.waits, cautions=cautions)


def _try_out(model: GenomeModel) -> float:
    """Seconds of a step of one picture; the first of all would be too slow."""
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        next(model.sample(model.genomes(model.noise(1), "", steps=1)))
        seconds = time.perf_counter() - start
        if seconds > 1:
            break
    return seconds


def _told(error: Exception) -> Exception:
    error.add_note(f"in a worker:\n{''.join(traceback.format_exception(error))}")
    return carried(error)
