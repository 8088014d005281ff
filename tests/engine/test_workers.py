"""Workers: the same pictures by one, two and three processes, whoever orders them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from painting import STEPS, alike, answered, doubled, paint, pictures

from guidewidgets.engine import Engine
from guidewidgets.engine.doctor import report
from guidewidgets.engine.workers import renderer, run
from guidewidgets.engine.workers.renderer import Local, Order
from guidewidgets.genome import Anchor
from guidewidgets.region import Region

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_pictures_by_any_number(load, workers, monkeypatch):
    monkeypatch.setattr(renderer, "TOGETHER", 8)
    monkeypatch.setattr(run, "TOGETHER", 8)
    engine = load(workers)
    genomes = pictures(engine)
    here = paint(Local(engine), genomes)
    pixels, latents, said, cautions = paint(engine.renderer, genomes)
    assert alike(pixels, here[0])
    if workers == 1:  # it paints what this process would at once
        assert {places for places, _ in said} == {places for places, _ in here[2]}
    assert not cautions
    chunks = {places for places, _ in said}
    assert len(chunks) >= workers
    for chunk in chunks:  # every step is seen, and in the same layout it is the same bit for bit
        assert [step for places, step in said if places == chunk] == list(range(1, STEPS + 1))
        _, again, *_ = paint(Local(engine), [genomes[i] for i in chunk])
        assert all(torch.equal(latents[i], again[k]) for k, i in enumerate(chunk))


def test_what_else_can_be_ordered(load):
    engine = load(2)
    genomes = pictures(engine, 5)
    order = Order(previews=False, pictures=False, strides=3, attribution=True)
    *_, frame = (f for f in engine.renderer.render(genomes[:1], order) if f is not None)
    *_, same = Local(engine).render(genomes[:1], order)
    assert frame.pixels is None
    assert torch.equal(frame.done.latents, same.done.latents)
    assert np.array_equal(frame.done.attribution.maps, same.done.attribution.maps)
    held = genomes[1].replace(anchor=Anchor(genomes[0], Region.box(0, 0, 0.5, 1)))
    assert alike(*(paint(r, [held])[0] for r in (engine.renderer, Local(engine))))


def test_render_is_painted_by_workers_where_that_gives_the_same(load, folder):
    engine, alone = load(2), Engine.load(folder)
    x, painted = engine.noise(5, seed=2), lambda: sum(one.painted for one in engine.pool._links)
    plain = {"prompt": "a fox AND a hat OR a cat", "steps": STEPS}
    for how in (plain | {"sampler": "lcm"}, plain | {"prompt": ["a fox"] * 4 + ["a hat"], "guidance": 3.0}):
        before, images = painted(), engine.render(x, **how)
        assert painted() == before + 5
        assert (images - alone.render(x, **how)).abs().max() <= 1e-4  # DESIGN.md, in another layout
        assert not images.requires_grad
    seen = []
    engine.render(x, "a fox", steps=2, on_step=seen.append)
    assert engine.render(x.requires_grad_(), "a fox", steps=2, gradient="cached").requires_grad
    assert (len(seen), painted()) == (2, before + 5)


def test_the_table(load):
    engine = load(2)
    paint(engine.renderer, pictures(engine, 4))
    title, *rows = [line for line in report(engine.device) if "worker" in line][-3:]
    assert engine.revision in title
    assert len(rows) == 2
    assert sum(int(row.split(" painted")[0].split()[-1]) for row in rows) == 4


def test_an_errand_asks_is_answered_and_warns_here(load):
    engine = load(2)
    with pytest.warns(UserWarning, match="^told 21$"):
        said = answered(engine.pool.errand(pictures(engine, 1)[0], doubled), 21)
    assert said == ["how much?", 42]
