"""What can be done to some jobs besides cancelling them: stop, accept what is there, change how they go on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guidewidgets.session.job import Job


class Control(ABC):
    """The levers of one job under way."""

    @abstractmethod
    def stop(self) -> None:
        """End it soon, and keep the best there is."""

    @abstractmethod
    def accept(self, step: int) -> Job:
        """Make a candidate of one of its steps."""

    @abstractmethod
    def change(self, **parameters: Any) -> None:
        """Change how it goes on."""


class Steerable:
    """A job that may have levers.

    Attributes:
        control: its levers, or None.
    """

    control: Control | None = None

    def stop(self) -> None:
        """End an optimisation soon and keep its best step; other jobs are cancelled, and keep what is finished."""
        if self.control is None:
            self.cancel()
        else:
            self.control.stop()

    def accept(self, step: int) -> Job:
        """Make a candidate of one step of an optimisation, while it runs or when it is over.

        Args:
            step: updates made before it; 0 is the unchanged picture.

        Returns:
            The job that makes it.

        Raises:
            TypeError: this job has no steps to accept.
            ValueError: no such step yet.
        """
        return self._levers("steps to accept").accept(step)

    def change(self, **parameters: Any) -> None:
        """Change an optimisation while it runs, from its next update on; `s.code()` tells of it.

        Args:
            **parameters: `weights` (by name of a part of the loss), `steps`, `lr`, `momentum`, `clip`,
                `perturbation`, `whiteness`, `renormalise`, `average`.

        Raises:
            TypeError, ValueError: this job or this parameter cannot be changed, or the value is out of range.
        """
        self._levers("parameters to change").change(**parameters)

    def cancel(self) -> None:
        """End it."""
        raise NotImplementedError

    def _levers(self, what: str) -> Control:
        if self.control is None:
            message = f"this job has no {what}: only optimisations have"
            raise TypeError(message)
        return self.control
