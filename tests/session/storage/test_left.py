"""Sessions that were left behind: found, opened, and removed only where nobody will miss them."""

from __future__ import annotations

import os
import tempfile
import time

import pytest
import tiny
from stored import SECONDS

from guidewidgets import Session, SessionFileError
from guidewidgets.session.storage import left

DAY = left.DAY


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A temporary folder of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def make(engine):
    """Makes a session that is left behind so many seconds ago; gives its folder."""

    def made(pictures=2, star=False, ago=0.0, prompt="a fox"):
        session = Session(prompt, model=engine)
        session.set(steps=1)
        if pictures:
            session.sample(pictures).wait(SECONDS)
        if star:
            session.star(0)
        folder = session.folder
        session.close()
        for file in folder.glob("session.sqlite*"):
            os.utime(file, (time.time() - ago,) * 2)
        return folder

    return made


def test_the_newest_is_opened_with_all_there_is(make, engine):
    make(ago=7200)
    newest = make(3, star=True, ago=180, prompt="an owl")
    first, second = Session.recent()
    assert (first.folder, first.prompt, first.pictures, first.starred) == (newest, "an owl", 3, 1)
    assert repr(first) == f"<Session left 3 minutes ago: 'an owl', 3 pictures, 1 starred, in {newest}>"
    assert second.ago == "2 hours ago"
    session = Session.latest(engine)
    assert session.folder == newest
    assert [c.id for c in session.history[0].starred] == [0]
    assert [one.folder for one in Session.recent()] == [second.folder]  # the other is in use now
    session.close()
    other = Session.open(second, engine)  # a path like any other
    assert len(other.history[0]) == 2
    other.close()


def test_without_any_there_is_a_line(make):
    make(pictures=0)
    with pytest.raises(SessionFileError, match="no session was left behind"):
        Session.latest()
    assert Session.recent() == []


def test_a_new_session_offers_the_last_of_its_notebook(make, engine, monkeypatch):
    make(4, ago=180)
    starred = make(3, star=True, ago=60)
    make(0)
    make(2, ago=8 * DAY)  # of long ago
    with monkeypatch.context() as other:
        other.setenv("JPY_SESSION_NAME", "another.ipynb")
        make(2)
    session = Session("a fox", model=engine)
    assert [one.told for one in session.offers] == [
        "“a fox” 3 pictures, 1 starred, 1 minute ago",
        "“a fox” 4 pictures, 3 minutes ago",
    ]
    session.take_up(session.offers[0])
    assert (session.folder, [c.id for c in session.history[0].starred]) == (starred, [0])
    session.sample(2).wait(SECONDS)  # by the model it has already
    assert [len(generation) for generation in session.history] == [3, 2]
    session.close()


def test_the_order_is_of_their_changes_not_of_their_ends(engine):
    made, long = [], "a fox AND an owl AND a cat AND a dog AND an egg"
    for ago, prompt in enumerate(("a fox", long)):
        session = Session(prompt, model=engine)
        session.sample(1, steps=1).wait(SECONDS)
        for file in session.folder.glob("session.sqlite*"):
            os.utime(file, (time.time() - 600 + 300 * ago,) * 2)
        made.append(session)
    for session in reversed(made):
        session.close()
    told = [one.told for one in left.offered()]
    assert told == [
        f"“{long[: left.TOLD - 1]}…” 1 picture, 5 minutes ago",
        "“a fox” 1 picture, 10 minutes ago",
    ]


def test_one_that_is_open_here_is_offered_and_shared(engine):
    first = Session("a fox", model=engine)
    first.set(steps=1)
    first.sample(2).wait(SECONDS)
    second = Session("a fox", model=engine)
    second.take_up(second.offers[0])
    second.star(1)
    first.sample(1).wait(SECONDS)
    assert first.history == second.history
    assert [c.id for c in first.history[0].starred] == [1]
    assert not any("read-only" in notice.text for notice in second.view().notices)
    second.close()


def test_one_that_was_closed_is_opened_again(engine):
    first = Session("a fox", model=engine)
    first.sample(2, steps=1).wait(SECONDS)
    second = Session("a fox", model=engine)
    first.close()
    second.take_up(second.offers[0])
    second.sample(1, steps=1).wait(SECONDS)
    assert (len(first.history), len(second.history)) == (1, 2)
    second.close()


