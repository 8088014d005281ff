"""Small pictures of candidates, asked for by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets import checks, encode

if TYPE_CHECKING:
    from guidewidgets.session import Session

THUMB = 96
"""Pixels a side at most."""
QUALITY = 80
MOST = 64
"""Asked for at once."""


def few(name: str, value: object) -> tuple[int, ...]:
    """A check for their numbers."""
    numbers = checks.slots(name, value)
    if len(numbers) > MOST:
        raise checks.ProtocolError(f"{name} must name at most {MOST} candidates, not {len(numbers)}")
    return numbers


def thumbs(session: Session, slots: Sequence[int]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """What each is, and its bytes; those that cannot be read are left out."""
    tiles: list[dict[str, Any]] = []
    buffers: list[bytes] = []
    for slot in slots:
        try:
            image = session[slot].image
        except (SessionFileError, IndexError):
            continue
        data = encode.jpeg(encode.reduced(image, THUMB), QUALITY)
        encoded = encode.Encoded(data, "image/jpeg", *image.size, exact=False)
        tiles.append(encoded.describe(slot, final=True))
        buffers.append(data)
    return tiles, buffers
