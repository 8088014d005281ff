"""A Ray cluster that this process does not belong to, spoken to by Ray's client: "ray://host:port"."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
]
SECONDS = 180
ENVIRONMENT = {"RAY_AUTH_MODE": "disabled", "RAY_raylet_start_wait_time_s": "45"}

SESSION = """
import sys
import numpy as np
import guidewidgets as gw
from guidewidgets.caution import heard

said = []
with heard(said.append):
    engine = gw.Engine.load(sys.argv[1], workers=sys.argv[2])
assert said[0].startswith(f"workers='{sys.argv[2]}': Ray opens ports on "), said


def paint(engine):
    session = gw.Session("a fox AND a hat", model=engine, seed=4)
    session.set(steps=8)
    return session, session.sample(12).wait(300)


session, painted = paint(engine)
alone, expected = paint(gw.Engine.load(sys.argv[1]))
assert [one.hash for one in painted] == [one.hash for one in expected]
for one, other in zip(painted, expected, strict=True):
    assert np.abs(np.asarray(one.image).astype(int) - np.asarray(other.image)).max() <= 1
assert session.code() == alone.code()
engine.pool.close()
print(len(painted), "painted by", len(engine.pool._links))
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answers(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def address(tmp_path):
    """A cluster of one host with two processors, which listens for clients."""
    port = free_port()
    command = f"""start --head --block --num-cpus=2 --port={free_port()} --ray-client-server-port={port}
        --node-ip-address=127.0.0.1 --include-dashboard=false --object-store-memory={100 << 20}
        --disable-usage-stats"""
    with (tmp_path / "ray.log").open("w") as log:
        ray = subprocess.Popen(
            [sys.executable, "-m", "ray.scripts.scripts", *command.split()],
            env={**os.environ, **ENVIRONMENT},
            stdout=log,
            stderr=log,
        )
    end = time.monotonic() + SECONDS
    while not answers(port):
        assert ray.poll() is None, (tmp_path / "ray.log").read_text()
        assert time.monotonic() < end
        time.sleep(0.2)
    yield f"ray://127.0.0.1:{port}"
    ray.terminate()  # it ends what it has started
    ray.wait(60)


def test_the_same_session(folder, fresh, address, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    ended = fresh(SESSION, folder, address, check=False)
    assert ended.stdout.splitlines()[-1:] == ["12 painted by 2"], ended.stderr
