"""What travels between kernel and page, and the checks on everything that comes from the page.

Mirror of ``js/src/protocol.ts``; ``tests/protocol/fixture.json`` holds one example of everything and is
tested from both sides. Nothing from a page is trusted: any JSON either becomes one of the frozen messages
below or is refused with a :class:`ProtocolError` of one line. No content we send has a key ``id``: ipykernel
7.4 keeps such messages.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from guidewidgets.region import MAX_POINTS, Region

PROTOCOL: Final = 1

HELLO: Final = "hello"
ACK: Final = "ack"
CMD: Final = "cmd"
SNAPSHOT: Final = "snapshot"
STATE: Final = "state"
FRAME: Final = "frame"
REPLY: Final = "reply"

MARKS: Final = ("none", "star", "reject")
PHASES: Final = ("pending", "preview", "done")
COMPARISONS: Final = ("none", "change", "origin")

MAX_PROMPT: Final = 10_000  # characters; the page's own limit too
MAX_SLOTS: Final = 1_000  # candidates marked at once
MAX_PICKS: Final = 64  # candidates put together at once
MAX_SIDE: Final = 256  # of a painted region, in its own pixels
MAX_INT: Final = 2**53 - 1  # what a browser counts exactly

_brief = reprlib.Repr()
_brief.maxlevel = 2
_REQ = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class ProtocolError(ValueError):
    """A message from the page that is not one of ours; the text is one line for its user."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A page has opened: it wants the whole state. ``tile_px``: device pixels it gives one tile."""

    tile_px: int


@dataclass(frozen=True, slots=True)
class Ack:
    """The page has painted frame ``seq``."""

    seq: int


@dataclass(frozen=True, slots=True)
class Command:
    """A request of the user; it is answered with a reply carrying the same ``req``."""

    req: str
    name: str
    args: dict[str, Any]


def _shown(value: object) -> str:
    """A value in a few words, whatever it is: deep lists and endless numbers included."""
    try:
        return _brief.repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return f"a huge {type(value).__name__}"


