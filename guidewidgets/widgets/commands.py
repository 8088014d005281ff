"""Commands of the page: each is one call of the session, which checks, queues and returns at once."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from guidewidgets.prompt import Prompt, PromptError
from guidewidgets.region import Region
from guidewidgets.widgets.state import DETAIL

if TYPE_CHECKING:
    from guidewidgets.session import Session


def _apply_settings(session: Session, args: Mapping[str, Any]) -> None:
    """Make the fields of the page the session's settings; what stays the same is no event."""
    given = dict(args)
    if "prompt" in given:
        prompt = Prompt.parse(given.pop("prompt"))
        if prompt != session.prompt:
            session.prompt = prompt
    if given:
        session.set(**given)


def _set(session: Session, args: Mapping[str, Any]) -> None:
    _apply_settings(session, args)


def _sample(session: Session, args: Mapping[str, Any]) -> int:
    _apply_settings(session, {name: value for name, value in args.items() if name != "n"})
    return session.sample(args["n"]).id


def _evolve(session: Session, args: Mapping[str, Any]) -> int:
    _apply_settings(session, {name: value for name, value in args.items() if name != "n"})
    return session.cross(n=args["n"]).id


def _place(args: Mapping[str, Any]) -> Any:
    """Spots, a region, or None for everywhere."""
    if "at" in args and "region" in args:
        raise ValueError("both at and region are given: expected one of them")
    return Region.from_json(args["region"]) if "region" in args else args.get("at")


def _mutate(session: Session, args: Mapping[str, Any]) -> int:
    how = {name: args[name] for name in ("radius", "lock") if name in args}
    return session.mutate(args["slot"], _place(args), n=args["n"], **how).id


def _recombine(session: Session, args: Mapping[str, Any]) -> int:
    _apply_settings(session, {name: value for name, value in args.items() if name not in {"n", "picks"}})
    return session.recombine({pick["slot"]: _place(pick) for pick in args["picks"]}, args["n"]).id


def _blend(session: Session, args: Mapping[str, Any]) -> int:
    _apply_settings(session, {name: value for name, value in args.items() if name not in {"n", "slots"}})
    return session.blend(args["slots"], args["n"]).id


def _mark(session: Session, args: Mapping[str, Any]) -> None:
    if "at" in args:
        if args["mark"] != "star":
            raise ValueError(f"at: spots go with stars, not with {args['mark']}")
        session.star(*args["slots"], at=args["at"])
        return
    marker = {"star": session.star, "reject": session.reject, "none": session.unmark}[args["mark"]]
    marker(*args["slots"])


def _undo(session: Session, _args: Mapping[str, Any]) -> None:
    if not session.undo():
        raise ValueError("there is nothing to undo")


def _redo(session: Session, _args: Mapping[str, Any]) -> None:
    if not session.redo():
        raise ValueError("there is nothing to redo")


def _cancel(session: Session, _args: Mapping[str, Any]) -> None:
    session.cancel()


_RUN: dict[str, Callable[[Session, Mapping[str, Any]], int | None]] = {
    "set": _set,
    "sample": _sample,
    "evolve": _evolve,
    "mutate": _mutate,
    "recombine": _recombine,
    "blend": _blend,
    "mark": _mark,
    "undo": _undo,
    "redo": _redo,
    "cancel": _cancel,
}


def run(session: Session, name: str, args: Mapping[str, Any]) -> int | None:
    """Carry out a checked command.

    Args:
        session: what it is about.
        name: one of `protocol.COMMANDS`, except those the widget answers itself.
        args: its checked arguments.

    Returns:
        The number of the job it started, if it started one.

    Raises:
        ValueError, TypeError, IndexError: the session refused; one clear line.
    """
    return _RUN[name](session, args)


def failure(error: BaseException) -> dict[str, Any]:
    """What the page is told of an error: one line, the traceback a click away, the place in a prompt."""
    detail = "".join(traceback.format_exception(error))[-DETAIL:]
    if isinstance(error, PromptError):
        where = {"line": error.line, "column": error.column, "hint": error.hint}
        return {"message": error.message, "detail": detail, **where}
    first = (str(error).splitlines() or [""])[0]
    clear = isinstance(error, ValueError | TypeError | IndexError)
    message = first if clear and first else f"{type(error).__name__}: {first}"
    return {"message": message, "detail": detail}
