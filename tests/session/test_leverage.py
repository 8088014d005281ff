"""The embedding genome in the engine and in every operator, and the leverage that tells when it is needed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from guidewidgets.evaluate.leverage import LEVERS, Leverage
from guidewidgets.evolve.embedding import blend_offsets, cross_offsets, draw_offsets, mutate_offsets


def replay(session, engine):
    names = {"model": engine}
    exec(compile(session.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    return names["s"]


# In the engine


def test_an_offset_is_added_to_the_concept_and_not_to_the_unconditional(engine):
    """Against the network asked by hand: one step, guidance 3, offset on the concept's row alone."""
    (genome,) = engine.genomes(engine.noise(1, 3), "a fox", steps=1, guidance=3.0)
    empty, concept = engine.network.encoded(""), engine.network.encoded("a fox")
    (offset,) = draw_offsets(1, concept.states, 0.5, 1)
    moved = next(iter(engine.sample([genome.replace(embedding_offset=offset)])))
    plain = next(iter(engine.sample([genome])))
    assert not torch.allclose(moved.x, plain.x)

    family = engine.network.family
    shifted = type(concept)(concept.states + offset, concept.pooled)
    x = genome.latent[None].expand(2, -1, -1, -1)
    t = 0

    def capture(_module, inputs, _kwargs, _output):
        nonlocal t
        t = int(inputs[1])

    handle = engine.pipeline.unet.register_forward_hook(capture, with_kwargs=True)
    again = next(iter(engine.sample([genome])))
    handle.remove()
    assert torch.equal(again.x, plain.x)
    with torch.no_grad():
        nothing, something = family.predict(x, t, [empty, shifted], genome.size)
        _, unmoved = family.predict(x, t, [empty, concept], genome.size)
    # The step is affine in the guided output: the difference of the results is that of the outputs, scaled once.
    difference = (moved.x - plain.x)[0]
    outputs = 3.0 * (something - unmoved)
    factor = (difference * outputs).sum() / outputs.square().sum()
    assert torch.allclose(difference, factor * outputs, atol=1e-4 * float(difference.abs().max()) + 1e-6)
    assert nothing.shape == something.shape


def test_no_offset_is_no_change_and_a_wrong_one_is_refused(engine):
    (genome,) = engine.genomes(engine.noise(1, 3), "a fox", steps=1)
    shape = engine.network.family.encode("a fox").states.shape
    zero = next(iter(engine.sample([genome.replace(embedding_offset=torch.zeros(shape))])))
    assert torch.equal(zero.x, next(iter(engine.sample([genome]))).x)
    with pytest.raises(ValueError, match="an embedding offset of shape"):
        next(iter(engine.sample([genome.replace(embedding_offset=torch.zeros(3, 3))])))


# In the operators


def offsets(m=3, shape=(6, 8)):
    return draw_offsets(m, torch.randn(shape, generator=torch.Generator().manual_seed(0)), 0.5, 0)


def test_crossing_takes_every_token_whole():
    parents = offsets()
    for child in cross_offsets(parents, 5, 0.0, 1):
        owners = [[k for k in range(3) if torch.equal(child[row], parents[k][row])] for row in range(6)]
        assert all(len(owner) == 1 for owner in owners)
    fresh = cross_offsets(parents, 5, 1.0, 1)
    assert not any(torch.equal(child[row], p[row]) for child in fresh for p in parents for row in range(6))
    assert cross_offsets([None, None], 2, 0.1, 0) == [None, None]
    assert cross_offsets([None, parents[0]], 1, 0.0, 3)[0] is not None


def test_mutation_and_blending_keep_the_scale():
    big = offsets(2, (40, 64))
    scale = big[0].square().mean().sqrt()
    for child, cosine in zip(mutate_offsets(big[0], [0.9, 0.3], 2), (0.9, 0.3), strict=True):
        found = torch.nn.functional.cosine_similarity(child.flatten(), big[0].flatten(), dim=0)
        assert found == pytest.approx(cosine, abs=0.06)
        assert child.square().mean().sqrt() == pytest.approx(float(scale), rel=0.1)
    (middle,) = blend_offsets(big, torch.tensor([[0.5, 0.5]]))
    assert middle.square().mean().sqrt() == pytest.approx(float(scale), rel=0.1)
    assert blend_offsets([None, None], torch.ones(1, 2)) == [None]


def test_offsets_of_concepts_of_different_lengths_meet():
    long, short = offsets(2)[0], offsets(2, (4, 8))[1]
    for child in cross_offsets([long, short], 5, 0.0, 1):
        padded = torch.cat([short, torch.zeros(2, 8)])
        assert all(any(torch.equal(child[row], p[row]) for p in (long, padded)) for row in range(6))
    (middle,) = blend_offsets([short, long], torch.tensor([[0.5, 0.5]]))
    both = torch.cat([long.flatten(), short.flatten()])
    assert middle.shape == (6, 8)
    assert middle.square().mean() == pytest.approx(float(both.square().mean()), rel=1e-5)


def test_once_there_it_takes_part_in_every_operator(session, engine):
    session.set(steps=1)
    session.sample(4, embedding=0.4).wait(60)
    assert all(c.genome.embedding_offset is not None for c in session.history[0])
    session.cross([0, 1], n=2).wait(60)
    session.mutate(0, n=2).wait(60)
    session.mutate(0, at=[(0.5, 0.5)], n=1).wait(60)
    session.recombine({0: [(0.2, 0.5)], 1: [(0.8, 0.5)]}, n=2).wait(60)
    session.blend([0, 1], n=1).wait(60)
    session.mix([0, 1], [[1, -0.5]]).wait(60)
    session.render([0]).wait(60)
    for generation in session.history:
        assert all(c.genome.embedding_offset is not None for c in generation), generation.operator
    assert torch.equal(session.history[3][0].genome.embedding_offset, session[0].genome.embedding_offset)
    again = replay(session, engine)
    for mine, theirs in zip(session.history, again.history, strict=True):
        assert [c.hash for c in mine] == [c.hash for c in theirs]


# Leverage


def test_leverage_is_measured_and_nothing_is_left_behind(session):
    session.set(steps=5)
    before = session.view()
    found = session.leverage(2)
    assert set(found.maps) == set(LEVERS)
    for lever in LEVERS:
        assert found.maps[lever].shape == (16, 16)
        assert found.maps[lever].mean() == pytest.approx(getattr(found, lever), rel=1e-5)
        assert getattr(found, lever) > 0
    assert session.leverage(2).noise == found.noise  # seeded
    assert session.view() == before


def test_noise_moves_a_picture_more_the_more_of_it_is_new(session, monkeypatch):
    session.set(steps=4)
    some = session.leverage(2).noise
    monkeypatch.setattr("guidewidgets.evaluate.leverage.SHARE", 0.9)
    assert session.leverage(2).noise > some


def test_weak_noise_is_named():
    maps = {lever: np.zeros((2, 2), np.float32) for lever in LEVERS}
    assert Leverage(1.0, 5.0, 1.0, maps, 1).weak_noise
    assert not Leverage(5.0, 5.0, 1.0, maps, 1).weak_noise


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: s.leverage(0), "n=0"),
        (lambda s: s.leverage(17), "expected 1 to 16"),
        (lambda s: s.leverage(seed=-1), "seed=-1"),
        (lambda s: s.sample(2, embedding=-1), "embedding=-1"),
    ],
)
def test_refused(session, call, says):
    with pytest.raises(ValueError, match=says):
        call(session)
