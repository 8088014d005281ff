"""Recipes of docs/extending.md, read to the letter: new files, edits at lines that occur once, a program to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEADING = re.compile(r"^(##+) (.*)")
STEP = re.compile(r"\d+\. (New file|Edit) `([^`]+)`$")
COUNT = re.compile(r"^Files touched: (\d+)\.")
BASE = re.compile(r"^This recipe goes on from \*(.+)\*\.")


@dataclass
class Recipe:
    """What it asks for, in order; `program` is what is to run afterwards."""

    title: str
    count: int = 0
    base: str = ""
    new: dict[str, str] = field(default_factory=dict)
    edits: list[tuple[str, str, str, str]] = field(
        default_factory=list
    )  # path, "After" or "Replace", line, text
    program: str = ""

    @property
    def paths(self) -> set[str]:
        return {*self.new, *(path for path, *_ in self.edits)}

    def follow(self, root: Path) -> None:
        """Do what it says in the folder `root`; every line it names has to be there exactly once."""
        for path, content in self.new.items():
            file = root / path
            assert not file.exists(), f"{path} is not new"
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, encoding="utf-8")
        for path, how, line, text in self.edits:
            file = root / path
            before = "\n" + file.read_text(encoding="utf-8")
            assert before.count("\n" + line) == 1, f"{self.title}: {path} has not exactly one line\n{line}"
            after = before.replace("\n" + line, "\n" + (line + text if how == "After" else text))
            file.write_text(after[1:], encoding="utf-8")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a Markdown text as ("line", …), and its fenced blocks as ("fence", …), each line of them ended."""
    fenced: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("```"):
            if fenced is not None:
                yield "fence", "".join(fenced)
            fenced = [] if fenced is None else None
        elif fenced is not None:
            fenced.append(line + "\n")
        elif line:
            yield "line", line
    assert fenced is None, "a fence is never closed"


def read(text: str) -> dict[str, Recipe]:
    """All recipes by their titles."""
    recipes: dict[str, Recipe] = {}
    recipe, kind, path, said, anchor = Recipe(""), "", "", "", ""
    for what, content in blocks(text):
        if what == "line" and (heading := HEADING.match(content)):
            level, title = heading.groups()
            if level == "##":
                recipe = recipes[title] = Recipe(title)
            kind, path = step.groups() if (step := STEP.match(title)) else (title, "")
        elif what == "line":
            said = content.split()[0]
            if found := COUNT.match(content):
                recipe.count = int(found[1])
            elif found := BASE.match(content):
                recipe.base = found[1]
        elif kind == "New file":
            recipe.new[path] = content
        elif kind == "See that it works":
            recipe.program += content
        elif said in ("After", "Replace"):
            anchor, said = f"{said} {content}", ""
        else:
            how, _, line = anchor.partition(" ")
            expected = ("Edit", "After", "add"), ("Edit", "Replace", "with")
            assert (kind, how, said) in expected, f"{recipe.title}: what is this for?\n{content}"
            recipe.edits.append((path, how, line, content))
            anchor = ""
    return recipes
