"""Controls of a running job besides cancelling it: stop, accept a step, change a parameter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Control(ABC):
    """The controls of one running job."""

    @abstractmethod
    def attach(self, job: Steerable) -> None:
        """Take the job that is controlled, before it is queued."""

    @abstractmethod
    def stop(self) -> None:
        """End it soon, and keep the best there is."""

    @abstractmethod
    def accept(self, step: int) -> Steerable:
        """Make a candidate of one of its steps; returns the job that makes it."""

    @abstractmethod
    def change(self, **parameters: Any) -> None:
        """Change how it goes on."""


class Steerable:
    """A job that may have controls.

    Attributes:
        control: its controls, or None.
    """

    def __init__(self, control: Control | None = None) -> None:
        self.control = control
        if control is not None:
            control.attach(self)

    def stop(self) -> None:
        """End an optimisation soon and keep its best step; other jobs are cancelled, and keep what is finished."""
        if self.control is None:
            self.cancel()
        else:
            self.control.stop()

    def change(self, **parameters: Any) -> None:
        """Change an optimisation while it runs, from its next update on; `s.code()` tells of it.

        Args:
            **parameters: `weights` (by name of a part of the loss), `steps`, `lr`, `momentum`, `clip`,
                `perturbation`, `whiteness`, `renormalise`, `average`.

        Raises:
            TypeError, ValueError: this job or this parameter cannot be changed, or the value is out of range.
        """
        self._controlled("parameters to change").change(**parameters)

    def cancel(self) -> None:
        """End it."""
        raise NotImplementedError

    def _controlled(self, what: str) -> Control:
        if self.control is None:
            raise TypeError(f"this job has no {what}: only optimisations have")
        return self.control
