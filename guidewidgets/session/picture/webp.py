"""The texts of a WebP file: the EXIF and XMP chunks of its RIFF container."""

from __future__ import annotations

import struct

from guidewidgets.session.picture import exif
from guidewidgets.session.picture.metadata import MAX_TEXT, XMP, Metadata
from guidewidgets.untrusted import bad

MAX_CHUNKS = 100_000


def read(data: bytes, name: str) -> Metadata:
    """What a WebP says beside its pixels.

    Raises:
        SessionFileError: it is a damaged one.
    """
    found = Metadata()
    at = 12
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(data):
            return found
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length
        if end > len(data):
            raise bad(f"{name} is cut off in its part {kind!r}")
        if kind in (b"EXIF", b"XMP "):
            if length > MAX_TEXT:
                raise bad(f"{name} holds texts of more than {MAX_TEXT:,} bytes")
            body = data[at + 8 : end]
            if kind == b"EXIF":
                found.texts = exif.read(body, name) | found.texts
            else:
                found.texts.setdefault(XMP, body.decode("utf-8", "replace"))
        elif found.size == (0, 0):
            found.size = _size(kind, data[at + 8 : min(end, at + 18)])
        at = end + length % 2
    raise bad(f"{name} has more than {MAX_CHUNKS:,} parts")


def _size(kind: bytes, head: bytes) -> tuple[int, int]:
    """(width, height) from the first bytes of a chunk with a header; (0, 0) of others."""
    if len(head) == 10 and kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if len(head) == 10 and kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if len(head) >= 5 and kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0
