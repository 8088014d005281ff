"""Where widgets register themselves, so that sessions can show them without importing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Factory = Callable[[Any], Any]
"""Session → widget."""

_factories: dict[str, Factory] = {}


def register(name: str, factory: Factory) -> None:
    """Make `session.<name>` show what `factory(session)` returns."""
    _factories[name] = factory


def make(name: str, session: Any) -> Any:
    """A widget for the session.

    Raises:
        RuntimeError: no such widget is registered, for instance because the widgets were never imported.
    """
    if name not in _factories:
        message = f"no widget {name!r}: import guidewidgets to use sessions with widgets"
        raise RuntimeError(message)
    return _factories[name](session)
