"""Where a model is read from, and what is said when it cannot be."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from guidewidgets.engine.model.quiet import quiet


@dataclass(frozen=True, slots=True)
class Source:
    """A model that somebody named.

    Attributes:
        given: as they wrote it.
        id: for people and files.
        folder: that holds it; None where `given` is an id on the hub.
    """

    given: str
    id: str
    folder: Path | None

    @contextmanager
    def reading(self) -> Generator[None]:
        """A context in which it is read: the libraries' remarks unheard, their errors in one line.

        Raises:
            ValueError: it cannot be opened.
        """
        try:
            with quiet():
                yield
        except (OSError, ValueError, KeyError, AttributeError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            remedy = "check the name; without a connection, give a folder that holds the model"
            message = f"model={self.given!r} cannot be opened ({remedy}): {first}"
            raise ValueError(message) from error
