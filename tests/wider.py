"""What of a change to the public API breaks somebody's code, told from two lines of `surface`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

ABOVE = {
    "bool": ("int",),
    "int": ("float", "Integral", "Real", "SupportsIndex"),
    "list": ("Sequence", "Collection", "Iterable"),
    "tuple": ("Sequence", "Collection", "Iterable"),
    "Sequence": ("Collection", "Iterable"),
    "dict": ("Mapping",),
    "Iterator": ("Iterable",),
    "Generator": ("Iterator", "Iterable"),
}


def broken(old: str, new: str, *, described: bool = False) -> str:
    """What code that was written for the old line meets with the new one; "" if it works as before.

    Args:
        old: a line of `surface`.
        new: the same of today.
        described: what is returned is of a class that nobody names, told by its members elsewhere.
    """
    if not old.startswith("("):
        same = {"attribute": ("attribute", "settable"), "protocol": ("protocol",), "settable": ("settable",)}
        if old.startswith("class"):
            return "" if set(old.split()) <= set(new.split()) else f"was {old}, is {new}"
        return "" if new in same[old] else f"was {old}, is {new}"
    if not new.startswith("("):
        return f"was {old}, is {new}"
    before, after = _parsed(old), _parsed(new)
    troubles = [trouble for trouble in _parameters(before.args, after.args) if trouble]
    promised = not described and ast.unparse(before.returns) not in ("Any", "None")
    if promised and not fits(after.returns, before.returns):
        troubles.append(f"returns {ast.unparse(after.returns)} in place of {ast.unparse(before.returns)}")
    return "; ".join(troubles)


def _parsed(line: str) -> ast.FunctionDef:
    (function,) = ast.parse(f"def f{line}: ...").body
    assert isinstance(function, ast.FunctionDef)
    return function


def _parameters(old: ast.arguments, new: ast.arguments) -> Iterator[str]:
    now = [*new.posonlyargs, *new.args]
    for i, p in enumerate([*old.posonlyargs, *old.args]):
        if i >= len(now) or (now[i].arg != p.arg and p not in old.posonlyargs):
            yield f"{p.arg} is no longer argument {i}"
    for sign in ("vararg", "kwarg"):
        if getattr(old, sign) and not getattr(new, sign):
            yield f"{'*' if sign == 'vararg' else '**'}{getattr(old, sign).arg} is gone"
    by_name = {p.arg: p for p in (*new.args, *new.kwonlyargs)}
    defaults, defaults_now = _defaults(old), _defaults(new)
    named = [*old.args, *old.kwonlyargs]
    for p in named:
        if p.arg in by_name:
            yield from _parameter(p, by_name[p.arg], defaults.get(p.arg), defaults_now.get(p.arg))
        else:
            yield f"{p.arg} is gone"
    for name in set(by_name) - {p.arg for p in (*old.posonlyargs, *named)} - set(defaults_now):
        yield f"{name} is new and has no default"


def _parameter(old: ast.arg, new: ast.arg, default: str | None, default_now: str | None) -> Iterator[str]:
    if old.annotation is not None and not fits(old.annotation, new.annotation):
        yield f"{old.arg} was {ast.unparse(old.annotation)}, is {ast.unparse(new.annotation or old.annotation)}"
    unreadable = default == "..." and default_now is not None  # as a dataclass shows what a factory makes
    if default is not None and default != default_now and not unreadable:
        yield f"{old.arg} defaults to {default_now}, no longer to {default}"


def _defaults(arguments: ast.arguments) -> dict[str, str]:
    places = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(places[len(places) - len(arguments.defaults) :], arguments.defaults, strict=True))
    pairs += [
        (p, d) for p, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None
    ]
    return {p.arg: ast.unparse(d) for p, d in pairs}


def fits(narrow: ast.expr | None, wide: ast.expr | None) -> bool:
    """Whether every value of one type is one of the other, as far as their names tell."""
    if narrow is None or wide is None:
        return wide is None
    if ast.unparse(wide) in ("Any", "object"):
        return True
    return all(any(_member_fits(one, other) for other in _members(wide)) for one in _members(narrow))


def _members(kind: ast.expr) -> list[ast.expr]:
    if isinstance(kind, ast.BinOp) and isinstance(kind.op, ast.BitOr):
        return [*_members(kind.left), *_members(kind.right)]
    return [kind]


def _member_fits(one: ast.expr, other: ast.expr) -> bool:
    if ast.unparse(one) == ast.unparse(other):
        return True
    heads = [ast.unparse(kind.value if isinstance(kind, ast.Subscript) else kind) for kind in (one, other)]
    if heads[0] != heads[1] and heads[1] not in ABOVE.get(heads[0], ()):
        return False
    if not isinstance(other, ast.Subscript):
        return True
    if not isinstance(one, ast.Subscript):
        return False
    inner, outer = (k.slice.elts if isinstance(k.slice, ast.Tuple) else [k.slice] for k in (one, other))
    if heads[0] == "tuple" and heads[1] != "tuple":
        return all(fits(kind, outer[0]) for kind in inner if ast.unparse(kind) != "...")
    return len(inner) == len(outer) and all(map(fits, inner, outer))
