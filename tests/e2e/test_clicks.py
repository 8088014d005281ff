"""Clicks reach Python: idle, during a generation, and during a cell that blocks, as far as the kernel allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import KERNEL, KERNELS, LATEST, OLDER_KERNELS, TIMEOUT_S, Notebook
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


def opened_before(notebook: Notebook, cell: str) -> Workbench:
    """A view that has its pictures already when the next cell begins."""
    notebook.open(START, cell, run=False)
    notebook.command("notebook:run-cell-and-select-next")
    bench = Workbench(notebook)
    bench.painted(4)
    notebook.command("notebook:run-cell")
    notebook.page.wait_for_function(f"() => {KERNEL}.status === 'busy'")
    return bench


@pytest.mark.parametrize("kernel", KERNELS)
def test_while_a_generation_is_running(notebook: Notebook):
    notebook.open(START)
    bench = Workbench(notebook)
    bench.painted(4)
    bench.star(1)
    notebook.until("s[1].starred")

    notebook.py(f"{SPY_ON_CANCEL}\njob = s.sample(12, steps=1000)")  # minutes
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
    wait = f"""import time
end = time.monotonic() + {TIMEOUT_S}
while not s[3].starred and time.monotonic() < end:
    time.sleep(0.02)
in_time = time.monotonic() < end"""
    bench = opened_before(notebook, wait)
    bench.star(3)
    notebook.until("in_time and s[3].starred")


@pytest.mark.parametrize("kernel", OLDER_KERNELS[:1])
def test_a_kernel_without_subshells_takes_the_click_after_the_cell(notebook: Notebook, tmp_path: Path):
    end = tmp_path / "end"
    wait = f"""import pathlib, time
limit = time.monotonic() + {2 * TIMEOUT_S}
while not pathlib.Path({str(end)!r}).exists() and time.monotonic() < limit:
    time.sleep(0.02)
seen = s[3].starred"""
    bench = opened_before(notebook, wait)
    bench.tiles.nth(3).click()
    bench.says("busy with a cell", "info")
    end.touch()
    notebook.until("not seen and s[3].starred")
