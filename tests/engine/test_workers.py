"""Workers: the same pictures by one, two and three processes; cancelled, killed, stopped and out of memory."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import warnings
from contextlib import contextmanager
from itertools import islice

import numpy as np
import pytest
import tiny
import torch
from diffusers import DiffusionPipeline, EulerDiscreteScheduler
from forked_workers import forker

from guidewidgets.engine import Engine
from guidewidgets.engine.doctor import report
from guidewidgets.engine.workers import link, renderer, run, spawned, start
from guidewidgets.engine.workers.renderer import Local, Order
from guidewidgets.genome import Anchor
from guidewidgets.region import Region

STEPS = 4
PROVE = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


@pytest.fixture(scope="module")
def forks():
    with forker() as made:
        yield made


@pytest.fixture
def load(folder, forks, monkeypatch):
    """Engines with workers that are forked."""
    monkeypatch.setattr(spawned, "launch", forks)
    loaded = []

    def load(workers, model=folder, **more):
        loaded.append(Engine.load(model, workers=workers, **more))
        return loaded[-1]

    yield load
    for engine in loaded:
        engine.pool.close()


def pictures(engine, n=12, steps=STEPS, prompt="a fox AND a hat OR a cat", seed=3):
    return engine.genomes(engine.noise(n, seed=seed), prompt, steps=steps, seed=seed)


def paint(renderer, genomes, order=Order(), on_frame=lambda frame: None):  # noqa: B008 - frozen
    """Pictures and latents by place."""
    pixels, latents, said = {}, {}, []
    with warnings.catch_warnings(record=True) as cautions:
        warnings.simplefilter("always")
        for frame in renderer.render(genomes, order):
            if frame is not None:
                on_frame(frame)
                said.append((tuple(frame.places), frame.step))
                if frame.done is not None:
                    assert not set(frame.places) & set(latents), "a picture came twice"
                    latents |= zip(frame.places, frame.done.latents, strict=True)
                    pixels |= zip(frame.places, frame.pixels if order.pictures else frame.places, strict=True)
    assert sorted(latents) == list(range(len(genomes))), "a picture is lost"
    return pixels, latents, said, [str(one.message) for one in cautions]


def alike(some, others):
    """DESIGN.md's sense of identical in another layout: at most one 8-bit level."""
    return all(np.abs(some[i].astype(int) - others[i]).max() <= 1 for i in others)


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


def test_cancelling_frees_the_workers_within_a_step(load):
    engine = load(2)
    frames = engine.renderer.render(pictures(engine, 12, 900), Order())
    while next(frames) is None:
        pass
    frames.close()
    begun = time.monotonic()
    while any(one.chunks for one in engine.pool._links):
        assert time.monotonic() < begun + 30
        time.sleep(0.001)
    assert alike(*(paint(r, pictures(engine, 2))[0] for r in (engine.renderer, Local(engine))))


def test_interactive_ones_go_first(load):
    engine = load(1)
    batch = engine.renderer.render(pictures(engine, 6, 60), Order())
    while next(batch) is None:
        pass
    paint(engine.renderer, pictures(engine, 1, 3), Order(lane="interactive"))
    left = sum(frame is not None for frame in batch)
    assert left > 3  # the batch was not done first


def single(monkeypatch):
    """Chunks of one picture."""
    monkeypatch.setattr(run, "TOGETHER", 1)


def test_two_who_wait_share_the_workers(load, monkeypatch):
    single(monkeypatch)
    engine, done = load(2), []
    waiting = {i: engine.renderer.render(pictures(engine, 8, 2, seed=i), Order()) for i in range(2)}
    while waiting:
        for i, frames in list(waiting.items()):
            frame = next(frames, "over")
            if frame == "over":
                del waiting[i]
            elif frame is not None and frame.done is not None:
                done.append(i)
    assert sorted(done) == [0] * 8 + [1] * 8
    ahead = np.cumsum([1 if i == 0 else -1 for i in done])
    assert np.abs(ahead).max() <= 4  # of 8: the first took both workers before the second came


def test_what_nobody_waits_for_is_not_begun(load, monkeypatch):
    """As of a paused job: the worker is free for others."""
    single(monkeypatch)
    engine = load(1)
    frames = engine.renderer.render(pictures(engine, 6, 2), Order())
    while next(frames) is None:
        pass
    time.sleep(2 * run.WAITING)
    assert alike(*(paint(r, pictures(engine, 2))[0] for r in (engine.renderer, Local(engine))))
    assert sum(frame is not None and frame.done is not None for frame in frames) == 6


