"""What an operator is: checked arguments, and the one way from them to genomes and recipes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, final

import torch

from guidewidgets.engine import Engine
from guidewidgets.evolve.embedding import Offset
from guidewidgets.genome import Anchor, Recipe
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.selection import favourites
from guidewidgets.session.state import State
from guidewidgets.settings import RenderSettings


@final
class Parents(tuple[Candidate, ...]):
    """The candidates that an operator takes."""

    __slots__ = ()

    def check(self, engine: Engine) -> None:
        """Refuse those of another model or of different sizes. Raises ValueError."""
        for parent in self:
            genome, first = parent.genome, self[0].genome
            if genome.revision != engine.revision:
                theirs, ours = f"{genome.model} ({genome.revision})", f"{engine.id} ({engine.revision})"
                raise ValueError(f"candidate {parent.id} was made by {theirs}, not by this session's {ours}")
            if genome.latent.shape != first.latent.shape:
                sizes = f"{first.size} and {genome.size}"
                raise ValueError(
                    f"candidates {self[0].id} and {parent.id} differ in size: {sizes}; expected one size"
                )

    @property
    def latents(self) -> list[torch.Tensor]:
        """Of each, (C, H, W)."""
        return [parent.genome.latent for parent in self]

    @property
    def offsets(self) -> list[Offset]:
        """Embedding offset of each, (L, D), or None."""
        return [parent.genome.embedding_offset for parent in self]

    @property
    def lineage(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Hashes and numbers, as recipes name them."""
        return tuple(parent.hash for parent in self), tuple(parent.id for parent in self)


class Operator(ABC):
    """One operator with its arguments; a subclass is a frozen dataclass of them, and names the operator.

    Attributes:
        name: of the operator, of its module, and of the session's method.
        colour: "#rrggbb", wherever a page shows what made a candidate.
        title: of a job under way; "{images}" stands for "12 images".
        made: what its children are called: one, several, and what joins them to their parents' numbers.
        standalone: its arguments are all its own: none of the session's settings stands for one that was not given.
    """

    name: ClassVar[str]
    colour: ClassVar[str]
    title: ClassVar[str]
    made: ClassVar[tuple[str, str, str]] = ("image", "images", "from")
    standalone: ClassVar[bool] = False

    @classmethod
    def resolve(cls, state: State, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments that a call leaves to the marks and the history of now, such as its default parents.

        They are noted with the call, so that it means the same when it is made again later.

        Args:
            state: of the session.
            arguments: that were given, by name.
        """
        del state, arguments
        return {}

    def check(self, engine: Engine) -> None:  # noqa: B027 - most that there is to check, its function has checked
        """Refuse what cannot be made, before it is queued.

        Raises:
            ValueError, TypeError: one line names the value and what was expected.
        """

    def offspring(
        self,
        engine: Engine,
        settings: RenderSettings,
        seed: int,
        latents: torch.Tensor,
        parameters: Iterable[Mapping[str, Any]],
        parents: Parents | None = None,
        *,
        anchor: Anchor | None = None,
        offsets: Sequence[Offset] | None = None,
    ) -> Offspring:
        """Genomes of latents (n, C, H, W) under settings, with their recipes; the seed draws OR branches.

        Args:
            engine: of the session.
            settings: the children are rendered with.
            seed: of the operator.
            latents: of the children.
            parameters: what the recipe of each says, besides its index.
            parents: of all of them.
            anchor: what they are locked to.
            offsets: of their embeddings.
        """
        genomes = engine.genomes_under(settings, latents, seed)
        lineage = ((), ()) if parents is None else parents.lineage
        recipes = [Recipe(self.name, {"index": i, **one}, seed, *lineage) for i, one in enumerate(parameters)]
        moved = [None] * len(genomes) if offsets is None else offsets
        return [
            (genome.replace(anchor=anchor, embedding_offset=offset), recipe)
            for genome, offset, recipe in zip(genomes, moved, recipes, strict=True)
        ]

    @abstractmethod
    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> Offspring | OffspringSteps:
        """Genomes and recipes of the children, on the worker's thread.

        Args:
            engine: of the session.
            settings: the children are rendered with.
            seed: determines the children, together with the operator's arguments.
        """


def starred_parents(state: State, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The rule for parents that were not named: those starred in the newest generation that has stars.

    Raises:
        ValueError: nothing is starred.
    """
    named = arguments.get("parents") is not None
    return {} if named else {"parents": [c.id for c in favourites(state.generations())]}
