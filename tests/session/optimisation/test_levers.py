"""Optimisations under way: stopped, changed, accepted, parked."""

from __future__ import annotations

import torch
from optimising import GREEN, SECONDS, paused_at, until

import guidewidgets as gw
from guidewidgets.guide import doodl
from guidewidgets.region import Region


def test_stop_keeps_the_best(one):
    job = one.optimize(0, GREEN, steps=500, lr=0.1)
    at = paused_at(one, job, 3)
    job.stop()
    g = job.wait(SECONDS)
    assert job.state == "done"
    assert g[0].recipe.parameters["steps"] <= at
    assert job.call["arguments"]["steps"] == at
    assert one.code().count("steps=500") == 0


def test_accept_any_step_while_it_runs_and_after(one):
    job = one.optimize(0, GREEN, steps=400, lr=0.1)
    paused_at(one, job, 4)
    c = job.accept(2).wait(SECONDS)[0]
    assert c.recipe.parameters["steps"] == 2
    reference = list(
        doodl(one.engine, one[0].genome.latent, "a fox on a beach", GREEN, 2, sampling_steps=3, lr=0.1)
    )
    assert torch.equal(c.genome.latent, reference[-1].latent[0])
    job.stop()
    job.wait(SECONDS)
    later = job.accept(1).wait(SECONDS)[0]
    assert later.recipe.parameters["steps"] == 1
    assert [g.operator for g in one.history] == ["sample", "optimize", "optimize", "optimize"]


def test_a_change_counts_from_the_next_update_and_is_told(one):
    """Paused, changed, resumed; then the code is run: the same latents, bit for bit."""
    objective = gw.Symmetry() + GREEN
    job = one.optimize(0, objective, steps=400, lr=0.02)
    at = paused_at(one, job, 3)
    job.change(lr=0.2, weights={"Symmetry": 3.0})
    job.resume()
    until(lambda: len(job.control.frames) > at + 5)
    ((at, noted),) = job.control.changes.items()
    accepted = job.accept(at + 2).wait(SECONDS)[0]
    job.stop()
    c = job.wait(SECONDS)[0]
    assert noted == {"lr": 0.2, "weights": {"Symmetry": 3.0}}
    run = doodl(
        one.engine, one[0].genome.latent, "a fox on a beach", objective, at + 2, sampling_steps=3, lr=0.02
    )
    for step in run:
        if step.index == at:
            run.change(lr=0.2, weights={"Symmetry": 3.0})
    assert torch.equal(accepted.genome.latent, step.latent[0])
    code = one.code()
    assert "changes={" in code
    world = {"model": one.engine}
    exec(code, world)  # noqa: S102 - our own code
    replayed = world["s"]
    latents = {tuple(x.genome.latent.flatten().tolist()) for g in replayed.history for x in g}
    assert tuple(c.genome.latent.flatten().tolist()) in latents
    assert tuple(accepted.genome.latent.flatten().tolist()) in latents


def test_undo_and_cancel(one):
    job = one.optimize(0, GREEN, steps=400)
    paused_at(one, job, 2)
    job.cancel()
    assert len(job.wait(SECONDS)) == 0
    job = one.optimize(0, GREEN, steps=1)
    job.wait(SECONDS)
    assert one.undo()
    assert [g.operator for g in one.history] == ["sample"]


def test_other_work_goes_before_it_while_it_is_parked(one):
    job = one.optimize(0, GREEN, steps=400)
    paused_at(one, job, 2)
    assert len(one.sample(2).wait(SECONDS)) == 2
    job.stop()
    job.wait(SECONDS)


def test_painted_and_attended(one):
    region = Region.box(0, 0, 0.5, 1)
    job = one.optimize(
        0, GREEN, "sgool", 2, saliency=region, attend={"whole": 0, "every": 0, "cut": {"blur": 0}}
    )
    job.wait(SECONDS)
    focus = job.control.frames[-1].focus
    assert focus.kind == "painted"
    code = one.code()
    assert "saliency=gw.Region.box(0.0, 0.0, 0.5, 1.0)" in code
    assert "attend={'whole': 0" in code