def test_what_nobody_waits_for_is_left_and_gone_on_with(load):
    """The same in the middle of a chunk."""
    engine = load(1)
    frames = engine.renderer.render(pictures(engine, 6, 900), Order(previews=False))
    while next(frames) is None:
        pass
    time.sleep(2 * run.WAITING)
    assert alike(*(paint(r, pictures(engine, 2))[0] for r in (engine.renderer, Local(engine))))
    (chunk,) = engine.pool._links[0].chunks.values()
    assert chunk.held
    seen = chunk.run.events.qsize()
    steps = [frame.step for frame in islice(filter(None, frames), seen + 3)]
    assert not chunk.held
    assert steps == list(range(2, seen + 5))
    frames.close()


def back(engine):
    """Wait for those that were killed to be there again; how often it was told that they were gone."""
    told = 0
    while True:
        whole = all(one.ready for one in engine.pool._links)
        told += len(paint(engine.renderer, pictures(engine, 1, 1))[3])
        if whole:
            return told
        time.sleep(0.05)


@contextmanager
def at_some_moment(act, longest, rng):
    """Do something to a process at a random moment of what is done meanwhile."""
    timer = threading.Timer(rng.random() * longest, act)
    timer.start()
    yield
    timer.join()


def seconds_of(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


@pytest.mark.parametrize("kills", [200 if PROVE else 3])
def test_killed_workers_lose_nothing(load, forks, kills):
    engine, rng = load(2), random.Random(5)
    genomes = pictures(engine, 4, 12)
    expected = paint(Local(engine), genomes)[0]
    longest = seconds_of(lambda: paint(engine.renderer, genomes))
    told = 0
    for _ in range(kills):
        victim = rng.choice([one for one in engine.pool._links if one.ready]).ready.pid
        with at_some_moment(lambda victim=victim: os.kill(victim, signal.SIGKILL), longest, rng):
            pixels, _, _, cautions = paint(engine.renderer, genomes)
        assert alike(pixels, expected)
        assert all("is gone (signal 9): others paint its pictures" in text for text in cautions)
        told += len(cautions)
        told += back(engine)
    assert told == kills  # one notice each


def test_the_last_worker_fails_what_is_under_way_and_the_next_begins_anew(load, forks):
    engine = load(1)
    genomes = pictures(engine, 2, 400)
    seen = []

    def kill(frame):
        seen.append(frame)
        if len(seen) == 2:
            os.kill(forks.started[-1], signal.SIGKILL)

    with pytest.raises(RuntimeError, match=r"the last worker is gone \(signal 9\): what it finished is kept"):
        paint(engine.renderer, genomes, on_frame=kill)
    short = pictures(engine, 2)
    assert alike(paint(engine.renderer, short)[0], paint(Local(engine), short)[0])


def test_workers_that_die_before_their_first_picture_come_again_but_not_for_ever(load):
    engine, dead = load(2), []
    other, place = engine.pool._links
    for left in reversed(range(link.VAIN)):
        dead.append(place.ready.pid)
        os.kill(dead[-1], signal.SIGKILL)
        begun = time.monotonic()
        while (place.ready is None or place.ready.pid in dead) if left else place.alive:
            assert time.monotonic() < begun + 30
            time.sleep(0.01)
    genomes = pictures(engine, 4)
    pixels, _, _, cautions = paint(engine.renderer, genomes)
    assert alike(pixels, paint(Local(engine), genomes)[0])
    assert cautions == ["worker 2 (cpu) is gone (signal 9): others paint its pictures"] * link.VAIN
    assert place.line() == "worker 2 (cpu): gone (signal 9)"
    assert other.painted == 4


def test_pictures_that_kill_every_worker_are_given_up(load, forks):
    engine = load(4)
    dead = []

    def kill(frame):
        for one in engine.pool._links:
            if any(0 in chunk.places for chunk in one.chunks.values()) and one.ready.pid not in dead:
                dead.append(one.ready.pid)
                os.kill(dead[-1], signal.SIGKILL)

    with pytest.raises(RuntimeError, match="3 workers died painting the same pictures"):
        paint(engine.renderer, pictures(engine, 1, 900), on_frame=kill)
    assert len(dead) == 3


@pytest.mark.parametrize("stops", [20 if PROVE else 1])
def test_a_worker_that_stands_still_is_replaced(load, forks, monkeypatch, stops):
    monkeypatch.setattr(link, "HANGS", link.HANGS if PROVE else 2.5)
    engine, rng = load(2), random.Random(8)
    genomes = pictures(engine, 4, 12)
    expected = paint(Local(engine), genomes)[0]
    for _ in range(stops):
        paint(engine.renderer, genomes)
        victim = rng.choice([one for one in engine.pool._links if one.ready]).ready.pid
        os.kill(victim, signal.SIGSTOP)
        threading.Timer(10, lambda victim=victim: _go_on(victim)).start() if PROVE else None
        pixels, _, _, cautions = paint(engine.renderer, genomes)
        assert alike(pixels, expected)
        assert [("no sign of life" in text) for text in cautions] == [True]
        back(engine)


def _go_on(pid):
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return


def test_a_worker_out_of_memory_leaves_its_pictures_to_others(load, forks):
    """The second of two may take no more than 250 MB beyond what it had before it loaded anything."""
    forks.limits[:] = [None, 250 << 20]
    engine = load(2)
    assert all(one.ready for one in engine.pool._links)
    large = engine.genomes(engine.noise(2, 1, (256, 256)), "a fox", steps=1, guidance=1.0)
    *_, cautions = paint(engine.renderer, large, Order(previews=False))
    assert "worker 2 (cpu) ran out of memory: others paint its pictures" in cautions


def test_pipelines_that_can_be_loaded_again(folder, load, words, tmp_path):
    pipeline = DiffusionPipeline.from_pretrained(folder)
    pipeline.scheduler = EulerDiscreteScheduler.from_config(pipeline.scheduler.config)
    engine = load(1, pipeline)
    genomes = pictures(engine, 2)
    assert alike(paint(engine.renderer, genomes)[0], paint(Local(engine), genomes)[0])
    with torch.no_grad():
        pipeline.unet.conv_in.bias.add_(1)
    engine.refresh()
    with pytest.warns(UserWarning, match="the workers have revision .*: this process paints alone"):
        assert not engine.renderer.apart
    assert not engine.renderer.apart
    with pytest.raises(
        ValueError, match=r"what workers can load of .* save it as it is \(pipe\.save_pretrained"
    ):
        load(1, pipeline)
    with pytest.raises(
        ValueError, match=r"this StableDiffusionPipeline: nothing says where its files are\. Save it"
    ):
        load(1, tiny.stable_diffusion(words))


@pytest.mark.parametrize("workers", [0, -1, 65, 1.5, "two", True])
def test_numbers_that_are_none(folder, workers):
    with pytest.raises((ValueError, TypeError), match="workers"):
        Engine.load(folder, workers=workers)


def test_no_more_workers_than_there_is_room_for(folder, monkeypatch):
    monkeypatch.setattr(start, "free_bytes", lambda device: 1800 << 20)
    with pytest.raises(
        ValueError, match=r"workers=3: each takes about 0\.7 GiB, and 1\.8 GiB of cpu are free: at most 2"
    ):
        Engine.load(folder, workers=3)


def test_a_file_that_is_damaged_is_told_of(folder, load, tmp_path, monkeypatch):
    """What workers read may have changed since this process read it."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    real = start._how

    def damage(*given):
        (copy / "unet" / "config.json").write_text("{")
        return real(*given)

    monkeypatch.setattr(start, "_how", damage)
    with pytest.raises(ValueError, match="cannot be opened"):
        load(1, copy)


def test_in_the_child_of_a_fork(load):
    engine = load(1)
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            next(engine.pool.render(pictures(engine, 1), Order()))
        except RuntimeError as error:
            os.write(write, str(error).encode())
        engine.pool.close()  # ends nobody
        os._exit(0)
    os.wait()
    assert (
        os.read(read, 1000) == b"workers belong to the process that started them: load the model again here"
    )
    for one in (read, write):
        os.close(one)
    paint(engine.renderer, pictures(engine, 1))


def test_the_table(load):
    engine = load(2)
    paint(engine.renderer, pictures(engine, 4))
    title, *rows = [line for line in report(engine.device) if "worker" in line][-3:]
    assert engine.revision in title
    assert len(rows) == 2
    assert sum(int(row.split(" painted")[0].split()[-1]) for row in rows) == 4
