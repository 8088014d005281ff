"""Session: the object people hold; each action checks its arguments, queues a job and returns."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Unpack, final

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.prompt import Prompt
from guidewidgets.session import breed, views
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.events import Listener, View
from guidewidgets.session.history import Set
from guidewidgets.session.jobs import Job
from guidewidgets.session.launch import LIMIT, Launcher
from guidewidgets.session.parents import as_numbers, favourites
from guidewidgets.session.settings import Overrides, Settings
from guidewidgets.session.state import State, rejected, starred, unmarked


@final
class Session:
    """A history of generations of images, and the actions that add to it.

    Actions return at once; the work is done by one thread per model. In a notebook a session shows the workbench.
    """

    def __init__(
        self, prompt: str | Prompt = "", model: Any = None, seed: int = 0, store: None = None
    ) -> None:
        """Begin a session.

        Args:
            prompt: what to paint; text is parsed (`a fox AND a beach AND NOT a house`).
            model: None (the embedded model), a folder, a model id, a diffusers pipeline or an `Engine`.
            seed: non-negative int; with the order of the actions it determines every picture.
            store: None: the session lives in memory.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
        """
        if store is not None:
            message = f"store={store!r}: this version keeps sessions in memory only"
            raise ValueError(message)
        self.seed = check_number("seed", seed, 0)
        parsed = Prompt.parse(prompt) if isinstance(prompt, str) else prompt
        self.engine = model if isinstance(model, Engine) else Engine.load(model)
        known = self.engine.vocabulary
        blank = Settings(Prompt.parse(""), known.steps, known.guidance, "ddim", self.engine.size)
        self._state = State(blank.changed(self.engine, prompt=parsed))
        self._launch = Launcher(self.engine, self._state, self.seed)
        self._widgets: dict[str, Any] = {}
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
        """Name of the sampler: "ddim"."""
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

    # Actions

    def sample(
        self,
        n: int = 12,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Fresh random candidates.

        Args:
            n: how many, 1 to `limit`.
            seed: non-negative int; None draws one from the session's seed and the event's number.
            limit: refuse more than this; None for no limit.
            **overrides: settings for this job only.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
        """
        settings = self._settings(overrides)
        return self._launch(
            "sample", n, settings, seed, limit, lambda s: breed.sample(self.engine, settings, n, s)
        )

    def cross(
        self,
        parents: Sequence[int] | None = None,
        n: int = 12,
        cells: int | None = None,
        fresh: float | None = None,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Voronoi crossover: children that are mosaics of their parents' latents; see `evolve.voronoi_crossover`.

        Args:
            parents: candidate numbers; None: those starred in the generation on show, else in the newest with stars.
            n: how many children, 1 to `limit`.
            cells: Voronoi cells in each child; None is four per parent.
            fresh: share of the cells with new noise, in [0, 1]; None is 0.1.
            seed: see `sample`, as for `limit` and `overrides`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the parents'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders = self._parents(parents)
        settings = self._settings(overrides | {"size": elders[0].genome.size})
        breed.cross(
            self.engine, settings, elders, 1, cells, fresh, 0
        )  # refuses bad arguments before anything is queued
        return self._launch(
            "cross",
            n,
            settings,
            seed,
            limit,
            lambda s: breed.cross(self.engine, settings, elders, n, cells, fresh, s),
        )

    def render(self, candidates: Sequence[int], **overrides: Unpack[Overrides]) -> Job:
        """The same latents with the session's settings, or those given: what another prompt makes of this noise.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders = self._parents(candidates)
        settings = self._settings(overrides | {"size": elders[0].genome.size})
        return self._launch(
            "render",
            len(elders),
            settings,
            None,
            None,
            lambda s: breed.render(self.engine, settings, elders, s),
        )

    def cancel(self) -> None:
        """End all jobs of this session before their next step; finished images are kept."""
        for job in tuple(self._state.jobs):
            job.cancel()

    # Marks and history

    def star(self, *candidates: int) -> None:
        """Mark favourites. Raises IndexError or TypeError for an unknown number, and marks nothing then."""
        self._state.mark(candidates, starred)

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
        with self._state.lock:
            return tuple(self._state.history.generations)

    def __getitem__(self, candidate: int) -> Candidate:
        """Candidate by number, also one that was undone. Raises IndexError for an unknown number."""
        return self._state.find(candidate)

    # Showing

    @property
    def grid(self) -> Any:
        """The grid of images alone, as a widget."""
        return self._widget("grid")

    def view(self) -> View:
        """A consistent picture of the state, for widgets."""
        return self._state.view()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on every event, on unpredictable threads: it must only enqueue. Returns its cancellation."""
        return self._state.subscribe(listener)

    def _widget(self, name: str) -> Any:
        if name not in self._widgets:
            self._widgets[name] = views.make(name, self)
        return self._widgets[name]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._widget("workbench")._repr_mimebundle_(**kwargs)

    def __repr__(self) -> str:
        generations = self.history
        return (
            f"<Session {str(self.prompt)!r}: {len(generations)} generations, "
            f"{sum(map(len, generations))} candidates, {self.engine.id}>"
        )

    # Within

    def _settings(self, overrides: Any) -> Settings:
        settings = self._state.settings.changed(self.engine, **overrides)
        if "prompt" in overrides:
            self._warn_of_words(settings.prompt)
        return settings

    def _parents(self, numbers: Sequence[int] | None) -> list[Candidate]:
        return favourites(self.history) if numbers is None else [self[i] for i in as_numbers(numbers)]

    def _warn_of_words(self, prompt: Prompt) -> None:
        unknown = self.engine.unknown_words(prompt)
        if unknown:
            text = f"{self.engine.id} has never read: {', '.join(unknown)}; it will guess"
            self._state.notice("warning", text)
            if not self._state.watched:
                warnings.warn(text, stacklevel=3)
