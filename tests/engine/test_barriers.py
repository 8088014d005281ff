"""Threads that wait sleep while processors are contended and spin while they are not; there are as many as before."""

from __future__ import annotations

import os
import threading
import time

import pytest
import torch

from guidewidgets.engine.model import barriers
from guidewidgets.engine.model.barriers import FIRST, LAST, Pace, eased

CPU = torch.device("cpu")
SLEEPS = """
import resource, time
import torch
from guidewidgets.engine.model import barriers

torch.set_num_threads(2)
crowd, x = barriers.of_process()._crowd, torch.ones(1 << 17)
crowd.stay(time.monotonic() + 60)
time.sleep(0.2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
for _ in range(400):
    x.add_(1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before)
"""
HANDS_OVER = """
import os, pathlib, sys, time
import tiny, torch
import guidewidgets as gw
from guidewidgets.engine.model import barriers

barriers.WANTING = pathlib.Path(sys.argv[2])
torch.set_num_threads(2)
before = set(os.listdir("/proc/self/task"))
torch.ones(1 << 17).add_(1)
team = set(os.listdir("/proc/self/task")) - before
session = gw.Session("a fox", model=gw.Engine.load(tiny.stable_diffusion(pathlib.Path(sys.argv[1]))))
session.sample(1, steps=1).wait()
end = time.monotonic() + 10
while barriers.free() and team & set(os.listdir("/proc/self/task")) and time.monotonic() < end:
    time.sleep(0.01)
print(len(team), len(team & set(os.listdir("/proc/self/task"))))
"""


@pytest.fixture(autouse=True)
def others(monkeypatch, tmp_path):
    """Whether anybody else wants a processor: nobody, until a test says so."""
    monkeypatch.setattr(barriers, "WANTING", tmp_path / "loadavg")

    def want(threads):
        barriers.WANTING.write_text(f"0.10 0.20 0.30 {threads}/9999 4242\n")

    want(1)
    return want


@pytest.fixture
def two():
    """Two threads, as on a user's machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


@pytest.fixture
def own(monkeypatch):
    """Barriers of which nothing is known yet; skipped where torch has another OpenMP than GNU's."""
    for name in barriers.CHOSEN:
        monkeypatch.delenv(name, raising=False)
    found = barriers.of_process.__wrapped__()
    if found is None or barriers.waited() is None:
        pytest.skip("not GNU's OpenMP on Linux")
    monkeypatch.setattr(barriers, "of_process", lambda: found)
    yield found
    found._crowd.stay(0)
    for thread in crowds():
        thread.join(10)


def crowds() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "guidewidgets-barriers"]


def test_it_stops_spinning_at_once_when_somebody_waits_and_goes_on_when_nobody_does():
    pace = Pace()
    pace.see(0.0, 1.0)
    assert pace.spins
    pace.see(0.2, 1.0)
    assert not pace.spins
    pace.see(0.0, FIRST)
    assert pace.spins


def test_careful_without_cause_it_spins_after_one_piece_of_work():
    pace = Pace()
    assert not pace.spins
    pace.see(0.0, 0.01)
    assert pace.spins


def test_it_does_not_begin_to_spin_while_others_want_processors(others):
    pace = Pace()
    others(1 + os.cpu_count())
    pace.see(0.0, 9.0)
    assert not pace.spins
    others(os.cpu_count())
    pace.see(0.0, 0.01)
    assert pace.spins


def test_where_the_system_tells_of_no_others_there_are_none(others):
    for what in ("0.10 0.20 0.30 none 4242", "0.10"):
        barriers.WANTING.write_text(what)
        assert barriers.free()
    barriers.WANTING.unlink()
    assert barriers.free()


def test_a_tick_of_the_scheduler_is_nothing_yet_and_many_are():
    pace = Pace()
    pace.see(0.0, 1.0)
    pace.see(0.004, 0.01)
    assert pace.spins
    for _ in range(3):
        pace.see(0.004, 0.01)
    assert not pace.spins


