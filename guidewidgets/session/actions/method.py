"""From an operator's function to the method that a session offers."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec, get_type_hints

from guidewidgets.session.actions.base import Actions
from guidewidgets.session.job import Job
from guidewidgets.session.operators.context import Context
from guidewidgets.settings import Overrides

P = ParamSpec("P")


def action(function: Callable[Concatenate[Context, P], Job]) -> Callable[Concatenate[Actions, P], Job]:
    """The method of a session that an operator's function is: its calls are noted; see `Actions._perform`."""
    name = function.__name__

    @functools.wraps(function)
    def method(self: Actions, *args: P.args, **kwargs: P.kwargs) -> Job:
        return self._perform(name, args, kwargs)  # pyright: ignore[reportPrivateUsage] - it is made a method

    method.__doc__ = re.sub(r"\n *context: the session\.(?=\n)", "", function.__doc__ or "")
    method.__qualname__ = f"Session.{name}"
    method.__signature__ = _signature(function)  # pyright: ignore[reportAttributeAccessIssue] - read by inspect
    return method


def _signature(function: Callable[..., Job]) -> inspect.Signature:
    """As people call it; settings stand by name where completion finds them."""
    signature = inspect.signature(function)
    _, *parameters = signature.parameters.values()
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    more: list[inspect.Parameter] = []
    if parameters[-1].annotation == "Unpack[Overrides]":
        more = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=..., annotation=kind)
            for key, kind in get_type_hints(Overrides).items()
        ]
    return signature.replace(parameters=[me, *parameters[:-1], *more, parameters[-1]])
