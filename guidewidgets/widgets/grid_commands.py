"""Commands of the grid and its workbench: each is one call of the session, which checks, queues and returns at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.session.marks import MAX_NOTE
from guidewidgets.session.operators.cross import FRESH_SHARE
from guidewidgets.session.picture import png
from guidewidgets.widgets import checks, compare, favourites, protocol, uploads
from guidewidgets.widgets.handlers import SLOT, Answer, Handler, Target
from guidewidgets.widgets.thumbs import few, thumbs
from guidewidgets.widgets.why import why

if TYPE_CHECKING:
    from guidewidgets.session import Session

MOST_PICKS: Final = 64
"""Candidates put together at once."""

_PLACE: Mapping[str, checks.Check] = {"at": checks.spots, "region": checks.region}
_SETTINGS: Mapping[str, checks.Check] = {
    "prompt": checks.text(protocol.MAX_PROMPT),
    "steps": checks.integer(1, 1_000),
    "guidance": checks.number(-100, 100),
    "sampler": checks.text(64),
}
# The session knows what is too many, and says why.
_COUNT: Mapping[str, checks.Check] = {"n": checks.integer(-checks.MAX_INT, checks.MAX_INT)}
_OF: Mapping[str, checks.Check] = {"of": checks.integer(-checks.MAX_INT, checks.MAX_INT)}


class Grid(Target, Protocol):
    """What a command of the grid needs of it."""

    uploads: uploads.Uploads

    def look(self, generation: int) -> None:
        """Show an earlier generation."""

    def verify(self) -> None:
        """Measure what the pictures on show hold."""

    def sort(self) -> None:
        """Order them by that, or no longer."""


def _picks(name: str, value: object) -> tuple[dict[str, Any], ...]:
    """A check for what is liked of several candidates: each with ``slot``, and ``at`` or ``region``."""
    if not isinstance(value, list):
        raise checks.ProtocolError(f"{name} must be a list, not {checks.shown(value)}")
    items = cast("list[object]", value)
    if not 1 <= len(items) <= MOST_PICKS:
        raise checks.ProtocolError(f"{name} must name 1 to {MOST_PICKS} images, not {len(items)}")
    given = tuple(checks.fields(f"{name}[{i}]", item, SLOT, _PLACE) for i, item in enumerate(items))
    for i, pick in enumerate(given):
        if len(pick) != 2:
            raise checks.ProtocolError(f"{name}[{i}] needs either at or region")
    if len({pick["slot"] for pick in given}) < len(given):
        raise checks.ProtocolError(f"{name} names an image twice")
    return given


def _place(args: Mapping[str, Any]) -> Any:
    """Spots, a region, or None for everywhere."""
    if "at" in args and "region" in args:
        raise ValueError("both at and region are given: expected one of them")
    return Region.from_json(args["region"]) if "region" in args else args.get("at")


def _set(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes] = ()) -> None:
    """Make the fields of the page the session's settings; what stays the same is no event."""
    given = {name: args[name] for name in _SETTINGS if name in args}
    if "prompt" in given:
        prompt = Prompt.parse(given.pop("prompt"))
        if prompt != grid.session.prompt:
            grid.session.prompt = prompt
    if given:
        grid.session.set(**given)


