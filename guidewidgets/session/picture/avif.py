"""The texts of an AVIF file: the EXIF and XMP items of its boxes (ISO 14496-12, 23008-12)."""

from __future__ import annotations

from collections.abc import Iterator

from guidewidgets.session.picture import exif
from guidewidgets.session.picture.metadata import MAX_TEXT, XMP, Metadata
from guidewidgets.untrusted import bad

MAX_BOXES = 10_000
MAX_ITEMS = 200
MAX_TEXTS = 4


def read(data: bytes, name: str) -> Metadata:
    """What an AVIF says beside its pixels.

    Raises:
        SessionFileError: it is a damaged one.
    """
    found = Metadata()
    meta = next((body for kind, body in _boxes(data, 0, len(data), name) if kind == b"meta"), None)
    if meta is None:
        return found
    parts = dict(_boxes(data, meta.start + 4, meta.stop, name))
    for kind, body in _inside(data, parts.get(b"iprp"), name):
        for inner, place in _inside(data, body, name) if kind == b"ipco" else ():
            if inner == b"ispe":
                width, height = _numbers(data, place.start + 4, 4, 4)
                found.size = max(found.size, (width, height))
    kinds = _kinds(data, parts.get(b"iinf"), name)
    for item, body in _items(data, parts, kinds, name):
        if sum(map(len, found.texts.values())) + len(body) > MAX_TEXT:
            raise bad(f"{name} holds texts of more than {MAX_TEXT:,} bytes")
        if kinds[item] == b"Exif":
            found.texts = exif.read(body[4 + int.from_bytes(body[:4], "big") :], name) | found.texts
        else:
            found.texts.setdefault(XMP, body.decode("utf-8", "replace"))
    return found


def _boxes(data: bytes, at: int, end: int, name: str) -> Iterator[tuple[bytes, range]]:
    """Kinds and places of the boxes in a stretch."""
    for _ in range(MAX_BOXES):
        if at + 8 > end:
            return
        length, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        stop = end if length == 0 else at + length
        if stop > end or stop < at + head:
            raise bad(f"{name} is cut off in its part {kind!r}")
        yield kind, range(at + head, stop)
        at = stop
    raise bad(f"{name} has more than {MAX_BOXES:,} parts")


def _inside(data: bytes, place: range | None, name: str) -> Iterator[tuple[bytes, range]]:
    return _boxes(data, place.start, place.stop, name) if place else iter(())


def _numbers(data: bytes, at: int, *widths: int) -> Iterator[int]:
    """Numbers one after the other, each of so many bytes; 0 beyond the end."""
    for width in widths:
        yield int.from_bytes(data[at : at + width], "big")
        at += width


def _kinds(data: bytes, place: range | None, name: str) -> dict[int, bytes]:
    """Kinds of the items that are texts, by number."""
    if not place:
        return {}
    kinds: dict[int, bytes] = {}
    for kind, box in _boxes(data, place.start + (6 if data[place.start] == 0 else 8), place.stop, name):
        version = data[box.start] if box else 0
        if kind == b"infe" and version in (2, 3):
            width = 2 * version - 2
            (number,) = _numbers(data, box.start + 4, width)
            what = data[box.start + 6 + width : box.start + 10 + width]
            if what in (b"Exif", b"mime") and len(kinds) < MAX_TEXTS:
                kinds[number] = what
    return kinds


def _items(
    data: bytes, parts: dict[bytes, range], kinds: dict[int, bytes], name: str
) -> Iterator[tuple[int, bytes]]:
    """Numbers and bytes of those items."""
    if not (place := parts.get(b"iloc")) or not kinds:
        return
    version, sizes = data[place.start], data[place.start + 4 : place.start + 6].ljust(2, b"\0")
    widths = (
        sizes[1] & 15 if version else 0,
        sizes[0] >> 4,
        sizes[0] & 15,
    )  # of an extent's index, offset, length
    wide = 2 if version < 2 else 4
    (count,) = _numbers(data, place.start + 6, wide)
    at = place.start + 6 + wide
    for _ in range(min(count, MAX_ITEMS)):
        heads = (wide, 2 if version else 0, 2, sizes[1] >> 4, 2)
        number, method, _, base, extents = _numbers(data, at, *heads)
        at += sum(heads)
        if at > place.stop:
            return
        if method & 15 == 1 and (inner := parts.get(b"idat")):
            base += inner.start
        body = b""
        for _ in range(min(extents, MAX_ITEMS)):
            _, offset, length = _numbers(data, at, *widths)
            at += sum(widths)
            if number in kinds:
                body += data[base + offset : base + offset + min(length, MAX_TEXT)]
            if len(body) > MAX_TEXT:
                raise bad(f"{name} holds texts of more than {MAX_TEXT:,} bytes")
        if number in kinds:
            yield number, body
