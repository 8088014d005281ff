"""Optimisations that cannot be, or break: refused, stopped or told in one line."""

from __future__ import annotations

import pytest
from optimising import GREEN, SECONDS, paused_at
from PIL import Image

import guidewidgets as gw
from guidewidgets.vision import Objective


class Breaks(Objective):
    name = "Breaks"

    def __init__(self, at):
        self.at, self.calls = at, 0

    def bind(self, encoder):
        def loss(images):
            self.calls += 1
            return images.mean((1, 2, 3)) * (float("nan") if self.calls > self.at else 1.0)

        return loss


class Blind(Objective):
    name = "Blind"

    def bind(self, encoder):
        return lambda images: (images * 0).sum((1, 2, 3))


def test_nan_stops_it_keeps_the_best_and_says_which_part(one):
    job = one.optimize(0, Breaks(3) + 0.0 * gw.Symmetry(), steps=10)
    g = job.wait(SECONDS)
    assert job.state == "done"
    assert len(g) == 1
    assert any("Breaks became nan at step 3" in n.text for n in one.view().notices)
    assert one.code().startswith(
        "import guidewidgets"
    )  # what cannot be written down is said, and nothing breaks
    assert "cannot be written down" in one.code()
    one.star(g[0].id)
    assert one.code()


@pytest.mark.parametrize(
    ("objective", "says"), [(Breaks(0), "Breaks became nan at step 0"), (Blind(), "no gradient")]
)
def test_what_never_worked_fails_clearly(one, objective, says):
    with pytest.raises(FloatingPointError, match=says):
        one.optimize(0, objective, steps=3).wait(SECONDS)
    assert len(one.history) == 1


@pytest.mark.parametrize(
    ("args", "kwargs", "kind", "says"),
    [
        ((7, GREEN), {}, IndexError, "no candidate 7"),
        ((0, "green"), {}, TypeError, "objective='green'"),
        ((0, GREEN, "magic"), {}, ValueError, "method='magic'"),
        ((0, GREEN), {"steps": -1}, ValueError, "steps=-1"),
        ((0, GREEN), {"keep": "worst"}, ValueError, "keep='worst'"),
        ((0, GREEN), {"learning_rate": 1}, TypeError, "unknown argument learning_rate"),
        ((0, GREEN), {"lr": float("nan")}, ValueError, "lr=nan"),
        ((0, GREEN), {"sampler": "edict"}, TypeError, "sampler belongs to the picture"),
        ((0, GREEN), {"saliency": "spectral"}, ValueError, "saliency and attend are for method='sgool'"),
        ((0, GREEN, "sgool"), {"saliency": "magic"}, ValueError, "saliency='magic'"),
        ((0, GREEN, "sgool"), {"saliency": "word:dog"}, ValueError, "word='dog'"),
        ((0, GREEN, "sgool"), {"attend": {"magic": 1}}, TypeError, "unknown 'magic'"),
        ((0, GREEN), {"changes": {2: {"weights": {"x": 1}}}}, TypeError, "no part 'x'"),
        ((0, GREEN), {"changes": {-1: {"lr": 1}}}, ValueError, "the step of a change"),
        ((0, GREEN), {"preset": "magic"}, ValueError, "preset='magic'"),
        ((0, gw.ClipText("a fox")), {}, ValueError, "needs an image encoder"),
        ((0, GREEN), {"seed": -1}, ValueError, "seed=-1"),
        ((0, GREEN), {"precondition": "white"}, ValueError, "precondition='white': optimizer='adam'"),
        ((0, GREEN, "noise_tilt"), {"tilt": 2}, ValueError, "tilt=2"),
        (
            (0, GREEN, "one_step"),
            {"precondition": "white", "optimizer": "momentum"},
            ValueError,
            "precondition='white', optimizer='momentum': method 'one_step' makes no updates; what it takes is scale",
        ),
        ((0, GREEN, "one_step"), {"lr": 0.1}, ValueError, "lr=0.1: method 'one_step' makes no updates"),
        ((0, GREEN, "noise_tilt"), {"changes": {1: {"lr": 1}}}, ValueError, "what it takes is tilt"),
        (
            (0, GREEN, "noise_tilt"),
            {"preset": "published:clip"},
            ValueError,
            "preset='published:clip': method",
        ),
    ],
)
def test_refused_before_anything_is_queued(one, args, kwargs, kind, says):
    with pytest.raises(kind, match=says):
        one.optimize(*args, **kwargs)
    assert not one.view().jobs


def progress_of(session, act=lambda job: None):
    """What its jobs say of how far they are, from now on."""
    seen = []

    def hear(event):
        if type(event).__name__ == "StepDone":
            seen.append(event.job.progress)
            act(event.job)

    session.subscribe(hear)
    return seen


def test_an_edit_says_how_long_it_will_take_from_its_first_step_on(one):
    seen = progress_of(one)
    one.edit(Image.new("RGB", (16, 16)), GREEN, steps=2, sampling_steps=4, lr=0.05).wait(SECONDS)
    assert [p.message for p in seen[:4]] == ["edit: inverting the photo"] * 4
    assert [p.step for p in seen] == sorted(p.step for p in seen)
    assert [p.elapsed for p in seen] == sorted(p.elapsed for p in seen)
    # Inverted; three times painted, twice with the gradient of each step; and painted for good.
    assert {p.steps for p in seen} == {4 + 3 * 4 + 2 * 2 * 4 + 4}
    assert (seen[0].step, seen[-1].step) == (1, seen[-1].steps)
    assert all(p.remaining is not None for p in seen)


def test_an_edit_can_be_cancelled_while_it_inverts(one):
    seen = progress_of(one, lambda job: job.cancel())
    job = one.edit(Image.new("RGB", (16, 16)), GREEN, steps=2, sampling_steps=4)
    assert len(job.wait(SECONDS)) == 0
    assert (job.state, job.control.frames, len(seen)) == ("cancelled", [], 1)


def test_bad_photographs(one, tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"x\.jpg cannot be read as a picture"):
        one.edit(tmp_path / "x.jpg", GREEN)
    with pytest.raises(ValueError, match="no such file"):
        one.edit("nowhere.jpg", GREEN)
    with pytest.raises(ValueError, match="cannot edit"):
        one.edit(Image.new("RGB", (9, 9)), GREEN, "one_step")
    with pytest.raises(ValueError, match="size="):
        one.edit(Image.new("RGB", (9, 9)), GREEN, size=(13, 13))


def test_levers_of_other_jobs(one):
    job = one.sample(1)
    with pytest.raises(TypeError, match="no steps to accept"):
        job.accept(1)
    with pytest.raises(TypeError, match="no parameters to change"):
        job.change(lr=1)
    job.stop()
    job.wait(SECONDS)


def test_bad_changes_while_it_runs(one):
    job = one.optimize(0, GREEN, steps=400)
    paused_at(one, job, 1)
    for change, kind in (({"lr": -1}, ValueError), ({"magic": 1}, TypeError), ({}, TypeError)):
        with pytest.raises(kind):
            job.change(**change)
    with pytest.raises(ValueError, match="expected one that was made"):
        job.accept(300)
    assert job.control.changes == {}
    job.cancel()
    job.wait(SECONDS)
