"""The text that reaches a sampler of ComfyUI: through encoders, combinations, and nodes that hold or join strings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from guidewidgets.session.picture.programs.comfyui_graph import Graph, Node, passed

MAX_NODES = 400
"""Nodes that are asked for one picture's texts: links may branch and meet again without end."""
MAX_DEPTH = 60
MAX_PART = 100_000
"""Letters of one node's text: what is longer is too long for a prompt all the same."""
ENCODER = re.compile(r"TextEncode|PromptEncode|Power Prompt|Efficient|Encoder?Prompt", re.IGNORECASE)
HOLDER = re.compile(r"primitive|string|text|note|prompt|literal|constant|multiline", re.IGNORECASE)
MAKER = re.compile(  # their text is not what they were given
    r"random|wildcard|dynamic|llm|gpt|llama|gemini|caption|interrogat|tagger|translat|generat|enhanc|style|"
    r"select|replace|regex|upsampl|florence|describe|lora|list|split|slice|trim|case|load|file|shuffle|iterat",
    re.IGNORECASE,
)
TEXTS = ("text", "text_g", "t5xxl", "clip_g", "prompt", "text_positive", "positive", "Text")
SECOND = ("text_l", "clip_l", "bert", "mt5xl", "llama", "t5xxl")
STRINGS = ("value", "string", "text", "Text", "prompt", "String", "text_0")
JOINED = re.compile(r"(text|string|str|prompt)_?([a-z]|\d{1,2})", re.IGNORECASE)
JOINS = re.compile(r"conca|join|combine|append|merge|stringfunction", re.IGNORECASE)
CONDITIONS = re.compile(r"(conditioning|cond)(_?\d{1,2}|_to|_from)?|positive|negative")


@dataclass(slots=True)
class Told:
    """A text, and the kind of the node that hid it or a part of it, if one did."""

    text: str = ""
    unknown: str = ""


@dataclass(slots=True)
class Trace:
    """One picture's walk: what it met on the way is in `more` and `distilled`, a guidance that the model takes in."""

    graph: Graph
    more: list[str] = field(default_factory=list[str])
    distilled: float | None = None
    _left: int = MAX_NODES
    _path: set[str] = field(default_factory=set[str])

    def behind(self, node: Node, *keys: str) -> Told:
        """The text behind the first of some inputs that is there."""
        key = next((key for key in keys if key in node.inputs), None)
        if key is None:
            return Told()
        value = node.inputs[key]
        if isinstance(value, str):  # a sampler that encodes by itself
            return Told(value[:MAX_PART])
        at = self.graph.linked(node, key)
        return (
            Told(unknown=node.kind) if at is None else self._ask(at, value[1] if len(value) == 2 else 0, key)
        )

    def _ask(self, node: Node, output: object, role: str) -> Told:
        """What a node gives; nodes of one path come once, and all together are bounded."""
        self._left -= 1
        if self._left < 0 or len(self._path) > MAX_DEPTH or node.key in self._path:
            return Told(unknown=node.kind)
        self._path.add(node.key)
        try:
            return self._given(node, output, role)
        finally:
            self._path.discard(node.key)

    def _given(self, node: Node, output: object, role: str) -> Told:
        if "ZeroOut" in node.kind:
            return Told()
        if ENCODER.search(node.kind):
            return self._encoded(node, output)
        conditions = [k for k in node.inputs if CONDITIONS.fullmatch(k) and self.graph.target(node.inputs[k])]
        if conditions:
            return self._conditioned(node, conditions, output, role)
        return self._string(node)

    def _encoded(self, node: Node, output: object) -> Told:
        """The text of an encoder; a second encoder's other text is told."""
        both = "positive" in node.inputs and "negative" in node.inputs  # a loader that encodes both
        keys = (("positive", "negative")[output == 2],) if both else TEXTS
        key = next((key for key in keys if key in node.inputs), None)
        if key is None:
            return Told(unknown=node.kind)
        told = self._value(node, key)
        self._distil(node)
        for other in SECOND:
            if other != key and other in node.inputs and not both:
                second = self._value(node, other)
                if not told.text and not told.unknown:
                    told = second
                elif second.text and second.text != told.text:
                    self.more.append(f"another text for its other encoder ({other}: {second.text[:40]})")
        return told

    def _conditioned(self, node: Node, keys: list[str], output: object, role: str) -> Told:
        """What a node that works on conditions passes on: the one of its output, or several joined."""
        self._distil(node)
        if "positive" in keys and "negative" in keys:  # as ControlNets have them: outputs in the same order
            keys = [
                "negative" if output == 1 or (output not in (0, 1) and role == "negative") else "positive"
            ]
        told: list[Told] = []
        for key in keys:
            at = self.graph.linked(node, key)
            link = node.inputs[key]
            told.append(Told(unknown=node.kind) if at is None else self._ask(at, link[1], role))
        parts = [one.text for one in told if one.text]
        if len(parts) > 1:
            self.more.append(f"how {node.kind[:40]} mixes its {len(parts)} texts, which are joined")
        elif not re.search(r"conditioning(conc|comb|aver)|guidance|reference", node.kind, re.IGNORECASE):
            self.more.append(f"what {node.kind[:40]} does")
        return Told(", ".join(parts), next((one.unknown for one in told if one.unknown), ""))

    def _distil(self, node: Node) -> None:
        if "Flux" in node.kind or "guidance" in node.kind.lower():
            number = self.graph.number(node, "guidance")
            self.distilled = number if number is not None else self.distilled

    def _string(self, node: Node) -> Told:
        """The text of a node that holds one, or joins several."""
        parts = sorted((k for k in node.inputs if JOINED.fullmatch(k)), key=lambda k: (len(k), k))
        held = [key for key in STRINGS if key in node.inputs]
        through = passed(self.graph, node)
        if "populated_text" in node.inputs:  # what a wildcard became
            through = "populated_text"
        if through is None and MAKER.search(node.kind):
            return Told(unknown=node.kind)
        if through is None and JOINS.search(node.kind) and parts:
            return self._joined(node, parts)
        if through is None and HOLDER.search(node.kind) and len(held) == 1:
            through = held[0]
        return Told(unknown=node.kind) if through is None else self._value(node, through)

    def _joined(self, node: Node, parts: list[str]) -> Told:
        action = node.inputs.get("action", "")
        if action not in ("", "append"):
            return Told(unknown=node.kind)
        told = [self._value(node, key) for key in parts]
        between = node.inputs.get("delimiter", node.inputs.get("separator", ", " if action else ""))
        between = between.replace("\\n", "\n") if isinstance(between, str) else " "
        text = between.join(one.text for one in told if one.text)
        return Told(text, next((one.unknown for one in told if one.unknown), ""))

    def _value(self, node: Node, key: str) -> Told:
        """A text among a node's inputs, or the one it is linked with."""
        value = node.inputs.get(key)
        at = self.graph.linked(node, key)
        if at is not None:
            return self._ask(at, value[1] if isinstance(value, list) else 0, key)
        if isinstance(value, str):
            return Told(value[:MAX_PART])
        return Told() if value is None else Told(unknown=node.kind)