def _sample(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    _set(grid, args)
    how = {"of": args["of"]} if "of" in args else {}
    return grid.session.sample(args["n"], **how).id


def _evolve(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    _set(grid, args)
    fresh = args.get("fresh")
    how: dict[str, Any] = {} if fresh in (None, FRESH_SHARE) else {"fresh": fresh}
    if "of" in args:
        how["of"] = args["of"]
    return grid.session.cross(args.get("slots"), n=args["n"], **how).id


def _blend(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    _set(grid, args)
    return grid.session.blend(args["slots"], args["n"]).id


def _mutate(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    how = {name: args[name] for name in ("radius", "lock") if name in args}
    return grid.session.mutate(args["slot"], _place(args), n=args["n"], **how).id


def _recombine(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    _set(grid, args)
    return grid.session.recombine({pick["slot"]: _place(pick) for pick in args["picks"]}, args["n"]).id


def _repair(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    return grid.session.repair(args["slot"]).id


def _verify(grid: Grid, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    grid.verify()


def _sort(grid: Grid, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    grid.sort()


def _note(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    grid.session.note(args["slot"], args["note"], tags=args["tags"].split(","))


def _about(answer: Callable[[Session, int], Answer]) -> Handler:
    """A handler that answers with pictures of one candidate."""
    return Handler(lambda grid, args, _: answer(grid.session, args["slot"]), SLOT, deferred=True)


def _png(session: Session, slot: int) -> Answer:
    return {"slot": slot, "media_type": "image/png"}, [png.encode(session[slot])]


def _look(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    if "of" in args:
        child = grid.session[args["of"]].id
        found = next((g.index for g in grid.session.history if any(c.id == child for c in g)), None)
        if found is None:
            raise IndexError(f"image {child} was undone: redo brings it back")
        grid.look(found)
    else:
        grid.look(args["generation"])


def _back(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    grid.session.back_to(args["generation"])


def _anew(grid: Grid, _args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    grid.session.begin_anew()
    return None, []


def _reopen(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    offers, which = grid.session.offers, args["which"]
    if which >= len(offers):
        raise IndexError(f"there is no offer {which}")
    grid.session.take_up(offers[which])
    return None, []


def _thumbs(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    tiles, buffers = thumbs(grid.session, args["slots"])
    return {"tiles": tiles}, buffers


def _words(grid: Grid, _args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    engine = grid.session.engine
    known = engine.vocabulary.words
    return known and {"kinds": engine.words, "words": sorted(known)}, []


def _code(grid: Grid, _args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    return grid.session.code(), []


def _restore(grid: Grid, args: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
    whole = grid.uploads.take(args["token"], args["part"], args["parts"], b"".join(buffers))
    if whole is None:
        return None, []
    told, photo = uploads.restore(grid.session, args["name"], whole)
    if photo is not None:
        grid.uploads.keep(args["token"], photo)
    return told, []


def _edit(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    photo = grid.uploads.photo(args["token"])
    return uploads.edit(grid.session, photo, args.get("text", "").strip(), args["steps"]).id, []


def _export(grid: Grid, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    return None, [favourites.export(grid.session, args["form"])]


_INDEX = checks.integer(0, checks.MAX_INT)
_UPDATES = checks.integer(0, 1_000)
_PART: Mapping[str, checks.Check] = {
    "name": checks.text(500),
    "token": checks.text(64),
    "part": checks.integer(0, 99),
    "parts": checks.integer(1, 100),
}
COMMANDS: Mapping[str, Handler] = {
    "set": Handler(_set, optional=_SETTINGS),
    "sample": Handler(_sample, _COUNT, {**_SETTINGS, **_OF}),
    "evolve": Handler(
        _evolve, _COUNT, {**_SETTINGS, **_OF, "slots": checks.slots, "fresh": checks.number(0, 1)}
    ),
    "blend": Handler(_blend, {"slots": checks.slots, **_COUNT}, _SETTINGS),
    "mutate": Handler(
        _mutate, {**SLOT, **_COUNT}, {**_PLACE, "radius": checks.number(0, 1), "lock": checks.boolean}
    ),
    "recombine": Handler(_recombine, {"picks": _picks, **_COUNT}, _SETTINGS),
    "repair": Handler(_repair, SLOT),
    "verify": Handler(_verify),
    "sort": Handler(_sort),
    "note": Handler(_note, {**SLOT, "note": checks.text(MAX_NOTE), "tags": checks.text(MAX_NOTE)}),
    "change": _about(compare.change),
    "origin": _about(compare.origin),
    "png": _about(_png),
    "why": _about(why),
    "look": Handler(_look, optional={"generation": _INDEX, "of": _INDEX}),
    "back": Handler(_back, {"generation": _INDEX}),
    "anew": Handler(_anew, deferred=True),
    "reopen": Handler(_reopen, {"which": _INDEX}, deferred=True),
    "thumbs": Handler(_thumbs, {"slots": few}, deferred=True),
    "words": Handler(_words, deferred=True),
    "code": Handler(_code, deferred=True),
    "restore": Handler(_restore, _PART, deferred=True, upload=uploads.PIECE),
    "edit": Handler(
        _edit, {"token": _PART["token"], "steps": _UPDATES}, {"text": checks.text(1_000)}, deferred=True
    ),
    "export": Handler(_export, {"form": checks.one_of(*favourites.FORMS)}, deferred=True),
}
