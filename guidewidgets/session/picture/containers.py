"""Which container a picture file is, and what it says beside its pixels; no pixel is decoded."""

from __future__ import annotations

from guidewidgets.session.picture import avif, chunks, jpeg, webp
from guidewidgets.session.picture.metadata import Metadata
from guidewidgets.untrusted import bad


def read(data: bytes, name: str) -> Metadata:
    """What a picture says beside its pixels.

    Args:
        data: the file.
        name: its name in an error.

    Raises:
        SessionFileError: it is no PNG, JPEG, WebP or AVIF, or a damaged one.
    """
    if data.startswith(chunks.SIGNATURE):
        return chunks.read(data, name)
    if data.startswith(b"\xff\xd8\xff"):
        return jpeg.read(data, name)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return webp.read(data, name)
    if data[4:8] == b"ftyp" and b"avi" in data[8:64]:
        return avif.read(data, name)
    raise bad(f"{name} is no PNG, JPEG, WebP or AVIF")
