"""The model of a session, loaded when pixels are first needed. Sessions of one model share its engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, final
from weakref import WeakValueDictionary

from guidewidgets import forks
from guidewidgets.concept import Concept
from guidewidgets.engine import Engine
from guidewidgets.engine.model.load import EMBEDDED, EMBEDDED_ID

_loaded: WeakValueDictionary[tuple[object, ...], Engine] = WeakValueDictionary()
_guard = forks.lock()


def _load(model: Any) -> Engine:
    """The engine of a model: while a session uses it, the same for all that name the same folder or id.

    Raises as `Engine.load`. A folder whose files have changed is another model; engines of one live pipeline are
    light, as its parts are shared anyway.
    """
    if isinstance(model, Engine):
        return model
    if model is not None and not isinstance(model, (str, Path)):
        return Engine.load(model)
    folder = EMBEDDED if model is None else Path(model).expanduser()
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    stamps = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    key = (None if model is None else str(model), stamps)
    with _guard:
        engine = _loaded.get(key)
        if engine is None:
            engine = _loaded[key] = Engine.load(model)
        return engine


@final
class Model:
    """Gives the engine when called; safe on any thread.

    Attributes:
        id: of the model.
        revision: fingerprint of its weights.

    `learned` gives words that the pictures of a session say, for the engine that is loaded for it.
    """

    def __init__(
        self,
        engine: Engine | None,
        name: str,
        revision: str,
        given: Any = None,
        learned: Callable[[], Iterable[Concept]] = tuple,
    ) -> None:
        self.id, self.revision = name, revision
        self._learned = learned
        self._engine, self._given = engine, given
        self._lock = forks.lock()
        self._told = 0

    @classmethod
    def of(cls, model: Any) -> Model:
        """A model for a new session: an engine, or what `Engine.load` takes."""
        engine = _load(model)
        return cls(engine, engine.id, engine.revision)

    @property
    def found_by_itself(self) -> bool:
        """Whether `gw.Session()` takes this model."""
        return self.id == EMBEDDED_ID

    def news(self) -> list[str]:
        """What is new of the pipeline since this was last asked, one line each; see `Engine.refresh`."""
        engine = self()
        engine.refresh()
        with self._lock:
            new = engine.notices[self._told :]
            self._told += len(new)
        return new

    def __call__(self) -> Engine:
        """The engine.

        Raises:
            ValueError: nobody said where the model of a session that was opened is: a file is never believed in this.
        """
        with self._lock:
            if self._engine is None:
                if self._given is None and self.id != EMBEDDED_ID:
                    raise ValueError(
                        f"this session's pictures are by the model {self.id!r}: "
                        "to make more, open it with Session.open(path, model=…)"
                    )
                engine = _load(self._given)
                if engine.name == f"{self.id}#{self.revision}":
                    for concept in self._learned():
                        engine.add_concept(concept, replace=False)
                self._engine = engine
            return self._engine
