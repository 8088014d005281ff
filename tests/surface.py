"""The public API as lines of text."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import recorded

import guidewidgets as gw

ROOMS = ("", ".engine", ".evaluate", ".evolve", ".guide", ".vision", ".vision.saliency")
MADE_BY_OTHERS = (
    "Candidate",
    "Engine",
    "Generation",
    "Job",
    "LatentPair",
    "Optimisation",
    "SampleStep",
    "Step",
)
"""Classes whose constructor nobody is to call."""
PROTOCOLS = (
    "__add__", "__and__", "__await__", "__call__", "__getitem__", "__invert__", "__iter__", "__len__", "__mul__",
    "__or__", "__radd__", "__rmul__",
)  # fmt: skip
EMPTY = inspect.Parameter.empty


def surface(folder: Path) -> dict[str, str]:
    """Every public name → what it is, as text.

    Args:
        folder: where recorded files are copied to and opened.
    """
    found: dict[str, str] = {}
    for room in ROOMS:
        module = importlib.import_module(f"guidewidgets{room}")
        for name in sorted(module.__all__):
            again = bool(room) and name in gw.__all__
            assert not again or getattr(module, name) is getattr(gw, name)
            # What stands in several rooms is described once.
            found |= (
                {f"gw{room}.{name}": "attribute"}
                if again
                else _thing(f"gw{room}.{name}", getattr(module, name))
            )
    with _living(folder) as things:
        for path, thing in things.items():
            if not found.get(path, "").startswith("class"):
                found |= dict(_class(path, type(thing), made_by_others=True))
            found |= {f"{path}.{name}": "attribute" for name in _own(thing) if f"{path}.{name}" not in found}
    return dict(sorted(found.items()))


def _thing(path: str, thing: Any) -> dict[str, str]:
    if inspect.isclass(thing):
        return dict(_class(path, thing, made_by_others=thing.__name__ in MADE_BY_OTHERS))
    if callable(thing):
        return _call(path, thing)
    found = {path: "attribute"}
    if inspect.ismodule(thing) and path not in [f"gw{room}" for room in ROOMS]:
        for name, function in vars(thing).items():
            own = callable(function) and getattr(function, "__module__", "") == thing.__name__
            if own and not name.startswith("_") and not inspect.isclass(function):
                found |= _call(f"{path}.{name}", function)
    return found


class _living:  # noqa: N801 - used as a function
    """Objects that only a session hands out, by the path that leads to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> dict[str, Any]:
        engine = recorded.engine(self.folder)
        copy = recorded.copied(self.folder)
        self.replay = gw.Replay(copy / "embedded.gw")
        self.killed = gw.Session.open(copy / "killed", model=engine)
        session = self.session = gw.Session.open(copy / "everything.gw", model=engine)
        job = session.sample(1, steps=1)
        generation = job.wait(60)
        tuner = session.optimizer("OnePlusOne", [0, 1])
        return {
            "gw.Candidate": generation[0],
            "gw.Engine": engine,
            "gw.Generation": generation,
            "gw.Job": job,
            "gw.Replay": self.replay,
            "gw.Session": session,
            "gw.Candidate.marks": generation[0].marks,
            "gw.Job.progress": job.progress,
            "gw.Replay.forward()": self.replay.forward(),
            "gw.Session.leverage()": session.leverage(1, steps=1),
            "gw.Session.opinion()": session.opinion(),
            "gw.Session.optimizer()": tuner,
            "gw.Session.unfinished[0]": self.killed.unfinished[0],
        }

    def __exit__(self, *_: object) -> None:
        for thing in (self.session, self.killed, self.replay):
            thing.close()


def _own(thing: object) -> list[str]:
    """Public attributes that the object itself has."""
    return sorted(name for name in getattr(thing, "__dict__", {}) if not name.startswith("_"))


