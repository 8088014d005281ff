"""Forks while a session is at work: data loaders, and children at random moments, lose nothing."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import threading
import time
import warnings

import pytest
import torch
from hypothesis import settings
from stored import SECONDS, content, told
from test_forks import ended, in_child, refused
from torch.utils.data import DataLoader, Dataset

from guidewidgets.engine import Engine
from guidewidgets.session import Session

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]
FORKS = 500 if settings.default.max_examples > 1000 else 12


class Pictures(Dataset):
    """What somebody trains on."""

    def __init__(self, session):
        self.session = session

    def __len__(self):
        return len(self.session.history[0])

    def __getitem__(self, index):
        candidate = self.session.history[0][index]
        pixels = torch.frombuffer(bytearray(candidate.image.tobytes()), dtype=torch.uint8)
        return pixels, candidate.genome.latent


def test_workers_of_a_data_loader_read(begun, engine, monkeypatch):
    # The workers' sockets stand in the temporary folder, and their paths may have 107 letters.
    monkeypatch.setattr(tempfile, "tempdir", None)
    begun.close()
    session = Session.open(begun.folder, model=engine)  # nothing is in memory yet
    job = session.sample(4, steps=40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, of pinned memory and shared machines
        loaded = list(
            DataLoader(
                Pictures(session), batch_size=2, num_workers=2, multiprocessing_context="fork", timeout=60
            )
        )
    job.cancel()
    job.wait(SECONDS)
    pixels, latents = (torch.cat(parts) for parts in zip(*loaded, strict=True))
    for i, candidate in enumerate(session.history[0]):
        assert bytes(pixels[i].tolist()) == candidate.image.tobytes()
        assert torch.equal(latents[i], candidate.genome.latent)
    session.close()


def child_of(session: Session, engine: Engine, seed: int) -> None:
    """Whatever somebody may do in a child, at random."""
    rng = random.Random(seed)
    known = list(session._state.candidates)
    for _ in range(rng.randint(1, 4)):
        match rng.randrange(8):
            case 0:
                refused(lambda: session.sample(1))
            case 1:
                refused(lambda: session.set(guidance=rng.random()))
            case 2 if known:
                refused(lambda: session._state.journal.note(x=1))
            case 3:
                session.kinship()
            case 4:
                session.code()
            case 5:
                with contextlib.suppress(RuntimeError):  # out of use where a job was running, in one line
                    engine.render(engine.noise(1, seed=seed), "a cat", steps=1)
            case 6:
                session.save(session.folder.with_name(f"child{seed}.gw"))
            case _ if known:
                assert content(session[rng.choice(known)])[0]
            case _:
                session.close()
                return


def test_forks_at_random_moments_lose_nothing(engine, tmp_path):
    """The parent works all the time; what it has in memory in the end is what is on the disk."""
    rng = random.Random(FORKS)
    session = Session("a fox", model=engine, store=tmp_path / "parent")
    session.set(steps=2)
    session.sample(2).wait(SECONDS)
    over = threading.Event()
    failures = []

    def act():
        draw = random.Random(1)
        try:
            while not over.is_set():
                known = [c.id for c in session.history[-1]] if session.history else []
                match draw.randrange(6) if known else 0:
                    case 0 | 1:
                        session.sample(draw.randint(1, 3)).wait(SECONDS)
                    case 2:
                        session.star(draw.choice(known))
                    case 3:
                        session.guidance = draw.random() * 9
                    case 4:
                        session.mutate(draw.choice(known), at=[(0.5, 0.5)], n=1, lock=True).wait(SECONDS)
                    case _:
                        session.undo()
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    statuses = []
    for i in range(FORKS):
        time.sleep(rng.random() * 0.03)
        statuses.append(ended(in_child(lambda i=i: child_of(session, engine, i))))
        for file in tmp_path.glob("child*.gw"):
            file.unlink()
    over.set()
    thread.join()
    assert failures == []
    assert statuses == [0] * FORKS
    before, contents = told(session), {c.id: content(c) for g in session.history for c in g}
    session.close()
    again = Session.open(session.folder, model=engine)
    assert told(again) == before
    assert [n.text for n in again.view().notices] == []
    assert {c.id: content(c) for g in again.history for c in g} == contents
    again.close()