def test_beginning_anew_keeps_and_offers_what_was(engine, tmp_path):
    session = Session("a fox", model=engine, store=tmp_path / "own")
    session.set(steps=1)
    before = session.sample(2).wait(SECONDS)[0].hash
    session.prompt = "an owl"
    session.begin_anew()
    assert (str(session.prompt), session.history, session.folder != tmp_path / "own") == ("a fox", (), True)
    assert [one.told for one in session.offers] == ["“an owl” 2 pictures, just now"]
    session.set(steps=1)
    assert session.sample(2).wait(SECONDS)[0].hash == before  # the same start for whoever comes next
    session.begin_anew()
    assert len(session.offers) == 1  # its own folder is not where a notebook looks
    session.take_up(tmp_path / "own")
    assert str(session.prompt) == "an owl"
    session.sample(1)
    with pytest.raises(ValueError, match="pictures are being made"):
        session.take_up(tmp_path / "own")
    session.close()


@pytest.mark.parametrize(
    ("pictures", "star", "ago", "goes"),
    [
        (0, False, 0.5 * DAY, False),
        (0, False, 2 * DAY, True),
        (2, False, 29 * DAY, False),
        (2, False, 31 * DAY, True),
        (2, True, 3650 * DAY, False),
    ],
)
def test_only_what_nobody_will_miss_is_removed(make, pictures, star, ago, goes):
    folder = make(pictures, star, ago)
    left.sweep()
    assert folder.exists() != goes


def test_one_in_use_stays_however_old(make, engine):
    folder = make(2, ago=40 * DAY)
    session = Session.open(folder, engine)
    left.sweep()
    assert session[0].image.size
    session.close()


def test_stars_that_were_taken_back_count(make, engine):
    folder = make(2, star=True)
    session = Session.open(folder, engine)
    session.undo()
    session.close()
    for file in folder.glob("session.sqlite*"):
        os.utime(file, (time.time() - 99 * DAY,) * 2)
    left.sweep()
    assert folder.exists()


@pytest.mark.parametrize("damage", ["no database", "garbage", "link", "file"])
def test_what_is_no_session_is_left_alone(make, temporary, damage):
    good = make(2)
    strange = temporary / "guidewidgets-strange"
    if damage == "link":
        strange.symlink_to(good)
    elif damage == "file":
        strange.write_bytes(b"x")
    else:
        strange.mkdir()
        if damage == "garbage":
            (strange / "session.sqlite").write_bytes(b"no database at all" * 100)
            os.utime(strange / "session.sqlite", (0, 0))
    left.sweep()
    assert strange.exists()
    assert [one.folder for one in Session.recent()] == [good]


KILLED = """
import os, sys
from guidewidgets import Engine, Session
session = Session("a fox", model=sys.argv[1])
session.set(steps=1)
session.sample(3).wait()
session.star(1)
print(session.folder, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_process_that_was_killed_leaves_a_session(temporary, fresh):
    tiny.stable_diffusion(temporary).save_pretrained(temporary / "model")
    environment = os.environ | {"TMPDIR": str(temporary)}
    run = fresh(KILLED, temporary / "model", environment=environment, check=False)
    assert run.returncode == -9, run.stderr
    (found,) = Session.recent()
    assert str(found.folder) == run.stdout.strip()
    assert (found.pictures, found.starred) == (3, 1)
    assert Session.recent()[0].changed == found.changed  # looking changes nothing


def test_a_notebook_finds_its_own_session_first(make, engine, monkeypatch):
    """As after a restart: the kernel is another, the notebook the same."""
    for name, ago in (("mine", 60), ("theirs", 30)):
        monkeypatch.setenv("JPY_SESSION_NAME", f"/home/ann/{name}.ipynb")
        make(ago=ago, prompt=name)
    assert [one.prompt for one in Session.recent()] == ["theirs", "mine"]
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ann/third.ipynb")
    third = Session("a fox", model=engine)
    assert "Your last session" not in str(third.view().notices)
    third.close()
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ann/mine.ipynb")
    again = Session.latest(engine)
    assert str(again.prompt) == "mine"
    again.close()
