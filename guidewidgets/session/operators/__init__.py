"""The operators of a session, one module each: its name, colour, arguments, and how it breeds.

The folder is the register: a module here holds one `Operator`, and the function of the operator's name that a session
offers as a method. Nothing outside of the folder, and no name in a file, ever adds one.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

from guidewidgets.session.operators.base import Operator
from guidewidgets.session.recording.calls import Method

NO_OPERATORS = ("base", "context", "pick", "sketch")
"""Modules that the operators stand on."""


def _find(module: ModuleType) -> type[Operator]:
    own = [
        kind for kind in vars(module).values() if inspect.isclass(kind) and kind.__module__ == module.__name__
    ]
    (operator,) = [kind for kind in own if issubclass(kind, Operator)]
    return operator


_modules = {
    name: importlib.import_module(f"{__name__}.{name}")
    for name in sorted(found.name for found in pkgutil.iter_modules(__path__))
    if name not in NO_OPERATORS
}
OPERATORS: dict[str, type[Operator]] = {name: _find(module) for name, module in _modules.items()}
"""All operators, by name."""

METHODS: dict[str, Callable[..., Any]] = {
    name: vars(module)[name] for name, module in _modules.items() if name in vars(module)
}
"""What a session offers as methods, by name; each takes a `Context` first. A file can call no other."""

RECORDED = {
    name: Method(
        list(inspect.signature(METHODS[name]).parameters)[1] if name in METHODS else "path",
        operator.standalone,
    )
    for name, operator in OPERATORS.items()
}
"""What recorded calls may be of."""
