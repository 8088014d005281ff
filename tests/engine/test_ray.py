"""Ray's actors as workers: the same pictures as here, on this machine and on a cluster that loses a host.

They run where Ray is installed: pip install 'guidewidgets[ray]'.
"""

from __future__ import annotations

import os
import signal
import time
from importlib.util import find_spec

import pytest
import torch
from painting import alike, cancelled, paint, pictures

from guidewidgets.caution import heard
from guidewidgets.engine import Engine
from guidewidgets.engine.workers.ray_actors import connect
from guidewidgets.engine.workers.renderer import Local

os.environ.setdefault("RAY_raylet_start_wait_time_s", "45")  # on a busy machine
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
    pytest.mark.filterwarnings("ignore:::ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # its processes are its own business
]


def patiently(call):
    """Ray gives up where its own processes need more than fifteen seconds to start."""
    for _ in range(4):
        try:
            return call()
        except ValueError as error:
            why = error
    raise why


@pytest.fixture(scope="module")
def engine(folder):
    said = []
    with heard(said.append):
        ray = patiently(lambda: connect("ray"))
        made = Engine.load(folder, workers="ray")
    assert set(said) == {"workers='ray': Ray opens ports on 127.0.0.1"}
    yield made
    made.pool.close()
    ray.shutdown()


def whole(engine):
    """Wait until all workers are there."""
    begun = time.monotonic()
    while not all(one.free for one in engine.pool._links):
        assert time.monotonic() < begun + 120
        paint(engine.renderer, pictures(engine, 1, 1))
        time.sleep(0.1)


def test_the_same_pictures(engine):
    whole(engine)
    genomes = pictures(engine)
    here = paint(Local(engine), genomes)
    pixels, _, said, cautions = paint(engine.renderer, genomes)
    assert alike(pixels, here[0])
    assert not cautions
    for chunk in {places for places, _ in said}:
        _, latents, *_ = paint(engine.renderer, [genomes[i] for i in chunk[:1]])
        _, again, *_ = paint(Local(engine), [genomes[i] for i in chunk[:1]])
        assert torch.equal(latents[0], again[0])


def test_cancelling_frees_the_workers(engine):
    cancelled(engine, pictures(engine, 6, 900))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_ends_or_stands_still_loses_nothing(engine, how):
    whole(engine)
    genomes, hit = pictures(engine, 6, 30), []

    def stop(frame):
        busy = [one for one in engine.pool._links if one.chunks]
        if not hit and frame.step == 3 and busy:
            hit.append(busy[0].ready.pid)
            os.kill(hit[0], how)

    pixels, _, _, cautions = paint(engine.renderer, genomes, on_frame=stop)
    assert hit
    assert alike(pixels, paint(Local(engine), genomes)[0])
    (notice,) = cautions
    assert "is gone (" in notice
    assert notice.endswith("others paint its pictures")
