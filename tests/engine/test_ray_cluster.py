"""A Ray cluster of three hosts, all on this machine, of which one is taken away in the middle of a session's job."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
]

SESSION = """
import os, sys, time
os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_raylet_start_wait_time_s": "45"}
import numpy as np
import ray
from ray.cluster_utils import Cluster
import guidewidgets as gw
from guidewidgets.caution import heard


def patiently(call, **given):
    # Ray gives up where its own processes need more than fifteen seconds to start.
    for _ in range(4):
        try:
            return call(object_store_memory=100 << 20, **given)
        except Exception as error:
            why = error
    raise why


def paint(engine, on_event=lambda event: None):
    session = gw.Session("a fox AND a hat", model=engine, seed=4)
    session.set(steps=40)
    session.subscribe(on_event)
    return session, session.sample(12).wait(300)


cluster = Cluster()
patiently(cluster.add_node, num_cpus=0, include_dashboard=False)
hosts = [patiently(cluster.add_node, num_cpus=1) for _ in range(3)]
said = []
with heard(said.append):
    engine = gw.Engine.load(sys.argv[1], workers=cluster.address)
assert [one.startswith(f"workers='{cluster.address}': Ray opens ports on ") for one in said] == [True], said
end = time.monotonic() + 120
while not all(one.free for one in engine.pool._links) and time.monotonic() < end:
    time.sleep(0.1)
assert len(engine.pool._links) == 3


def take_away(event):
    if hosts and type(event).__name__ == "StepDone" and event.job.progress.step >= 10:
        assert all(one.chunks for one in engine.pool._links)
        hosts.pop().kill_raylet()
        hosts.clear()


session, painted = paint(engine, take_away)
alone, expected = paint(gw.Engine.load(sys.argv[1]))
assert not hosts
(notice,) = session.view().notices
assert notice.text.endswith("): others paint its pictures"), notice
assert session.code() == alone.code()
assert [one.hash for one in painted] == [one.hash for one in expected]
for one, other in zip(painted, expected, strict=True):
    assert np.abs(np.asarray(one.image).astype(int) - np.asarray(other.image)).max() <= 1
engine.pool.close()
ray.shutdown()
cluster.shutdown()
print(len(painted), "painted")
"""


def test_a_host_is_taken_away(folder, fresh):
    ended = fresh(SESSION, folder, check=False)
    assert ended.stdout.splitlines()[-1:] == ["12 painted"], ended.stderr
