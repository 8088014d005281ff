"""Threads: of those who count tokens while the worker encodes, and torch's own where others have the cores."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
import tiny

from guidewidgets.engine.families.detect import family_of


@pytest.mark.parametrize("make", [tiny.stable_diffusion, tiny.stable_diffusion_xl])
def test_texts_are_encoded_in_full_length_whoever_counts_meanwhile(make, tmp_path):
    family = family_of(make(tmp_path))
    over = threading.Event()

    def count():
        while not over.is_set():
            family.tokens.check("a fox")

    thread = threading.Thread(target=count)
    thread.start()
    try:
        lengths = {len(family.encode(f"{word} cat").states) for word in "abcdefghij" * 10}
    finally:
        over.set()
        thread.join()
    assert lengths == {24}


# By one thread, and by as many as torch takes by itself.
CROWDED = """
import time
import guidewidgets as gw
import torch
engine = gw.Engine.load()
x, threads, took = engine.noise(1), torch.get_num_threads(), []
engine.render(x, "a fox", steps=1)
for n in (1, threads):
    torch.set_num_threads(n)
    begun = time.perf_counter()
    engine.render(x, "a fox", steps=4)
    took.append(time.perf_counter() - begun)
print(took[1] / took[0])
"""
BUSY = "import time; end = time.monotonic() + 120\nwhile time.monotonic() < end: pass"


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: there is one thread")
def test_torchs_own_threads_are_no_slower_than_one_where_others_have_the_cores():
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "MKL_"))}
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    try:
        command = [sys.executable, "-W", "ignore", "-c", CROWDED]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert float(done.stdout) < 5  # spinning, it is above 10
