"""A contact sheet as plain HTML: what is left of a widget where no widget can run (GitHub, nbviewer)."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from guidewidgets.widgets.damaged import label_of, picture_of
from guidewidgets.widgets.encode import jpeg, reduced

if TYPE_CHECKING:
    from guidewidgets.session import Candidate

BUDGET = 150_000
"""Characters of HTML at most: it is stored in the notebook."""
_TRIES = ((160, 85), (128, 80), (96, 75), (64, 70), (48, 60))  # longest side in pixels, JPEG quality


def contact_sheet(shown: Iterable[Candidate], title: str) -> str:
    """The pictures as one HTML fragment of at most `BUDGET` characters, as many of them as fit.

    Args:
        shown: finished candidates, in grid order.
        title: the line above them.

    Returns:
        HTML without scripts and without styles of its own; "" when there are no pictures.
    """
    candidates = list(shown)
    if not candidates:
        return ""
    for side, quality in _TRIES:
        page = _page([_figure(candidate, side, quality) for candidate in candidates], title)
        if len(page) <= BUDGET:
            return page
    side, quality = _TRIES[-1]
    kept: list[str] = []
    room = BUDGET - 2_000
    for candidate in candidates:
        figure = _figure(candidate, side, quality)
        room -= len(figure)
        if room < 0:
            break
        kept.append(figure)
    return _page(kept, f"{title} (the first {len(kept)} of {len(candidates)})")


def _figure(candidate: Candidate, side: int, quality: int) -> str:
    image = reduced(picture_of(candidate), side)
    data = base64.b64encode(jpeg(image, quality)).decode()
    words = f"{label_of(candidate)[:200]}, number {candidate.id}"
    mark = " ★" if candidate.starred else ""
    return (
        f'<div style="display:inline-block;margin:0 8px 8px 0;vertical-align:top">'
        f'<img src="data:image/jpeg;base64,{data}" alt="{html.escape(words)}" width="{min(side, 128)}">'
        f"<br><small>{candidate.id}{mark}</small></div>"
    )


def _page(figures: Sequence[str], title: str) -> str:
    return f"<div><p>{html.escape(title)}</p>{''.join(figures)}</div>"
