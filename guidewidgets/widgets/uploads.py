"""Files that the page hands over: in pieces, since browsers may send no more than ten megabytes at once."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from guidewidgets.session import Session
from guidewidgets.widgets.checks import ProtocolError

PIECE = 4 << 20
"""Bytes of one piece at most; the page's own number too."""
MOST = 64 << 20
"""Bytes of one file at most."""
KINDS = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".latent")
_ODD = re.compile(r"[^\w .()\[\]-]")


def safe_name(name: str) -> str:
    """The last part of a name from anywhere, with nothing in it that a file system or a terminal minds."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return _ODD.sub("_", last).strip(" .")[-80:] or "file"


class Uploads:
    """One file at a time; the first piece of another one begins anew. For one thread."""

    def __init__(self) -> None:
        self._token = ""
        self._held = bytearray()

    def take(self, token: str, part: int, parts: int, data: bytes) -> bytes | None:
        """Keep a piece.

        Args:
            token: tells the page's files apart.
            part: which piece, counted from 0.
            parts: how many there are.
            data: its bytes.

        Returns:
            The whole file with its last piece, else None.

        Raises:
            ProtocolError: a piece is missing or doubled, or the file is too large; what was there is forgotten.
        """
        if part == 0:
            self._token, self._held, self._next = token, bytearray(), 0
        if token != self._token or part != self._next or part >= parts:
            self._forget()
            raise ProtocolError(f"piece {part} of {parts} came out of turn: drop the file again")
        if len(self._held) + len(data) > MOST:
            self._forget()
            raise ProtocolError(f"the file has more than {MOST >> 20} MB: read it with s.restore(path)")
        self._held += data
        self._next += 1
        if part < parts - 1:
            return None
        whole = bytes(self._held)
        self._forget()
        return whole

    def _forget(self) -> None:
        self._token, self._held, self._next = "", bytearray(), 0

    _next = 0


def restore(session: Session, name: str, data: bytes) -> dict[str, Any]:
    """Take a file's bytes into the session, as `Session.restore` does.

    Returns:
        What the page is told: the candidates it became, and what could not be restored, "" where there is nothing.

    Raises:
        ValueError: the file is of another kind, or there is nothing of this in it.
    """
    shown = safe_name(name)
    if Path(shown).suffix.lower() not in KINDS:
        message = f"{shown}: expected a PNG, JPEG, WebP or AVIF, or a latent of ComfyUI ({', '.join(KINDS)})"
        raise ValueError(message)
    before = {n.text for n in session.view().notices}
    with tempfile.TemporaryDirectory(prefix="guidewidgets-upload-") as folder:
        path = Path(folder) / shown
        path.write_bytes(data)
        job = session.restore(path)
    told = [n.text for n in session.view().notices if n.text not in before and n.text.startswith(shown)]
    return {"slots": [] if job is None else list(job.slots), "missing": " ".join(told)}
