"""A stranger's graph of nodes: every walk through it is bounded, whatever its links are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guidewidgets.session.picture.programs.facts import as_number
from guidewidgets.untrusted import bad

MAX_HOPS = 50
VALUES = (
    "value",
    "int",
    "float",
    "number",
    "seed",
    "noise_seed",
    "integer",
    "Number",
    "Value",
    "text",
    "string",
)
SAVES = re.compile(r"save", re.IGNORECASE)
SHOWS = re.compile(r"preview|output", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One node: its key, the kind of node it is (`class_type`), and its inputs: values, or links [key, output]."""

    key: str
    kind: str
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class Graph:
    """Nodes by their keys; `left` is how many links may still be looked at."""

    nodes: Mapping[str, Node]
    left: int = 500_000

    def linked(self, node: Node, key: str) -> Node | None:
        """The node that an input is linked with; switches and reroutes are passed."""
        for _ in range(MAX_HOPS):
            target = self.target(node.inputs.get(key))
            if target is None:
                return None
            through = passed(self, target)
            if through is None:
                return target
            node, key = target, through
        return None

    def target(self, link: Any) -> Node | None:
        """The node of a link; None for a value.

        Raises:
            SessionFileError: the graph is larger than anybody draws.
        """
        self.left -= 1
        if self.left < 0:
            raise bad("its graph is too large")
        return self.nodes.get(str(link[0])[:100]) if isinstance(link, list) and len(link) == 2 else None  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]

    def follow(
        self, node: Node, key: str, onward: tuple[str, ...], is_it: Callable[[Node], bool]
    ) -> Node | None:
        """The first node of a kind behind an input, along some inputs."""
        at = self.linked(node, key)
        for _ in range(MAX_HOPS):
            if at is None or is_it(at):
                return at
            following = next((name for name in onward if self.target(at.inputs.get(name))), None)
            at = None if following is None else self.linked(at, following)
        return None

    def source(self, node: Node, key: str, onward: str, has: str) -> Node | None:
        """The first node behind an input that has some input itself."""
        return self.follow(node, key, (onward,), lambda n: has in n.inputs)

    def number(self, node: Node, *keys: str, whole: bool = False) -> Any:
        """A number of a node, or of the plain value node that an input is linked with.

        Args:
            node: whose.
            keys: names of the input; the first that is there counts.
            whole: give an integer as it is: a seed has more digits than a float.
        """
        for key in keys:
            value = self._value(node, key)
            if as_number(value) is not None:
                return value if whole else as_number(value)
        return None

    def text(self, node: Node, key: str) -> str | None:
        """A text of a node, or of the plain value node that an input is linked with."""
        value = self._value(node, key)
        return value if isinstance(value, str) else None

    def _value(self, node: Node, key: str) -> Any:
        for _ in range(MAX_HOPS):
            if (inner := self.linked(node, key)) is None:
                return node.inputs.get(key)
            names = [name for name in VALUES if inner.inputs.get(name) is not None]
            if len(names) != 1:  # it is worked out, or one cannot know which
                return None
            node, key = inner, names[0]
        return None

    def samplers(self) -> list[Node]:
        """Nodes that denoise, in the graph's order."""
        return [
            n for n in self.nodes.values() if ("positive" in n.inputs or "guider" in n.inputs) and _samples(n)
        ]

    def before(self, node: Node) -> list[Node]:
        """A node and all that reach it, nearest first."""
        found = {node.key: node}
        for one in _growing(found):
            for link in one.inputs.values():
                other = self.target(link)
                if other is not None:
                    found.setdefault(other.key, other)
        return list(found.values())

    def saved(self) -> set[str]:
        """Keys of nodes that a saved picture comes from; of those that are shown, where none is saved."""
        for kind in (SAVES, SHOWS):
            ends = [node for node in self.nodes.values() if kind.search(node.kind) and _has_link(node)]
            if ends:
                return {node.key for end in ends[:20] for node in self.before(end)}
        return set()


def _growing(found: dict[str, Node]) -> Iterator[Node]:
    """Nodes of a dict to which others are added meanwhile."""
    done = 0
    while done < len(found):
        new = list(found.values())[done:]
        done += len(new)
        yield from new


def _samples(node: Node) -> bool:
    known = "latent_image" in node.inputs or "Sampler" in node.kind or "steps" in node.inputs
    return known and not SAVES.search(node.kind)  # which may repeat what they write down


def _has_link(node: Node) -> bool:
    return any(isinstance(value, list) for value in node.inputs.values())


def passed(graph: Graph, node: Node) -> str | None:
    """The input that a switch or reroute passes on; None for other nodes, and where it cannot be known."""
    links = [name for name, value in node.inputs.items() if graph.target(value)]
    if re.search(r"reroute|bookmark|getnode|setnode|previewany|show.?text|display", node.kind, re.IGNORECASE):
        return links[0] if len(links) == 1 else None
    if "switch" in node.kind.lower() and "switch" in node.inputs:
        chosen = node.inputs["switch"]
        at = graph.target(chosen)
        chosen = at.inputs.get("value") if at is not None else chosen
        if isinstance(chosen, bool):
            name = "on_true" if chosen else "on_false"
            return name if name in node.inputs else None
    return None
