"""Where the contents of candidates stay, as far as a candidate knows."""

from __future__ import annotations

from typing import Any, Protocol


class Reading(Protocol):
    """Gives things by number, reading them from the disk where they are not in memory."""

    def get(self, number: int, /) -> Any:
        """The thing; SessionFileError where it is damaged."""


class Keeper(Protocol):
    """Where the contents of candidates stay: a store."""

    @property
    def genes(self) -> Reading:
        """(genome, recipe) by candidate."""
        ...

    @property
    def images(self) -> Reading:
        """Pictures by candidate."""
        ...

    def film(self, number: int, /) -> bytes | None:
        """How a candidate's picture came out of the noise; None where that was not kept."""
        ...
