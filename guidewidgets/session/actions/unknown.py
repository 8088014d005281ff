"""Unknown attributes: refused with the name that was probably meant."""

from __future__ import annotations

import difflib
from typing import NoReturn


def refuse(thing: object, name: str) -> NoReturn:
    """Refuse an attribute that a thing does not have.

    Raises:
        AttributeError: always; it names what was probably meant.
    """
    known = [n for n in dir(type(thing)) if not n.startswith("_")]
    near = difflib.get_close_matches(name, known, 1)
    kind = type(thing).__name__
    hint = f"did you mean {near[0]!r}?" if near else "dir() of it names what there is"
    message = f"{kind} has no attribute {name!r}: {hint}"
    raise AttributeError(message, name=name, obj=thing)
