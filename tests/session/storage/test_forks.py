"""A store belongs to the process that opened it; one that is forked off reads, and is refused in one line elsewhere."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import random
import signal
import tempfile
import threading
import time
import traceback
import warnings

import pytest
import torch
from hypothesis import settings
from stored import SECONDS, content, told
from torch.utils.data import DataLoader, Dataset

from guidewidgets import SessionFileError
from guidewidgets.engine import Engine
from guidewidgets.session import Session

FORKS = 500 if settings.default.max_examples > 1000 else 12
HANGS = 60  # seconds

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


def in_child(work):
    """Run this in a forked child; returns its number."""
    child = os.fork()
    if child == 0:
        status = 1
        faulthandler.dump_traceback_later(HANGS / 2)  # where it hangs, for whoever reads the failure
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - a child must not go on as its parent
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def ended(child):
    """How a child ended; it is killed where it hangs."""
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        number, status = os.waitpid(child, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "it hung"


def refused(call):
    with pytest.raises(
        SessionFileError, match=r"the session belongs to process \d+, which forked this one"
    ) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_child_reads_and_is_refused_where_it_writes(begun, tmp_path):
    seen = [content(c) for c in begun.history[0]]

    def work():
        assert [content(begun[i]) for i in range(6)] == seen
        for write in (
            lambda: begun.sample(1).wait(),
            lambda: begun.star(0),
            lambda: begun.set(steps=3),
            begun.undo,
        ):
            refused(write)
        begun.save(tmp_path / "child.gw")
        begun.close()

    assert ended(in_child(work)) == 0
    begun.star(2)
    begun.sample(2).wait(SECONDS)
    before = told(begun)
    begun.close()
    again = Session.open(begun.folder, model=begun.engine)
    assert told(again) == before
    again.close()
    copied = Session.open(tmp_path / "child.gw", model=begun.engine)
    assert [content(c) for c in copied.history[0]] == seen
    copied.close()


def test_the_faults_own_words(begun):
    """`if os.fork() == 0: s.sample(1).wait(); os._exit(0)`, then the parent stars something."""
    child = os.fork()
    if child == 0:
        try:
            begun.sample(1).wait()
        finally:
            os._exit(0)
    assert ended(child) == 0
    begun.star(3)
    begun.close()
    again = Session.open(begun.folder, model=begun.engine)
    assert again[3].starred
    again.close()


def test_an_ordinary_end_of_the_child_leaves_the_parents_files(fresh, tmp_path):
    """`sys.exit` runs the finalizers, which once removed a temporary folder under the parent's feet."""
    ended = fresh(f"""
import gc, os, sys, tempfile, tiny, pathlib
tempfile.tempdir = {str(tmp_path)!r}
import guidewidgets as gw
e = gw.Engine.load(tiny.stable_diffusion(pathlib.Path({str(tmp_path)!r})))
s = gw.Session("a fox", model=e)
child = os.fork()
if child == 0:
    folder, _ = s.folder, s.close()
    del s
    gc.collect()
    import atexit
    atexit._run_exitfuncs()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert s.folder.exists()
s.sample(2, steps=1).wait()
child = os.fork()
if child == 0:
    assert s[1].image.size == (16, 16)
    import atexit
    atexit._run_exitfuncs()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
s.star(1)
folder = s.folder
s.close()
print(gw.Session.open(folder)[1].starred)
""")
    assert ended.stdout == "True\n"


OUT_OF_USE = "the model was at work when this process was forked off, and cannot be used in it"


def test_rendering_in_a_child_of_a_fork_during_a_job_is_refused(engine, tmp_path):
    """It hung: on our locks, on torch's threads, and, one time in five hundred, on a lock inside its libraries."""
    session = Session("a fox", model=engine, store=tmp_path / "busy")
    for pause in (0.0, 0.05, 0.2):
        job = session.sample(8, steps=50)
        time.sleep(pause)

        def work(job=job):
            with pytest.raises(RuntimeError, match=OUT_OF_USE):
                engine.render(engine.noise(2), "a cat", steps=2)
            other = Session("a cat", model=engine)
            with pytest.raises(RuntimeError, match=OUT_OF_USE):
                other.sample(1, steps=1).wait(SECONDS)
            with pytest.raises(
                RuntimeError, match=r"job \d+ \(sample\) is under way in process \d+: wait for it"
            ):
                job.wait()
            assert session.view().jobs

        assert ended(in_child(work)) == 0
        job.cancel()
        job.wait(SECONDS)
    session.close()


def test_rendering_in_a_child_when_nothing_runs(engine, tmp_path, monkeypatch):
    monkeypatch.setattr("guidewidgets.forks.COOLING", 0.2)
    session = Session("a fox", model=engine, store=tmp_path / "idle")
    session.sample(1, steps=1).wait(SECONDS)
    time.sleep(0.5)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # as on a user's machine: torch's own threads are no more in the child
    try:

        def work():
            assert engine.render(engine.noise(2), "a cat", steps=2).shape == (2, 3, 16, 16)
            other = Session(
                "a cat", model=engine
            )  # a session of the child's own: its jobs need a thread there
            assert len(other.sample(1, steps=1).wait(SECONDS)) == 1

        assert ended(in_child(work)) == 0
    finally:
        torch.set_num_threads(threads)
        session.close()


def test_a_network_that_another_thread_holds_is_refused_in_the_child(engine):
    holding, done = threading.Event(), threading.Event()

    def hold():
        with engine.lock:
            holding.set()
            done.wait(SECONDS)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(SECONDS)

    def work():
        with pytest.raises(RuntimeError, match=OUT_OF_USE):
            engine.render(engine.noise(1), "a cat", steps=1)

    assert ended(in_child(work)) == 0
    done.set()
    thread.join()
    assert engine.render(engine.noise(1), "a cat", steps=1).shape[0] == 1  # the parent goes on


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
