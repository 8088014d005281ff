"""Marks and events as JSON data, and back, every field checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from guidewidgets.genome_data import region_from, word
from guidewidgets.limits import MAX_CANDIDATES
from guidewidgets.preference.choice import MOST
from guidewidgets.region import MAX_POINTS
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.history import Chosen, Made, Marked, Set, UserEvent
from guidewidgets.session.marks import Marks, as_note, as_tags
from guidewidgets.settings import RenderSettings
from guidewidgets.untrusted import bad, field, items, number, whole

Find = Callable[[int], Candidate]
"""Candidate by number; SessionFileError where there is none."""


def marks_to_data(marks: Marks) -> dict[str, Any]:
    """Marks as JSON data; what is not set is left out."""
    data: dict[str, Any] = {}
    if marks.starred or marks.rejected:
        data["mark"] = "star" if marks.starred else "reject"
    if marks.points:
        data["points"] = [list(point) for point in marks.points]
    if marks.regions:
        data["regions"] = [region.to_json() for region in marks.regions]
    if marks.note:
        data["note"] = marks.note
    if marks.tags:
        data["tags"] = list(marks.tags)
    return data


def marks_from_data(data: Mapping[str, Any]) -> Marks:
    """Marks that `marks_to_data` wrote."""
    mark = data.get("mark", "none")
    if mark not in ("none", "star", "reject"):
        raise bad(f"mark is {mark!r:.40}: expected star or reject")
    points = items(data, "points", MAX_POINTS) if "points" in data else []
    pairs = [_point(point) for point in points]
    regions = items(data, "regions", MAX_POINTS) if "regions" in data else []
    try:
        note, tags = as_note(data.get("note")), as_tags(data.get("tags", []))
    except (TypeError, ValueError) as error:
        raise bad(str(error)) from error
    painted = tuple(region_from(r) for r in regions)
    return Marks(mark == "star", mark == "reject", tuple(pairs), painted, note, tags)


def event_to_data(event: UserEvent) -> tuple[str, dict[str, Any]]:
    """Kind and JSON data of an event."""
    if isinstance(event, Set):
        return "set", {"before": event.before.to_data(), "after": event.after.to_data()}
    if isinstance(event, Marked):
        changes = [[c.id, marks_to_data(before), marks_to_data(after)] for c, before, after in event.changes]
        return "marked", {"changes": changes}
    if isinstance(event, Chosen):
        if event.better is not None and len(event.others) == 1:  # as it was written before there were more
            return "chosen", {"better": event.better.id, "worse": event.others[0].id}
        better = None if event.better is None else event.better.id
        return "chosen", {"better": better, "others": [c.id for c in event.others]}
    made = event.generation
    return "made", {
        "index": made.index,
        "operator": made.operator,
        "job": made.job,
        "candidates": [c.id for c in made],
    }


def event_from_data(kind: str, data: Mapping[str, Any], find: Find) -> UserEvent:
    """The event that `event_to_data` took apart.

    Args:
        kind: of the event.
        data: from anywhere.
        find: gives its candidates.

    Raises:
        SessionFileError: there is no such event.
    """
    if kind == "set":
        before, after = field(data, "before", dict), field(data, "after", dict)
        return Set(RenderSettings.from_data(before), RenderSettings.from_data(after))
    if kind == "marked":
        return Marked(tuple(_change(c, find) for c in items(data, "changes", MAX_CANDIDATES)))
    if kind == "chosen":
        return _chosen(data, find)
    if kind == "made":
        ids = [whole({"candidate": i}, "candidate") for i in items(data, "candidates", MAX_CANDIDATES)]
        return Made(
            Generation(
                whole(data, "index"), word(data, "operator"), tuple(map(find, ids)), whole(data, "job")
            )
        )
    raise bad(f"event of kind {kind!r:.40}: expected set, marked, chosen or made")


def _chosen(data: Mapping[str, Any], find: Find) -> Chosen:
    if "others" not in data:
        return Chosen(find(whole(data, "better")), (find(whole(data, "worse")),))
    others = tuple(find(whole({"other": i}, "other")) for i in items(data, "others", MOST))
    chosen = Chosen(None if data.get("better") is None else find(whole(data, "better")), others)
    if not 2 <= len({c.hash for c in chosen.shown}) == len(chosen.shown) <= MOST:
        raise bad(f"a choice among {len(chosen.shown)} pictures: expected 2 to {MOST} different ones")
    return chosen


def _change(change: Any, find: Find) -> tuple[Candidate, Marks, Marks]:
    if not isinstance(change, list) or len(change) != 3:
        raise bad("a changed mark is [candidate, before, after]")
    entry = {"candidate": change[0], "before": change[1], "after": change[2]}
    before, after = (marks_from_data(field(entry, name, dict)) for name in ("before", "after"))
    return find(whole(entry, "candidate")), before, after


def _point(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise bad("points: expected [x, y]")
    return number({"x": value[0]}, "x", 0, 1), number({"y": value[1]}, "y", 0, 1)