def integer(low: int, high: int) -> Callable[[str, object], int]:
    """A check for whole numbers in ``[low, high]``; true and 3.0 are not whole numbers."""

    def check(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ProtocolError(f"{name} must be a whole number, not {_shown(value)}")
        if not low <= value <= high:
            raise ProtocolError(f"{name} must lie between {low} and {high}, not {_shown(value)}")
        return value

    return check


def number(low: float, high: float) -> Callable[[str, object], float]:
    """A check for finite numbers in ``[low, high]``."""

    def check(name: str, value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ProtocolError(f"{name} must be a number, not {_shown(value)}")
        if not low <= value <= high:  # NaN fails every comparison
            raise ProtocolError(f"{name} must lie between {low:g} and {high:g}, not {_shown(value)}")
        if not math.isfinite(value):
            raise ProtocolError(f"{name} must be finite, not {_shown(value)}")
        return float(value)

    return check


def text(most: int) -> Callable[[str, object], str]:
    """A check for strings of at most ``most`` characters that can be written as UTF-8."""

    def check(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ProtocolError(f"{name} must be text, not {_shown(value)}")
        if len(value) > most:
            raise ProtocolError(f"{name} has {len(value):,} characters; {most:,} are allowed")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ProtocolError(f"{name} holds half a character (a lone surrogate)")
        return value

    return check


def one_of(*choices: str) -> Callable[[str, object], str]:
    """A check for one of a few words."""

    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ProtocolError(f"{name} must be one of {', '.join(choices)}, not {_shown(value)}")
        return value

    return check


def boolean(name: str, value: object) -> bool:
    """A check for true and false."""
    if not isinstance(value, bool):
        raise ProtocolError(f"{name} must be true or false, not {_shown(value)}")
    return value


def spots(name: str, value: object) -> tuple[tuple[float, float], ...]:
    """A check for a list of spots [x, y] in [0, 1]."""
    if not isinstance(value, list):
        raise ProtocolError(f"{name} must be a list of spots, not {_shown(value)}")
    items = cast("list[object]", value)
    if not 1 <= len(items) <= MAX_POINTS:
        raise ProtocolError(f"{name} must hold 1 to {MAX_POINTS} spots, not {len(items)}")
    return tuple(_spot(f"{name}[{i}]", item) for i, item in enumerate(items))


def _spot(name: str, value: object) -> tuple[float, float]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    if len(items) != 2:
        raise ProtocolError(f"{name} must be a spot [x, y], not {_shown(value)}")
    check = number(0, 1)
    return check(f"{name}.x", items[0]), check(f"{name}.y", items[1])


def region(name: str, value: object) -> dict[str, Any]:
    """A check for a region as JSON, see `Region.to_json`; a painted one of at most ``MAX_SIDE`` pixels a side."""
    if isinstance(value, dict):
        sides = cast("dict[object, object]", value)
        for side in ("width", "height"):
            if side in sides:
                integer(1, MAX_SIDE)(f"{name}.{side}", sides[side])
    try:
        return Region.from_json(value).to_json()
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise ProtocolError(f"{name}: {first[:150]}") from None


def picks(name: str, value: object) -> tuple[dict[str, Any], ...]:
    """A check for what is liked of several candidates: each with ``slot``, and ``at`` or ``region``."""
    if not isinstance(value, list):
        raise ProtocolError(f"{name} must be a list, not {_shown(value)}")
    items = cast("list[object]", value)
    if not 1 <= len(items) <= MAX_PICKS:
        raise ProtocolError(f"{name} must name 1 to {MAX_PICKS} images, not {len(items)}")
    slot = {"slot": integer(0, MAX_INT)}
    given = tuple(_fields(f"{name}[{i}]", item, slot, _PLACE) for i, item in enumerate(items))
    for i, pick in enumerate(given):
        if len(pick) != 2:
            raise ProtocolError(f"{name}[{i}] needs either at or region")
    if len({pick["slot"] for pick in given}) < len(given):
        raise ProtocolError(f"{name} names an image twice")
    return given


def slots(name: str, value: object) -> tuple[int, ...]:
    """A check for a list of 1 to ``MAX_SLOTS`` candidate numbers."""
    if not isinstance(value, list):
        raise ProtocolError(f"{name} must be a list of candidate numbers, not {_shown(value)}")
    items = cast("list[object]", value)
    if not 1 <= len(items) <= MAX_SLOTS:
        raise ProtocolError(f"{name} must hold 1 to {MAX_SLOTS} candidate numbers, not {len(items)}")
    check = integer(0, MAX_INT)
    return tuple(check(f"{name}[{i}]", item) for i, item in enumerate(items))


Check = Callable[[str, object], object]

_PLACE: Final[dict[str, Check]] = {"at": spots, "region": region}
_SLOT: Final[dict[str, Check]] = {"slot": integer(0, MAX_INT)}
_SETTINGS: Final[dict[str, Check]] = {
    "prompt": text(MAX_PROMPT),
    "steps": integer(1, 1_000),
    "guidance": number(-100, 100),
    "sampler": text(64),
}
_COUNT: Final[dict[str, Check]] = {
    "n": integer(-MAX_INT, MAX_INT)
}  # the session knows what is too many, and says why

#: name of a command -> (arguments it must have, arguments it may have)
COMMANDS: Final[dict[str, tuple[dict[str, Check], dict[str, Check]]]] = {
    "set": ({}, _SETTINGS),
    "sample": (_COUNT, _SETTINGS),
    "evolve": (_COUNT, _SETTINGS),
    "mark": ({"slots": slots, "mark": one_of(*MARKS)}, {}),
    "undo": ({}, {}),
    "redo": ({}, {}),
    "cancel": ({}, {}),
    "image": (_SLOT, {}),
    "mutate": (_SLOT | _COUNT, _PLACE | {"radius": number(0, 1), "lock": boolean}),
    "recombine": ({"picks": picks} | _COUNT, _SETTINGS),
    "change": (_SLOT, {}),
    "origin": (_SLOT, {}),
}


def _fields(
    what: str, value: object, required: Mapping[str, Check], optional: Mapping[str, Check]
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProtocolError(f"{what} must be an object, not {_shown(value)}")
    given = cast("dict[object, object]", value)
    for name in given:
        if name not in required and name not in optional:
            raise ProtocolError(f"{what} has no field {_shown(name)}")
    for name in required:
        if name not in given:
            raise ProtocolError(f"{what} needs the field {name}")
    checks = {**required, **optional}
    return {str(name): checks[str(name)](str(name), item) for name, item in given.items()}


def request_of(content: object) -> str | None:
    """The ``req`` of a message, however broken the rest of it is, so that it can be answered."""
    if not isinstance(content, dict):
        return None
    req = cast("dict[object, object]", content).get("req")
    return req if isinstance(req, str) and _REQ.fullmatch(req) else None


def parse(content: object) -> Hello | Ack | Command:
    """Check one message from the page.

    Args:
        content: what the page sent, as JSON gave it.

    Returns:
        The message, every value of it checked.

    Raises:
        ProtocolError: when it is anything else than a message of ours.
    """
    if not isinstance(content, dict):
        raise ProtocolError(f"a message must be an object, not {_shown(content)}")
    message = {name: item for name, item in cast("dict[object, object]", content).items() if name != "kind"}
    kind = cast("dict[object, object]", content).get("kind")
    if kind == HELLO:
        given = _fields(HELLO, message, {"protocol": integer(0, MAX_INT), "tile_px": integer(16, 2048)}, {})
        if given["protocol"] != PROTOCOL:
            raise ProtocolError(
                f"the page speaks protocol {given['protocol']}, the kernel {PROTOCOL}: reload the page"
            )
        return Hello(given["tile_px"])
    if kind == ACK:
        return Ack(_fields(ACK, message, {"seq": integer(0, MAX_INT)}, {})["seq"])
    if kind == CMD:
        req = request_of(content)
        if req is None:
            raise ProtocolError("cmd needs a req of 1 to 64 letters, digits, dots or dashes")
        name = message.get("name")
        if not isinstance(name, str) or name not in COMMANDS:
            raise ProtocolError(f"there is no command {_shown(name)}; there are {', '.join(COMMANDS)}")
        _fields(CMD, message, {"req": _any, "name": _any, "args": _any}, {})
        return Command(req, name, _fields(name, message["args"], *COMMANDS[name]))
    raise ProtocolError(f"there is no message of kind {_shown(kind)}")


def _any(_name: str, value: object) -> object:
    return value
