"""Pictures of a session in other shapes: a zip with a table, and a contact sheet."""

from __future__ import annotations

import csv
import io
import textwrap
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.picture import png
from guidewidgets.session.storage import disk

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    "id", "file", "generation", "operator", "parents", "starred", "rejected", "filtered", "prompt", "negative",
    "steps", "guidance", "sampler", "width", "height", "seed", "model", "revision", "hash", "note", "tags",
)  # fmt: skip
MOST_SAID = 90  # characters of a note on the sheet
LINE = 30
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a text piece by piece, whole or not at all."""
    with disk.draft(path, durable=True) as file:
        file.writelines(piece.encode() for piece in pieces)


def write_zip(path: Path, generations: Sequence[Generation]) -> None:
    """PNGs that carry their genome, and `pictures.csv` with one row each; whole or not at all."""
    with disk.draft(path, durable=True) as file:
        pack(file, ((candidate, generation) for generation in generations for candidate in generation))


def pack(file: IO[bytes], pictures: Iterable[tuple[Candidate, Generation]]) -> None:
    """Write PNGs that carry their genome, and the table of them, as a zip into an open file."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as zipped:
        for candidate, generation in pictures:
            row = _row(candidate, generation)
            zipped.writestr(row[1], png.encode(candidate))
            writer.writerow([_cell(value) for value in row])
        zipped.writestr("pictures.csv", table.getvalue())


def contact_sheet(candidates: Sequence[Candidate], columns: int = 6) -> Figure:
    """A matplotlib figure of pictures with their numbers, stars and notes.

    Args:
        candidates: at least one.
        columns: pictures side by side, at least 1.

    Raises:
        ValueError: there is nothing to show.
    """
    from guidewidgets.figure import ShownFigure

    if not candidates or columns < 1:
        raise ValueError(f"{len(candidates)} pictures in {columns} columns: expected at least one of each")
    columns = min(columns, len(candidates))
    rows = -(-len(candidates) // columns)
    figure = ShownFigure(figsize=(1.6 * columns, 1.8 * rows), layout="constrained")
    axes = np.atleast_1d(np.asarray(figure.subplots(rows, columns))).ravel()
    for axis in axes:
        axis.set_axis_off()
    for axis, candidate in zip(axes, candidates, strict=False):
        axis.imshow(np.asarray(candidate.image), interpolation="nearest")
        mark = " ★" if candidate.starred else " ✗" if candidate.rejected else ""
        axis.set_title(f"{candidate.id}{mark}", fontsize=8)
        if candidate.marks.said:
            said = textwrap.fill(textwrap.shorten(candidate.marks.said, MOST_SAID, placeholder=" …"), LINE)
            below = {"transform": axis.transAxes, "ha": "center", "va": "top", "fontsize": 6}
            axis.text(0.5, -0.03, said, parse_math=False, **below)
    return figure


def _row(candidate: Candidate, generation: Generation) -> tuple[str, ...]:
    genome, recipe = candidate.genome, candidate.recipe
    values = (
        candidate.id, f"{candidate.id:05d}.png", generation.index, recipe.operator,
        " ".join(map(str, recipe.parent_ids)), int(candidate.starred), int(candidate.rejected),
        int(candidate.filtered), genome.prompt, genome.negative or "", genome.steps, genome.guidance, genome.sampler,
        *genome.size, recipe.seed, genome.model, genome.revision, candidate.hash,
        candidate.note, ", ".join(candidate.tags),
    )  # fmt: skip
    return tuple(map(str, values))


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
