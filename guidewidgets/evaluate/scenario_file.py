"""Prompts in a scenario of HELM, as DailyDallE and CommonSyntacticProcesses are shipped: a class that lists them.

The file is a program, of the wheel `crfm-helm`; it is parsed, and never run. In the body of a class stands

    PROMPTS = ["…", …]                       or     PROMPT_TO_PHENOMENON = {"…": PASSIVES, …}

where what a prompt is mapped to is a text, or the name of one in the same class: its category.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

MOST_CHARACTERS = 1 << 20
"""Of such a file."""
NAME = "PROMPT"  # what the lists' names begin with


def scenario_prompts(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, prompt and category, which may be empty, of each.

    Raises:
        ValueError: it is no Python, or too long; one line says which.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{len(text):,} characters: at most {MOST_CHARACTERS:,} of a scenario are read")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"no scenario of HELM: it cannot be parsed ({type(error).__name__})") from error
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _listed(node)


def _listed(scenario: ast.ClassDef) -> Iterator[tuple[int, str, str]]:
    texts: dict[str, str] = {}
    for node in scenario.body:
        name, value = _assigned(node)
        if (said := _text(value)) is not None:
            texts[name] = said
        if not name.startswith(NAME):
            continue
        if isinstance(value, ast.List | ast.Tuple):
            yield from ((one.lineno, text, "") for one in value.elts if (text := _text(one)) is not None)
        elif isinstance(value, ast.Dict):
            for key, kind in zip(value.keys, value.values, strict=True):
                if key is not None and (text := _text(key)) is not None:
                    yield key.lineno, text, _category(kind, texts)


def _assigned(node: ast.stmt) -> tuple[str, ast.expr | None]:
    """Name and value of an assignment to one name."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return "", None


def _text(node: ast.expr | None) -> str | None:
    """What a text says; None for all else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _category(node: ast.expr, texts: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return texts.get(node.id, node.id)
    return _text(node) or ""
