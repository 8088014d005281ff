"""Generate, star, cross, again."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.evolve.voronoi import voronoi_crossover
from guidewidgets.session import Session


def test_sample_makes_a_generation(session):
    job = session.sample(5, steps=3)
    generation = job.wait(60)
    assert job.state == "done"
    assert len(generation) == 5
    assert [c.id for c in generation] == [0, 1, 2, 3, 4]
    assert generation[2] is session[2]
    assert session.history == (generation,)
    assert generation[0].image.size == session.size == (16, 16)
    assert generation[0].genome.steps == 3
    assert session.steps != 3  # an override is for one job only
    assert (job.progress.step, job.progress.steps, job.progress.done) == (3, 3, 5)


def test_three_starred_then_crossed(made):
    made.star(1, 4, 7)
    generation = made.cross(n=6, fresh=0.1).wait(60)
    recipe = generation[0].recipe
    assert recipe.operator == "cross"
    assert recipe.parent_ids == (1, 4, 7)
    assert recipe.parents == tuple(made[i].hash for i in (1, 4, 7))
    parents = [made[i].genome.latent for i in recipe.parent_ids]
    _, owners = voronoi_crossover(
        parents, 6, recipe.parameters["cells"], recipe.parameters["fresh"], seed=recipe.seed
    )
    # Every latent column comes whole from the parent that the owner map names, or is fresh noise.
    for child, owner in zip(generation, owners, strict=True):
        latent = child.genome.latent
        for k, parent in enumerate(parents):
            assert torch.equal(latent[:, owner == k], parent[:, owner == k])
        if (fresh := owner == FRESH).any():
            assert not any((latent[:, fresh] == parent[:, fresh]).all() for parent in parents)
    assert (owners == FRESH).any()
    assert len({c.genome.latent.numpy().tobytes() for c in generation}) == 6


def test_parents_may_be_named_and_default_to_the_newest_stars(made):
    made.star(2)
    younger = made.cross([5, 6], n=2).wait(60)
    assert younger[0].recipe.parent_ids == (5, 6)
    again = made.cross(n=2).wait(60)  # nobody starred on show: the newest generation with stars
    assert again[0].recipe.parent_ids == (2,)


def test_numbers_are_never_used_twice(made):
    made.undo()
    assert made.history == ()
    assert [c.id for c in made.sample(2).wait(60)] == [12, 13]


def test_same_seed_same_pixels(engine):
    def run():
        session = Session("a cat", model=engine, seed=7)
        first = session.sample(3, steps=2).wait(60)
        session.star(0, 2)
        second = session.cross(n=3, steps=2).wait(60)
        return [(c.hash, c.image.tobytes()) for c in (*first, *second)]

    assert run() == run()


def test_seeds_differ_between_jobs_and_sessions(engine):
    seeds = set()
    for seed in (0, 1):
        session = Session("a cat", model=engine, seed=seed)
        seeds |= {session.sample(1, steps=1).wait(60)[0].recipe.seed for _ in range(3)}
    assert len(seeds) == 6
    assert Session("a", model=engine).sample(1, steps=1, seed=5).wait(60)[0].recipe.seed == 5


def test_render_keeps_the_latents(made):
    again = made.render([3, 5], prompt="a cat", guidance=2.0).wait(60)
    assert [
        torch.equal(c.genome.latent, made[i].genome.latent) for c, i in zip(again, (3, 5), strict=True)
    ] == [True] * 2
    assert str(again[0].genome.prompt) == "a cat"
    assert again[1].recipe.parent_ids == (5,)
    assert again[0].image.tobytes() != made[3].image.tobytes()


def test_or_draws_a_branch_per_image(session):
    generation = session.sample(20, steps=1, prompt="a fox OR a cat").wait(60)
    assert {str(c.genome.prompt) for c in generation} == {"a fox", "a cat"}


def test_candidates_save_themselves(made, tmp_path):
    from PIL import Image

    made[3].save(tmp_path / "fox.png")
    with Image.open(tmp_path / "fox.png") as picture:
        assert picture.tobytes() == made[3].image.tobytes()


@pytest.mark.parametrize("text", ["repr", "candidate", "generation", "job"])
def test_reprs_are_one_line(made, text):
    job = made.sample(1)
    thing = {"repr": made, "candidate": made[0], "generation": made.history[0], "job": job}[text]
    assert "\n" not in repr(thing)
    job.wait(60)


def test_a_closed_widget_is_replaced(session):
    from guidewidgets import widgets  # noqa: F401 - registers the views

    first = session.grid
    assert session.grid is first
    first.close()
    second = session.grid
    assert second is not first
    second.close()