def test_on_a_busy_machine_it_tries_again_ever_more_rarely():
    pace, waits = Pace(), []
    for _ in range(8):
        pace.see(9.0, 9.0)
        calm = 0.0
        while not pace.spins:
            pace.see(0.0, FIRST)
            calm += FIRST
        waits.append(calm)
    assert waits == [min(LAST, FIRST * 2**i) for i in range(8)]


def test_a_wait_begins_the_calm_anew():
    pace = Pace()
    pace.see(9.0, 9.0)
    for _ in range(10):
        pace.see(0.0, 0.9 * FIRST)
        assert not pace.spins
        pace.see(9.0, 9.0)


def test_contended_threads_sleep_at_barriers(fresh):
    if barriers.of_process.__wrapped__() is None:
        pytest.skip("not GNU's OpenMP on Linux")
    assert int(fresh(SLEEPS).stdout) > 200


def test_the_idle_ones_come_and_go_with_contention(own, two, monkeypatch):
    waits = iter([0.0, 0.0, 0.0, 9.0, 9.0, 9.0])  # before and after each of three pieces of work
    monkeypatch.setattr(barriers, "waited", lambda: next(waits))
    monkeypatch.setattr(barriers, "MEMORY", 60)
    with eased(CPU):  # which nobody has to wait in
        idle = crowds()
        assert len(idle) == 1
    with eased(CPU):
        idle[0].join(10)
        assert not crowds()
    with eased(CPU):
        assert len(crowds()) == 1


def test_they_stay_through_long_work_and_go_by_themselves_when_none_follows(own, two, monkeypatch):
    monkeypatch.setattr(barriers, "MEMORY", 0.1)
    with eased(CPU):
        time.sleep(0.5)
        idle = crowds()
        assert len(idle) == 1
    idle[0].join(10)
    assert not crowds()


def test_a_thread_that_could_not_be_had_is_asked_for_again(own, two, monkeypatch):
    def none(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as here:
        here.setattr(threading.Thread, "start", none)
        with eased(CPU):
            assert not crowds()
    own._pace = Pace()
    with eased(CPU):
        assert len(crowds()) == 1


def test_sleeping_or_spinning_a_picture_has_the_same_bits(engine, own, two, monkeypatch):
    monkeypatch.setattr(Pace, "see", lambda pace, waited, wall: None)
    monkeypatch.setattr(barriers, "MEMORY", 60)
    own._seen = time.monotonic()
    pictures = []
    for spins in (True, False):
        own._pace.spins = spins
        pictures.append(engine.render(engine.noise(1, seed=1), "a fox", steps=2))
        assert bool(crowds()) != spins
    assert torch.equal(*pictures)


@pytest.mark.parametrize(("busy", "stay"), [(False, 0), (True, 1)])
def test_who_hands_a_job_over_keeps_a_team_beside_the_workers_on_a_busy_machine_only(
    busy, stay, fresh, tmp_path, others
):
    if barriers.gnu() is None:
        pytest.skip("not GNU's OpenMP on Linux")
    others(9999 if busy else 1)
    assert fresh(HANDS_OVER, tmp_path, barriers.WANTING).stdout == f"1 {stay}\n"


@pytest.mark.parametrize(
    "why", ["the system does not say", "one thread", "a graphics card", "many processors"]
)
def test_nothing_is_done_where_it_has_no_use(why, own, two, monkeypatch):
    if why == "the system does not say":
        monkeypatch.setattr(barriers, "WAITED", barriers.WAITED / "nowhere")
    if why == "many processors":
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(barriers.MOST + 2)))
    if why == "one thread":
        torch.set_num_threads(1)
    with eased(torch.device("cuda") if why == "a graphics card" else CPU):
        assert not crowds()
    torch.set_num_threads(2)


@pytest.mark.parametrize("name", sorted(barriers.CHOSEN))
def test_who_has_chosen_how_threads_wait_is_left_alone(name, monkeypatch):
    monkeypatch.setenv(name, "0")
    assert barriers.of_process.__wrapped__() is None
