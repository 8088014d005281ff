"""A picture touched up again and again under locks: stored by the parents' hashes, rendered in flat cost."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
import torch
from stored import SECONDS, content

from guidewidgets import Candidate, SessionFileError
from guidewidgets.engine.lock import KEPT_BYTES, Trajectories, Trajectory
from guidewidgets.genome import Anchor
from guidewidgets.genome_data import MAX_ANCHORS, genome_from_data, genome_to_data
from guidewidgets.region import Region
from guidewidgets.session import Session
from guidewidgets.untrusted import parse_json

LEVELS = 68


def nested(genome):
    """As versions before this one wrote it: parents inside each other."""
    data, tensors = genome_to_data(genome.replace(anchor=None))
    if genome.anchor is not None:
        inner, its = nested(genome.anchor.genome)
        data["anchor"] = {"genome": inner, "region": genome.anchor.region.to_json()}
        tensors |= {f"anchor/{name}": tensor for name, tensor in its.items()}
    return data, tensors


def spot(level):
    return [((level * 0.37) % 1, (level * 0.61) % 1)]


@pytest.fixture(scope="module")
def chain(engine, tmp_path_factory):
    """A session of 68 locked mutations in a row, and how many rows the network was asked for by each."""
    session = Session("a fox", model=engine, store=tmp_path_factory.mktemp("chain") / "trip")
    session.set(steps=3)
    session.sample(1).wait(SECONDS)
    asked, rows = [], engine.network.ask

    def counted(x, images, texts, *rest):
        asked[-1] += len(texts)
        return rows(x, images, texts, *rest)

    engine.network.ask = counted
    try:
        for level in range(LEVELS):
            asked.append(0)
            session.mutate(level, at=spot(level), lock=True, n=1).wait(SECONDS)
    finally:
        del engine.network.ask
    yield session, asked
    session.close()


def test_each_level_costs_what_the_first_did(chain):
    _, asked = chain
    assert len(asked) == LEVELS
    assert set(asked) == {asked[0]}  # the child, and its parent once, alone


def test_sixty_eight_locked_mutations_are_saved_and_opened(chain, engine, tmp_path):
    session, _ = chain
    known = {c.id: content(c) for g in session.history for c in g}
    assert len(known) == LEVELS + 1
    session.save(tmp_path / "trip.gw")
    again = Session.open(tmp_path / "trip.gw", model=engine)
    assert {c.id: content(c) for g in again.history for c in g} == known
    engine.trajectories = Trajectories()  # as in another process
    anew = again.render([LEVELS]).wait(SECONDS)
    assert anew[0].genome.latent.equal(again[LEVELS].genome.latent)
    last = again.mutate(LEVELS, at=[(0.5, 0.5)], lock=True, n=1).wait(SECONDS)[0]
    assert last.genome.anchor.hash == again[LEVELS].hash
    again.close()


def test_their_png_carries_them(chain, engine, tmp_path):
    session, _ = chain
    session[LEVELS].save(tmp_path / "last.png")
    alone = Candidate.load(tmp_path / "last.png")
    assert content(alone) == content(session[LEVELS])
    engine.trajectories = Trajectories()
    pixels = list(engine.sample([alone.genome]))[-1].x
    engine.trajectories = Trajectories()
    assert torch.equal(pixels, list(engine.sample([session[LEVELS].genome]))[-1].x)
    other = Session("a cat", model=engine, store=tmp_path / "other")  # where their parents are not
    taken = other.restore(tmp_path / "last.png").wait(SECONDS)[0]
    other.mutate(0, at=[(0.5, 0.5)], lock=True, n=1, steps=3).wait(SECONDS)
    other.close()
    again = Session.open(tmp_path / "other", model=engine)
    assert content(again[0])[:4] == content(session[LEVELS])[:4] == content(taken)[:4]
    assert again[1].genome.anchor.genome.hash == session[LEVELS].hash
    assert again[1].genome.anchor.genome.anchor.genome.hash == session[LEVELS - 1].hash
    again.close()


@pytest.mark.parametrize("take", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])  # noqa: S301
def test_they_can_be_pickled(chain, take):
    session, _ = chain
    taken = take(session[LEVELS])
    assert content(taken) == content(session[LEVELS])
    assert taken.genome.anchor.genome.anchor.hash == session[LEVELS - 2].hash


def test_what_older_versions_nested_is_read_with_equal_hashes(chain):
    session, _ = chain
    for number in (0, 1, 5, LEVELS):  # more than 64 levels too, which they wrote and could not read
        genome = session[number].genome
        data, tensors = nested(genome)
        read = genome_from_data(parse_json(json.dumps(data), "a genome"), tensors)
        assert read.hash == genome.hash
        for _ in range(number):
            read, genome = read.anchor.genome, genome.anchor.genome
            assert read.hash == genome.hash
        assert read.anchor is None


def test_a_kept_trajectory_and_a_new_one_give_the_same_bits(chain, engine):
    session, _ = chain
    genome = session[10].genome
    engine.trajectories = Trajectories()
    cold = [step.x for step in engine.sample([genome])]
    warm = [step.x for step in engine.sample([genome])]
    engine.trajectories = Trajectories()
    list(engine.sample([session[i].genome for i in (9, 10, 11)]))
    beside = [step.x for step in engine.sample([genome])]
    for other in (warm, beside):
        assert all(torch.equal(a, b) for a, b in zip(cold, other, strict=True))


def test_trajectories_that_are_kept_have_a_limit():
    kept = Trajectories()
    step = torch.zeros(KEPT_BYTES // 4 // 4)
    for number in range(6):
        Trajectory(iter([(step,)]), 1, lambda made, number=number: kept.put(number, made)).at(0)
    assert [number for number in range(6) if kept.get(number)] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda d: d["anchor"].update(genome="0" * 64), "is not the one that was saved"),
        (lambda d: d["anchor"].update(genome="x"), "named by a hash of 64 hex digits"),
        (lambda d: d.update(anchor=None), "a locked parent of nobody"),
        (lambda d: d.update(ancestors=[]), "the genome's locked parent is not there"),
        (lambda d: d.update(ancestors=[1]), "ancestor is 1: expected dict"),
        (lambda d: d.update(ancestors=[{}] * (MAX_ANCHORS + 1)), "ancestors has 1,001 entries"),
    ],
)
def test_rows_of_parents_that_do_not_fit_together(chain, spoil, told):
    session, _ = chain
    data, tensors = genome_to_data(session[2].genome)
    data = json.loads(json.dumps(data))
    spoil(data)
    with pytest.raises(SessionFileError, match=told):
        genome_from_data(data, tensors)


def test_more_parents_than_a_file_takes(engine):
    genome = engine.genomes(engine.noise(1), "a fox", steps=1)[0]
    for _ in range(MAX_ANCHORS + 1):
        genome = genome.replace(anchor=Anchor(genome, Region.box(0, 0, 0.5, 0.5)))
    with pytest.raises(
        ValueError, match="more than 1000 locked parents behind each other do not fit into one file"
    ):
        genome_to_data(genome)
    genome_to_data(genome.anchor.genome)
    assert genome_to_data(genome, lambda _: True)[0]["anchor"]["genome"] == genome.anchor.hash


def test_a_lost_parent_costs_its_children_nothing_but_new_pictures(engine, tmp_path):
    session = Session("a fox", model=engine, store=tmp_path / "trip")
    session.set(steps=1)
    session.sample(1).wait(SECONDS)
    session.mutate(0, at=[(0.2, 0.2)], lock=True, n=1).wait(SECONDS)
    child = content(session[1])
    with session._state.journal.writing() as db:
        db.execute("DELETE FROM candidates WHERE id = 0")
    session.close()
    engine.trajectories = Trajectories()
    again = Session.open(tmp_path / "trip", model=engine)
    assert content(again[1]) == child
    with pytest.raises(SessionFileError, match=r"the locked parent .* is not in the session"):
        next(engine.sample([again[1].genome]))
    again.close()
