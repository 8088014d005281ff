"""Who came from whom, and what changed on the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import torch

from guidewidgets.session import Session
from guidewidgets.session.journal import Journal
from guidewidgets.session.lineage import diff
from guidewidgets.session.storage import working_copy
from guidewidgets.session.storage.working_copy import Kept
from guidewidgets.widgets.lineage_json import changes

WAIT = 120


def told(session):
    return [(k.id, k.operator, k.parents) for k in session.kinship()]


@pytest.fixture
def family(session):
    session.set(steps=1)
    session.sample(3).wait(WAIT)
    session.cross([0, 2], n=2).wait(WAIT)
    session.mutate(4, n=1).wait(WAIT)
    return session


EXPECTED = [
    (0, "sample", ()),
    (1, "sample", ()),
    (2, "sample", ()),
    (3, "cross", (0, 2)),
    (4, "cross", (0, 2)),
    (5, "mutate", (4,)),
]


def test_it_grows_in_order_and_keeps_what_was_undone(family):
    assert told(family) == EXPECTED
    assert family.kinship.undone() == []
    family.undo()
    assert told(family) == EXPECTED
    assert family.kinship.undone() == [family.kinship()[5].job]
    family.sample(1).wait(WAIT)  # a branch: what was undone stays undone
    assert told(family)[-1] == (6, "sample", ())
    assert family.kinship.undone() == [family.kinship()[5].job]


def test_it_reads_no_genome(family, tmp_path):
    family.save(tmp_path / "trip.gw")
    family.close()
    again = Session.open(tmp_path / "trip.gw")
    assert told(again) == EXPECTED
    assert all(c._genes is None for c in again._state.candidates.values())
    again.close()


def test_a_session_without_a_place_to_write_to(engine, monkeypatch):
    monkeypatch.setattr(working_copy, "begin", lambda *_: Kept(Journal()))
    session = Session("a fox", model=engine, seed=0)
    session.set(steps=1)
    session.sample(2).wait(WAIT)
    session.cross([0, 1], n=1).wait(WAIT)
    assert told(session) == [(0, "sample", ()), (1, "sample", ()), (2, "cross", (0, 1))]


def test_rows_that_are_no_kinship_are_left_out(engine, tmp_path):
    session = Session("a fox", model=engine, store=tmp_path / "trip")
    session.sample(2, steps=1).wait(WAIT)
    session.close()
    with closing(sqlite3.connect(tmp_path / "trip" / "session.sqlite")) as db, db:
        db.execute("UPDATE jobs SET operator = '<script>'")
    again = Session.open(tmp_path / "trip")
    assert [(node.id, node.operator) for node in again.kinship()] == [(0, "unknown"), (1, "unknown")]
    again.close()


def test_what_changed(family):
    child, parent = family[5], family[4]
    found = diff.between(parent, child)
    assert found.prompt == ()
    assert found.settings == {}
    same = (parent.genome.latent == child.genome.latent).all(dim=0)
    assert found.noise == pytest.approx(float(same.double().mean()))
    family.set(prompt="a fox AND NOT a beach", guidance=2.5)
    family.render([5]).wait(WAIT)
    found = diff.between(child, family[6])
    assert found.noise == 1
    assert found.settings == {"guidance": (child.genome.guidance, 2.5)}
    assert "".join(text for kind, text in found.prompt if kind != "new") == str(child.genome.prompt)
    assert "".join(text for kind, text in found.prompt if kind != "gone") == str(family[6].genome.prompt)
    assert torch.equal(child.genome.latent, family[6].genome.latent)


def test_what_is_held_is_told_in_words(family):
    parent = family[5]
    (child,) = family.mutate(5, at=[(0.3, 0.4)], n=1, lock=True).wait(WAIT)
    held = f"{parent.hash[:12]}, all but spots"
    assert diff.between(parent, child).settings == {"anchor": (None, held)}
    assert changes(parent, child)["settings"] == [["anchor", "none", held]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a fox", "a fox", ()),
        ("a red fox", "a blue fox", (("same", "a "), ("gone", "red"), ("new", "blue"), ("same", " fox"))),
        ("", "a fox", (("new", "a fox"),)),
        ("a fox", "", (("gone", "a fox"),)),
    ],
)
def test_words(before, after, expected):
    assert diff.words(before, after) == expected


def test_endless_prompts_are_not_searched():
    long = " ".join(map(str, range(5_000)))
    assert diff.words(long, long + " x") == (("gone", long), ("new", long + " x"))
