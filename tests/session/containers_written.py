"""Pictures with texts in them, written as programs write them: PNG chunks, and EXIF and XMP in JPEG, WebP and AVIF."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from typing import NamedTuple

import numpy as np
from PIL import Image

SIZE = (32, 16)
COMMENT, IN_FIRST = 0x9286, {0x010E, 0x010F, 0x0110, 0x0131}
XMP = "XML:com.adobe.xmp"


class Made(NamedTuple):
    """A picture file: its bytes and what its name ends on."""

    data: bytes
    suffix: str


def picture(size=SIZE, mode="RGB"):
    """Some picture, always the same."""
    return Image.effect_noise(size, 60).convert(mode)


def chunk(kind, body):
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(texts, kind="tEXt", size=SIZE):
    """PNG with texts: as tEXt (Latin-1 where it goes, else iTXt, as Pillow does), zTXt, iTXt or packed iTXt."""
    held = io.BytesIO()
    picture(size).save(held, "PNG")
    data = held.getvalue()
    chunks = b""
    for key, text in texts.items():
        name = key.encode() + b"\0"
        try:
            plain = text.encode("utf-8" if kind == "utf-8" else "latin-1")
        except UnicodeEncodeError:
            plain = None
        if kind == "iTXt+" or (plain is None and kind == "zTXt"):
            chunks += chunk(b"iTXt", name + b"\1\0\0\0" + zlib.compress(text.encode()))
        elif kind == "iTXt" or plain is None:
            chunks += chunk(b"iTXt", name + b"\0\0\0\0" + text.encode())
        elif kind == "zTXt":
            chunks += chunk(b"zTXt", name + b"\0" + zlib.compress(plain))
        else:
            chunks += chunk(b"tEXt", name + plain)
    return Made(data[:33] + chunks + data[33:], ".png")


def comment(text, how="big"):
    """A user comment: UTF-16 of either byte order, with a mark, UTF-8 under the same name, or ASCII."""
    return {
        "big": lambda: b"UNICODE\0" + text.encode("utf-16-be"),
        "little": lambda: b"UNICODE\0" + text.encode("utf-16-le"),
        "marked": lambda: b"UNICODE\0" + text.encode("utf-16"),
        "utf-8": lambda: b"UNICODE\0" + text.encode("utf-8"),
        "ascii": lambda: b"ASCII\0\0\0" + text.encode("utf-8"),
        "zero": lambda: bytes(8) + text.encode("utf-8"),
        "bare": lambda: text.encode("utf-8"),
    }[how]()


def exif(tags, order=">", inner=True):
    """A block: tags in the first directory or, where that is usual, in the inner one."""

    def directory(entries, at):
        head = struct.pack(order + "H", len(entries))
        body, after = b"", at + 2 + 12 * len(entries) + 4
        for tag, (kind, raw) in sorted(entries.items()):
            count = len(raw) // {2: 1, 4: 4, 7: 1}[kind]
            if len(raw) <= 4:
                value = raw.ljust(4, b"\0")
            else:
                value = struct.pack(order + "I", after + len(body))
                body += raw + b"\0" * (len(raw) % 2)
            head += struct.pack(order + "HHI", tag, kind, count) + value
        return head + bytes(4) + body

    def kind(raw):
        return (7, raw) if isinstance(raw, bytes) else (2, raw.encode() + b"\0")

    first = {tag: kind(raw) for tag, raw in tags.items() if tag in IN_FIRST or not inner}
    second = {tag: kind(raw) for tag, raw in tags.items() if tag not in first}
    if second:
        first[0x8769] = (4, struct.pack(order + "I", 0))
        first[0x8769] = (4, struct.pack(order + "I", 8 + len(directory(first, 8))))
    data = directory(first, 8)
    if second:
        data += directory(second, 8 + len(data))
    return {">": b"MM\0*", "<": b"II*\0"}[order] + struct.pack(order + "I", 8) + data


def with_exif(block, container="JPEG", xmp=None, size=SIZE):
    """JPEG, WebP or AVIF with an EXIF block, an XMP packet, or both."""
    held = io.BytesIO()
    more = {"exif": b"Exif\0\0" + block} if block else {}
    if container == "WEBP":
        more = {"exif": block} if block else {}
    picture(size).save(held, container, **more, **({"xmp": xmp.encode()} if xmp else {}))
    return Made(held.getvalue(), {"JPEG": ".jpg", "WEBP": ".webp", "AVIF": ".avif"}[container])


def stealth(text, packed=True, size=(64, 64)):
    """PNG with its text in the lowest bits of alpha, column by column."""
    body = gzip.compress(text.encode()) if packed else text.encode()
    raw = (b"stealth_pngcomp" if packed else b"stealth_pnginfo") + struct.pack(">I", 8 * len(body)) + body
    bits = np.unpackbits(np.frombuffer(raw, np.uint8))
    pixels = np.array(picture(size, "RGBA"))
    alpha = np.full(size[0] * size[1], 254, np.uint8)
    alpha[: len(bits)] |= bits
    pixels[..., 3] = alpha.reshape(size[0], size[1]).T
    held = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(held, "PNG")
    return Made(held.getvalue(), ".png")
