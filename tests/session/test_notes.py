"""Notes and tags: marks like any other, undone, stored, replayed, exported, and refused in one line."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from contextlib import closing

import pytest
from stored import content, told

import guidewidgets as gw
from guidewidgets import SessionFileError
from guidewidgets.session import Session
from guidewidgets.session.marks import MAX_NOTE, MAX_TAG, MAX_TAGS

WORDS = "such ears,\n$5 <b>each</b> 'quoted'"


def test_a_note_and_tags_are_undone_and_redone_as_one(made):
    made.note(4, "  such ears ", tags=["keep", "print it", " keep ", ""])
    assert (made[4].note, made[4].tags) == ("such ears", ("keep", "print it"))
    made.note([4, 7], tags=["gone"])
    assert (made[4].note, made[4].tags, made[7].tags) == ("such ears", ("gone",), ("gone",))
    made.undo()
    assert (made[4].tags, made[7].tags) == (("keep", "print it"), ())
    made.undo()
    assert (made[4].note, made[4].tags) == ("", ())
    made.redo()
    made.note(4, "")
    assert (made[4].note, made[4].tags) == ("", ("keep", "print it"))


def test_stars_come_and_go_and_the_note_stays(made):
    made.note(4, "such ears", tags=("keep",))
    made.star(4, at=[(0.5, 0.5)])
    made.unmark(4)
    made.reject(4)
    assert (made[4].note, made[4].tags, made[4].rejected) == ("such ears", ("keep",), True)
    made.note(4, "such ears")  # as it is: no event
    made.undo()
    assert not made[4].rejected


def test_the_genome_is_the_same(made):
    before = content(made[4])
    made.note(4, "such ears", tags=["keep"])
    assert content(made[4]) == before


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda s: s.note(4), ValueError, "nothing to note"),
        (lambda s: s.note(4, 5), TypeError, "note=5: expected text"),
        (
            lambda s: s.note(4, "x" * (MAX_NOTE + 1)),
            ValueError,
            "note has 501 characters: expected at most 500",
        ),
        (lambda s: s.note(4, "a \ud800"), ValueError, "half a character"),
        (lambda s: s.note(4, tags="keep"), TypeError, "tags='keep': expected a list of words"),
        (lambda s: s.note(4, tags=[1]), TypeError, r"tags=\[1\]: expected a list of words"),
        (lambda s: s.note(4, tags=["a, b"]), ValueError, "without commas"),
        (lambda s: s.note(4, tags=["a\nb"]), ValueError, "without commas and line breaks"),
        (lambda s: s.note(4, tags=["x" * (MAX_TAG + 1)]), ValueError, "a tag has 31 characters"),
        (lambda s: s.note(4, tags=[str(i) for i in range(MAX_TAGS + 1)]), ValueError, "expected at most 10"),
        (lambda s: s.note(99, "who?"), IndexError, "no candidate 99"),
        (lambda s: s.note("4", "who?"), TypeError, "candidate '4'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_noted_is_refused_in_one_line(made, call, error, says):
    with pytest.raises(error, match=says) as caught:
        call(made)
    assert "\n" not in str(caught.value)
    assert (made[4].note, made[4].tags) == ("", ())


def test_it_is_there_when_the_session_is_opened_again_and_in_its_file(begun, engine, tmp_path):
    begun.note(4, WORDS, tags=["keep", "ohne Ähnlichkeit"])
    begun.note(1, "soon gone")
    begun.undo()
    before = told(begun)
    assert before["marks"][4].note == WORDS
    begun.save(tmp_path / "trip.gw")
    begun.close()
    for place in (begun.folder, tmp_path / "trip.gw"):
        again = Session.open(place, model=engine)
        assert told(again) == before
        again.redo()
        assert again[1].note == "soon gone"
        again.close()


def test_code_writes_it_again(begun, engine):
    begun.note([1, 4], WORDS)
    begun.note(4, tags=["keep"])
    begun.star(2)
    assert begun.code().splitlines()[-3:] == [
        f"s.note([1, 4], {WORDS!r})",
        "s.note(4, tags=['keep'])",
        "s.star(2)",
    ]
    names = {"model": engine}
    exec(compile(begun.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    assert [c.marks for c in names["s"].history[-1]] == [c.marks for c in begun.history[-1]]


def test_a_replay_walks_through_it(begun, tmp_path):
    begun.note(4, "such ears")
    begun.to_replay(tmp_path / "run.gw")
    replay = gw.Replay(tmp_path / "run.gw")
    assert [moment.code for moment in replay][-1] == "s.note(4, 'such ears')"
    replay.back()
    assert replay.session[4].note == ""
    replay.close()


def test_read_only_and_closed_sessions_refuse(begun, engine):
    second = Session.open(begun.folder, model=engine)
    with pytest.raises(SessionFileError, match="open elsewhere, so it is read-only here"):
        second.note(4, "not here")
    second.close()
    begun.close()
    with pytest.raises(SessionFileError, match=r"the session was closed: Session\.open opens it again"):
        begun.note(4, "too late")
    assert (begun[4].note, second[4].note) == ("", "")


@pytest.mark.parametrize(
    "written",
    [
        '{"note": 5}',
        '{"note": "' + 501 * "x" + '"}',
        '{"note": "\\ud800"}',
        '{"tags": "keep"}',
        '{"tags": ["a,b"]}',
    ],
    ids=["number", "long", "half", "text", "comma"],
)
def test_a_note_of_a_damaged_file_costs_nothing_else(begun, engine, written):
    begun.note(4, "such ears")
    folder = begun.folder
    begun.close()
    with closing(sqlite3.connect(folder / "session.sqlite")) as db, db:
        data = f'{{"changes": [[4, {{}}, {written}]]}}'
        assert db.execute("UPDATE events SET data = ? WHERE data LIKE '%ears%'", (data,)).rowcount == 1
    again = Session.open(folder, model=engine)
    assert "damaged, and left out: event" in again.view().notices[-1].text
    assert (again[4].note, again[4].starred) == ("", True)
    again.star(0)
    again.close()


def test_it_goes_with_what_is_exported(begun, tmp_path):
    begun.note(4, WORDS, tags=["keep", "print"])
    begun.note(2, "=1+1")
    begun.to_zip(tmp_path / "pictures.zip")
    with zipfile.ZipFile(tmp_path / "pictures.zip") as zipped:
        rows = list(csv.DictReader(io.StringIO(zipped.read("pictures.csv").decode(), newline="")))
    assert (rows[4]["note"], rows[4]["tags"]) == (WORDS, "keep, print")
    assert rows[2]["note"] == "'=1+1"  # no formula
    figure = begun.contact_sheet()
    assert [text.get_text() for text in figure.axes[4].texts] == [
        "such ears, $5 <b>each</b>\n'quoted' · keep, print"
    ]
    assert not figure.axes[0].texts
    figure.savefig(tmp_path / "sheet.png")  # a dollar begins no formula
    begun.to_html(tmp_path / "trip.html")
    page = (tmp_path / "trip.html").read_text()
    assert "<b>such ears, $5 &lt;b&gt;each&lt;/b&gt; &#x27;quoted&#x27; · keep, print</b>" in page
    assert page.count("<figcaption>1 ★ Generate<br>a fox on a beach</figcaption>") == 1
    assert "· such ears, $5 &lt;b&gt;each" in begun[4]._repr_html_()
