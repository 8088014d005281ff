"""The code of a session makes its latents again, bit for bit."""

from __future__ import annotations

import random
import shutil
import threading

import pytest
import tiny
from diffusers import EulerDiscreteScheduler
from stored import SECONDS, content

import guidewidgets as gw
from guidewidgets.session import Session


def replay(session, engine):
    """The session that its code makes."""
    names = {"model": engine}
    exec(compile(session.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    return names["s"]


def same(one, other):
    """The same generations in force, with the same latents, pixels and stars."""
    assert [g.operator for g in one.history] == [g.operator for g in other.history]
    assert one.view().settings == other.view().settings
    for mine, theirs in zip(one.history, other.history, strict=True):
        assert [content(c)[:4] for c in mine] == [content(c)[:4] for c in theirs]
        assert [c.marks for c in mine] == [c.marks for c in theirs]


def test_it_reads_as_one_would_write_it(begun, engine):
    begun.prompt = "a fox AND NOT a house"
    begun.cross(n=2, guidance=3).wait(SECONDS)
    begun.mutate(1, at=[(0.3, 0.7)], n=1, lock=True).wait(SECONDS)
    begun.recombine({1: [(0.2, 0.5)], 4: gw.Region.box(0.5, 0, 1, 1)}, n=1).wait(SECONDS)
    seeds = [g[0].recipe.seed for g in begun.history]
    assert (
        begun.code()
        == f"""import guidewidgets as gw

# model = what the session was given: 'StableDiffusionPipeline'
s = gw.Session('a fox on a beach', seed=0, model=model)
s.set(steps=20, guidance=7.5, sampler='ddim')
s.steps = 2
s.sample(n=6, seed={seeds[0]}).wait()
s.star(1, 4)
s.prompt = 'a fox AND NOT a house'
s.cross([1, 4], n=2, guidance=3.0, seed={seeds[1]}).wait()
s.mutate(1, at=[(0.3, 0.7)], n=1, lock=True, seed={seeds[2]}).wait()
s.recombine({{1: [(0.2, 0.5)], 4: gw.Region.box(0.5, 0.0, 1.0, 1.0)}}, n=1, seed={seeds[3]}).wait()
"""
    )
    same(replay(begun, engine), begun)


def test_undone_steps_are_left_out_unless_needed(begun, engine):
    begun.sample(3).wait(SECONDS)
    begun.undo()
    begun.guidance = 2.0
    begun.sample(2, steps=3).wait(SECONDS)
    begun.undo()
    begun.undo()  # the guidance too
    begun.cross([0, 9], n=2).wait(SECONDS)  # 9 was undone, but is a parent
    code = begun.code()
    assert code.count("s.sample") == 2
    assert "s.sample(n=2, steps=3, guidance=2.0, seed=" in code
    assert "s.undo()" in code
    assert "s.cross([0, 6], n=2" in code
    same(replay(begun, engine), begun)


def test_it_survives_reopening_and_interruption(engine, tmp_path):
    session = Session("a fox OR a cat", model=engine, seed=3, store=tmp_path / "alive")
    halfway = threading.Event()

    def park(event):
        if type(event).__name__ == "Finished" and not halfway.is_set():
            event.job.pause()
            halfway.set()

    session.subscribe(park)
    job = session.sample(66, steps=1)
    assert halfway.wait(SECONDS)
    shutil.copytree(tmp_path / "alive", tmp_path / "dead")
    job.resume()
    job.wait(SECONDS)
    again = Session.open(tmp_path / "dead", model=engine)
    again.resume()[0].wait(SECONDS)
    again.cross([0, 65], n=2).wait(SECONDS)
    assert again.code().count("s.sample") == 1
    made = replay(again, engine)
    for number in (0, 63, 64, 65, 66, 67):
        assert content(made[number])[:3] == content(again[number])[:3]
    again.close()


@pytest.mark.parametrize("seed", range(3))
def test_thirty_random_gestures(engine, tmp_path, seed):  # noqa: C901 - one case per gesture
    rng = random.Random(seed)
    session = Session("a fox", model=engine, seed=seed, store=tmp_path / "trip")
    session.set(steps=2)
    session.sample(4).wait(SECONDS)
    for _ in range(30):
        shown = [c.id for g in session.history for c in g] or [0]
        match rng.randrange(11):
            case 0:
                session.sample(2, prompt=rng.choice(["a cat", "a fox OR a dog"])).wait(SECONDS)
            case 1:
                session.cross(rng.choices(shown, k=2), n=2, fresh=rng.choice([None, 0])).wait(SECONDS)
            case 2:
                lock = rng.random() < 0.5
                session.mutate(rng.choice(shown), at=[(rng.random(), 0.5)], n=1, lock=lock).wait(SECONDS)
            case 3:
                session.mutate(rng.choice(shown), n=2, strength=0.5).wait(SECONDS)
            case 4:
                session.blend(rng.choices(shown, k=2), n=2).wait(SECONDS)
            case 5:
                session.render(rng.choices(shown, k=2), guidance=rng.random() * 5).wait(SECONDS)
            case 6:
                session.guidance = rng.randrange(5)
            case 7:
                session.set(
                    prompt=rng.choice(["a cat", "a fox AND NOT a dog"]), negative=rng.choice([None, "x"])
                )
            case 8 if session.history:
                rng.choice([session.star, session.reject, session.unmark])(rng.choice(shown))
            case 9:
                session.undo()
            case _:
                session.redo()
    same(replay(session, engine), session)
    session.close()


def test_it_begins_with_the_defaults_of_then(words, tmp_path):
    """What a session began with is told: the scheduler, or our defaults, may be others by the time the code runs."""
    pipeline = tiny.stable_diffusion(words)
    session = Session("a fox", model=pipeline, seed=0, store=tmp_path / "trip")
    code = session.code()
    assert "model=model)\ns.set(steps=20, guidance=7.5, sampler='ddim')\n" in code
    pipeline.scheduler = EulerDiscreteScheduler.from_config(pipeline.scheduler.config)
    assert session.code() == code
    session.close()
    unloaded = Session.open(tmp_path / "trip")
    assert unloaded.code() == code
    unloaded.close()
