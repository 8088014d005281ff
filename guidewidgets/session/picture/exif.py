"""The texts of an EXIF block, from untrusted bytes.

Only the tags that programs write settings into are read, each once. Pillow's reader takes every tag: 65,535 of them
that point at the same megabyte are a bomb of many gigabytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from guidewidgets.session.picture.metadata import MAX_TEXT
from guidewidgets.untrusted import bad

DESCRIPTION, MAKE, MODEL, SOFTWARE = 0x010E, 0x010F, 0x0110, 0x0131
DIRECTORY, MAKER_NOTE, COMMENT = 0x8769, 0x927C, 0x9286
WANTED = {DESCRIPTION, MAKE, MODEL, SOFTWARE, DIRECTORY, MAKER_NOTE, COMMENT}
WIDTHS = {1: 1, 2: 1, 4: 4, 7: 1}  # bytes of BYTE, ASCII, LONG and UNDEFINED: what those tags are made of
NAMED = re.compile(r"\s*(prompt|workflow|parameters)\s*:\s*(?=\S)", re.IGNORECASE)


def read(data: bytes, name: str) -> dict[str, str]:
    """Texts by the keywords that PNG has for the same.

    Args:
        data: the block, from its byte order on.
        name: the file's name in an error.

    Raises:
        SessionFileError: the block is damaged.
    """
    data = data.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        raise bad(f"{name} has EXIF data that is damaged")
    found: dict[int, bytes] = {}
    for tag, value in _entries(data, order, struct.unpack(order + "I", data[4:8])[0]):
        found.setdefault(tag, value)
    if len(inner := found.get(DIRECTORY, b"")) == 4:
        for tag, value in _entries(data, order, struct.unpack(order + "I", inner)[0]):
            found.setdefault(tag, value)
    if sum(map(len, found.values())) > MAX_TEXT:
        raise bad(f"{name} holds texts of more than {MAX_TEXT:,} bytes")
    texts = {"parameters": comment(found[COMMENT], order)} if COMMENT in found else {}
    for tag, key in ((DESCRIPTION, "Description"), (MAKE, "Make"), (MODEL, "Model"), (SOFTWARE, "Software")):
        text = found.get(tag, b"").decode("utf-8", "replace").strip("\0 ")
        named = NAMED.match(text)  # as ComfyUI's own nodes for WebP have it
        if text:
            texts.setdefault(named[1].lower() if named else key, text[named.end() :] if named else text)
    if scheme := found.get(MAKER_NOTE, b"")[:20].strip(b"\0 "):
        texts.setdefault("fooocus_scheme", scheme.decode("latin-1"))
    return texts


def _entries(data: bytes, order: str, at: int) -> Iterator[tuple[int, bytes]]:
    """Tags and values of a directory, as far as they lie within the block."""
    (count,) = struct.unpack(order + "H", data[at : at + 2].ljust(2, b"\0"))
    for place in range(at + 2, min(at + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, number, offset = struct.unpack(order + "HHII", data[place : place + 12])
        if tag in WANTED and kind in WIDTHS:
            length = number * WIDTHS[kind]
            start = place + 8 if length <= 4 else offset
            if start + length <= len(data):
                yield tag, data[start : start + length]


def comment(raw: bytes, order: str) -> str:
    """A user comment, whose first eight bytes name the kind of its letters.

    Args:
        raw: its bytes.
        order: the block's byte order, "<" or ">", by which UTF-16 is read where it doesn't show its own.
    """
    kind, rest = raw[:8], raw[8:]
    if kind == b"UNICODE\0":
        text = _utf16(rest, order)
    elif kind == b"JIS\0\0\0\0\0":
        text = rest.decode("iso2022_jp", "replace")
    elif kind in (b"ASCII\0\0\0", bytes(8)):
        text = rest.decode("utf-8", "replace")
    else:  # written without the kind
        text = raw.decode("utf-8", "replace")
    return text.strip("\0 ")


def _utf16(raw: bytes, order: str) -> str:
    """UTF-16 of either byte order, whatever the standard says: programs differ. Also UTF-8 under a wrong name."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    upper, lower = raw[::2].count(0), raw[1::2].count(0)  # ASCII has its zeros first where it is big-endian
    if not upper and not lower:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    big = upper > lower if upper != lower else order == ">"
    return raw.decode("utf-16-be" if big else "utf-16-le", "replace")
