"""The tour's journey by clicks on a Ray cluster of three hosts, of which one is taken away in the middle."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from lab import Notebook
from workbench import Workbench

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")

# Loading the model in three processes and starting Ray take longer than a cell may; so each is asked for alone.
START = """
import os
os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_raylet_start_wait_time_s": "180"}
from ray.cluster_utils import Cluster
import guidewidgets as gw

def patiently(**given):
    # Ray gives up where its own processes take long to start.
    for _ in range(4):
        try:
            return cluster.add_node(object_store_memory=100 << 20, **given)
        except Exception as error:
            why = error
    raise why

cluster = Cluster()
patiently(num_cpus=0, include_dashboard=False)
hosts = [patiently(num_cpus=1) for _ in range(3)]
print(len(hosts))
"""
LOAD = """
import time, warnings
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    engine = gw.Engine.load(workers=cluster.address)
end = time.monotonic() + 120
while not all(one.free for one in engine.pool._links) and time.monotonic() < end:
    time.sleep(0.1)
s = gw.Session("an owl", model=engine, seed=7)
s.set(steps=40)
print(len(said), sum(one.free for one in engine.pool._links))
"""
ALONE = """
import numpy as np
other = gw.Session("an owl", model=gw.Engine.load(), seed=7)
other.set(steps=40)
other.sample(12).wait(300)
pairs = list(zip(s.history[0], other.history[0]))
far = [np.abs(np.asarray(a.image).astype(int) - np.asarray(b.image)).max() for a, b in pairs]
same = [a.hash == b.hash for a, b in pairs]
print(sum(same), max(far) <= 1)
"""
END = "engine.pool.close(); import ray; ray.shutdown(); cluster.shutdown(); print('ended')"


def last(notebook: Notebook, code: str) -> str:
    """The last line that code prints: Ray says this and that in between and after it."""
    return [line for line in notebook.py(code).splitlines() if "(raylet)" not in line][-1].strip()


def test_generate_star_evolve_undo_while_a_host_goes(notebook: Notebook):
    notebook.open("s", run=False)
    assert last(notebook, START) == "3"
    assert last(notebook, LOAD) == "1 3"
    notebook.command("notebook:run-all-cells")
    bench = Workbench(notebook)

    bench.press("generate")
    notebook.until(
        "any(job.progress.step >= 5 for job in s.view().jobs) and all(one.chunks for one in engine.pool._links)"
    )
    assert last(notebook, "print(hosts.pop().kill_raylet())") == "None"
    bench.says("others paint its pictures", "warning")
    bench.painted(12)
    notebook.until("len(s.history) == 1 and len(s.history[0]) == 12")
    assert last(notebook, ALONE) == "12 True"

    slots = bench.slots()
    for i in (0, 4, 7):
        bench.star(i)
    chosen = [slots[i] for i in (0, 4, 7)]
    bench.press("evolve")
    notebook.until("len(s.history) == 2 and len(s.history[1]) == 12")
    bench.painted(12)
    assert (
        json.loads(last(notebook, "print([list(c.recipe.parent_ids) for c in s.history[1]])"))
        == [chosen] * 12
    )

    bench.press("undo")
    bench.painted(12)
    assert bench.slots() == slots
    assert bench.starred() == chosen
    assert last(notebook, END) == "ended"
