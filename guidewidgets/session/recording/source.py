"""Arguments as Python source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guidewidgets.guide import written
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.vision.objective import Objective


def source(value: Any) -> str:  # noqa: PLR0911 - one line per kind
    """The value as an expression that makes it again."""
    if isinstance(value, Prompt):
        return repr(str(value))
    if isinstance(value, Objective):
        return written.source(value)
    if isinstance(value, Region):
        return f"gw.{value!r}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k!r}: {source(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(map(source, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    return repr(value)
