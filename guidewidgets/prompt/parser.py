"""The grammar of the prompt language.

or      = and { "OR" and }
and     = unary { "AND" unary | not }            a NOT b is a AND NOT b
unary   = not | postfix
not     = "NOT" unary
postfix = primary { weight | region | steps | model }    each at most once
primary = "{" or "}" | concept
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from guidewidgets.prompt.concept import REGIONS
from guidewidgets.prompt.joins import MAX_DEPTH, And, Not, Or, Qualified
from guidewidgets.prompt.nodes import Literal, Prompt
from guidewidgets.prompt.text import PromptError, Scanner
from guidewidgets.region import Region

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_BOX = re.compile(r"\[([^\[\]]{1,200})\]")
_REGION_HINT = f"a region is one of {', '.join(REGIONS)}, or a box @[left,top,right,bottom] from 0 to 1"


def parse(text: str) -> Prompt:
    """Read a whole prompt; see `Prompt.parse`."""
    scanner = Scanner(text)
    scanner.skip_space()
    if scanner.at_end():
        return Literal("")
    prompt = _or(scanner, 0)
    if not scanner.at_end():  # only an unmatched brace stops the grammar before the end
        raise scanner.error("this } closes no group", hint="remove it, or write \\} for the sign itself")
    return prompt


def _or(scanner: Scanner, depth: int) -> Prompt:
    start, branches = scanner.position, [_and(scanner, depth)]
    while scanner.keyword() == "OR":
        scanner.position += 2
        branches.append(_and(scanner, depth))
    return _located(scanner, start, Or, *branches) if len(branches) > 1 else branches[0]


def _and(scanner: Scanner, depth: int) -> Prompt:
    start, terms = scanner.position, [_unary(scanner, depth)]
    while (keyword := scanner.keyword()) in ("AND", "NOT"):
        if keyword == "AND":
            scanner.position += 3
        terms.append(_unary(scanner, depth))
    return _located(scanner, start, And, *terms) if len(terms) > 1 else terms[0]


def _unary(scanner: Scanner, depth: int) -> Prompt:
    scanner.skip_space()
    if scanner.keyword() != "NOT":
        return _postfix(scanner, depth)
    start = scanner.position
    _check_depth(scanner, depth)
    scanner.position += 3
    return _located(scanner, start, Not, _unary(scanner, depth + 1))


def _postfix(scanner: Scanner, depth: int) -> Prompt:
    start = scanner.position
    of, marks = _primary(scanner, depth), dict[str, Any]()
    while True:
        scanner.skip_space()
        place = scanner.position
        if scanner.peek("@model:"):
            name, value = "model", scanner.model()
            if not isinstance(of, Literal) or of.model is not None:
                hint = "each concept of a group names its own model"
                raise scanner.error("a model belongs to one concept, once", place, hint)
            of = _located(scanner, place, Literal, of.text, value)
            continue
        if scanner.peek("@"):
            name, value = "region", _region(scanner)
        elif scanner.peek("%"):
            name, value = "steps", scanner.steps()
        else:
            name, value = "weight", scanner.weight()
            if value is None:
                break
        if name in marks:
            hint = "put braces around the concept with the first one: {a cat ::2} ::0.5"
            raise scanner.error(f"a second {name} for the same concept", place, hint)
        marks[name] = value
    if not (scanner.at_end() or scanner.peek("}") or scanner.keyword()):
        hint = (
            "join the two with AND or OR; \\{ is a plain brace, and quotation marks make a concept plain text"
        )
        raise scanner.error("an operator is missing here", hint=hint)
    return _located(scanner, start, Qualified, of, **marks) if marks else of


def _primary(scanner: Scanner, depth: int) -> Prompt:
    start = scanner.position
    if scanner.peek("{"):
        _check_depth(scanner, depth)
        scanner.position += 1
        inner = _or(scanner, depth + 1)
        if not scanner.peek("}"):
            raise scanner.error(
                "this group is never closed", start, "add a }, or write \\{ for the sign itself"
            )
        scanner.position += 1
        return inner
    text = scanner.concept()
    if text or scanner.position > start:  # "" is a concept too: the unconditional one
        return Literal(text)
    if scanner.at_end() or scanner.peek("}"):
        raise scanner.error("a concept is missing here", hint="an operator stands before or between concepts")
    if keyword := scanner.keyword():
        hint = f'to write the word itself, use \\{keyword} or "{keyword}"'
        raise scanner.error(f"{keyword} stands where a concept is expected", hint=hint)
    raise scanner.error(
        "a mark stands where a concept is expected", hint="weights, @ and % come after the concept"
    )


def _region(scanner: Scanner) -> Region:
    start = scanner.position
    scanner.position += 1
    if name := _NAME.match(scanner.source, scanner.position):
        if name[0] not in REGIONS:
            raise scanner.error(f"there is no region {name[0]:.40}", start, _REGION_HINT)
        scanner.position = name.end()
        return REGIONS[name[0]]
    try:
        if box := _BOX.match(scanner.source, scanner.position):
            scanner.position = box.end()
            return Region.from_json({"kind": "box", "box": [float(side) for side in box[1].split(",")]})
        data, scanner.position = json.JSONDecoder().raw_decode(scanner.source, scanner.position)
        return Region.from_json(data)
    except (ValueError, TypeError, RecursionError) as error:
        reason = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        raise scanner.error(f"this is no region: {reason}", start, _REGION_HINT) from None


def _check_depth(scanner: Scanner, depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise scanner.error(f"the prompt nests more than {MAX_DEPTH} groups and NOTs", hint="take it apart")


def _located(scanner: Scanner, start: int, make: Callable[..., Prompt], *args: Any, **marks: Any) -> Prompt:
    """Make an expression; what it refuses is reported at the place where it begins."""
    try:
        return make(*args, **marks)
    except PromptError as error:
        raise scanner.error(error.message, start, error.hint) from None
