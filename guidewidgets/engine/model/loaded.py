"""The models loaded in this process, by name: prompts hold names only, and a name alone never loads anything."""

from __future__ import annotations

import threading
from typing import Any, Protocol
from weakref import ReferenceType, ref


class Named(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """Its id and revision."""
        ...


_present: dict[str, list[ReferenceType[Named]]] = {}
_lent: dict[str, Named] = {}  # kept alive, since prompts that name them hold but a name
_guard = threading.Lock()


def present(model: Named) -> None:
    """Register a model that was loaded, for as long as somebody else keeps it."""
    with _guard:
        alive = [one for one in _present.get(model.name, []) if one() is not None]
        _present[model.name] = [*alive, ref(model)]  # the same weights may be loaded more than once


def lend(model: Named) -> str:
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
