"""Candidates and generations: what a session shows and keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final, overload

from PIL import Image

from guidewidgets import forks
from guidewidgets.arguments import as_int, plural, shown
from guidewidgets.genome import Genome, Recipe
from guidewidgets.prompt.spoken import in_order
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.keeper import Keeper
from guidewidgets.session.marks import NO_MARKS, Marks
from guidewidgets.session.picture import comfy, png
from guidewidgets.session.picture.html import picture_html, sheet_html
from guidewidgets.session.storage import disk


def as_candidate(number: object) -> int:
    """A candidate's number as an int; TypeError where it is none."""
    try:
        return as_int("candidate", number)
    except TypeError:
        raise TypeError(f"candidate {shown(number)}: expected a whole number") from None


@final
class Candidate:
    """Genome, recipe, rendered image and the user's marks.

    Attributes:
        id: number in the session, counted from 0, never used twice; -1 outside of sessions.
        hash: content hash of the genome.
        filtered: why it is not shown, if it is not: hidden by the model's safety checker, or not finite; true then.
        marks: replaced as a whole by the session.
    """

    __slots__ = ("_film", "_genes", "_holds", "_image", "_keeper", "filtered", "hash", "id", "marks")

    def __init__(
        self,
        number: int,
        genome: Genome,
        recipe: Recipe,
        image: Image.Image,
        *,
        filtered: int,
        film: bytes | None = None,
    ) -> None:
        self.id = number
        self.hash = genome.hash
        self.filtered = Filtered(filtered)
        self.marks = NO_MARKS
        self._genes: tuple[Genome, Recipe] | None = (genome, recipe)
        self._image: Image.Image | None = image
        self._film = film
        self._holds: Mapping[str, float] | None = None
        self._keeper: Keeper | None = None

    @classmethod
    def shelved(cls, number: int, content_hash: str, keeper: Keeper, *, filtered: int) -> Candidate:
        """One whose contents are read when they are asked for."""
        new = cls.__new__(cls)
        new.id, new.hash, new.filtered, new.marks = number, content_hash, Filtered(filtered), NO_MARKS
        new.verified(None)
        new.shelve(keeper)
        return new

    def shelve(self, keeper: Keeper) -> None:
        """Leave the contents to a keeper that has them, so that memory does not grow with the session."""
        self._keeper = keeper
        self._genes = self._image = self._film = None

    @property
    def genome(self) -> Genome:
        """What determines the pixels, a copy for the caller. Raises SessionFileError where its file is damaged."""
        return self._both[0].copy()

    @property
    def recipe(self) -> Recipe:
        """How the genome came to be, a copy. Raises as `genome`."""
        return self._both[1].copy()

    @property
    def holds(self) -> dict[str, float]:
        """How surely it holds each concept (its lift), if `verify` measured it or `sample(of=…)` picked it by that.

        Else it is empty. What was measured is known while the session is open; what picked it is kept with it. In the
        order of the prompt.
        """
        told = self.recipe.parameters.get("holds") if self._holds is None else self._holds
        found = told.items() if isinstance(told, Mapping) else ()
        lifts = {str(concept): float(lift) for concept, lift in found if isinstance(lift, (int, float))}
        return {name: lifts[name] for name in in_order(lifts, self.genome.prompt)} if lifts else {}

    def verified(self, holds: Mapping[str, float] | None) -> None:
        """Take over what was measured, None: nothing; see `Session.verify`."""
        self._holds = holds

    @property
    def image(self) -> Image.Image:
        """The finished picture, RGB, a copy. Raises as `genome`."""
        image = self._image  # taken first: another thread may shelve it meanwhile
        return (image if image is not None else self._from.images.get(self.id)).copy()

    @property
    def film(self) -> bytes | None:
        """How the picture came out of the noise, as a JPEG of small square frames in a row; None if not kept."""
        film = self._film
        return film if film is not None or self._keeper is None else self._keeper.film(self.id)

    @property
    def _both(self) -> tuple[Genome, Recipe]:
        forks.settle()  # who reads this in a child of a fork copies tensors there
        genes = self._genes
        return genes if genes is not None else self._from.genes.get(self.id)

    @property
    def _from(self) -> Keeper:
        assert self._keeper is not None  # noqa: S101 - contents go only when there is a keeper
        return self._keeper

    @property
    def starred(self) -> bool:
        """Whether it is a favourite now."""
        return self.marks.starred

    @property
    def rejected(self) -> bool:
        """Whether it is disliked now."""
        return self.marks.rejected

    @property
    def note(self) -> str:
        """What the user wrote about it; see `Session.note`."""
        return self.marks.note

    @property
    def tags(self) -> tuple[str, ...]:
        """Words that the user filed it under."""
        return self.marks.tags

    def save(self, path: str | Path) -> None:
        """Write the picture as a lossless PNG that carries its genome, or as ComfyUI's ".latent" its noise alone.

        Raises:
            ValueError: a name that ends on anything but ".png" or ".latent".
            OSError: it cannot be written; what was there stays.
        """
        kind = Path(path).suffix.lower()
        if kind not in (".png", ".latent"):
            raise ValueError(
                f"{str(path)!r}: expected a name that ends on .png (picture and genome) or .latent (noise)"
            )
        with disk.destination(path) as target:
            if kind == ".latent":
                comfy.write(target, self.genome.latent[None])
            else:
                disk.write(target, png.encode(self), durable=True)

    @staticmethod
    def load(path: str | Path) -> Candidate:
        """The candidate that a saved PNG carries; its number is -1 until `Session.restore` gives it one.

        Raises:
            SessionFileError: the file carries no genome, or cannot be read; one line says why.
        """
        found = png.load(path)
        return Candidate(-1, found.genome, found.recipe, found.image, filtered=found.filtered)

    def __reduce__(self) -> tuple[object, ...]:
        """What `pickle` and `copy` take along: all of it, without the session it came from."""
        fields = self.id, self.genome, self.recipe, self.image, self.filtered, self.film, self.marks
        return _alone, fields

    def __repr__(self) -> str:
        star = " ★" if self.starred else " ✗" if self.rejected else ""
        number = self.id if self.id >= 0 else "of a file"
        return f"<Candidate {number}{star}: {str(self.genome.prompt)!r}, by {self.recipe.operator}>"

    def _repr_html_(self) -> str:
        return picture_html(self)

    def _repr_png_(self) -> bytes:
        return self.image._repr_png_()  # pyright: ignore[reportPrivateUsage, reportReturnType] - IPython's protocol


def _alone(
    number: int,
    genome: Genome,
    recipe: Recipe,
    image: Image.Image,
    filtered: int,
    film: bytes | None,
    marks: Marks,
) -> Candidate:
    """A candidate with its contents in memory; see `Candidate.__reduce__`."""
    candidate = Candidate(number, genome, recipe, image, filtered=filtered, film=film)
    candidate.marks = marks
    return candidate


@final
@dataclass(frozen=True, slots=True)
class Generation:
    """The candidates that one action made.

    Attributes:
        index: place in the session's history, counted from 0.
        operator: name of the operator.
        candidates: in grid order; fewer than asked for where the action was cancelled.
        job: number of the job that made it.
    """

    index: int
    operator: str
    candidates: tuple[Candidate, ...]
    job: int = 0

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
        made = f"{plural(len(self), 'candidate')}, {len(self.starred)} starred"
        return f"<Generation {self.index} by {self.operator}: {made}>"

    def _repr_html_(self) -> str:
        return sheet_html(self.candidates, repr(self)[1:-1])
