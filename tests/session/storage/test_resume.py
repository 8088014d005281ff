"""What was interrupted is offered again, and makes the pictures it would have made."""

from __future__ import annotations

import shutil
import threading

import pytest
from stored import SECONDS, content

from guidewidgets.session import Session


@pytest.fixture
def interrupted(engine, tmp_path):
    """A copy of the files of a session whose job was under way: 64 of its 70 candidates are done."""
    session = Session("a fox OR a cat", model=engine, seed=3, store=tmp_path / "alive")
    session.sample(2, steps=1).wait(SECONDS)
    halfway = threading.Event()

    def park(event):
        if type(event).__name__ == "Finished" and not halfway.is_set():
            event.job.pause()
            halfway.set()

    session.subscribe(park)
    job = session.cross([0, 1], n=70, steps=2)
    assert halfway.wait(SECONDS)
    shutil.copytree(tmp_path / "alive", tmp_path / "dead")
    job.resume()
    return tmp_path / "dead", job.wait(SECONDS)


def test_the_rest_is_made_as_it_would_have_been(interrupted, engine):
    folder, whole = interrupted
    session = Session.open(folder, model=engine)
    assert [str(job) for job in session.unfinished] == ["cross of 70, 64 done"]
    assert (
        session.view().notices[-1].text == "was interrupted: cross of 70, 64 done; s.resume() makes the rest"
    )
    assert [content(c) for c in session.history[-1]] == [content(c) for c in whole[:64]]
    (job,) = session.resume()
    rest = job.wait(SECONDS)
    assert [c.id for c in rest] == [c.id for c in whole[64:]]
    # Another batch layout gives the same latents; its pixels may differ by one level.
    assert [content(c)[:3] for c in rest] == [content(c)[:3] for c in whole[64:]]
    assert session.unfinished == ()
    assert session.sample(1, steps=1).wait(SECONDS)[0].id == 72
    session.close()
    again = Session.open(folder, model=engine)
    assert again.unfinished == ()
    assert [len(g) for g in again.history] == [2, 64, 6, 1]
    again.close()


def test_interrupted_once_more(interrupted, engine, tmp_path):
    folder, whole = interrupted
    session = Session.open(folder, model=engine)
    (job,) = session.resume()
    job.pause()
    shutil.copytree(folder, tmp_path / "twice")
    job.resume()
    job.wait(SECONDS)
    session.close()
    again = Session.open(tmp_path / "twice", model=engine)
    assert [str(job) for job in again.unfinished] == ["cross of 6, 0 done"]
    (job,) = again.resume(again.unfinished[0].number)
    assert [content(c)[:3] for c in job.wait(SECONDS)] == [content(c)[:3] for c in whole[64:]]
    with pytest.raises(KeyError, match="no interrupted job 0"):
        again.resume(0)
    again.close()


def test_numbers_are_not_used_again(interrupted, engine):
    session = Session.open(interrupted[0], model=engine)
    assert session.sample(1, steps=1).wait(SECONDS)[0].id == 72
    session.close()
