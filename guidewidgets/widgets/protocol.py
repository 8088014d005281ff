"""What travels between kernel and page, and the checks on everything that comes from the page.

Mirror of ``js/src/protocol.ts``; ``tests/widgets/fixture.json`` holds one example of everything and is
tested from both sides. Nothing from a page is trusted: any JSON either becomes one of the frozen messages
below or is refused with a :class:`ProtocolError` of one line. No content we send has a key ``id``: ipykernel
7.4 keeps such messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from guidewidgets.widgets.checks import MAX_INT, Checks, ProtocolError, fields, integer, one_of, shown

PROTOCOL: Final = 1

HELLO: Final = "hello"
ACK: Final = "ack"
PING: Final = "ping"
CMD: Final = "cmd"
TAB: Final = "tab"
SNAPSHOT: Final = "snapshot"
STATE: Final = "state"
FRAME: Final = "frame"
REPLY: Final = "reply"
PONG: Final = "pong"
CLOSED: Final = "closed"
RENEWED: Final = "renewed"

MARKS: Final = ("none", "star", "reject")
PHASES: Final = ("pending", "preview", "done")
TABS: Final = ("lineage", "composer", "saliency", "monitor", "taste")
COMPARISONS: Final = ("none", "change", "origin")

MAX_PROMPT: Final = 10_000  # characters; the page's own limit too
MAX_BUFFERS: Final = 64  # with one message
MAX_UPLOAD: Final = 8 << 20  # bytes of them; Jupyter's servers take 10 MiB

_REQ = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Hello:
    """A page has opened: it wants the whole state. ``tile_px``: device pixels it gives one tile."""

    tile_px: int


@dataclass(frozen=True, slots=True)
class Ack:
    """The page has painted frame ``seq``."""

    seq: int


@dataclass(frozen=True, slots=True)
class Ping:
    """The page wants to know whether anybody is there; it is answered at once, whatever is under way."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request of the user; it is answered with a reply carrying the same ``req``."""

    req: str
    name: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tab:
    """A message for the panel in one of the workbench's tabs, which it is for that panel to check; or back from it."""

    name: str
    content: object


def request_of(content: object) -> str | None:
    """The ``req`` of a message, however broken the rest of it is, so that it can be answered."""
    if not isinstance(content, dict):
        return None
    req = cast("dict[object, object]", content).get("req")
    return req if isinstance(req, str) and _REQ.fullmatch(req) else None


def octets(buffers: object) -> tuple[bytes, ...]:
    """The buffers that came with a message, at most ``MAX_BUFFERS`` of together ``MAX_UPLOAD`` bytes.

    Raises:
        ProtocolError: there are more, or they are no bytes.
    """
    if buffers is None:
        return ()
    if not isinstance(buffers, list | tuple):
        raise ProtocolError(f"buffers must be a list, not {shown(buffers)}")
    given = cast("Sequence[object]", buffers)
    if len(given) > MAX_BUFFERS:
        raise ProtocolError(f"a message came with {len(given)} buffers; {MAX_BUFFERS} are allowed")
    views: list[memoryview] = []
    for item in given:
        if not isinstance(item, bytes | bytearray | memoryview):
            raise ProtocolError(f"a buffer must be bytes, not {shown(item)}")
        views.append(memoryview(item))
    weight = sum(view.nbytes for view in views)
    if weight > MAX_UPLOAD:
        raise ProtocolError(f"a message came with {weight:,} bytes; {MAX_UPLOAD:,} are allowed")
    return tuple(view.tobytes() for view in views)


def parse(content: object, commands: Mapping[str, Checks]) -> Hello | Ack | Ping | Tab | Command:
    """Check one message from the page.

    Args:
        content: what the page sent, as JSON gave it.
        commands: those there are: arguments each must and may have.

    Returns:
        The message, every value of it checked.

    Raises:
        ProtocolError: when it is anything else than a message of ours.
    """
    if not isinstance(content, dict):
        raise ProtocolError(f"a message must be an object, not {shown(content)}")
    message = {name: item for name, item in cast("dict[object, object]", content).items() if name != "kind"}
    kind = cast("dict[object, object]", content).get("kind")
    if kind == HELLO:
        given = fields(HELLO, message, {"protocol": integer(0, MAX_INT), "tile_px": integer(16, 2048)}, {})
        if given["protocol"] != PROTOCOL:
            raise ProtocolError(
                f"the page speaks protocol {given['protocol']}, the kernel {PROTOCOL}: reload the page"
            )
        return Hello(given["tile_px"])
    if kind == ACK:
        return Ack(fields(ACK, message, {"seq": integer(0, MAX_INT)}, {})["seq"])
    if kind == PING:
        fields(PING, message, {}, {})
        return Ping()
    if kind == TAB:
        given = fields(TAB, message, {"name": one_of(*TABS), "content": _any}, {})
        return Tab(given["name"], given["content"])
    if kind == CMD:
        req = request_of(content)
        if req is None:
            raise ProtocolError("cmd needs a req of 1 to 64 letters, digits, dots or dashes")
        name = message.get("name")
        if not isinstance(name, str) or name not in commands:
            raise ProtocolError(f"there is no command {shown(name)}; try {', '.join(commands)}")
        fields(CMD, message, {"req": _any, "name": _any, "args": _any}, {})
        return Command(req, name, fields(name, message["args"], *commands[name]))
    raise ProtocolError(f"there is no message of kind {shown(kind)}")


def _any(_name: str, value: object) -> object:
    return value
