"""Replays: walk through a session that somebody else made, step by step, without its model."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from guidewidgets.session.candidate import Generation
from guidewidgets.session.session import Session
from guidewidgets.untrusted import bad


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a replay.

    Attributes:
        index: counted from 0.
        code: what was done, as Python.
        generation: the one on show after it; None before the first.
        new: whether this step made it.
    """

    index: int
    code: str
    generation: Generation | None
    new: bool


@final
class Replay:
    """A session's file, walked through from its beginning: for a class, or a test, on a machine without GPU and model.

    It works on a copy: the file stays as it is, and nothing is downloaded. In a notebook it shows the workbench, where
    undo and redo step through it too.

        replay = gw.Replay("run.gw")
        for moment in replay:
            print(moment.code)

    Attributes:
        session: the copy, standing where the replay stands.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a file that `Session.save` or `Session.to_replay` wrote.

        Raises:
            SessionFileError: it cannot be read; one line says why.
        """
        file = Path(path).expanduser()
        if not file.is_file():
            raise bad(f"{file.name}: no such file")
        folder = tempfile.mkdtemp(prefix="guidewidgets-replay-")
        self._end = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            self.session = Session.open(shutil.copy(file, Path(folder) / "replay.gw"))
        except BaseException:
            self._end()
            raise
        weakref.finalize(self, self.session.close)  # runs before the folder goes
        self._codes = [self.session.code()]
        while self.session.undo():
            self._codes.append(self.session.code())
        self._codes.reverse()
        self._at = 0

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self._codes) - 1

    @property
    def at(self) -> int:
        """How many steps have been made."""
        return self._at

    def forward(self) -> Moment | None:
        """Make the next step; None where there is none."""
        if self._at == len(self):
            return None
        before = len(self.session.history)
        self.session.redo()
        self._at += 1
        return self._moment(before)

    def back(self) -> Moment | None:
        """Take the last step back; returns the one before it, None at the beginning."""
        if self._at == 0:
            return None
        self.session.undo()
        self._at -= 1
        return self._moment(len(self.session.history)) if self._at else None

    def goto(self, steps: int) -> None:
        """Stand after so many steps.

        Raises:
            IndexError: there are not so many.
        """
        if not 0 <= steps <= len(self):
            raise IndexError(f"steps={steps}: the replay has {len(self)} steps")
        while self._at < steps:
            self.forward()
        while self._at > steps:
            self.back()

    def __iter__(self) -> Iterator[Moment]:
        """From the beginning, step by step."""
        self.goto(0)
        while (moment := self.forward()) is not None:
            yield moment

    def close(self) -> None:
        """Let go of the copy."""
        self.session.close()
        self._end()

    def _moment(self, generations_before: int) -> Moment:
        history = self.session.history
        old = Counter(self._codes[self._at - 1].splitlines())
        added = list((Counter(self._codes[self._at].splitlines()) - old).elements())
        generation = history[-1] if history else None
        return Moment(self._at - 1, "\n".join(added), generation, len(history) > generations_before)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.session._repr_mimebundle_(**kwargs)  # pyright: ignore[reportPrivateUsage] - IPython's protocol

    def __repr__(self) -> str:
        return f"<Replay of {len(self)} steps, standing after {self._at}>"
