"""A session that is opened again is the session that was left."""

from __future__ import annotations

import pytest
from stored import SECONDS, content, told

from guidewidgets.session import Session
from guidewidgets.untrusted import SessionFileError


def everything(session):
    """Every operator once, with marks and settings in between."""
    session.cross(n=2).wait(SECONDS)
    session.mutate(1, at=[(0.3, 0.7)], radius=0.3, n=2).wait(SECONDS)
    session.mutate(1, at=[(0.3, 0.7)], radius=0.3, n=2, lock=True).wait(SECONDS)
    session.mutate(session.history[-1][0].id, n=2).wait(SECONDS)
    session.recombine({1: [(0.2, 0.5)], 4: [(0.8, 0.5)]}, n=2).wait(SECONDS)
    session.blend([1, 4], n=2).wait(SECONDS)
    session.prompt = "a fox OR a cat AND NOT a house @left"
    session.render([0, 1]).wait(SECONDS)
    session.reject(0)


def test_everything_comes_back(begun, engine):
    everything(begun)
    before, contents = told(begun), [content(c) for g in begun.history for c in g]
    begun.close()
    again = Session.open(begun.folder, model=engine)
    assert told(again) == before
    assert [content(c) for g in again.history for c in g] == contents
    assert again.unfinished == ()
    again.close()


def test_every_operator_renders_to_the_same_pixels_after_reopening(begun, engine):
    everything(begun)
    begun.close()
    again = Session.open(begun.folder, model=engine)
    for generation in again.history:
        genomes = [c.genome for c in generation]
        for step in engine.sample(genomes):
            last = step.x
        pixels = engine.decode(last).mul(255).round().byte().permute(0, 2, 3, 1).numpy()
        assert [p.tobytes() for p in pixels] == [c.image.tobytes() for c in generation], generation
    again.close()


def test_undo_redo_and_branches_survive(begun, engine):
    begun.guidance = 3.0
    begun.undo()
    begun.undo()  # the stars
    folder = begun.folder
    begun.close()
    again = Session.open(folder, model=engine)
    assert not again[1].starred
    assert again.redo()
    assert again[1].starred
    again.steps = 7  # branches: the guidance is left behind
    assert not again.redo()
    again.undo()
    again.close()
    third = Session.open(folder, model=engine)
    assert len(third._state.history.branches) == 1
    assert third.view().can_redo
    assert third.redo()
    assert (third.steps, third.guidance) == (7, 7.5)
    third.close()


def test_numbers_and_seeds_go_on(begun, engine):
    begun.sample(2).wait(SECONDS)
    begun.undo()
    seeds = {c.recipe.seed for g in begun.history for c in g}
    folder = begun.folder
    begun.close()
    again = Session.open(folder, model=engine)
    generation = again.sample(2).wait(SECONDS)
    assert [c.id for c in generation] == [8, 9]
    assert generation[0].recipe.seed not in seeds
    again.close()


def test_opening_loads_no_model(begun, fresh):
    folder = begun.folder
    begun.close()
    script = f"""
import guidewidgets as gw
s = gw.Session.open({str(folder)!r})
assert s._model._engine is None
assert len(s.history) == 1 and s[4].starred and s[4].image.size == (16, 16)
s.unmark(4); s.undo(); print(repr(s))
try: s.sample(1)
except ValueError as error: print(error)
assert s._model._engine is None
"""
    assert "open it with Session.open(path, model=…)" in fresh(script).stdout


def test_the_second_is_read_only_and_says_so(begun, engine):
    second = Session.open(begun.folder, model=engine)
    assert second.view().notices[-1].text == "trip is open elsewhere: read-only here"
    assert content(second[1]) == content(begun[1])
    before = told(second)
    for act in (lambda: second.star(0), lambda: second.sample(1), second.undo, lambda: second.set(steps=5)):
        with pytest.raises(SessionFileError, match="open elsewhere, so it is read-only here"):
            act()
    assert told(second) == before
    begun.star(0)  # the first goes on
    second.close()


def test_another_process_is_read_only_until_the_first_is_gone(begun, fresh):
    script = f"""
import guidewidgets as gw
s = gw.Session.open({str(begun.folder)!r})
print([n.text for n in s.view().notices], len(s.history))
"""
    assert fresh(script).stdout == "['trip is open elsewhere: read-only here'] 1\n"
    begun.close()
    assert fresh(script).stdout == "[] 1\n"


def test_an_existing_session_is_refused(begun, engine):
    with pytest.raises(ValueError, match=r"a session is there already: use Session.open\("):
        Session("a", model=engine, store=begun.folder)


def test_without_a_path_it_is_kept_all_the_same(engine, own_temporary_folder):
    session = Session("a fox", model=engine)
    text = session.view().notices[-1].text
    assert str(session.folder) in text
    assert session.folder.parent == own_temporary_folder
    session.sample(2, steps=1).wait(SECONDS)
    contents = [content(c) for c in session.history[-1]]
    session.close()
    again = Session.open(session.folder, model=engine)
    assert [content(c) for c in again.history[-1]] == contents
    again.close()


def test_a_temporary_folder_in_which_nothing_happened_is_removed(engine, own_temporary_folder):
    session = Session("a fox", model=engine)
    assert list(own_temporary_folder.iterdir()) == [session.folder]
    session.close()
    assert list(own_temporary_folder.iterdir()) == []


def test_no_place_to_write_to(engine, tmp_path, monkeypatch):
    import tempfile

    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    session = Session("a fox", model=engine)
    assert session.view().notices[-1].text == "not saved anywhere: [Errno 28] No space left on device"
    assert len(session.sample(2, steps=1).wait(SECONDS)) == 2
    with pytest.raises(OSError, match="not saved anywhere"):
        session.save(tmp_path / "a.gw")


def test_a_closed_session_says_so(begun):
    begun.close()
    begun.close()
    for act in (lambda: begun.star(0), lambda: begun.sample(1), begun.code):
        with pytest.raises(SessionFileError, match=r"the session was closed: Session\.open opens it again"):
            act()
    assert begun[0].image.size == (16, 16)  # what is in memory stays
