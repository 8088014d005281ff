"""The favourites of all generations as one file: a contact sheet, or a zip of PNGs that carry their genomes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from guidewidgets.session.export import bundle

if TYPE_CHECKING:
    from guidewidgets.session import Session

FORMS: Final = ("sheet", "zip")
MOST: Final = 64 << 20
"""Bytes that go through the notebook's connection at once."""
DOTS: Final = 200
"""Per inch: a picture has 1.6 inches on the sheet."""


def export(session: Session, form: str) -> bytes:
    """The file.

    Raises:
        ValueError: nothing is starred, or the file is larger than `MOST`.
    """
    starred = [(c, generation) for generation in session.history for c in generation if c.starred]
    if not starred:
        raise ValueError("no favourites yet: star some images first")
    file = io.BytesIO()
    if form == "sheet":
        bundle.contact_sheet([c for c, _ in starred]).savefig(file, format="png", dpi=DOTS)
    else:
        bundle.pack(file, starred)
    if file.getbuffer().nbytes > MOST:
        raise ValueError(
            f"{len(starred)} favourites are more than {MOST >> 20} MB: write them with s.to_zip(path)"
        )
    return file.getvalue()
