"""Files that the page hands over: in pieces, since browsers may send no more than ten megabytes at once."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from guidewidgets.session import Job, Session
from guidewidgets.session.picture import containers, png
from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets.checks import ProtocolError

PIECE = 4 << 20
"""Bytes of one piece at most; the page's own number too."""
MOST = 64 << 20
"""Bytes of one file at most."""
MOST_SIDE = 2048
"""Pixels of a photograph's longer side that are kept: more than any model paints."""
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
        self._photo: tuple[str, Image.Image] | None = None

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
            self._photo = None
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

    def keep(self, token: str, photo: Image.Image) -> None:
        """Hold a photograph until the next file comes: the user is asked what is to become of it."""
        self._photo = token, photo

    def photo(self, token: str) -> Image.Image:
        """The one that came with this token.

        Raises:
            ValueError: there is another one, or none.
        """
        if self._photo is None or self._photo[0] != token:
            raise ValueError("that photo is no longer here: drop it again")
        return self._photo[1]

    def _forget(self) -> None:
        self._token, self._held, self._next = "", bytearray(), 0

    _next = 0


def restore(session: Session, name: str, data: bytes) -> tuple[dict[str, Any], Image.Image | None]:
    """Take a file's bytes into the session, as `Session.restore` does.

    Returns:
        What the page is told: the candidates it became, and what could not be restored, "" where there is nothing;
        and the picture, where it is a photograph, of which nothing else can be taken.

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
        try:
            job = session.restore(path)
        except SessionFileError:
            photo = _photo(path, data)
            if photo is None:
                raise
            return {"slots": [], "missing": "", "photo": True}, photo
    told = [n.text for n in session.view().notices if n.text not in before and n.text.startswith(shown)]
    return {"slots": [] if job is None else list(job.slots), "missing": " ".join(told)}, None


def _photo(path: Path, data: bytes) -> Image.Image | None:
    """The picture of a file that says nothing of how it was made; None: the file is another.

    Raises:
        ValueError: its pixels cannot be read, or are too many.
    """
    from guidewidgets.guide.pictures import as_picture  # which loads torch

    try:
        if not png.bare(containers.read(data, path.name), data):
            return None
    except SessionFileError:
        return None
    image = as_picture(path)
    image.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
    return image


def edit(session: Session, photo: Image.Image, text: str, steps: int) -> Job:
    """Invert a photograph, and pull it towards a text; without one it is only inverted.

    Raises:
        ValueError, TypeError: see `Session.edit`.
    """
    from guidewidgets.guide import ClipText, Symmetry  # which load torch

    # Symmetry needs no encoder, and without an update it pulls nowhere.
    return session.edit(photo, ClipText(text) if text else Symmetry(), steps=steps if text else 0)
