"""What is handed out belongs to whoever has it: nothing they do to it reaches the session."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageDraw
from stored import SECONDS, content

from guidewidgets import Candidate
from guidewidgets.session import Session
from guidewidgets.session.operators.base import Parents
from guidewidgets.session.operators.cross import Cross
from guidewidgets.session.operators.mutate import Mutate


@pytest.fixture(scope="module")
def family(engine, tmp_path_factory):
    """A session with a crossover and a lock in it; tests of this module only hurt what it hands out."""
    session = Session(
        "a fox AND a beach", model=engine, store=tmp_path_factory.mktemp("family") / "trip", seed=3
    )
    session.set(steps=2, corrector={"steps": 1, "size": 0.1})
    session.sample(3, embedding=0.1).wait(SECONDS)
    session.cross([0, 1], n=2).wait(SECONDS)
    session.mutate(3, at=[(0.5, 0.5)], n=1, lock=True).wait(SECONDS)
    yield session
    session.close()


def children(session):
    """Latents of what these candidates beget, without rendering them."""
    parents = Parents([session[0], session[3]])
    settings = session.view().settings
    crossed = Cross(parents, 2).children(session.engine, settings, 5)
    bred = [
        *crossed,
        *Mutate(Parents([session[5]]), 1, None, None, lock=False).breed(session.engine, settings, 5),
    ]
    return [(g.hash, r) for g, r in bred]


def spoil_tensors(genome):
    for tensor in genome.tensors().values():
        tensor.mul_(2)
    genome.sampler_parameters["eta"] = 9.0
    genome.corrector["steps"] = 9.0
    if genome.anchor is not None:
        spoil_tensors(genome.anchor.genome)


def spoil(data):
    """Change every list and dict in JSON data."""
    for value in list(data.values() if isinstance(data, dict) else data):
        if isinstance(value, dict | list):
            spoil(value)
    if isinstance(data, dict):
        data.clear()
    else:
        data.append("x")


DEEDS = {
    "thumbnail": lambda c: c.image.thumbnail((4, 4)),
    "paste": lambda c: c.image.paste((255, 0, 0), (0, 0, 8, 8)),
    "draw": lambda c: ImageDraw.Draw(c.image).rectangle((0, 0, 9, 9), fill="red"),
    "pixel": lambda c: c.image.load().__setitem__((0, 0), (1, 2, 3)),
    "info": lambda c: c.image.info.update(parameters="someone else's"),
    "tensors": lambda c: spoil_tensors(c.genome),
    "recipe": lambda c: spoil(c.recipe.parameters),
}


@given(st.data())
def test_nothing_done_to_what_is_handed_out_reaches_the_session(family, tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "handed_out.png"
    number = data.draw(st.integers(0, 5))
    family[number].save(file)
    before = content(family[number]), children(family), file.read_bytes()
    for name in data.draw(st.lists(st.sampled_from(sorted(DEEDS)), min_size=1, max_size=4)):
        DEEDS[name](family[data.draw(st.integers(0, 5))])
    family[number].save(file)
    assert (content(family[number]), children(family), file.read_bytes()) == before


def test_a_thumbnail_does_not_shrink_the_sessions_picture(begun, tmp_path):
    begun[0].image.thumbnail((4, 4))
    begun[0].save(tmp_path / "fox.png")
    assert begun[0].image.size == Candidate.load(tmp_path / "fox.png").image.size == (16, 16)


def test_a_doubled_latent_is_not_bred_from(begun):
    before = begun[0].hash, begun[0].genome.hash
    latent = begun[0].genome.latent
    begun[0].genome.latent.mul_(2)
    assert (begun[0].hash, begun[0].genome.hash) == before
    assert begun.render([0]).wait(SECONDS)[0].genome.latent.equal(latent)


def test_what_a_session_without_a_disk_hands_out_is_a_copy_too(engine, monkeypatch, tmp_path):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    session = Session("a fox", model=engine)
    session.sample(1, steps=1).wait(SECONDS)
    before = content(session[0])
    for deed in DEEDS.values():
        if deed is not DEEDS["info"]:
            deed(session[0])
    assert content(session[0]) == before
    session.close()


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))  # noqa: S301 - written a moment ago


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickled])
def test_candidates_and_generations_can_be_pickled_and_copied(family, take, tmp_path):
    family.star(0, at=[(0.2, 0.3)])
    for number in (0, 3, 5):
        taken = take(family[number])
        assert content(taken) == content(family[number])
        assert (taken.id, taken.marks, taken.film) == (number, family[number].marks, family[number].film)
        taken.save(tmp_path / "taken.png")
        assert content(Candidate.load(tmp_path / "taken.png")) == content(family[number])
    generation = family.history[0]
    taken = take(generation)
    assert (taken.index, taken.operator, len(taken)) == (0, "sample", 3)
    assert [content(c) for c in taken] == [content(c) for c in generation]


def test_a_pickled_candidate_is_read_where_its_session_is_not(family, fresh, tmp_path):
    (tmp_path / "fox.pickle").write_bytes(pickle.dumps(family[5]))
    code = (
        "import pickle; c = pickle.load(open('fox.pickle', 'rb')); print(c.hash, c.genome.hash, c.image.size)"
    )
    told = fresh(code, folder=tmp_path)
    assert told.stdout.split() == [family[5].hash, family[5].hash, "(16,", "16)"]


@pytest.mark.parametrize("take", [copy.deepcopy, pickle.dumps])
def test_sessions_and_jobs_say_what_to_do_instead(begun, take):
    with pytest.raises(TypeError, match=r"a session stays in its process: s\.save"):
        take(begun)
    job = begun.sample(1)
    with pytest.raises(TypeError, match=r"a job stays in its process: job\.wait\(\) gives the generation"):
        take(job)
    job.wait(SECONDS)
