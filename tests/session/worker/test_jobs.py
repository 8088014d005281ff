"""Jobs and the worker: return at once, cancel within a step, pause, fail, and go on."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import pytest

from guidewidgets.session import Session
from guidewidgets.session.job import Job
from guidewidgets.session.worker.worker import worker_of


def first_step(session):
    """An event that is set when a step was made."""
    seen = threading.Event()
    session.subscribe(lambda event: seen.set() if type(event).__name__ == "StepDone" else None)
    return seen


def test_cancel_stops_within_one_step(session):
    stepped = first_step(session)
    job = session.sample(4, steps=900)
    assert stepped.wait(60)
    job.cancel()
    at = job.progress.step
    generation = job.wait(60)
    assert job.state == "cancelled"
    assert job.progress.step <= at + 1
    assert len(generation) == 0
    assert session.history == ()
    assert session.view().notices[-1].text == "Cancelled: no picture was finished."
    assert "cancelled" in job._repr_html_()  # not as if it were under way
    assert len(session.sample(1, steps=1).wait(60)) == 1  # the session goes on


def test_a_cancelled_queued_job_never_runs(session):
    running, queued = session.sample(4, steps=900), session.sample(4, steps=900)
    queued.cancel()
    running.cancel()
    assert queued.wait(60) is queued.result
    assert queued.progress.step == 0


def test_session_cancel_ends_all(session):
    jobs = [session.sample(2, steps=900) for _ in range(3)]
    session.cancel()
    for job in jobs:
        job.wait(60)
    assert {job.state for job in jobs} == {"cancelled"}


def test_pause_parks_and_frees_the_worker(session):
    stepped = first_step(session)
    job = session.sample(2, steps=400)
    assert stepped.wait(60)
    job.pause()
    assert len(session.sample(1, steps=1).wait(60)) == 1  # overtakes the paused one
    assert job.state == "paused"
    at = job.progress.step
    time.sleep(0.1)
    assert job.progress.step == at
    job.resume()
    assert len(job.wait(60)) == 2
    assert job.state == "done"


def test_a_paused_job_can_be_cancelled(session):
    job = session.sample(2, steps=900)
    job.pause()
    job.cancel()
    job.wait(60)
    assert job.state == "cancelled"


def test_wait_times_out_and_the_job_goes_on(session):
    job = session.sample(4, steps=900)
    with pytest.raises(TimeoutError, match="it goes on"):
        job.wait(0.05)
    assert job.state in ("queued", "running")
    job.cancel()
    job.wait(60)


def test_await(session):
    async def both():
        return await asyncio.gather(*(_await(session.sample(2, steps=2)) for _ in range(2)))

    async def _await(job):
        return await job

    assert [len(generation) for generation in asyncio.run(both())] == [2, 2]

    async def fails():
        job = session.sample(1, steps=1)
        job.wait(60)
        return await job  # already over

    assert len(asyncio.run(fails())) == 1


def test_large_jobs_finish_in_batches_and_keep_them_when_cancelled(session):
    job = session.sample(70, steps=2)
    assert len(job.wait(120)) == 70
    finished, cancelled = threading.Event(), threading.Event()

    def hold(event):
        """Let no further batch pass before the job is cancelled."""
        if type(event).__name__ == "Finished":
            finished.set()
            cancelled.wait(60)

    session.subscribe(hold)
    job = session.sample(200, steps=2)
    assert finished.wait(60)
    job.cancel()
    cancelled.set()
    part = job.wait(60)
    assert 64 <= len(part) < 200
    assert session.history[-1] == part
    told = f"Cancelled: {len(part)} of 200 pictures were finished and kept."
    notice = session.view().notices[-1]
    assert (notice.level, notice.text, job.progress.message) == ("info", told, told)
    session.sample(1, steps=1).wait(60)
    assert told not in [one.text for one in session.view().notices]  # it goes when the next job begins


def test_an_exception_in_the_middle_keeps_what_was_finished(engine, monkeypatch):
    """The second batch of images fails in the network: the first stays, the error is told, the session goes on."""
    session = Session("a cat", model=engine)
    ask, calls = engine.network.ask, []

    def fail(*args):
        calls.append(args)
        if len(calls) > 2:
            raise RuntimeError("the network broke")
        return ask(*args)

    monkeypatch.setattr(type(engine.network), "ask", lambda self, *args: fail(*args))
    job = session.sample(70, steps=2)
    with pytest.raises(RuntimeError, match="the network broke"):
        job.wait(60)
    monkeypatch.undo()
    assert job.state == "failed"
    assert len(session.history[-1]) == 64
    notice = session.view().notices[-1]
    assert notice.level == "error"
    assert "sample failed: the network broke" in notice.text
    assert "Traceback" in notice.detail
    assert len(session.sample(2, steps=1).wait(60)) == 2


def test_interactive_jobs_go_first():
    order = []

    def work(job):
        for _ in range(3):
            order.append(job.operator)
            yield

    worker = worker_of(threading.Event())  # any hashable, weakly referable owner
    gate = threading.Event()
    blocker = Job(0, "gate", (), 1, lambda job: iter([gate.wait(60)]), lambda job: None)
    jobs = [
        Job(i, name, (), 3, work, lambda job: None, lane)
        for i, (name, lane) in enumerate([("batch", "batch"), ("second", "batch"), ("live", "interactive")])
    ]
    for job in (blocker, *jobs):
        worker.submit(job)
    gate.set()
    for job in jobs:
        assert job._over.wait(60)
    assert order == ["live"] * 3 + ["batch"] * 3 + ["second"] * 3


def test_sessions_of_one_pipeline_share_a_worker_and_threads_end(engine):
    sessions = [Session("a cat", model=engine) for _ in range(3)]
    for job in [session.sample(2, steps=3) for session in sessions]:
        job.wait(60)
    deadline = time.monotonic() + 60
    while any(t.name == "guidewidgets-worker" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    gc.collect()


def test_many_threads_at_once(session):
    """Marks, settings, undo and jobs from eight threads: no exception, and consistent numbers."""
    session.set(steps=1)
    session.sample(12).wait(60)
    errors = []

    def fiddle(k):
        try:
            for i in range(20):
                session.star((k + i) % 12)
                session.guidance = 1.0 + i
                session.undo()
                session.view()
                if i % 10 == 0:
                    session.sample(1)
        except IndexError as error:
            if "was undone" not in str(error):
                errors.append(error)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=fiddle, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while jobs := session.view().jobs:
        jobs[-1].wait(60)
    assert not errors
    ids = [c.id for g in session.history for c in g]
    assert len(ids) == len(set(ids))
