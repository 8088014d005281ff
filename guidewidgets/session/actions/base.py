"""What a session is: its state, its settings, its history, and how an operator is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from guidewidgets.arguments import as_plain
from guidewidgets.engine import Engine
from guidewidgets.engine.advice import doubts
from guidewidgets.prompt import Prompt
from guidewidgets.session.actions.advice import advise
from guidewidgets.session.actions.unknown import refuse
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.events import Listener, View
from guidewidgets.session.history import Set
from guidewidgets.session.job import Job
from guidewidgets.session.lineage.graph import LineageGraph
from guidewidgets.session.lineage.owner_map import owners
from guidewidgets.session.opening import Opened
from guidewidgets.session.operators import METHODS, OPERATORS
from guidewidgets.session.operators.context import Context
from guidewidgets.session.preference.learner import PreferenceLearner
from guidewidgets.session.recording.calls import Call
from guidewidgets.session.state import State
from guidewidgets.session.worker.launcher import Launcher
from guidewidgets.settings import Overrides, RenderSettings


class Actions:
    """State, settings and history of a session; see `Session`."""

    def __init__(self, opened: Opened) -> None:
        self._model: Model = opened.model
        self._state: State = opened.state
        self._seed = opened.seed
        self._kept = opened.kept
        self._unfinished = opened.unfinished
        self._launcher = Launcher(opened.model, opened.state, opened.seed)
        self._learner = PreferenceLearner(opened.state)
        self._lineage = LineageGraph(opened.state)
        self._widgets: dict[str, Any] = {}
        if (notice := opened.kept.notice) is not None:
            self._state.notice(notice.level, notice.text, about=notice.about)
        if opened.unfinished:
            told = "; ".join(map(str, opened.unfinished[:3]))
            self._state.notice("warning", f"was interrupted: {told}; s.resume() makes the rest")

    @property
    def seed(self) -> int:
        """Seed of the session; with the order of the actions it determines every picture."""
        return self._seed

    @property
    def engine(self) -> Engine:
        """The engine; a session that was opened loads it now. Raises ValueError where nobody said where it is."""
        return self._model()

    # Settings: setting one is an undoable event

    @property
    def prompt(self) -> Prompt:
        """What to paint."""
        return self._state.settings.prompt

    @prompt.setter
    def prompt(self, value: str | Prompt) -> None:
        self.set(prompt=value)

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
        """Name of the sampler, one of `engine.samplers`; "pipeline" becomes what the pipeline's own scheduler names."""
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
            after = self.engine.checked(before.replace(**changes))
            if after != before:
                self._state.push(Set(before, after))
        self._advise(before, after)

    def doubts(self) -> list[str]:
        """What the settings will probably not do as expected, one line each: a NOT too heavy, a model without ∅."""
        return doubts(self.engine, self._state.settings)

    # History

    def undo(self) -> bool:
        """Take back the last mark, setting or generation; a job under way is cancelled instead.

        Returns:
            False where there was nothing to undo.
        """
        return self._state.undo()

    def back_to(self, generation: int) -> None:
        """Go on from an earlier generation: what came after it is taken back, and `redo` brings it back step by step.

        Args:
            generation: its index.

        Raises:
            IndexError: there is no such generation, or it was undone.
            ValueError: a job is under way.
        """
        self._state.back_to(generation)

    def redo(self) -> bool:
        """Put back what was undone last; False where there is nothing."""
        return self._state.redo()

    def cancel(self) -> None:
        """End all jobs of this session before their next step; finished images are kept."""
        for job in tuple(self._state.jobs):
            job.cancel()

    @property
    def history(self) -> tuple[Generation, ...]:
        """Generations in force, oldest first."""
        return self._state.generations()

    def __getitem__(self, candidate: int) -> Candidate:
        """Candidate by number, also one that was undone. Raises IndexError for an unknown number."""
        return self._state.find(candidate)

    def owners(self, candidate: int) -> NDArray[np.int64]:
        """Where each part of a candidate came from: (H, W) parents' numbers, -1 is fresh noise."""
        return owners(self[candidate], self._state.find)

    @property
    def kinship(self) -> LineageGraph:
        """The lineage graph; call it for all candidates ever made and their parents."""
        return self._lineage

    def view(self) -> View:
        """A consistent snapshot of the state, for widgets."""
        return self._state.view()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on every event, on unpredictable threads: it must only enqueue. Returns its cancellation."""
        return self._state.subscribe(listener)

    def resolve(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments that a call leaves to the marks and the history of now; see `Operator.resolve`.

        Args:
            method: that is called.
            arguments: it was given, by name.
        """
        return OPERATORS[method].resolve(self._state, arguments)

    def _perform(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Job:
        """Call an operator's method; what it leaves to now is settled first, and noted with the call."""
        function = METHODS[method]
        self._state.journal.check_writable()  # before the model is asked, or loaded for nothing
        self._launcher.notice()
        try:
            bound = inspect.signature(function).bind(None, *args, **kwargs)
        except TypeError:
            return function(self._context(Call(method, {})), *args, **kwargs)  # which says what is wrong
        _, *given = ((key, as_plain(value)) for key, value in bound.arguments.items())
        bound.arguments |= dict(given)
        arguments = dict(given) | dict(given).get("overrides", {})
        arguments.pop("overrides", None)
        left = self.resolve(method, arguments)
        bound.arguments |= left
        noted = {name: value for name, value in (arguments | left).items() if name not in ("seed", "limit")}
        _, *positional = bound.args
        return function(self._context(Call(method, noted)), *positional, **bound.kwargs)

    def _context(self, call: Call) -> Context:
        return Context(call, self._model, self._state, self._launcher, self._learner, self._advise)

    def _settings(self, overrides: Mapping[str, Any]) -> RenderSettings:
        return self._context(Call("", {})).settings(overrides)

    def _advise(self, before: RenderSettings | None, settings: RenderSettings) -> None:
        advise(self.engine, self._state, before, settings)

    if not TYPE_CHECKING:  # type checkers find unknown attributes by themselves
        # Reading one stays as it is: IPython completes nothing on objects that have a __getattr__.
        def __setattr__(self, name: str, value: object) -> None:
            if not name.startswith("_") and not hasattr(type(self), name):
                refuse(self, name)
            super().__setattr__(name, value)
