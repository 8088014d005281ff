"""Messages that no honest page sends: nearly right ones, and rubbish, for every widget there is."""

from __future__ import annotations

import contextlib
import random
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guidewidgets import display_registry
from guidewidgets.session import Session
from guidewidgets.widgets import protocol
from guidewidgets.widgets.checks import Checks

WIDGETS = ("workbench", "grid", "lineage", "composer", "saliency", "monitor", "taste")
LIMIT_SECONDS = 2.0
WORDS = (
    "a fox",
    "a fox AND",
    "((((",
    "NOT " * 500,
    "<img src=x onerror=alert(1)>",
    "../../etc/passwd",
    "__import__('os')",
)
DEEP: list = []
for _ in range(5_000):
    DEEP = [DEEP]
JUNK = (
    None,
    True,
    False,
    0,
    1,
    -1,
    3,
    2**31,
    2**53,
    2**63,
    10**400,
    0.0,
    0.5,
    1.0,
    -0.1,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\0",
    "\ud800",
    "a" * 20_000,
    "none",
    "star",
    "vary",
    "0",
    [],
    [[]],
    [0],
    [0, 1],
    [[0.5, 0.5]],
    [[2, 2]],
    {},
    {"kind": "points", "points": [[0.5, 0.5]], "radius": 0.1},
    {"kind": "bitmap", "width": 10**9, "height": 10**9, "bits": ""},
    {"kind": "bitmap", "width": 4, "height": 2, "bits": "8w=="},
    {"kind": "polygon", "points": [[0, 0]] * 3},
    {"__class__": "x"},
    {"id": 1},
    DEEP,
    list(range(3_000)),
    {"x" * 1_000: 1},
    *WORDS,
)
NEAR: Mapping[str, tuple[Any, ...]] = {
    "n": (1, 2, 3, 1_000, 1_001),
    "slot": (0, 1, 2, 99),
    "slots": ([0], [0, 1], [5, 6], list(range(64))),
    "mark": protocol.MARKS,
    "at": ([[0.5, 0.5]], [[0, 0], [1, 1]]),
    "radius": (0.1, 1),
    "lock": (True, False),
    "prompt": WORDS,
    "steps": (1, 2, 1_000),
    "guidance": (0, 5.0, -100),
    "sampler": ("ddim", "edict", "nothing"),
    "from": (0, 5, 10**6),
    "how": ("vary", "cross", "blend", "render"),
    "picks": (
        [{"slot": 0, "at": [[0.1, 0.1]]}],
        [{"slot": 0}],
        [{"slot": 0, "region": {"kind": "box", "box": [0, 0, 1, 1]}}] * 2,
    ),
    "name": ("fox.png", "../../x.png", "x.latent", "x.exe"),
    "token": ("t", "u"),
    "part": (0, 1, 2),
    "parts": (1, 2, 3),
}


def near(name: str, rng: random.Random) -> Any:
    """A value that may well be right for this argument, or rubbish."""
    if name in NEAR and rng.random() < 0.75:
        return rng.choice(NEAR[name])
    return rng.choice(JUNK)


def message(checks: Mapping[str, Checks], number: int, rng: random.Random) -> tuple[Any, list[Any]]:
    """A message and the buffers that go with it."""
    pick = rng.random()
    buffers: list[Any] = []
    if rng.random() < 0.05:
        buffers = [
            rng.choice(
                [
                    b"",
                    b"x",
                    rng.randbytes(3_000),
                    bytearray(9),
                    memoryview(b"\x89PNG\r\n\x1a\n"),
                    "text",
                    None,
                ]
            )
        ]
    if pick < 0.05:
        return rng.choice(JUNK), buffers
    if pick < 0.1:
        return {
            "kind": "hello",
            "protocol": rng.choice([1, 1, 2, *JUNK]),
            "tile_px": rng.choice([200, 2048, *JUNK]),
        }, buffers
    if pick < 0.15:
        return {"kind": "ack", "seq": rng.choice([0, 1, 5, *JUNK])}, buffers
    name = rng.choice(list(checks))
    needs, takes = checks[name]
    args: Any = {key: near(key, rng) for key in needs if rng.random() < 0.97}
    args |= {key: near(key, rng) for key in takes if rng.random() < 0.4}
    if name == "restore" and rng.random() < 0.9:
        buffers = [rng.choice([b"\x89PNG\r\n\x1a\n" + rng.randbytes(200), b"", rng.randbytes(2_000)])]
    content: dict[Any, Any] = {"kind": "cmd", "req": f"m{number}", "name": name, "args": args}
    if rng.random() < 0.05:
        args[rng.choice(["id", "x", "n", "slot", ""])] = rng.choice(JUNK)
    if rng.random() < 0.08:
        content[rng.choice(["kind", "req", "name", "args", "more"])] = rng.choice(JUNK)
    if rng.random() < 0.03:
        content.pop(rng.choice(list(content)))
    return content, buffers


@dataclass
class Heard:
    """What became of the messages to one widget."""

    widget: str
    messages: int = 0
    answered: int = 0
    refused: int = 0
    wall: float = 0.0  # of the slowest, seconds
    cpu: float = 0.0
    reasons: set[str] = field(default_factory=set[str])


def chat(session: Session, name: str, count: int, rng: random.Random) -> Heard:
    """Send a widget so many messages through the way that real ones take, and check what it answers.

    Raises:
        AssertionError: it stayed silent, hung, answered with more than a line, or no longer says hello.
    """
    widget = display_registry.make(name, session)
    sent: list[Any] = []
    widget.send = lambda content, buffers=None: sent.append(content)
    heard = Heard(name)
    checks = widget.arguments()
    asked: set[str] = set()
    try:
        for number in range(count):
            content, buffers = message(checks, number, rng)
            wall, cpu = time.perf_counter(), time.thread_time()
            widget._handle_custom_msg(content, buffers)
            heard.cpu = max(heard.cpu, time.thread_time() - cpu)
            heard.wall = max(heard.wall, time.perf_counter() - wall)
            if (
                isinstance(content, dict)
                and content.get("req") == f"m{number}"
                and content.get("kind") != "hello"
            ):
                asked.add(f"m{number}")
            if session.view().jobs:
                session.cancel()
            if number % 500 == 499 or number == count - 1:
                _settle(widget, sent, asked, heard)
        assert heard.cpu < LIMIT_SECONDS, heard
        heard.messages = count
        sent.clear()
        widget._handle_custom_msg({"kind": "hello", "protocol": 1, "tile_px": 200}, [])
        _until(lambda: any(c["kind"] == "snapshot" for c in list(sent)), "it no longer says hello")
    finally:
        widget.close()
    return heard


def _settle(widget: Any, sent: list[Any], asked: set[str], heard: Heard) -> None:
    """Everything that was asked has one answer; then forget it, so that memory says something."""
    replies = lambda: {c["req"]: c for c in list(sent) if c["kind"] == "reply"}  # noqa: E731
    _until(lambda: asked <= set(replies()), "some were not answered")
    for reply in replies().values():
        heard.answered += 1
        if not reply["ok"]:
            heard.refused += 1
            text = reply["error"]["message"]
            assert text, reply
            assert "\n" not in text, reply
            assert len(text) < 600, reply
            heard.reasons.add(text[:40])
    asked.clear()
    sent.clear()
    with contextlib.suppress(AttributeError):
        widget._sender.flow.restart()


def _until(condition: Any, otherwise: str) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.01)


def peak_mb() -> float:
    """Memory of this process at most so far, MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
