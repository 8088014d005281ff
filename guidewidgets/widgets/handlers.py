"""What a widget does on a command of its page: the record of one handler, and those that every widget has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from guidewidgets.widgets import checks, encode, protocol

if TYPE_CHECKING:
    from guidewidgets.session import Session


class Target(Protocol):
    """What a command needs of the widget it comes to."""

    session: Session

    def markable(self, slots: Sequence[int], mark: str) -> Sequence[int]:
        """Those of the candidates that can be marked now."""
        ...


Answer = tuple[Any, list[bytes]]
"""The value of a reply, and the buffers that go with it."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What is done on a command, and what the page may send with it.

    Attributes:
        run: (panel, checked arguments, buffers) → the reply's value; of a deferred one an `Answer`.
        required: arguments the command must have, with their checks.
        optional: arguments it may have.
        deferred: it takes milliseconds, like encoding pictures, and runs on the sender's thread, where only so many
            may wait (`sender.MOST_WAITING`). The others run where the message arrives: they check, queue and return.
        upload: bytes of buffers the command may bring at most.
    """

    run: Callable[[Any, Mapping[str, Any], Sequence[bytes]], Any]
    required: Mapping[str, checks.Check] = field(default_factory=dict[str, checks.Check])
    optional: Mapping[str, checks.Check] = field(default_factory=dict[str, checks.Check])
    deferred: bool = False
    upload: int = 0


def _mark(panel: Target, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    session, mark = panel.session, args["mark"]
    if "at" in args and mark != "star":
        raise ValueError(f"at: spots go with stars, not with {mark}")
    slots = panel.markable(args["slots"], mark)
    if "at" in args:
        session.star(*slots, at=args["at"])
    else:
        {"star": session.star, "reject": session.reject, "none": session.unmark}[mark](*slots)


def _undo(panel: Target, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    if not panel.session.undo():
        raise ValueError("there is nothing to undo")


def _redo(panel: Target, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    if not panel.session.redo():
        raise ValueError("there is nothing to redo")


def _cancel(panel: Target, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.session.cancel()


def _sample(panel: Target, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    return panel.session.sample(args["n"]).id


def _image(panel: Target, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    encoded = encode.exact(panel.session[args["slot"]].image)
    return encoded.describe(args["slot"], final=True), [encoded.data]


SLOT: Mapping[str, checks.Check] = {"slot": checks.integer(0, checks.MAX_INT)}
COMMON: Mapping[str, Handler] = {
    "mark": Handler(
        _mark, {"slots": checks.slots, "mark": checks.one_of(*protocol.MARKS)}, {"at": checks.spots}
    ),
    "undo": Handler(_undo),
    "redo": Handler(_redo),
    "cancel": Handler(_cancel),
    "image": Handler(_image, SLOT, deferred=True),
    "sample": Handler(_sample, {"n": checks.integer(-checks.MAX_INT, checks.MAX_INT)}),
}
"""Handlers of the commands that every widget takes."""
