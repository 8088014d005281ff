"""What the lineage says of candidates, as JSON: the graph in columns, one of them in full, what changed on an edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from guidewidgets.session.journal import LineageNode
from guidewidgets.session.lineage import diff, words
from guidewidgets.session.operators import OPERATORS
from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets import protocol

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Session

MOST_TEXT = 200
"""Characters of a parameter that are shown."""


def nodes(graph: Sequence[LineageNode]) -> dict[str, Any]:
    """Nodes as columns, to keep thousands of them small: operators are named once, parents follow each other."""
    operators = list(dict.fromkeys(k.operator for k in graph))
    place = {name: i for i, name in enumerate(operators)}
    return {
        "slots": [k.id for k in graph],
        "jobs": [k.job for k in graph],
        "operators": [words.called(name) for name in operators],
        "colours": [OPERATORS[name].colour if name in OPERATORS else "" for name in operators],
        "by": [place[k.operator] for k in graph],
        "degrees": [len(k.parents) for k in graph],
        "parents": [parent for k in graph for parent in k.parents],
    }


def describe(session: Session, candidate: Candidate) -> dict[str, Any]:
    """All there is to say of a candidate, and of what changed from each of its parents.

    Whose noise it has is said once: of single parents the shares would not add up, as parents have some in common.
    """
    genome, recipe = candidate.genome, candidate.recipe
    parents: list[dict[str, Any]] = []
    for number, content in zip(recipe.parent_ids, recipe.parents, strict=False):
        if number < 0:
            parents.append({"slot": None, "hash": content[:12], "changes": None})
            continue
        try:
            difference = changes(session[number], candidate) | {"noise": None}
        except (SessionFileError, IndexError):
            difference = None
        parents.append({"slot": number, "hash": content[:12], "changes": difference})
    return {
        "slot": candidate.id,
        "w": genome.size[0],
        "h": genome.size[1],
        "hash": candidate.hash[:12],
        "operator": recipe.operator,
        "seed": str(recipe.seed),  # browsers count only to 2**53
        "parameters": [[name, _short(value)] for name, value in recipe.parameters.items()][:40],
        "prompt": str(genome.prompt)[: protocol.MAX_PROMPT],
        "noise": words.noise(candidate, session.__getitem__),
        "settings": [
            [name, _short(value)]
            for name, value in genome.settings().items()
            if name in {"steps", "guidance", "sampler", "size", "negative", "negation", "model"} and value
        ],
        "parents": parents,
    }


def changes(before: Candidate, after: Candidate) -> dict[str, Any]:
    """A difference as the page gets it."""
    found = diff.between(before, after)
    return {
        "settings": [[name, _short(one), _short(other)] for name, (one, other) in found.settings.items()],
        "prompt": [list(piece) for piece in found.prompt],
        "noise": None if found.noise is None else round(found.noise, 4),
    }


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping) and "kind" in value:  # a region
        return diff.PLACES.get(str(value["kind"]), "a region")
    if isinstance(value, Mapping):
        return (
            ", ".join(f"{name} {_short(item)}" for name, item in list(value.items())[:8])[:MOST_TEXT]
            or "none"
        )
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(side, int) for side in value):
        return f"{value[0]} × {value[1]}"
    if isinstance(value, list | tuple):
        return ", ".join(_short(item) for item in value[:12])[:MOST_TEXT]
    return "none" if value is None else str(value)[:MOST_TEXT]
