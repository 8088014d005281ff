"""Session: the object people hold; its actions stand in `actions/`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Unpack, final

import numpy as np
from numpy.typing import NDArray

from guidewidgets.engine.check import check_number
from guidewidgets.prompt import Prompt
from guidewidgets.session.actions.display import Showing
from guidewidgets.session.actions.nevergrad import Tuning
from guidewidgets.session.actions.optimise import Optimising
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.history import Set
from guidewidgets.session.lineage.owner_map import owners
from guidewidgets.session.marks import rejected, starred, unmarked
from guidewidgets.session.selection import spots
from guidewidgets.session.settings import Overrides, Settings
from guidewidgets.session.state import State
from guidewidgets.session.storage import working_copy
from guidewidgets.session.storage.records import settings_to_data


@final
class Session(Showing, Tuning, Optimising):
    """A history of generations of images, and the actions that add to it.

    Actions return at once; the work is done by one thread per model. In a notebook a session shows the workbench.
    """

    def __init__(
        self,
        prompt: str | Prompt = "",
        model: Any = None,
        seed: int = 0,
        store: str | Path | None = None,
    ) -> None:
        """Begin a session.

        Args:
            prompt: what to paint; text is parsed (`a fox AND a beach AND NOT a house`).
            model: None (the embedded model), a folder, a model id, a diffusers pipeline or an `Engine`.
            seed: non-negative int; with the order of the actions it determines every picture.
            store: a new or empty folder that keeps everything as it happens; None: a temporary one.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
            OSError: the folder cannot be written to.
        """
        check_number("seed", seed, 0)
        parsed = Prompt.parse(prompt) if isinstance(prompt, str) else prompt
        source = Model.of(model)
        engine = source()
        known = engine.vocabulary
        blank = Settings(Prompt.parse(""), known.steps, known.guidance, "ddim", engine.size)
        settings = blank.changed(engine, prompt=parsed)
        about = {"seed": seed, "model": source.id, "revision": source.revision}
        kept = working_copy.begin(store, about | {"settings": settings_to_data(settings)})
        super().__init__(source, State(settings, kept.journal), seed, kept)
        self._warn_of_words(parsed)

    # Settings: setting one is an undoable event

    @property
    def prompt(self) -> Prompt:
        """What to paint."""
        return self._state.settings.prompt

    @prompt.setter
    def prompt(self, value: str | Prompt) -> None:
        self.set(prompt=value)
        self._warn_of_words(self.prompt)

    @property
    def steps(self) -> int:
        """Denoising steps, at least 1."""
        return self._state.settings.steps

    @steps.setter
    def steps(self, value: int) -> None:
        self.set(steps=value)

    @property
    def guidance(self) -> float:
        """Guidance scale, at least 0."""
        return self._state.settings.guidance

    @guidance.setter
    def guidance(self, value: float) -> None:
        self.set(guidance=value)

    @property
    def sampler(self) -> str:
        """Name of the sampler: "ddim", "ddpm", "edict", "bdia" or "obelm"."""
        return self._state.settings.sampler

    @sampler.setter
    def sampler(self, value: str) -> None:
        self.set(sampler=value)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._state.settings.size

    @size.setter
    def size(self, value: tuple[int, int]) -> None:
        self.set(size=value)

    def set(self, **changes: Unpack[Overrides]) -> None:
        """Change several settings as one undoable event.

        Raises:
            ValueError, TypeError: a value is out of range or unknown; nothing is changed then.
        """
        with self._state.lock:
            before = self._state.settings
            after = before.changed(self.engine, **changes)
            if after != before:
                self._state.push(Set(before, after))

    def cancel(self) -> None:
        """End all jobs of this session before their next step; finished images are kept."""
        for job in tuple(self._state.jobs):
            job.cancel()

    # Marks and history

    def star(self, *candidates: int, at: Iterable[tuple[float, float]] | None = None) -> None:
        """Mark favourites, as a whole or for spots that `cross` then cuts along.

        Args:
            *candidates: their numbers.
            at: spots (x, y) in [0, 1] that are liked of each; None leaves those it was starred for before.

        Raises:
            IndexError, TypeError, ValueError: an unknown number, or a spot outside; nothing is marked then.
        """
        places = None if at is None else spots(at)
        self._state.mark(candidates, lambda marks: starred(marks, places))

    def reject(self, *candidates: int) -> None:
        """Mark as disliked. Raises as `star`."""
        self._state.mark(candidates, rejected)

    def unmark(self, *candidates: int) -> None:
        """Clear star or rejection. Raises as `star`."""
        self._state.mark(candidates, unmarked)

    def undo(self) -> bool:
        """Take back the last mark, setting or generation; a job under way is cancelled instead.

        Returns:
            False where there was nothing to undo.
        """
        return self._state.undo()

    def redo(self) -> bool:
        """Put back what was undone last; False where there is nothing."""
        return self._state.redo()

    @property
    def history(self) -> tuple[Generation, ...]:
        """Generations in force, oldest first."""
        return self._state.generations()

    def __getitem__(self, candidate: int) -> Candidate:
        """Candidate by number, also one that was undone. Raises IndexError for an unknown number."""
        return self._state.find(candidate)

    def owners(self, candidate: int) -> NDArray[np.int64]:
        """Where each part of a candidate came from: (H, W) parents' numbers, -1 is fresh; see `owners.owners`."""
        return owners(self[candidate], self._state.find)

    def __repr__(self) -> str:
        generations = self.history
        return (
            f"<Session {str(self.prompt)!r}: {len(generations)} generations, "
            f"{sum(map(len, generations))} candidates, {self._model.id}>"
        )
