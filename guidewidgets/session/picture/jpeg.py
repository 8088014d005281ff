"""The texts of a JPEG file: its EXIF and XMP segments, which stand before the pixels."""

from __future__ import annotations

import struct

from guidewidgets.session.picture import exif
from guidewidgets.session.picture.metadata import XMP, Metadata
from guidewidgets.untrusted import bad

MAX_SEGMENTS = 10_000
EXIF_MARK = b"Exif\0\0"
XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
SCAN, END, APP1 = 0xDA, 0xD9, 0xE1
SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame header, which holds the picture's size."""


def read(data: bytes, name: str) -> Metadata:
    """What a JPEG says beside its pixels.

    Raises:
        SessionFileError: it is a damaged one.
    """
    found = Metadata()
    at = 2
    for _ in range(MAX_SEGMENTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            raise bad(f"{name} is cut off or damaged before its pixels")
        marker = data[at + 1]
        if marker in (SCAN, END):
            return found
        if marker == 0xFF:  # fill
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        body = data[at + 4 : at + 2 + length]
        if len(body) != length - 2:
            raise bad(f"{name} is cut off or damaged before its pixels")
        if marker in SIZES and length >= 8:
            height, width = struct.unpack(">HH", body[1:5])
            found.size = (width, height)
        elif marker == APP1 and body.startswith(EXIF_MARK):
            found.texts = exif.read(body[len(EXIF_MARK) :], name) | found.texts
        elif marker == APP1 and body.startswith(XMP_MARK):
            found.texts.setdefault(XMP, body[len(XMP_MARK) :].decode("utf-8", "replace"))
        at += 2 + length
    raise bad(f"{name} has more than {MAX_SEGMENTS:,} parts")
