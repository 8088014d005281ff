"""A session's files and widgets: saving it, exporting it, resuming it, showing it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from guidewidgets import display_registry
from guidewidgets.limits import MAX_SEED
from guidewidgets.session.actions import restore_picture
from guidewidgets.session.actions.base import Actions
from guidewidgets.session.export import bundle
from guidewidgets.session.export.page import page
from guidewidgets.session.export.plane import corners, plane_sheet
from guidewidgets.session.job import Job
from guidewidgets.session.operators import METHODS, RECORDED
from guidewidgets.session.recording import calls
from guidewidgets.session.recording.calls import Call
from guidewidgets.session.recording.script import Past, write
from guidewidgets.session.selection import chosen
from guidewidgets.session.storage import disk, working_copy
from guidewidgets.session.storage.restore import Unfinished
from guidewidgets.settings import RenderSettings
from guidewidgets.untrusted import bad, field, whole


class Files(Actions):
    """Files and widgets of a session; see `Session`."""

    def __reduce__(self) -> str:
        raise TypeError(
            "a session stays in its process: s.save('trip.gw') and Session.open take it elsewhere"
        )

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
                RECORDED,
            )
        return write(past)

    def to_html(self, path: str | Path) -> None:
        """Write the session as one page that needs neither kernel nor network: pictures, lineage, comparison, code.

        Raises:
            OSError: it cannot be written; what was there stays.
        """
        generations = self._state.generations()
        title = f"{self._state.settings.prompt} ({self._model.id})"
        with disk.destination(path) as file:
            bundle.write_text(file, page(title, generations, self.code()))

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
        with disk.destination(path) as file:
            bundle.write_zip(file, self._state.generations())

    def contact_sheet(self, candidates: Sequence[int] | None = None, columns: int = 6) -> Any:
        """A matplotlib figure of some candidates, which a notebook shows; None: those of the generation on show.

        Raises:
            ValueError, TypeError, IndexError: there is nothing to show, or no such candidate.
        """
        if candidates is not None:
            return bundle.contact_sheet(chosen(self._state, candidates), columns)
        generations = self._state.generations()
        return bundle.contact_sheet(generations[-1].candidates if generations else (), columns)

    def plane_sheet(self, candidates: Sequence[int] | None = None) -> Any:
        """A matplotlib figure of pictures between three, each where its weights say; None: the newest of `plane`.

        Raises:
            ValueError, TypeError, IndexError: there are none, or no such candidate.
        """
        if candidates is not None:
            return plane_sheet(chosen(self._state, candidates))
        made = [g.candidates for g in reversed(self._state.generations()) if g.operator == "mix"]
        return plane_sheet(next((some for some in made if corners(some[0]) is not None), ()))

    def close(self) -> None:
        """End all jobs, close the widgets, and let go of the files, so that others may write to them.

        Notebooks keep the pictures on show, and say that the session is closed.
        """
        for job in tuple(self._state.jobs):
            job.cancel()
            with contextlib.suppress(Exception):  # told when it happened
                job.wait()
        while self._widgets:
            self._widgets.popitem()[1].end()
        self._state.journal.close()

    # What comes from files

    def restore(self, path: str | Path) -> Job | None:
        """Take a file into the session, as dropping it on the grid does.

        A PNG saved here becomes a candidate. The picture of another program (PNG, JPEG, WebP or AVIF) sets prompt,
        steps, guidance and so on; a notice names what could not be restored: where the picture says nothing, your own
        settings stay. ComfyUI's ".latent" is rendered as initial noise.

        Returns:
            The job that made candidates; None where only settings were taken over.

        Raises:
            SessionFileError: there is nothing of this in the file, or it is damaged.
        """
        return restore_picture.restore(self._context(Call("restore", {})), Path(path).expanduser())

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
            raise KeyError(f"no interrupted job {missing[0]}: expected one of {sorted(offered)}")
        return [self._resume(offered[number]) for number in numbers or tuple(offered)]

    def _resume(self, one: Unfinished) -> Job:
        method = calls.check_call(one.call, RECORDED)["method"]
        if method not in METHODS:
            raise bad(f"job {one.number}: a file that was taken in cannot be asked for again")
        given = field(one.call, "arguments", dict)
        arguments = {name: calls.from_data(value) for name, value in given.items()}
        used = RenderSettings.from_data(field(one.call, "settings", dict))
        settings = {} if RECORDED[method].standalone else used.named()
        seed = whole(one.call, "seed", 0, MAX_SEED)
        context = self._context(Call(method, arguments, one.slots))
        job: Job = METHODS[method](context, **arguments | settings, seed=seed, limit=None)
        self._unfinished = tuple(job for job in self._unfinished if job is not one)
        self._kept.store.end_interrupted(one.number)
        return job

    # Widgets: each is one view of the same state, made when first asked for

    @property
    def workbench(self) -> Any:
        """All of it in one place, in tabs; what a session shows by itself."""
        return self._widget("workbench")

    @property
    def grid(self) -> Any:
        """The grid of images alone."""
        return self._widget("grid")

    @property
    def lineage(self) -> Any:
        """All candidates ever made and how they came from each other, as a graph to walk."""
        return self._widget("lineage")

    @property
    def composer(self) -> Any:
        """The prompt as blocks to combine, weigh and place."""
        return self._widget("composer")

    @property
    def saliency(self) -> Any:
        """Where a candidate draws the eye, and where to look instead."""
        return self._widget("saliency")

    @property
    def monitor(self) -> Any:
        """An optimisation under way, with its curve, its pictures, and its controls."""
        return self._widget("monitor")

    @property
    def taste(self) -> Any:
        """What the session has learned of your taste, and how sure it is."""
        return self._widget("taste")

    def _widget(self, name: str) -> Any:
        # A widget that was closed has lost its comm for good; whoever asks again wants a live one.
        if name not in self._widgets or self._widgets[name].comm is None:
            self._widgets[name] = display_registry.make(name, self)
        return self._widgets[name]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.workbench._repr_mimebundle_(**kwargs)
