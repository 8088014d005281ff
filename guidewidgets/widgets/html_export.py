"""What is left of a widget where no widget can run (GitHub, nbviewer): its pictures as plain HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from guidewidgets.session.picture.html import Tile, sheet
from guidewidgets.widgets.damaged import label_of, picture_of

if TYPE_CHECKING:
    from guidewidgets.session import Candidate


def contact_sheet(shown: Iterable[Candidate], title: str) -> str:
    """The pictures under a title as HTML without scripts and styles of its own, as many as fit; "" for none."""
    tiles = [
        Tile(picture_of(c), f"{label_of(c)[:200]}, number {c.id}", f"{c.id} ★" if c.starred else str(c.id))
        for c in shown
    ]
    return sheet(tiles, title)
