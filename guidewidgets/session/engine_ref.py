"""The model of a session, loaded when pixels are first needed."""

from __future__ import annotations

from typing import Any, final

from guidewidgets import forks
from guidewidgets.engine import Engine
from guidewidgets.engine.model.load import EMBEDDED_ID


@final
class Model:
    """Gives the engine when called; safe on any thread.

    Attributes:
        id: of the model.
        revision: fingerprint of its weights.
    """

    def __init__(self, engine: Engine | None, name: str, revision: str, given: Any = None) -> None:
        self.id, self.revision = name, revision
        self._engine, self._given = engine, given
        self._lock = forks.lock()

    @classmethod
    def of(cls, model: Any) -> Model:
        """A model for a new session: an engine, or what `Engine.load` takes."""
        engine = model if isinstance(model, Engine) else Engine.load(model)
        return cls(engine, engine.id, engine.revision)

    @property
    def found_by_itself(self) -> bool:
        """Whether `gw.Session()` takes this model."""
        return self.id == EMBEDDED_ID

    def __call__(self) -> Engine:
        """The engine.

        Raises:
            ValueError: nobody said where the model of a session that was opened is: a file is never believed in this.
        """
        with self._lock:
            if self._engine is None:
                if self._given is None and self.id != EMBEDDED_ID:
                    message = (
                        f"this session's pictures are by the model {self.id!r}: "
                        "to make more, open it with Session.open(path, model=…)"
                    )
                    raise ValueError(message)
                given = self._given
                self._engine = given if isinstance(given, Engine) else Engine.load(given)
            return self._engine
