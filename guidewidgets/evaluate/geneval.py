"""GenEval's objects: what a picture must show, may show at most, and must not show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

MOST_OBJECTS = 40


@final
@dataclass(frozen=True, slots=True)
class Wanted:
    """An object that a picture must show, as GenEval says it.

    Args:
        noun: its class.
        count: how many, at least.
        colour: or None.
        position: ("left of", index of the other object), or None.
        most: how many, at most; None: any number. GenEval says it by excluding one more.
    """

    noun: str
    count: int = 1
    colour: str | None = None
    position: tuple[str, int] | None = None
    most: int | None = None


def objects(data: dict[str, Any]) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    """What must be there, and what must not, of a line's fields `include` and `exclude`.

    Raises:
        ValueError: they are not as GenEval has them; says which and what was expected.
    """
    return _bounded(tuple(map(_wanted, _items(data, "include"))), _items(data, "exclude"))


def phrase(wanted: Wanted) -> str:
    """Words for an object, as in "3 red cups"."""
    words = [word for word in (wanted.colour, wanted.noun) if word]
    if wanted.count != 1:
        return " ".join([str(wanted.count), *words])
    return " ".join(["an" if words[0][:1].lower() in "aeiou" else "a", *words])


def _bounded(wanted: tuple[Wanted, ...], excluded: list[Any]) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    """What must be there with its upper bounds, and what must not: excluding three clocks leaves room for two."""
    unwanted: list[str] = []
    for item in excluded:
        limit = _wanted(item)
        most, same = limit.count - 1, [w for w in wanted if w.noun == limit.noun]
        if most < max((w.count for w in same), default=0):
            raise ValueError(f"exclude: no number of {limit.noun} is left")
        if most == 0:
            unwanted.append(limit.noun)
        elif same:
            wanted = tuple(replace(w, most=most) if w in same else w for w in wanted)
        else:
            wanted = (*wanted, Wanted(limit.noun, 0, most=most))
    return wanted, tuple(unwanted)


def _items(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name, [])
    if not isinstance(found, list) or len(found) > MOST_OBJECTS:
        raise ValueError(f"{name}: expected a list of at most {MOST_OBJECTS} objects")
    return found


def _wanted(item: object) -> Wanted:
    if not isinstance(item, dict) or not isinstance(item.get("class"), str):
        raise ValueError("an object without a class")  # noqa: TRY004 - of a file, not of an argument
    count, colour, position = item.get("count", 1), item.get("color"), item.get("position")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= 1000:
        raise ValueError(f"count is {count!r:.20}: expected 0 to 1000")
    if colour is not None and not isinstance(colour, str):
        raise ValueError("color: expected a word")
    place = None
    if position is not None:
        pair = position if isinstance(position, list) else []
        if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], int):
            raise ValueError("position: expected [words, index of the other object]")
        place = (pair[0][:100], pair[1])
    return Wanted(item["class"][:100], count, colour and colour[:100], place)
