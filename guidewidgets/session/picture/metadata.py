"""What a picture file says beside its pixels, whatever container it is in."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_TEXT = 16 << 20
"""Bytes of text that are read of one picture, once they are unpacked."""
XMP = "XML:com.adobe.xmp"
"""The key of an XMP packet, as PNG names it."""


@dataclass(slots=True)
class Metadata:
    """Texts by PNG's keywords, the bytes of our own chunk, and the size that the header claims.

    The user comment of an EXIF block is `parameters`, as the programs that write both have it.
    """

    size: tuple[int, int] = (0, 0)
    texts: dict[str, str] = field(default_factory=dict[str, str])
    latent: bytes | None = None
