"""The lineage: every candidate ever made and how it came to be, as a graph to walk, compare and branch from."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

from PIL import Image

from guidewidgets.widgets import checks, colours, encode
from guidewidgets.widgets.compare import change_map
from guidewidgets.widgets.handlers import SLOT, Answer, Handler
from guidewidgets.widgets.html_export import contact_sheet
from guidewidgets.widgets.lineage_json import changes, describe, nodes
from guidewidgets.widgets.panel import Panel
from guidewidgets.widgets.state import origin
from guidewidgets.widgets.thumbs import few, thumbs

if TYPE_CHECKING:
    from guidewidgets.session import Session

MOST_STILL = 150
"""Thumbnails that stay in the notebook."""
STILL_BYTES = 200_000
WAYS = ("vary", "cross", "blend", "render")


def _pair(name: str, value: object) -> tuple[int, ...]:
    numbers = checks.slots(name, value)
    if len(numbers) != 2:
        raise checks.ProtocolError(f"{name} must name two candidates, not {len(numbers)}")
    return numbers


def _nodes(panel: LineagePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    graph = panel.session.kinship()
    return {"count": len(graph), "from": args["from"], "nodes": nodes(graph[args["from"] :])}, []


def _thumbs(panel: LineagePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    tiles, buffers = thumbs(panel.session, args["slots"])
    return {"tiles": tiles}, buffers


def _node(panel: LineagePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    return describe(panel.session, panel.session[args["slot"]]), []


def _difference(panel: LineagePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    one, other = (panel.session[i] for i in args["slots"])
    amounts = change_map(one.image, other.image)
    high = max(1.0, float(amounts.max()))
    value = {
        "slots": list(args["slots"]),
        "mean": round(float(amounts.mean()), 1),
        "high": round(high, 1),
        "media_type": "image/webp",
        "changes": changes(one, other),
    }
    painted = Image.fromarray(colours.inferno(amounts, high), "RGB")
    scale = Image.fromarray(colours.INFERNO[None], "RGB")
    return value, [encode.lossless(image) for image in (painted, scale)]


def _branch(panel: LineagePanel, args: Mapping[str, Any], _: Sequence[bytes]) -> int:
    session, slots, n = panel.session, list(args["slots"]), args["n"]
    if args["how"] == "vary":
        if len(slots) != 1:
            raise ValueError(f"variations are of one image, not of {len(slots)}")
        return session.mutate(slots[0], n=n).id
    if args["how"] == "cross":
        return session.cross(slots, n=n).id
    if args["how"] == "blend":
        return session.blend(slots, n=n).id
    return session.render(slots).id


@final
class LineagePanel(Panel):
    """All candidates of a session, undone ones included, in columns by generation."""

    KIND = "lineage"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "nodes": Handler(_nodes, {"from": checks.integer(0, checks.MAX_INT)}, deferred=True),
        "thumbs": Handler(_thumbs, {"slots": few}, deferred=True),
        "node": Handler(_node, SLOT, deferred=True),
        "difference": Handler(_difference, {"slots": _pair}, deferred=True),
        "branch": Handler(
            _branch, {"slots": checks.slots, "how": checks.one_of(*WAYS), "n": checks.integer(1, 1_000)}
        ),
    }

    def __init__(self, session: Session, **traits: Any) -> None:
        self._sent = 0  # nodes that every page has, if it lost nothing on the way
        self._saved = -1
        super().__init__(session, **traits)

    def state(self) -> dict[str, Any]:
        """See `Panel`: nodes from where the last state ended, marks, and which jobs were undone."""
        state = self._since(self._sent)
        self._sent = state["count"]
        return state

    def _since(self, start: int) -> dict[str, Any]:
        graph = self.session.kinship()
        marks = {k.id: self.session[k.id].marks for k in graph}
        return {
            "count": len(graph),
            "from": start,
            "nodes": nodes(graph[start:]),
            "stars": [i for i, mark in marks.items() if mark.starred],
            "rejects": [i for i, mark in marks.items() if mark.rejected],
            "undone": self.session.kinship.undone(),
            "made": origin(self.session.history[-1]) if self.session.history else "",
        }

    def tell_snapshot(self) -> None:
        """See `Outlet`."""
        self._sent = 0
        super().tell_snapshot()

    def static_traits(self) -> dict[str, Any]:
        """See `Panel`: once per generation."""
        count = len(self.session.kinship())
        if count == self._saved:
            return {}
        self._saved = count
        state = self.whole_state(self._since(0)) | {"notices": []}
        tiles, buffers = thumbs(self.session, self._most_relevant())
        sums = itertools.accumulate(map(len, buffers))
        room = sum(total <= STILL_BYTES for total in sums)
        return {"tiles": buffers[:room], "still": {"state": state, "tiles": tiles[:room]}}

    def _most_relevant(self) -> list[int]:
        """Stars and their ancestors first, then the newest."""
        graph = {k.id: k for k in self.session.kinship()}
        todo = [i for i in graph if self.session[i].starred]
        found: dict[int, None] = {}
        while todo and len(found) < MOST_STILL:
            number = todo.pop()
            if number in graph and number not in found:
                found[number] = None
                todo += graph[number].parents
        found |= dict.fromkeys(reversed(graph))
        return list(found)[:MOST_STILL]

    def static_html(self) -> str:
        """See `Panel`: stars and their ancestors, in the order they were made."""
        chosen = [self.session[i] for i in sorted(self._most_relevant()[:48])]
        return contact_sheet(chosen, f"Lineage: {len(self.session.kinship())} images")
