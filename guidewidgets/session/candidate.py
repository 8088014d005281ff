"""Candidates and generations: what a session shows and keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final, overload

from PIL import Image

from guidewidgets.genome import Genome, Recipe
from guidewidgets.region import Region


@dataclass(frozen=True, slots=True)
class Marks:
    """What the user said of one candidate. Starred and rejected exclude each other.

    Attributes:
        starred: a favourite.
        rejected: disliked.
        points: clicked spots (x, y) in [0, 1], origin at the top left.
        regions: painted regions.
    """

    starred: bool = False
    rejected: bool = False
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()


NO_MARKS = Marks()


@final
class Candidate:
    """Genome, recipe, rendered image and the user's marks.

    Attributes:
        id: number in the session, counted from 0, never used twice.
        genome: what determines the pixels.
        recipe: how the genome came to be.
        image: the finished picture, RGB.
        filtered: hidden by the model's safety checker; never counted as disliked.
        marks: replaced as a whole by the session.
    """

    __slots__ = ("filtered", "genome", "hash", "id", "image", "marks", "recipe")

    def __init__(
        self, number: int, genome: Genome, recipe: Recipe, image: Image.Image, *, filtered: bool
    ) -> None:
        self.id = number
        self.genome = genome
        self.recipe = recipe
        self.image = image
        self.filtered = filtered
        self.hash = genome.hash
        self.marks = NO_MARKS

    @property
    def starred(self) -> bool:
        """Whether it is a favourite now."""
        return self.marks.starred

    @property
    def rejected(self) -> bool:
        """Whether it is disliked now."""
        return self.marks.rejected

    def save(self, path: str | Path) -> None:
        """Write the picture as a lossless PNG."""
        self.image.save(path, "PNG")

    def __repr__(self) -> str:
        star = " ★" if self.starred else " ✗" if self.rejected else ""
        return f"<Candidate {self.id}{star}: {str(self.genome.prompt)!r}, by {self.recipe.operator}>"

    def _repr_png_(self) -> bytes:
        return self.image._repr_png_()  # pyright: ignore[reportPrivateUsage, reportReturnType] - IPython's protocol


@final
@dataclass(frozen=True, slots=True)
class Generation:
    """The candidates that one action made.

    Attributes:
        index: place in the session's history, counted from 0.
        operator: name of the operator.
        candidates: in grid order; fewer than asked for where the action was cancelled.
    """

    index: int
    operator: str
    candidates: tuple[Candidate, ...]

    def __len__(self) -> int:
        return len(self.candidates)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Candidate]: ...
    def __getitem__(self, index: int | slice) -> Candidate | Sequence[Candidate]:
        return self.candidates[index]

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)

    @property
    def starred(self) -> list[Candidate]:
        """The favourites among them, in grid order."""
        return [c for c in self.candidates if c.starred]

    def __repr__(self) -> str:
        return f"<Generation {self.index} by {self.operator}: {len(self)} candidates, {len(self.starred)} starred>"
