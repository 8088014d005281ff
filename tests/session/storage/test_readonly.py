"""Folders that take no writes: told apart from sessions that are open elsewhere, looked at, and saved elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest
from stored import content, told

from guidewidgets import SessionFileError
from guidewidgets.session import Session


@contextmanager
def unwritable(folder):
    """The folder takes no writes: for root, whom permissions do not stop, by a read-only mount."""
    if os.geteuid():
        parts = [folder, *folder.rglob("*")]
        for path in parts:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield
        for path in parts:
            path.chmod(0o755 if path.is_dir() else 0o644)
        return
    mounts = [["mount", "--bind", folder, folder], ["mount", "-o", "remount,bind,ro", folder]]
    for command in mounts:
        if (
            shutil.which("mount") is None
            or subprocess.run(command, capture_output=True, check=False).returncode
        ):
            pytest.skip("root, and not allowed to mount: nothing is read-only here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def left_behind(folder, copy, *, killed, index):
    """A session's folder, as a process leaves it: that ended, or was killed."""
    if killed:  # its last writes are in a second file, for which there may be an index
        shutil.copytree(folder, copy)
        if not index:
            (copy / "session.sqlite-shm").unlink()
    else:
        Session.open(folder).close()
        shutil.copytree(folder, copy)
        assert not (copy / "session.sqlite-wal").exists()


@pytest.mark.parametrize(("killed", "index"), [(False, False), (True, True), (True, False)])
def test_a_folder_that_takes_no_writes(begun, engine, tmp_path, killed, index):
    before, contents = told(begun), [content(c) for c in begun.history[0]]
    copy = tmp_path / "album"
    if not killed:
        begun.close()
    left_behind(begun.folder, copy, killed=killed, index=index)
    with unwritable(copy):
        names = sorted(p.name for p in copy.rglob("*"))
        session = Session.open(copy, model=engine)
        assert told(session) == before
        assert session.view().notices[-1].text == "album cannot be written to: read-only here"
        for act in (lambda: session.star(0), lambda: session.sample(1), session.undo):
            with pytest.raises(
                SessionFileError, match=r"^album: the session cannot be written to, so it is read-only"
            ):
                act()
        assert [content(c) for c in session.history[0]] == contents
        session.save(tmp_path / "elsewhere.gw")
        session.to_replay(tmp_path / "replay.gw")
        with pytest.raises(
            OSError, match="cannot be saved: Read-only" if not os.geteuid() else "cannot be saved"
        ) as caught:
            session.save(copy / "inside.gw")
        assert "\n" not in str(caught.value)
        session.close()
        assert sorted(p.name for p in copy.rglob("*")) == names
    again = Session.open(tmp_path / "elsewhere.gw", model=engine)
    assert told(again) == before
    assert [content(c) for c in again.history[0]] == contents
    again.star(0)  # and this one takes them
    again.close()


def test_a_file_in_a_folder_that_takes_no_writes(begun, engine, tmp_path):
    place = tmp_path / "disc"
    place.mkdir()
    begun.save(place / "trip.gw")
    with unwritable(place):
        session = Session.open(place / "trip.gw", model=engine)
        session.star(0)
        with pytest.raises(OSError, match="cannot be saved"):
            session.save(place / "trip.gw")
        session.save(tmp_path / "mine.gw")
        assert sorted(p.name for p in place.iterdir()) == ["trip.gw"]
        session.close()
    again = Session.open(tmp_path / "mine.gw", model=engine)
    assert again[0].starred
    again.close()


def test_one_that_is_open_elsewhere_is_saved_elsewhere(begun, engine, tmp_path):
    second = Session.open(begun.folder, model=engine)
    assert second.view().notices[-1].text == "trip is open elsewhere: read-only here"
    second.save(tmp_path / "copy.gw")
    begun.star(0)
    third = Session.open(tmp_path / "copy.gw", model=engine)
    assert third.folder != begun.folder
    third.star(2)
    assert not third[0].starred
    for session in (second, third):
        session.close()
