"""The models loaded in this process, by name: prompts hold names only, and a name alone never loads anything."""

from __future__ import annotations

from typing import Any
from weakref import ReferenceType, ref

from guidewidgets import forks

_present: dict[str, list[ReferenceType[Any]]] = {}
_lent: dict[str, Any] = {}  # kept alive, since prompts that name them hold but a name
_guard = forks.lock()


def present(model: Any) -> None:
    """Register a `Model` under its name, by a weak reference."""
    with _guard:
        alive = [one for one in _present.get(model.name, []) if one() not in (None, model)]
        _present[model.name] = [*alive, ref(model)]  # the same weights may be loaded more than once


def lend(model: Any) -> str:
    """Keep a model until the process ends, for prompts that name it; its name."""
    with _guard:
        _lent[model.name] = model
    return model.name


def find(name: str) -> Any:
    """The model that was lent under a name, else the one loaded last; None where there is none."""
    with _guard:
        if name in _lent:
            return _lent[name]
        return next((model for one in reversed(_present.get(name, [])) if (model := one()) is not None), None)
