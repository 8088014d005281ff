"""A store belongs to the process that opened it; one that is forked off reads, and is refused in one line elsewhere."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time
import traceback

import pytest
import torch
from stored import SECONDS, content, told

from guidewidgets import SessionFileError
from guidewidgets.engine import Engine
from guidewidgets.session import Session

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


def test_a_model_is_loaded_in_a_child_of_who_has_worked_with_torch():
    """It hung: reading shares its work among threads that are no more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.ones(1 << 20).add_(1)
        assert ended(in_child(Engine.load)) == 0
    finally:
        torch.set_num_threads(threads)


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
