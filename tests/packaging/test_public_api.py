"""Code that was written for the public API of commit 2520711 still runs: it may only have become wider."""

from __future__ import annotations

import pytest
import recorded
from surface import surface
from wider import broken

# Changed on purpose: the model's own scheduler names the sampler where nobody else does.
MEANT = {f"gw.Engine.{name}: sampler defaults to None, no longer to 'ddim'" for name in ("genomes", "render")}


def test_nothing_is_gone_or_narrower(tmp_path):
    now = surface(tmp_path)
    lines = (recorded.FOLDER / "public_api.txt").read_text().splitlines()
    then = dict(line.split(": ", 1) for line in lines)
    troubles = []
    for path, old in then.items():
        trouble = broken(old, now[path], described=f"{path}()" in then) if path in now else "is gone"
        if trouble:
            troubles.append(f"{path}: {trouble}")
    assert set(troubles) == MEANT, "\n".join(troubles)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(a: int) -> None", "(a: int, b: int = 1, *, c: str = 'x') -> None"),
        ("(a: int, *, b: int) -> None", "(a: int = 0, b: int = 1) -> int"),
        ("(a: list[int]) -> Any", "(a: Sequence[int] | None) -> str"),
        ("(a: Sequence[int] | Region) -> int | None", "(a: Region | Iterable[float] | str) -> int"),
        ("(a: int) -> Iterable[int]", "(a: Any) -> list[int]"),
        ("(a: tuple[int, int]) -> Job", "(a: Sequence[int]) -> Job"),
        ("(*a: int, **more: Any) -> None", "(*a: int, b: int = 1, **more: Any) -> None"),
        ("attribute", "settable"),
        ("class ValueError", "class LookupError ValueError"),
    ],
)
def test_what_is_wider_is_welcome(old, new):
    assert broken(old, new) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(a: int, b: int) -> None", "(a: int) -> None"),
        ("(a: int, b: int) -> None", "(b: int, a: int) -> None"),
        ("(a: int, b: int = 1) -> None", "(new: int = 0, a: int = 0, b: int = 1) -> None"),
        ("(a: int) -> None", "(a: int, b: int) -> None"),
        ("(a: int) -> None", "(a: int, *, b: int) -> None"),
        ("(a: int = 1) -> None", "(a: int) -> None"),
        ("(a: int = 1) -> None", "(a: int = 2) -> None"),
        ("(a: int = 1) -> None", "(*, a: int = 1) -> None"),
        ("(a: int) -> None", "(a: int, /) -> None"),
        ("(a: int | None) -> None", "(a: int) -> None"),
        ("(a: Sequence[int]) -> None", "(a: list[int]) -> None"),
        ("(a: int) -> int", "(a: int) -> int | None"),
        ("(**more: Any) -> None", "() -> None"),
        ("(a: int) -> int", "attribute"),
        ("settable", "attribute"),
        ("protocol", "attribute"),
        ("class ValueError", "class"),
    ],
)
def test_what_is_narrower_is_told(old, new):
    assert broken(old, new)


def test_a_class_that_nobody_names_may_be_renamed():
    assert broken("() -> Opinion", "() -> Report")
    assert not broken("() -> Opinion", "() -> Report", described=True)
    assert broken("(a: int) -> Opinion", "() -> Report", described=True)
