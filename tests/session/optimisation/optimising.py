"""What tests of optimisations share."""

from __future__ import annotations

import time

import guidewidgets as gw
from guidewidgets.session.worker.worker import worker_of

SECONDS = 120
GREEN = gw.MeanColour((0.2, 0.7, 0.4))


def until(check, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def paused_at(session, job, frames):
    """Let it make some frames, then hold it."""
    until(lambda: job.control is not None and len(job.control.frames) >= frames)
    job.pause()
    until(lambda: job.state == "paused")
    until(lambda: worker_of(session.engine.pipeline.unet)._thread is None)  # the step under way is finished
    return job.control.frames[-1].index


def same_picture(a, b):
    return a.image.tobytes() == b.image.tobytes()
