"""Where widgets register themselves, so that sessions and studies can show them without importing them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

Factory = Callable[..., Any]
"""What is shown, and traits → widget."""

_factories: dict[str, Factory] = {}
_homes: list[str] = []


def home(module: str) -> None:
    """Name the module whose import registers the widgets; it is imported when the first one is shown."""
    _homes.append(module)


def register(name: str, factory: Factory) -> None:
    """Make `session.<name>`, or a study where that is the name, show what `factory` returns for it."""
    _factories[name] = factory


def make(name: str, shown: Any, **traits: Any) -> Any:
    """A widget for a session or a study.

    Raises:
        RuntimeError: no such widget is registered.
    """
    if name not in _factories:
        for module in _homes:
            importlib.import_module(module)
    if name not in _factories:
        message = f"no widget {name!r}: there are {', '.join(_factories)}"
        raise RuntimeError(message)
    return _factories[name](shown, **traits)
