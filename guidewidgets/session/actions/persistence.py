"""What makes a session outlive its process: files, and jobs that were interrupted."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from guidewidgets.genome_data import MAX_SEED
from guidewidgets.session.actions import restore_picture as taking
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.export import bundle
from guidewidgets.session.export.page import page
from guidewidgets.session.history import Set
from guidewidgets.session.job import Job
from guidewidgets.session.picture.foreign import Foreign
from guidewidgets.session.recording import calls
from guidewidgets.session.recording.script import Past, write
from guidewidgets.session.selection import as_numbers
from guidewidgets.session.state import State
from guidewidgets.session.storage import working_copy
from guidewidgets.session.storage.records import settings_from_data
from guidewidgets.session.storage.restore import Unfinished, restore
from guidewidgets.session.storage.working_copy import Kept
from guidewidgets.untrusted import bad, field, text, whole


class Lasting(Actions):
    """A session's files; see `Session`."""

    def __init__(
        self, model: Model, state: State, seed: int, kept: Kept, unfinished: tuple[Unfinished, ...] = ()
    ) -> None:
        super().__init__(model, state, seed)
        self._kept = kept
        self._unfinished = unfinished
        self._widgets: dict[str, Any] = {}
        if kept.notice is not None:
            state.notice(kept.notice.level, kept.notice.text)
        if unfinished:
            told = "; ".join(map(str, unfinished[:3]))
            state.notice("warning", f"was interrupted: {told}; s.resume() makes the rest")

    @classmethod
    def open(cls, path: str | Path, model: Any = None) -> Self:
        """Open a session as somebody left it, marks, undo and redo included; its model waits until pixels are needed.

        While another session writes to it, what is opened is read-only, and says so.

        Args:
            path: its folder, or its `.gw` file: that is unpacked to a working folder beside it, which keeps all that
                is done from now on, and which the next `open` finds, until `save` puts it into the file.
            model: as in `Session`; None: the embedded one, if its pictures are by that. A name in the file is never
                followed.

        Raises:
            SessionFileError: it cannot be read; one line says why.
        """
        kept = working_copy.reopen(path)
        try:
            state, unfinished = restore(kept.store)
            about = {key: kept.store.read_meta(key) for key in ("seed", "model", "revision")}
            named = Model(None, text(about, "model"), text(about, "revision"), model)
            seed = whole(about, "seed", 0, MAX_SEED)
            damaged = kept.store.contents.damaged()
            kept.settle()
        except BaseException:
            kept.discard()
            raise
        session = cls.__new__(cls)
        Lasting.__init__(session, named, state, seed, kept, unfinished)
        if damaged:
            some = ", ".join(map(str, damaged[:10])) + (" …" if len(damaged) > 10 else "")
            state.notice("warning", f"damaged or missing on the disk: candidates {some}")
        return session

    @property
    def folder(self) -> Path | None:
        """Where everything is kept as it happens; None where there was no place to write to."""
        return getattr(self._kept.journal, "folder", None)

    def save(self, path: str | Path) -> None:
        """Write the session as one file, for instance "trip.gw"; the file that was there stays until the new is whole.

        Raises:
            ValueError: it is a folder.
            OSError: it cannot be written; what was there stays.
        """
        working_copy.save(self._kept.store, path)

    def code(self) -> str:
        """Python that makes all this again, without widgets: run on the same model, the latents are the same bits.

        What was undone is left out, unless something later was made of it; candidates then have other numbers.
        """
        with self._state.lock:
            history = self._state.history
            line = dict(zip(history.numbers[: history.cursor], history.events[: history.cursor], strict=True))
            past = Past(
                (self._model.id, self._model.found_by_itself),
                self.seed,
                self._state.first_settings,
                line,
                self._state.journal.started(),
            )
        return write(past)

    def to_html(self, path: str | Path) -> None:
        """Write the session as one page that needs neither kernel nor network: pictures, lineage, comparison, code.

        Raises:
            OSError: it cannot be written; what was there stays.
        """
        generations = self._state.generations()
        title = f"{self._state.settings.prompt} ({self._model.id})"
        bundle.write_text(Path(path).expanduser(), page(title, generations, self.code()))

    def to_replay(self, path: str | Path) -> None:
        """Write a copy for others to walk through with `gw.Replay`, without the model: a class, or a test without GPU.

        The session goes on in its own file. Raises as `save`.
        """
        working_copy.copy(self._kept.store, path)

    def to_zip(self, path: str | Path) -> None:
        """Write all pictures, as PNGs that carry their genome, and a table of them as one zip.

        Raises:
            OSError: it cannot be written; what was there stays.
        """
        bundle.write_zip(Path(path).expanduser(), self._state.generations())

    def contact_sheet(self, candidates: Sequence[int] | None = None, columns: int = 6) -> Any:
        """A matplotlib figure of some candidates; None: those of the generation on show.

        Raises:
            ValueError, TypeError, IndexError: there is nothing to show, or no such candidate.
        """
        if candidates is not None:
            return bundle.contact_sheet([self._state.find(i) for i in as_numbers(candidates)], columns)
        generations = self._state.generations()
        return bundle.contact_sheet(generations[-1].candidates if generations else (), columns)

    def close(self) -> None:
        """End all jobs and let go of the files, so that others may write to them."""
        for job in tuple(self._state.jobs):
            job.cancel()
            with contextlib.suppress(Exception):  # told when it happened
                job.wait()
        self._state.journal.close()

    @property
    def unfinished(self) -> tuple[Unfinished, ...]:
        """Jobs that were under way when the session ended, oldest first."""
        return self._unfinished

    def resume(self, *numbers: int) -> list[Job]:
        """Make the rest of interrupted jobs, all or some by number: the same pictures that they would have made.

        Raises:
            KeyError: there is no such interrupted job.
            SessionFileError: what was noted of it is damaged.
        """
        offered = {job.number: job for job in self._unfinished}
        if missing := [number for number in numbers if number not in offered]:
            message = f"no interrupted job {missing[0]}: expected one of {sorted(offered)}"
            raise KeyError(message)
        return [self._resume(offered[number]) for number in numbers or tuple(offered)]

    def restore(self, path: str | Path) -> Job | None:
        """Take a file into the session, as dropping it on the grid does.

        A PNG saved here becomes a candidate. The picture of another program sets prompt, steps, guidance and so on; a
        notice names what could not be restored. ComfyUI's ".latent" is rendered as initial noise.

        Returns:
            The job that made candidates; None where only settings were taken over.

        Raises:
            SessionFileError: there is nothing of this in the file, or it is damaged.
        """
        file = Path(path).expanduser()
        if file.suffix.lower() == ".latent":
            latents = taking.noise(file)
            self.engine.genomes(latents, "")  # refuses what does not fit the model before anything is queued
            settings = self._state.settings
            return self._launch(
                "restore",
                len(latents),
                settings,
                None,
                None,
                lambda s: taking.breed(self.engine, settings, latents, s),
            )
        found = taking.read(file)
        if isinstance(found, Candidate):
            return taking.adopt(self._state, found, file.name)
        missing = [*found.missing, *self._take_settings(found)]
        text = f"{file.name}: settings by {found.producer}; not restored: {'; '.join(missing)}"
        self._state.notice("warning", text[:500])
        return None

    def _take_settings(self, found: Foreign) -> list[str]:
        """Set what this model can do, as one event, and tell what it cannot."""
        refused: list[str] = []
        with self._state.lock:
            before = after = self._state.settings
            for name, value in found.settings.items():
                try:
                    after = after.changed(self.engine, **{name: value})
                except (ValueError, TypeError) as error:
                    refused.append(f"{name} ({error})")
            if after != before:
                self._state.push(Set(before, after))
        return refused

    def _resume(self, one: Unfinished) -> Job:
        method = calls.check_call(one.call)["method"]
        if method not in calls.METHODS:
            raise bad(f"job {one.number}: a file that was taken in cannot be asked for again")
        given = field(one.call, "arguments", dict)
        arguments = {name: calls.from_data(value) for name, value in given.items()}
        used = settings_from_data(field(one.call, "settings", dict))
        settings = {f.name: getattr(used, f.name) for f in dataclasses.fields(used)}
        if method in calls.OWN_WORDS:
            settings = {}
        seed = whole(one.call, "seed", 0, MAX_SEED)
        with calls.under_way(calls.Call(method, arguments, one.slots)):
            job: Job = getattr(self, method)(**arguments | settings, seed=seed, limit=None)
        self._unfinished = tuple(job for job in self._unfinished if job is not one)
        self._kept.store.end_interrupted(one.number)
        return job
