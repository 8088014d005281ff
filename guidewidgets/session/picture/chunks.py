"""The parts of a PNG file that hold no pixels, read from untrusted bytes with every size checked."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator

from guidewidgets.session.picture import exif
from guidewidgets.session.picture.metadata import MAX_TEXT, Metadata
from guidewidgets.untrusted import SessionFileError, bad

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LATENT = b"gwLT"  # ancillary, private, and not to be kept by programs that change the pixels
MAX_CHUNKS = 100_000
MAX_TEXTS = 64


def read(data: bytes, name: str) -> Metadata:
    """What a PNG says beside its pixels.

    Raises:
        SessionFileError: it is no PNG, or a damaged one.
    """
    walk = _walk(data, name)
    kind, header = next(walk, (b"", b""))
    if kind != b"IHDR" or len(header) != 13:
        raise bad(f"{name} is no PNG: it has no header")
    found = Metadata(struct.unpack(">II", header[:8]))
    left = MAX_TEXT
    block: dict[str, str] = {}
    for kind, body in walk:
        if kind == LATENT:
            found.latent = body
        elif kind in (b"tEXt", b"zTXt", b"iTXt") and len(found.texts) < MAX_TEXTS:
            key, text = _text(kind, body, left, name)
            left -= len(text)
            found.texts.setdefault(key, text.decode("utf-8", "replace") if kind == b"iTXt" else _latin(text))
        elif kind == b"eXIf" and len(body) <= MAX_TEXT:
            with contextlib.suppress(SessionFileError):  # an extra: what is in the text chunks counts
                block = exif.read(body, name)
    found.texts = block | found.texts
    return found


def _latin(text: bytes) -> str:
    """Latin-1, as the standard has it, or the UTF-8 that many programs write in its place."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _walk(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    if data[:8] != SIGNATURE:
        raise bad(f"{name} is no PNG")
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            raise bad(f"{name} is cut off")
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 8 + length
        if end + 4 > len(data):
            raise bad(f"{name} is cut off in its part {kind!r}")
        if kind != b"IDAT":  # Pillow checks the pixels
            if struct.pack(">I", zlib.crc32(data[at + 4 : end])) != data[end : end + 4]:
                raise bad(f"{name} is damaged in its part {kind!r}")
            yield kind, data[at + 8 : end]
        if kind == b"IEND":
            return
        at = end + 4
    raise bad(f"{name} has more than {MAX_CHUNKS:,} parts")


def _text(kind: bytes, body: bytes, most: int, name: str) -> tuple[str, bytes]:
    key, _, rest = body.partition(b"\0")
    packed = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        unpacker = zlib.decompressobj()
        try:
            rest = unpacker.decompress(rest, max(1, most))
        except zlib.error as error:
            raise bad(f"{name} holds a packed text that is damaged") from error
        if unpacker.unconsumed_tail:
            raise bad(f"{name} holds packed texts of more than {MAX_TEXT:,} bytes")
    if len(rest) > most:
        raise bad(f"{name} holds texts of more than {MAX_TEXT:,} bytes")
    return key[:79].decode("latin-1"), rest
