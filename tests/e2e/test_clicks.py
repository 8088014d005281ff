"""Clicks reach Python: idle, during a generation, and during a cell that blocks, as far as the kernel allows."""

from __future__ import annotations

import pytest
from lab import KERNELS, LATEST, OLDER_KERNELS, Notebook
from workbench import Workbench

START = """import guidewidgets as gw
s = gw.Session("a fox on a beach")
s.steps = 2
s.sample(4).wait()
s"""
SPY_ON_CANCEL = """cancelled_at = []
def cancel(original=type(s).cancel):
    cancelled_at.extend(job.progress.step for job in s.view().jobs)
    original(s)
type(s).cancel = lambda self: cancel()"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_while_a_generation_is_running(notebook: Notebook):
    notebook.open(START)
    bench = Workbench(notebook)
    bench.painted(4)
    bench.star(1)
    notebook.until("s[1].starred")

    notebook.py(f"{SPY_ON_CANCEL}\njob = s.sample(4, steps=1000)")
    bench.job("running")
    notebook.until("job.progress.step > 2")
    bench.fill("guidance", "3.5")
    notebook.until("s.guidance == 3.5")
    bench.star(2)  # a picture still being painted
    notebook.until("job.state == 'running'")

    bench.press("cancel")
    notebook.until("job.state == 'cancelled'")
    bench.job("idle")
    notebook.until("len(cancelled_at) == 1 and job.progress.step <= cancelled_at[0] + 1")
    bench.painted(4)
    assert bench.slots() == [0, 1, 2, 3]
    assert bench.starred() == [1]


@pytest.mark.parametrize("kernel", [*OLDER_KERNELS[1:], LATEST])
def test_while_a_cell_blocks_the_kernel(notebook: Notebook):
    wait = """import time
start = time.monotonic()
while not s[3].starred and time.monotonic() - start < 60:
    time.sleep(0.02)
waited = time.monotonic() - start"""
    notebook.open(START, wait)
    bench = Workbench(notebook)
    bench.painted(4)
    bench.star(3)
    notebook.until("waited < 60 and s[3].starred")


@pytest.mark.parametrize("kernel", OLDER_KERNELS[:1])
def test_a_kernel_without_subshells_takes_the_click_after_the_cell(notebook: Notebook):
    notebook.open(START, "import time; time.sleep(5); seen = s[3].starred")
    bench = Workbench(notebook)
    bench.painted(4)
    bench.tiles.nth(3).click()
    bench.says("busy with a cell", "info")
    notebook.until("not seen and s[3].starred")
