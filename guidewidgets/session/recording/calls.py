"""Recorded calls: what started a job, as data, so that it can be resumed and written as Python."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from types import NoneType
from typing import Any

from guidewidgets.genome_data import prompt_from, region_from
from guidewidgets.guide import written
from guidewidgets.limits import MAX_SEED
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.settings import RenderSettings
from guidewidgets.untrusted import bad, field, items, whole
from guidewidgets.vision.objective import Objective

NAME = re.compile(r"[a-z][a-z_]{0,40}")
MAX_ITEMS = 100_000


@dataclass(frozen=True, slots=True)
class Call:
    """A method of a session and the arguments it was given.

    Attributes:
        method: its name.
        arguments: by name, without seed and limit; default parents by number.
        slots: numbers of the candidates that are still to be made, where it is resumed; empty where it is new.
    """

    method: str
    arguments: Mapping[str, Any]
    slots: tuple[int, ...] = ()

    def to_data(self, n: int, seed: int, used: RenderSettings, session: RenderSettings) -> dict[str, Any]:
        """JSON data that tell all a job was started with.

        Args:
            n: how many candidates it makes in all.
            seed: that was given or drawn.
            used: settings its candidates get.
            session: settings of the session when it was started.
        """
        try:
            arguments = {name: to_data(value) for name, value in self.arguments.items()}
        except TypeError:  # such a job works, but can neither be resumed nor written as code
            arguments = None
        settings = {"settings": used.to_data(), "session": session.to_data()}
        return {"method": self.method, "arguments": arguments, "n": n, "seed": seed, **settings}


@dataclass(frozen=True, slots=True)
class Method:
    """What must be known of a method to write a call of it.

    Attributes:
        leading: name of its first argument, which is given by position.
        standalone: none of the session's settings stands for an argument that was not given.
    """

    leading: str
    standalone: bool


def check_call(call: Mapping[str, Any], methods: Collection[str]) -> Mapping[str, Any]:
    """What a file says of a call: names of ours only, since code is written from it.

    Args:
        call: from a file.
        methods: names it may have.

    Raises:
        SessionFileError: it has another, or anything else is odd.
    """
    method, arguments = field(call, "method", str), field(call, "arguments", (dict, NoneType))
    if method not in methods:
        raise bad(f"a job is by {method!r:.40}: expected one of {', '.join(methods)}")
    if not all(NAME.fullmatch(name) for name in arguments or ()):
        raise bad("a job has arguments with odd names")
    whole(call, "n", 1)
    whole(call, "seed", 0, MAX_SEED)
    for name in ("settings", "session"):
        RenderSettings.from_data(field(call, name, dict))
    return call


def to_data(value: Any) -> Any:  # noqa: PLR0911 - one line per kind
    """An argument as JSON data; what JSON has no word for stands in an object with one key.

    Raises:
        TypeError: it cannot be an argument of a recorded call.
    """
    value = value.tolist() if hasattr(value, "tolist") else value  # numpy's and torch's
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Real):
        return int(value) if isinstance(value, Integral) else float(value)
    if isinstance(value, Region):
        return {"region": value.to_json()}
    if isinstance(value, Prompt):
        return {"prompt": str(value)}
    if isinstance(value, Objective):
        return {"objective": written.to_data(value)}
    if isinstance(value, Mapping):
        return {"map": [[to_data(k), to_data(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [to_data(item) for item in value]}
    if isinstance(value, (list, range)):
        return [to_data(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be recorded")


def from_data(data: Any) -> Any:  # noqa: PLR0911 - one line per kind
    """The argument that `to_data` wrote; SessionFileError where it is none."""
    if data is None or isinstance(data, (bool, str, int, float)):
        return data
    if isinstance(data, list):
        return [from_data(item) for item in data]
    if not isinstance(data, dict) or len(data) != 1:
        raise bad("an argument of a job is none of ours")
    (kind,) = data
    if kind == "region":
        return region_from(data[kind])
    if kind == "prompt":
        return prompt_from(data)
    if kind == "objective":
        return written.from_data(data[kind])
    if kind == "tuple":
        return tuple(from_data(item) for item in items(data, kind, MAX_ITEMS))
    if kind != "map":
        raise bad(f"an argument of a job is a {kind!r:.20}")
    pairs = items(data, kind, MAX_ITEMS)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise bad("a mapping among a job's arguments is no list of pairs")
    return {_key(key): from_data(value) for key, value in pairs}


def _key(data: Any) -> int | str:
    return field({"key": data}, "key", (int, str))
