"""Text in the lowest bits of a PNG's alpha channel, column by column: NovelAI's, and that of A1111's extension.

"stealth_pngcomp" or "stealth_pnginfo", the length in bits as four bytes, then gzip or plain text.
"""

from __future__ import annotations

import zlib

import numpy as np

from guidewidgets.session.picture import chunks
from guidewidgets.session.picture.programs.facts import as_json
from guidewidgets.session.storage import disk
from guidewidgets.untrusted import SessionFileError

MARKS = (b"stealth_pngcomp", b"stealth_pnginfo")
HEAD = len(MARKS[0])
MAX_PIXELS = 1 << 24
MAX_TEXT = 1 << 20


def read(data: bytes) -> dict[str, str]:
    """Texts by keyword, as PNG's own would be; {} where there are none."""
    if not data.startswith(chunks.SIGNATURE) or data[25:26] != b"\x06" or data[24:25] != b"\x08":
        return {}  # only 8-bit RGBA
    try:
        alpha = disk.decode_alpha(data, "the picture", MAX_PIXELS)
    except SessionFileError:
        return {}
    bits = (alpha.T.reshape(-1)[: 8 * (HEAD + 4 + MAX_TEXT)] & 1).astype(np.uint8)
    raw = np.packbits(bits).tobytes()
    if raw[:HEAD] not in MARKS:
        return {}
    body = raw[HEAD + 4 : HEAD + 4 + int.from_bytes(raw[HEAD : HEAD + 4], "big") // 8]
    if raw[:HEAD] == MARKS[0]:
        try:
            body = zlib.decompressobj(31).decompress(body, MAX_TEXT)
        except zlib.error:
            return {"Software": "NovelAI"}  # its mark, and nothing that can be read
    text = body.decode("utf-8", "replace")
    kept = {key: value for key, value in as_json(text).items() if isinstance(value, str)}
    return kept or {"parameters": text}
