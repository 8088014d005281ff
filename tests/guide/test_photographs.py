"""Pictures that people give: every kind of pixel is scaled where its range is known, and refused by name where not."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from guidewidgets.guide.pictures import as_picture

RAMP = np.linspace(0, 1, 256).reshape(16, 16)
GRAY = Image.fromarray((RAMP * 255).round().astype(np.uint8))
DEEP = Image.fromarray((RAMP * 65535).astype(np.uint16))
HALVES = (RAMP * 65535).astype(">u2")


def reopened(image, kind, **how):
    held = io.BytesIO()
    image.save(held, kind, **how)
    return Image.open(io.BytesIO(held.getvalue()))


def raw_png(colours, channels, extra=b""):
    """A PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = [np.stack([*[row] * channels], 1).astype(">u2") for row in HALVES]
    if colours in (4, 6):
        for row in rows:
            row[:, -1] = 65535
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    head = struct.pack(">IIBBBBB", 16, 16, 16, colours, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return Image.open(io.BytesIO(data))


def raw_tiff(bits, channels, data, **more):
    """A TIFF of some kind of pixels, little-endian."""
    tags = {
        256: 16,
        257: 16,
        258: bits,
        259: 1,
        262: 2 if channels == 3 else 1,
        277: channels,
        278: 16,
        279: len(data),
    }
    tags |= {273: 0, **{int(tag[1:]): value for tag, value in more.items()}}
    after = 8 + 2 + 12 * len(tags) + 4
    wide = struct.pack(f"<{channels}H", *[bits] * channels) if channels == 3 else b""
    tags[273] = after + len(wide)
    out = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    for tag, value in sorted(tags.items()):
        long = tag in (273, 279)
        if tag == 258 and wide:
            out += struct.pack("<HHII", tag, 3, channels, after)
        else:
            out += struct.pack("<HHII", tag, 4 if long else 3, 1, value)
    return Image.open(io.BytesIO(out + bytes(4) + wide + data))


def twelve():
    """Twelve bits a pixel, two in three bytes."""
    values = (RAMP * 4095).astype(int).reshape(-1)
    pairs = [
        (a >> 4, (a & 15) << 4 | b >> 8, b & 255) for a, b in zip(values[::2], values[1::2], strict=True)
    ]
    return raw_tiff(12, 1, bytes(byte for triple in pairs for byte in triple))


def lab():
    """Grays of CIE L*a*b*: L* of 0 to 100 in 8 bits, a* and b* 0."""
    flat = Image.new("L", (16, 16), 128)  # which is 0, as Pillow holds it
    return Image.merge("LAB", [GRAY, flat, flat])


KNOWN = {
    "gray 16 PNG": lambda: reopened(DEEP, "PNG"),
    "gray 16 TIFF": lambda: reopened(DEEP, "TIFF"),
    "gray 16 PPM": lambda: reopened(DEEP, "PPM"),
    "gray 16 array": lambda: DEEP,
    "gray 16 big-endian": lambda: Image.frombytes("I;16B", (16, 16), HALVES.tobytes()),
    "gray 12 TIFF": twelve,
    "gray 16 TIFF, white is 0": lambda: reopened(
        Image.fromarray(65535 - np.asarray(DEEP)), "TIFF", tiffinfo={262: 0}
    ),
    "RGB 16 PNG": lambda: raw_png(2, 3),
    "RGBA 16 PNG": lambda: raw_png(6, 4),
    "LA 16 PNG": lambda: raw_png(4, 2),
    "RGB 16 TIFF": lambda: raw_tiff(16, 3, np.repeat(HALVES.reshape(-1), 3).astype("<u2").tobytes()),
    "float": lambda: Image.fromarray(RAMP.astype(np.float32)),
    "float TIFF": lambda: reopened(Image.fromarray(RAMP.astype(np.float32)), "TIFF"),
    "gray": lambda: GRAY,
    "palette": lambda: GRAY.convert("P"),
    "palette with alpha": lambda: GRAY.convert("P").convert("PA"),
    "LA": lambda: GRAY.convert("LA"),
    "La": lambda: GRAY.convert("LA").convert("La"),
    "RGBa": lambda: GRAY.convert("RGBA").convert("RGBa"),
    "RGBX": lambda: GRAY.convert("RGBX"),
    "CMYK": lambda: GRAY.convert("CMYK"),
    "CMYK TIFF": lambda: reopened(GRAY.convert("CMYK"), "TIFF"),
    "CMYK JPEG": lambda: reopened(GRAY.convert("CMYK"), "JPEG", quality=100),
    "YCbCr": lambda: GRAY.convert("YCbCr"),
    "HSV": lambda: GRAY.convert("RGB").convert("HSV"),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_known_ranges(kind):
    seen = np.asarray(as_picture(KNOWN[kind]())).astype(int)
    assert seen.shape == (16, 16, 3)
    assert (
        np.abs(seen - np.asarray(GRAY)[..., None].astype(int)).max() <= 1
    )  # 16 bits may be cut or rounded to 8


def test_black_and_white_and_lab():
    seen = np.asarray(as_picture(GRAY.convert("1", dither=Image.Dither.NONE))).astype(int)
    assert set(np.unique(seen)) == {0, 255}
    seen = np.asarray(as_picture(lab())).astype(int)
    assert seen[0, 0].max() <= 1  # 8 bits of L* are no finer
    assert seen[-1, -1].min() >= 254
    # L* of 50 is 18.4 % of white's light, which sRGB writes as 119 of 255
    assert np.abs(seen.reshape(-1, 3)[128] - 119).max() <= 2


UNKNOWN = {
    "mode I": lambda: Image.fromarray((RAMP * 65535).astype(np.int32)),
    "mode I, TIFF": lambda: reopened(Image.fromarray((RAMP * 65535).astype(np.int32)), "TIFF"),
    "mode I, signed": lambda: raw_tiff(16, 1, (RAMP * 32767).astype("<i2").tobytes(), t339=2),
    "mode F": lambda: Image.fromarray((RAMP * 255).astype(np.float32)),
    "mode F, below": lambda: Image.fromarray((RAMP - 0.5).astype(np.float32)),
    "mode F, NaN": lambda: Image.fromarray(np.full((16, 16), np.nan, np.float32)),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_unknown_ranges_are_refused_by_name(kind):
    with pytest.raises(ValueError, match=rf"have no range that is known \({kind[:6]}\)") as caught:
        as_picture(UNKNOWN[kind]())
    assert "\n" not in str(caught.value)


def test_a_level_that_is_see_through():
    level = int(HALVES[0, 5])
    extra = struct.pack(">I", 2) + b"tRNS" + struct.pack(">H", level)
    extra += struct.pack(">I", zlib.crc32(extra[4:]))
    seen = np.asarray(as_picture(raw_png(0, 1, extra)))
    assert seen[0, 5].tolist() == [255, 255, 255]
    assert np.abs(seen.astype(int)[0, 6] - int(np.asarray(GRAY)[0, 6])).max() <= 1


def test_the_file_is_named(tmp_path):
    KNOWN["gray 16 PNG"]().save(tmp_path / "deep.png")
    assert np.asarray(as_picture(tmp_path / "deep.png")).std() > 50
    UNKNOWN["mode F"]().save(tmp_path / "range.tiff")
    with pytest.raises(ValueError, match=r"^range\.tiff: floats of 0 to 255 have no range"):
        as_picture(tmp_path / "range.tiff")
