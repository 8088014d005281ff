"""A process that works on sessions until it is killed; it tells a report of every finished candidate.

Started once, it forks a child per line of its input, `folder seed`, which prints its number when it begins: starting
Python with torch two hundred times would take longer than all the killing. With a folder to load a model from, each
child has two workers of its own, which are children of one more process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import socket
import sys
import tempfile
import traceback
from pathlib import Path

import tiny
import torch
from forked_workers import Forker
from forked_workers import serve as fork_workers

from guidewidgets.engine import Engine
from guidewidgets.engine.workers import spawned
from guidewidgets.session import Session
from guidewidgets.session.events import Finished


def digest(candidate) -> str:
    """What must come back bit for bit."""
    return hashlib.sha256(candidate.genome.latent.numpy().tobytes() + candidate.image.tobytes()).hexdigest()


def work(engine: Engine, folder: Path, seed: int) -> None:
    """Sample, cross, mutate, mark, undo, save, for ever."""
    rng = random.Random(seed)
    report = os.open(folder.with_suffix(".report"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    archive = folder.with_suffix(".gw")
    session = (
        Session.open(folder, model=engine)
        if (folder / "session.sqlite").exists()
        else Session("a fox", model=engine, store=folder)
    )

    def tell(event: object) -> None:
        if isinstance(event, Finished):
            lines = "".join(f"{c.id} {digest(c)}\n" for c in event.candidates)
            os.write(report, lines.encode())

    session.subscribe(tell)
    session.resume()
    while True:
        known = [c.id for g in session.history for c in g][-20:]
        with contextlib.suppress(IndexError, ValueError):
            match rng.randrange(8) if known else 0:
                case 0 | 1:
                    session.sample(rng.randint(1, 6), steps=2).wait()
                case 2:
                    session.cross(rng.sample(known, min(2, len(known))), n=3, steps=2).wait()
                case 3:
                    session.mutate(rng.choice(known), at=[(0.5, 0.5)], n=2, lock=rng.random() < 0.5).wait()
                case 4:
                    session.star(rng.choice(known))
                case 5:
                    session.guidance = rng.random() * 9
                case 6:
                    session.undo()
                case _:
                    session.save(archive)
                    os.write(report, b"saved\n")


def main() -> None:
    """Fork a child per line of input."""
    torch.set_num_threads(1)
    model = sys.argv[1] if len(sys.argv) > 1 else None
    if model is not None:
        ours, theirs = socket.socketpair()
        if (pid := os.fork()) == 0:
            ours.close()
            fork_workers(theirs)
            os._exit(0)
        theirs.close()
        spawned.launch = Forker(pid, ours)
    with tempfile.TemporaryDirectory() as words:
        engine = Engine.load(model or tiny.stable_diffusion(Path(words)))
    serve(engine, model)


def serve(engine: Engine, model: str | None) -> None:
    """See `main`."""
    print("ready", flush=True)
    for line in sys.stdin:
        folder, seed = line.split()
        child = os.fork()
        if child == 0:
            try:
                own = engine if model is None else Engine.load(model, workers=2)
                print(os.getpid(), flush=True)
                work(own, Path(folder), int(seed))
            except BaseException:  # noqa: BLE001 - a child must not go on as its parent
                traceback.print_exc()
            finally:
                os._exit(1)
        print(os.waitpid(child, 0)[1], flush=True)