def _class(path: str, cls: type, *, made_by_others: bool) -> Iterator[tuple[str, str]]:
    builtin = [base.__name__ for base in cls.__mro__[1:-1] if base.__module__ == "builtins"]
    yield path, " ".join(["class", *builtin])
    if not made_by_others and not inspect.isabstract(cls) and not issubclass(cls, Exception):
        yield from _call(f"{path}()", cls).items()
    ours = [base for base in cls.__mro__ if base.__module__.startswith("guidewidgets")]
    names = {name for base in ours for name in vars(base)}
    names |= {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    for name in sorted(names):
        if name in PROTOCOLS:
            if getattr(cls, name) is not None:
                yield f"{path}.{name}", "protocol"
        elif not name.startswith("_"):
            yield from _member(f"{path}.{name}", inspect.getattr_static(cls, name, None)).items()


def _member(path: str, member: object) -> dict[str, str]:
    if isinstance(member, property):
        return {path: "settable" if member.fset else "attribute"}
    if isinstance(member, functools.cached_property):
        return {path: "attribute"}
    if isinstance(member, classmethod):
        return _call(path, member.__func__, bound=True)
    if isinstance(member, staticmethod):
        return _call(path, member.__func__)
    if inspect.isfunction(member):
        return _call(path, member, bound=True)
    return {path: "attribute"}


def _call(path: str, function: Any, *, bound: bool = False) -> dict[str, str]:
    """The signature, and under `path(**name)` the keywords that a TypedDict names."""
    signature = inspect.signature(function)
    names = getattr(inspect.unwrap(function), "__globals__", {}) or vars(inspect.getmodule(function))
    parameters = list(signature.parameters.values())[bound:]
    found: dict[str, str] = {}
    told = []
    for p in parameters:
        kind = _resolved(p.annotation, names)
        if p.kind is p.VAR_KEYWORD and typing.get_origin(kind) is typing.Unpack:
            (keywords,) = typing.get_args(kind)
            told += [p.replace(annotation=EMPTY)]
            found[f"{path}(**{p.name})"] = _line(
                [
                    inspect.Parameter(name, p.KEYWORD_ONLY, default=..., annotation=_text(hint))
                    for name, hint in typing.get_type_hints(keywords).items()
                ],
                "None",
            )
        else:
            told += [p.replace(annotation=EMPTY if p.annotation is EMPTY else _text(kind))]
    result = "Any" if inspect.isclass(function) else _text(_resolved(signature.return_annotation, names))
    found[path] = _line(told, result)
    return found


def _line(parameters: list[inspect.Parameter], result: str) -> str:
    """A signature whose annotations are text; a default that Python cannot read is `...`."""
    rows, starred = [], False
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and not starred:
            rows.append("*")
        starred |= p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        sign = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        note = "" if p.annotation is EMPTY else f": {p.annotation}"
        rows.append(f"{sign}{p.name}{note}" + ("" if p.default is EMPTY else f" = {_default(p.default)}"))
        following = parameters[parameters.index(p) + 1 :]
        if p.kind is p.POSITIONAL_ONLY and not (following and following[0].kind is p.POSITIONAL_ONLY):
            rows.append("/")
    return f"({', '.join(rows)}) -> {result}"


def _default(value: object) -> str:
    try:
        ast.parse(repr(value), mode="eval")
    except SyntaxError:
        return "..."
    return "..." if value is ... else repr(value)


def _resolved(annotation: Any, names: Mapping[str, Any]) -> Any:
    """What an annotation that is text stands for; the text itself where only type checkers know it."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(names))  # noqa: S307 - our own annotations
    except (NameError, AttributeError, TypeError):
        return annotation


def _text(kind: Any) -> str:  # noqa: PLR0911 - one line per kind
    """A type without modules, the same in every version of Python."""
    if kind is EMPTY:
        return "Any"
    if kind is None or kind is types.NoneType:
        return "None"
    if kind is ...:
        return "..."
    if isinstance(kind, str):
        return kind
    if isinstance(kind, typing.ForwardRef):
        return kind.__forward_arg__
    if isinstance(kind, list):
        return f"[{', '.join(map(_text, kind))}]"
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(_text, inner))
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    name = str(getattr(origin or kind, "__name__", None) or origin or kind).rsplit(".", 1)[-1]
    return f"{name}[{', '.join(map(_text, inner))}]" if inner else name.lstrip("~+-")
