"""Workers on other machines: Ray's actors, for which Ray opens ports. Never started unless asked for by name."""

from __future__ import annotations

import importlib
import os
import secrets
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any, final

from guidewidgets.caution import caution
from guidewidgets.engine.workers.messages import Alive, Begin
from guidewidgets.engine.workers.process import PULSE
from guidewidgets.engine.workers.spawned import Heard, Lost, Transport

MOST_ON_CPU = 8
PATIENCE = 10.0  # seconds that what other engines have just left may take to be free


def is_address(workers: int | str) -> bool:
    """Whether workers are to be Ray's."""
    return isinstance(workers, str) and (workers == "ray" or ":" in workers)


def connect(address: str) -> Any:
    """Ray, connected: where this process is connected already it stays so.

    Args:
        address: "ray" starts it on this machine; else "host:port" or "ray://host:port" of a cluster.

    Raises:
        ValueError: it is not installed, or there is no cluster.
    """
    if address == "ray" and "ray" not in sys.modules:  # it reads these when it is imported
        # Off is what binds to the loopback alone, on any system.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        if "RAY_AUTH_MODE" not in os.environ:  # who asks it for work has to know a secret
            os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        message = f"workers={address!r}: Ray is not installed: pip install 'guidewidgets[ray]'"
        raise ValueError(message) from error
    try:
        if ray.is_initialized():
            pass
        elif address == "ray":
            ray.init("local", include_dashboard=False, log_to_driver=False)
        else:
            ray.init(address, log_to_driver=False)
    except Exception as error:  # whatever Ray makes of an address
        message = f"workers={address!r}: no Ray there: {str(error).strip().splitlines()[0]}"
        raise ValueError(message) from error
    hosts = sorted({node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]})
    more = f" and {len(hosts) - 3} more" if len(hosts) > 3 else ""
    caution(f"workers={address!r}: Ray opens ports on {', '.join(hosts[:3])}{more}")
    return ray


def actors_of(ray: Any) -> tuple[list[str], dict[str, float]]:
    """Device of each of the actors that a cluster has room for now, and what each takes of it.

    Raises:
        ValueError: others have all of it.
    """
    kind = "GPU" if ray.cluster_resources().get("GPU", 0) >= 1 else "CPU"
    end = time.monotonic() + PATIENCE
    while (free := int(ray.available_resources().get(kind, 0))) < 1:
        if time.monotonic() > end:
            message = f"all of the Ray cluster's {kind}s are taken: end what has them, or wait"
            raise ValueError(message)
        time.sleep(0.1)
    if kind == "GPU":
        return ["cuda"] * free, {"num_gpus": 1, "num_cpus": 0}
    return ["cpu"] * min(MOST_ON_CPU, free), {"num_cpus": 1}


class Actor:
    """What runs on the other machine: `hear` gives what the worker says, `tell` takes what it is told."""

    def __init__(self, begin: Begin) -> None:
        from guidewidgets.engine.workers.serve import memory_of, work

        self._inbox: SimpleQueue[Any] = SimpleQueue()
        self._outbox: SimpleQueue[Any] = SimpleQueue()

        def pulse() -> None:
            while True:
                self._outbox.put(Alive(memory_of(begin.device)))
                time.sleep(PULSE)

        threading.Thread(target=pulse, daemon=True).start()
        given = begin, self._inbox, self._outbox.put
        threading.Thread(target=work, args=given, daemon=True).start()

    def tell(self, message: object) -> None:
        """For the worker."""
        self._inbox.put(message)

    def hear(self) -> list[object]:
        """What the worker says next, and what else it has said by then."""
        said = [self._outbox.get()]
        while not self._outbox.empty():
            said.append(self._outbox.get())
        return said


@final
class RayActor(Transport):
    """An actor, as far as it can be spoken to; Ray ends it with this process, which owns it."""

    def __init__(self, ray: Any, takes: dict[str, float], begin: Begin, heard: Heard, lost: Lost) -> None:
        """Ask for it; it begins as soon as the cluster has room."""
        self._ray, self._heard, self._lost = ray, heard, lost
        self._actor: Any = None
        if ray.is_initialized():  # whoever asks Ray for something when it was shut down would start it anew
            threads = {"env_vars": {"OMP_NUM_THREADS": str(begin.threads)}}
            given = {"max_concurrency": 2, "scheduling_strategy": "SPREAD", "runtime_env": threads}
            self._actor = ray.remote(Actor).options(**takes, **given).remote(begin)
        threading.Thread(target=self._listen, name="guidewidgets-ray", daemon=True).start()

    def send(self, message: object) -> None:
        """See `Transport.send`."""
        if self._ray.is_initialized():
            self._actor.tell.remote(message)

    def kill(self) -> None:
        """See `Transport.kill`."""
        if self._ray.is_initialized():
            self._ray.kill(self._actor)

    def _listen(self) -> None:
        why = "Ray was shut down"
        try:
            while self._ray.is_initialized():
                for message in self._ray.get(self._actor.hear.remote()):
                    self._heard(self, message)
        except Exception as error:  # noqa: BLE001 - whatever Ray calls it that an actor or its host is gone
            why = type(error).__name__
        self._lost(self, why)
