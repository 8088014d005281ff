"""Pictures as HTML without script: what a result is in a notebook, and what stands for a widget where none can run."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from PIL import Image

from guidewidgets.arguments import plural
from guidewidgets.genome import Genome, Recipe
from guidewidgets.session.marks import Marks
from guidewidgets.untrusted import SessionFileError

QUALITY = 90
SMALL = 128
"""Pictures up to this many pixels a side are few bytes however they are written."""
ENLARGED = 256
"""Pixels that a small picture is enlarged to; a large one is shown at twice that at most."""
MOST_SAID = 300
"""Characters that stand below a picture, or are read out for it."""
BUDGET = 150_000
"""Characters of a sheet at most: it is stored in the notebook."""
_TRIES = ((160, 85), (128, 80), (96, 75), (64, 70), (48, 60))  # longest side in pixels, JPEG quality


class Tile(NamedTuple):
    """A picture of a sheet.

    Attributes:
        image: the picture.
        words: what is read out in its place.
        caption: what stands below it.
    """

    image: Image.Image
    words: str
    caption: str


class Pictured(Protocol):
    """A candidate, as far as it is shown."""

    id: int
    marks: Marks

    @property
    def image(self) -> Image.Image: ...  # noqa: D102 - see `Candidate`
    @property
    def genome(self) -> Genome: ...  # noqa: D102
    @property
    def recipe(self) -> Recipe: ...  # noqa: D102
    @property
    def starred(self) -> bool: ...  # noqa: D102
    @property
    def rejected(self) -> bool: ...  # noqa: D102


def picture_html(candidate: Pictured) -> str:
    """A candidate large enough to look at, with its number, its mark and what made it."""
    try:
        genome, image = candidate.genome, candidate.image
        made = f"{genome.sampler}, {plural(genome.steps, 'step')}, guidance {genome.guidance:g} · {candidate.recipe}"
    except SessionFileError as error:  # its file is damaged
        return f"<p>{html.escape(str(error))}</p>"
    number = f"{candidate.id}{_mark(candidate)} · " if candidate.id >= 0 else ""
    words, said = str(genome.prompt), f" · {candidate.marks.said}" if candidate.marks.said else ""
    return enlarged(Tile(image, words[:MOST_SAID], f"{number}{words} · {made}"[:MOST_SAID] + said))


def sheet_html(candidates: Iterable[Pictured], title: str) -> str:
    """Candidates with their numbers and marks; what is damaged is grey. "" for none."""
    tiles: list[Tile] = []
    for candidate in candidates:
        try:
            words = f"{candidate.genome.prompt}, number {candidate.id}"
            tiles.append(Tile(candidate.image, words[:MOST_SAID], f"{candidate.id}{_mark(candidate)}"))
        except SessionFileError as error:
            tiles.append(Tile(Image.new("RGB", (64, 64), "grey"), str(error), f"{candidate.id} damaged"))
    return sheet(tiles, title)


def _mark(candidate: Pictured) -> str:
    return " ★" if candidate.starred else " ✗" if candidate.rejected else ""


def jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    """The picture as JPEG; without chroma subsampling where pixels are few and will be enlarged."""
    out = io.BytesIO()
    subsampling = 0 if max(image.size) <= SMALL else 2
    image.convert("RGB").save(out, "JPEG", quality=quality, subsampling=subsampling)
    return out.getvalue()


def reduced(image: Image.Image, most: int) -> Image.Image:
    """The picture, no side longer than ``most`` pixels."""
    if max(image.size) <= most:
        return image
    scale = most / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def sheet(tiles: Sequence[Tile], title: str) -> str:
    """The pictures as one HTML fragment of at most `BUDGET` characters, as many of them as fit; "" for none."""
    if not tiles:
        return ""
    for side, quality in _TRIES:
        page = _page([_figure(tile, side, quality) for tile in tiles], title)
        if len(page) <= BUDGET:
            return page
    side, quality = _TRIES[-1]
    kept: list[str] = []
    room = BUDGET - 2_000
    for tile in tiles:
        figure = _figure(tile, side, quality)
        room -= len(figure)
        if room < 0:
            break
        kept.append(figure)
    return _page(kept, f"{title} (the first {len(kept)} of {len(tiles)})")


def enlarged(tile: Tile) -> str:
    """One picture, large enough to look at: a small one pixel by pixel, a large one reduced."""
    image = reduced(tile.image, 2 * ENLARGED)
    out = io.BytesIO()
    small = max(image.size) <= SMALL
    if small:
        image.save(out, "PNG")
    kind, data = ("png", out.getvalue()) if small else ("jpeg", jpeg(image))
    width = image.width * max(1, ENLARGED // max(image.size))
    style = "image-rendering:pixelated;" if small else ""
    return (
        f'<div><img src="data:image/{kind};base64,{base64.b64encode(data).decode()}" width="{width}" '
        f'style="{style}max-width:100%" alt="{html.escape(tile.words)}">'
        f"<br><small>{html.escape(tile.caption)}</small></div>"
    )


def _figure(tile: Tile, side: int, quality: int) -> str:
    image = reduced(tile.image, side)
    data = base64.b64encode(jpeg(image, quality)).decode()
    return (
        f'<div style="display:inline-block;margin:0 8px 8px 0;vertical-align:top">'
        f'<img src="data:image/jpeg;base64,{data}" alt="{html.escape(tile.words)}" width="{min(side, 128)}">'
        f"<br><small>{html.escape(tile.caption)}</small></div>"
    )


def _page(figures: Sequence[str], title: str) -> str:
    return f"<div><p>{html.escape(title)}</p>{''.join(figures)}</div>"
