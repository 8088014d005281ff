"""An optimisation that a worker makes: the same steps as here, changed and stopped on the way, and begun again."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import numpy as np
import pytest

import guidewidgets as gw
from guidewidgets.vision import Objective

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")
SECONDS = 120
WARM = gw.MeanColour((0.8, 0.5, 0.3)) + 0.5 * gw.Symmetry()


def optimised(engine, objective=WARM, on_job=lambda job: None, **more):
    """A session, what became of its picture, and all that was said of it."""
    session, said, jobs = gw.Session("a fox", model=engine, seed=4), [], []

    def listen(event):
        if type(event).__name__ == "StepDone" and event.job.operator == "optimize":
            if "update" in event.job.progress.message:  # not while its candidate is painted
                said.append(event.job.progress.message)
            for job in jobs:
                on_job(job)

    session.set(steps=3)
    session.sample(1).wait(SECONDS)
    session.subscribe(listen)
    jobs.append(session.optimize(0, objective, steps=6, lr=0.1, **more))
    return session, jobs[0].wait(SECONDS)[0], said


def alike(a, b):
    """Latents within rounding: the worker has as many threads as this process, but not its memory."""
    assert np.allclose(a.genome.latent, b.genome.latent, atol=1e-5)
    assert a.recipe.parameters["steps"] == b.recipe.parameters["steps"]
    assert a.recipe.parameters["losses"] == pytest.approx(b.recipe.parameters["losses"], rel=1e-5)


def test_the_same_steps_and_code(folder, several):
    (alone, expected, here), (shared, found, there) = (
        optimised(engine) for engine in (gw.Engine.load(folder), several)
    )
    alike(found, expected)
    assert shared.code() == alone.code()
    lines = shared.monitor.state()["run"]["workers"]
    assert [line.partition(": process ")[0] for line in lines] == ["worker 1 (cpu)", "worker 2 (cpu)"]
    assert alone.monitor.state()["run"]["workers"] == []
    assert not [text for text in here if "worker" in text]
    assert [
        text for text in there if text.endswith((", worker 1 (cpu) paints 1", ", worker 2 (cpu) paints 1"))
    ]


def test_a_change_on_the_way_is_made_there_and_again(several):
    changed = []

    def change(job):
        if not changed and len(job.control.frames) >= 2:
            changed.append(job.change(lr=0.3, weights={"Symmetry": 2.0}))

    session, found, _ = optimised(several, on_job=change)
    assert changed
    made = session.code()
    assert "changes={" in made
    space = {"model": several}
    exec(made, space)  # noqa: S102 - what the session says itself
    alike(space["s"][found.id], found)
    _, plain, _ = optimised(several)
    assert np.abs(np.asarray(plain.genome.latent) - np.asarray(found.genome.latent)).max() > 1e-3


def test_what_is_watched_and_probed_is_the_same_there(folder, several):
    (_, expected, _), (_, found, _) = (
        optimised(engine, watch=gw.MeanColour((0.5, 0.5, 0.5)), probes=2)
        for engine in (gw.Engine.load(folder), several)
    )
    alike(found, expected)
    assert found.recipe.parameters["watched"] == pytest.approx(
        expected.recipe.parameters["watched"], rel=1e-5
    )


def test_a_killed_worker_costs_time_only(several):
    _, expected, _ = optimised(several)
    killed = []

    def kill(job):
        busy = [link for link in several.pool._links if link.chunks]
        if not killed and busy and len(job.control.frames) >= 3:
            killed.append(busy[0].ready.pid)
            os.kill(killed[0], signal.SIGKILL)

    session, found, _ = optimised(several, on_job=kill)
    assert killed
    alike(found, expected)
    assert any("is gone" in notice.text for notice in session.view().notices)


def test_stopped_it_keeps_what_is_best(several):
    _, found, _ = optimised(
        several, on_job=lambda job: len(job.control.frames) < 3 or job.stop(), keep="last"
    )
    assert 2 <= found.recipe.parameters["steps"] < 6
    end = time.monotonic() + 30
    while any(link.chunks for link in several.pool._links):
        assert time.monotonic() < end, "the worker never left it"
        time.sleep(0.01)


@dataclass(frozen=True)
class Own(Objective):
    """Written in a notebook: workers cannot import it."""

    name = "Own"

    def bind(self, encoder):
        return lambda images: images.mean((1, 2, 3))


def test_what_a_reader_wrote_stays_here(several):
    _, found, said = optimised(several, Own(), keep="last")
    assert not [text for text in said if "worker" in text]
    assert len(found.recipe.parameters["losses"]) == 7
