"""`.gw` files: what is saved is what is opened, and the working folder is the truth in between."""

from __future__ import annotations

import zipfile

import pytest
from stored import SECONDS, content, told

from guidewidgets.session import Session


def all_of(session):
    return told(session), [content(c) for g in session.history for c in g]


def test_save_and_open(begun, engine, tmp_path):
    begun.save(tmp_path / "trip.gw")
    before = all_of(begun)
    begun.star(0)
    opened = Session.open(tmp_path / "trip.gw", model=engine)
    assert all_of(opened) == before  # a folder of one's own is not behind the file
    opened.sample(2).wait(SECONDS)
    assert opened.folder != begun.folder
    opened.close()


def test_what_is_done_after_opening_is_kept_without_saving(begun, engine, tmp_path):
    begun.save(tmp_path / "trip.gw")
    opened = Session.open(tmp_path / "trip.gw", model=engine)
    opened.sample(2).wait(SECONDS)
    before = all_of(opened)
    opened.close()
    again = Session.open(tmp_path / "trip.gw", model=engine)
    assert all_of(again) == before
    assert "goes on where it was left" in again.view().notices[-1].text
    again.save(tmp_path / "trip.gw")
    again.close()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "trip.gw").rename(elsewhere / "trip.gw")  # the working folder stays behind
    moved = Session.open(elsewhere / "trip.gw", model=engine)
    assert all_of(moved) == before
    moved.close()


def test_a_replaced_file_wins_and_the_work_before_it_is_named(begun, engine, tmp_path):
    begun.save(tmp_path / "trip.gw")
    opened = Session.open(tmp_path / "trip.gw", model=engine)
    opened.sample(2).wait(SECONDS)
    opened.close()
    begun.star(0)
    begun.save(tmp_path / "trip.gw")
    again = Session.open(tmp_path / "trip.gw", model=engine)
    assert again[0].starred
    assert str(opened.folder) in again.view().notices[-1].text
    again.close()


def test_a_session_without_a_path_goes_on_behind_the_file_it_was_saved_to(engine, tmp_path):
    session = Session("a fox", model=engine)
    session.sample(2, steps=1).wait(SECONDS)
    session.save(tmp_path / "a.gw")
    session.star(1)
    session.close()
    again = Session.open(tmp_path / "a.gw", model=engine)
    assert again[1].starred
    again.save(tmp_path / "b.gw")
    again.unmark(1)
    again.close()
    assert Session.open(tmp_path / "a.gw", model=engine)[1].starred is False  # as it was saved
    assert Session.open(tmp_path / "b.gw", model=engine)[1].starred is False  # as it was left


def test_a_failed_save_leaves_the_file_that_was_there(begun, tmp_path, monkeypatch):
    from guidewidgets.session.storage import disk

    begun.save(tmp_path / "trip.gw")
    before = (tmp_path / "trip.gw").read_bytes()
    begun.star(0)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        begun.save(tmp_path / "trip.gw")
    monkeypatch.undo()
    assert (tmp_path / "trip.gw").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["temporary", "trip", "trip.gw"]


def test_a_folder_is_no_file(begun, tmp_path):
    with pytest.raises(ValueError, match="is a folder: expected the name of a file"):
        begun.save(tmp_path)


def test_no_path_is_in_what_is_shared(begun, engine, tmp_path):
    begun.save(tmp_path / "trip.gw")
    opened = Session.open(tmp_path / "trip.gw", model=engine)
    opened.star(0)
    opened[1].save(tmp_path / "fox.png")
    opened.restore(tmp_path / "fox.png")
    opened.save(tmp_path / "trip.gw")
    code = opened.code()
    opened.close()
    with zipfile.ZipFile(tmp_path / "trip.gw") as zipped:
        parts = [zipped.read(name) for name in zipped.namelist()]
    for data in (*parts, (tmp_path / "fox.png").read_bytes(), code.encode()):
        assert str(tmp_path).encode() not in data
