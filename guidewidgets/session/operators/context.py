"""What an operator's method sees of its session while it is called: arguments become an operator, an operator a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from guidewidgets.engine import Engine
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.controls import Control
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Offspring, OffspringSteps
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.preference.learner import PreferenceLearner
from guidewidgets.session.recording.calls import Call
from guidewidgets.session.selection import chosen
from guidewidgets.session.state import State
from guidewidgets.session.worker.launcher import Launcher
from guidewidgets.settings import RenderSettings


@final
@dataclass(frozen=True, slots=True)
class Context:
    """One call of an operator's method.

    Attributes:
        call: the method and its arguments, as they are noted.
        state: of the session.
        learner: what the session has learned from stars.
        advise: tells what is new in settings of what will probably not do as expected: those before, those now.
    """

    call: Call
    model: Model
    state: State
    launcher: Launcher
    learner: PreferenceLearner
    advise: Callable[[RenderSettings, RenderSettings], None]

    @property
    def engine(self) -> Engine:
        """The engine; a session that was opened loads it now."""
        return self.model()

    def candidate(self, number: int) -> Candidate:
        """A candidate by number. Raises TypeError or IndexError for what is none."""
        return self.state.find(number)

    def candidates(self, numbers: Sequence[int] | None) -> Parents:
        """Candidates by their numbers; None: the favourites. Raises as `candidate`, or ValueError for none at all."""
        return Parents(chosen(self.state, numbers))

    def settings(
        self, overrides: Mapping[str, Any], base: RenderSettings | None = None, **own: Any
    ) -> RenderSettings:
        """Settings with changes for this job only, checked.

        Args:
            overrides: that were asked for.
            base: to begin with; None: the session's.
            **own: settings that are the candidates' own, whatever is asked for.

        Raises:
            ValueError, TypeError: a value is out of range, unknown, or more than the model can do.
        """
        before = (base or self.state.settings).replace(**own)
        settings = self.engine.checked(before.replace(**{**overrides, **own}))
        self.advise(before, settings)
        return settings

    def family(
        self, numbers: Sequence[int] | None, overrides: Mapping[str, Any]
    ) -> tuple[Parents, RenderSettings]:
        """Parents by their numbers, and settings for their children, which are as large as the first of them."""
        parents = self.candidates(numbers)
        return parents, self.settings(overrides, size=parents[0].genome.size)

    def noted(self, **arguments: Any) -> Context:
        """The same with other arguments noted; a call that is resumed has been noted already."""
        if self.call.slots:
            return self
        return replace(self, call=replace(self.call, arguments={**self.call.arguments, **arguments}))

    def start(
        self,
        operator: Operator,
        n: int,
        settings: RenderSettings,
        seed: int | None,
        limit: int | None,
        control: Control | None = None,
    ) -> Job:
        """Check an operator once and queue it.

        Args:
            operator: with its arguments.
            n: how many candidates it makes.
            settings: they get.
            seed: None draws one from the session's seed and the event's number.
            limit: refuse more than this; None for no limit.
            control: of the job.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it, and nothing is queued.
        """
        engine = self.engine
        operator.check(engine)

        def breed(seed: int) -> Offspring | OffspringSteps:
            return operator.breed(engine, settings, seed)

        return self.launcher(self.call, operator.name, n, settings, seed, limit, breed, control=control)
