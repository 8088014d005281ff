"""Earlier generations on the grid: looked at, evolved from, gone back to."""

from __future__ import annotations

import pytest


def state(recorder) -> dict:
    recorder.idle()
    return recorder.kinds("state")[-1]["state"]


@pytest.fixture
def past(recorder, session):
    """Three generations of two."""
    session.sample(2).wait()
    session.star(1)
    session.cross(n=2).wait()
    session.star(3)
    session.cross(n=2).wait()
    recorder.idle()
    return recorder


def test_an_earlier_one_is_shown_until_there_is_a_newer_one(past, session):
    assert (state(past)["at"], state(past)["generations"]) == (2, [[0, 1], [1, 3], [2, 4]])
    assert state(past)["family"] == [3]
    assert past.ask("look", generation=0)["ok"]
    shown = state(past)
    assert ([cell["slot"] for cell in shown["cells"]], shown["at"], shown["family"]) == ([0, 1], 0, [])
    frames = [tile["slot"] for frame in past.kinds("frame")[-2:] for tile in frame["tiles"]]
    assert {0, 1} <= set(frames)
    assert past.ask("look", of=2)["ok"]  # the one that candidate 2 is in
    assert state(past)["at"] == 1
    session.sample(2).wait()
    assert state(past)["at"] == 3
    assert [cell["slot"] for cell in state(past)["cells"]] == [6, 7]


def test_its_stars_are_evolved_and_the_code_says_so(past, session):
    past.ask("look", generation=0)
    assert past.ask("evolve", n=2, slots=[0])["ok"]
    past.idle()
    assert session.history[-1][0].recipe.parent_ids == (0,)
    assert "s.cross([0], n=2" in session.code()


def test_back_to_it_takes_back_the_rest_which_redo_brings_again(past, session):
    assert past.ask("back", generation=0)["ok"]
    assert [len(g) for g in session.history] == [2]
    assert session[1].starred  # the mark that led on from here stays
    assert state(past)["at"] == 0
    told = "Back to generation 1. 2 later generations and what was marked since come back with redo"
    assert any(notice.text.startswith(told) for notice in session.view().notices)
    assert session.cross(n=2).wait()[0].recipe.parent_ids == (1,)
    assert "Back to" not in str(session.view().notices)  # redo is over
    with pytest.raises(IndexError, match="no generation 2"):
        session.back_to(2)


def test_what_it_was_asked_for_is_said_where_another_prompt_is_in_force(past, session):
    past.ask("look", generation=0)
    title = state(past)["title"]
    asked, session.prompt = str(session.prompt), "an owl"
    assert state(past)["title"] == f"{title} · {asked}"
    session.prompt = asked
    assert state(past)["title"] == title


def test_redo_after_it_walks_all_the_way_again(past, session):
    session.back_to(0)
    while session.redo():
        pass
    assert [g.index for g in session.history] == [0, 1, 2]


def test_what_cannot_be_is_refused_in_one_line(past, session):
    assert "no generation 9" in past.ask("look", generation=9)["error"]["message"]
    assert "no candidate 99" in past.ask("look", of=99)["error"]["message"]
    job = session.sample(2, steps=500)
    with pytest.raises(ValueError, match="wait for them, or cancel"):
        session.back_to(0)
    job.cancel()
    assert past.ask("thumbs", slots=[0, 5])["value"]["tiles"][1]["slot"] == 5


def test_how_far_children_go_is_remembered_and_the_code_says_it(past, session):
    assert state(past)["fresh"] == 0.05
    assert past.ask("evolve", n=2, fresh=0.05)["ok"]
    past.idle()
    assert "fresh" not in session.code()  # what is usual is not said
    assert past.ask("evolve", n=2, fresh=0.4)["ok"]
    past.idle()
    assert session.history[-1][0].recipe.parameters["fresh"] == 0.4
    assert "fresh=0.4" in session.code()
    assert state(past)["fresh"] == 0.4
    session.undo()
    assert state(past)["fresh"] == 0.05
    assert not past.ask("evolve", n=2, fresh=1.5)["ok"]
