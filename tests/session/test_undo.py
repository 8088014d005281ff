"""Marks, settings and undo: a cursor that deletes nothing."""

from __future__ import annotations

import threading
import time

import pytest

from guidewidgets.engine.workers.renderer import TOGETHER
from guidewidgets.session.events import Finished


def test_star_reject_unmark(made):
    made.star(4, 7)
    made.reject(4)
    assert (made[4].starred, made[4].rejected, made[7].starred) == (False, True, True)
    made.unmark(4, 7)
    assert not any(c.starred or c.rejected for c in made.history[-1])


def test_undo_takes_back_marks_settings_and_generations_in_order(made):
    made.star(1, 2)
    made.guidance = 3.0
    made.cross(n=2).wait(60)
    assert made.undo()
    assert len(made.history) == 1
    assert made.undo()
    assert made.guidance != 3.0
    assert made.undo()
    assert not made[1].starred
    for _ in range(3):
        assert made.redo()
    assert not made.redo()
    assert (made[2].starred, made.guidance, len(made.history)) == (True, 3.0, 2)


def test_marking_several_is_one_event_and_marking_again_is_none(made):
    made.star(1, 2, 3)
    made.star(2)
    made.undo()
    assert not any(made[i].starred for i in (1, 2, 3))


def test_setting_the_same_value_is_no_event(made):
    made.star(1)
    made.steps = made.steps
    made.undo()
    assert not made[1].starred


def test_undone_candidates_stay_but_cannot_be_starred(made):
    made.cross([0, 1], n=2).wait(60)
    made.undo()
    assert made[12].recipe.operator == "cross"
    with pytest.raises(IndexError, match="candidate 12 was undone: redo brings it back"):
        made.star(12)


@pytest.fixture
def half(session):
    """A paused job whose first batch is finished."""
    finished = threading.Event()

    def hold(event):
        if isinstance(event, Finished) and not finished.is_set():
            event.job.pause()
            finished.set()

    session.subscribe(hold)
    job = session.sample(TOGETHER + 1, steps=1)
    assert finished.wait(60)
    return job


def test_what_is_finished_before_its_job_is_cannot_be_marked_yet(session, half):
    for mark in (lambda: session.star(3), lambda: session.note(3, "such ears")):
        with pytest.raises(IndexError, match="candidate 3 is finished, its job is not: it can be marked"):
            mark()
    half.resume()
    half.wait(60)
    session.star(3)
    assert session[3].starred


def test_undo_of_a_half_finished_job_says_what_redo_brings_back(session, half):
    session.undo()
    half.wait(60)
    assert session.history == ()
    told = f"Undone: {TOGETHER} of {TOGETHER + 1} pictures were finished; redo brings them back."
    assert session.view().notices[-1].text == told
    assert session.redo()
    assert len(session.history[-1]) == TOGETHER


def test_acting_after_undo_branches(made):
    made.star(1)
    made.undo()
    made.star(2)
    assert not made.redo()
    assert (made[1].starred, made[2].starred) == (False, True)


def test_undo_cancels_a_job_under_way_first(made):
    made.star(3)
    job = made.sample(30, steps=900)
    assert made.undo()
    assert len(job.wait(60)) == 0
    assert job.state == "cancelled"
    assert made[3].starred
    assert len(made.history) == 1


def test_nothing_to_undo(session):
    assert not session.undo()
    assert not session.redo()


def test_view_agrees_with_the_session(made):
    view = made.view()
    assert (view.generation, view.pending, view.jobs, view.can_redo) == (made.history[-1], None, (), False)
    job = made.sample(1, steps=900)
    view = made.view()
    assert (view.pending, view.jobs, view.can_undo) == (job, (job,), True)
    job.cancel()
    job.wait(60)
    assert made.view().version > view.version


def test_listeners_hear_every_step_and_a_failing_one_harms_nobody(made):
    heard = []
    stop = made.subscribe(heard.append)
    stop_bad = made.subscribe(lambda event: 1 / 0)
    made.sample(2, steps=3).wait(60)
    names = [type(event).__name__ for event in heard]
    assert names.count("StepDone") == 3
    assert names.count("Finished") == 1
    assert names[0] == names[-1] == "Changed"
    stop()
    stop_bad()
    count = len(heard)
    made.star(0)
    time.sleep(0.05)
    assert len(heard) == count
