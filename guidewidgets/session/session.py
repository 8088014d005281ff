"""Session: the object people hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, Unpack, final

from guidewidgets.arguments import plural
from guidewidgets.evolve.plane import triangle
from guidewidgets.limits import LIMIT
from guidewidgets.prompt import Prompt
from guidewidgets.session.actions.assessing import Assessing
from guidewidgets.session.actions.method import action
from guidewidgets.session.actions.nevergrad import NevergradRun, over
from guidewidgets.session.actions.switching import Switching
from guidewidgets.session.job import Job
from guidewidgets.session.opening import Opened, begin, reopen
from guidewidgets.session.operators import (
    METHODS,
    blend,
    cross,
    edit,
    learn,
    mix,
    mutate,
    optimize,
    recombine,
    render,
    repair,
    sample,
    search,
    suggest,
)
from guidewidgets.session.recording.calls import Call
from guidewidgets.session.storage.left import LeftSession, left
from guidewidgets.settings import Overrides
from guidewidgets.untrusted import bad


@final
class Session(Switching, Assessing):
    """A history of generations of images, and the actions that add to it. In a notebook it shows the workbench.

    Actions return a `Job` at once; the work is done by one thread per model.

        Make      sample, cross, mutate, recombine, blend, plane, render, mix
        Prefer    star, reject, unmark, note, question, prefer, suggest, opinion, optimizer
        Measure   verify, leverage
        Optimise  optimize, search, edit, repair, learn, pursued
        Settings  prompt, steps, guidance, sampler, size, set, doubts, seed, engine
        History   history, s[4], undo, redo, back_to, cancel, owners, kinship, code
        Files     save, open, latest, recent, close, folder, restore, resume, unfinished
        Switch    begin_anew, take_up, offers
        Export    to_html, to_zip, to_replay, contact_sheet, plane_sheet
        Show      workbench, grid, composer, lineage, saliency, monitor, taste
        Programs  view, subscribe, resolve
    """

    def __init__(
        self,
        prompt: str | Prompt = "",
        model: Any = None,
        seed: int = 0,
        store: str | Path | Opened | None = None,
    ) -> None:
        """Begin a session.

        Args:
            prompt: what to paint; text is parsed (`a fox AND a beach AND NOT a house`).
            model: None (the embedded model), a folder, a model id, a diffusers pipeline or an `Engine`.
            seed: non-negative int; with the order of the actions it determines every picture.
            store: a new or empty folder that keeps everything as it happens; None: a temporary one. One that holds a
                session already is refused, and left as it is: `open` is for that. (`open` itself gives what it opened,
                which knows all the rest.)

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
            OSError: the folder cannot be written to.
        """
        if isinstance(store, Opened):
            super().__init__(store)
            return
        super().__init__(begin(prompt, model, seed, store))
        self._advise(None, self._state.settings)

    @classmethod
    def open(cls, path: str | Path | LeftSession, model: Any = None) -> Self:
        """Open a session as somebody left it, marks, undo and redo included; its model waits until pixels are needed.

        While another session writes to it, or where nobody can, what is opened is read-only, and says so. What is
        damaged of it is left out, and told in a notice.

        Args:
            path: its folder, one of `recent()`, or its `.gw` file: that is unpacked to a working folder beside it,
                which keeps all that is done from now on, and which the next `open` finds, until `save` puts it into
                the file.
            model: as in `Session`; None: the embedded one, if its pictures are by that. A name in the file is never
                followed.

        Raises:
            SessionFileError: it cannot be read; one line says why.
        """
        return cls(store=reopen(path, model))

    @classmethod
    def latest(cls, model: Any = None) -> Self:
        """Open the session that was left last in a temporary folder, as by a kernel that was restarted.

        In a notebook the sessions of that notebook come before all others.

        Raises:
            SessionFileError: none was left with pictures.
        """
        for found in left(own=True):
            return cls.open(found, model)
        raise bad("no session was left behind: Session.recent() lists those of temporary folders")

    @staticmethod
    def recent() -> list[LeftSession]:
        """Sessions left behind in temporary folders, the newest first; `Session.open` takes each.

        A new session removes what nobody will miss: those left without a picture for a day, and those left for 30 days
        in which nothing was ever starred, rejected or chosen.
        """
        return list(left())

    # Make, learn, optimise: one operator each, see `operators/`

    sample = action(sample.sample)
    cross = action(cross.cross)
    mutate = action(mutate.mutate)
    recombine = action(recombine.recombine)
    blend = action(blend.blend)
    render = action(render.render)
    mix = action(mix.mix)
    suggest = action(suggest.suggest)
    optimize = action(optimize.optimize)
    edit = action(edit.edit)
    learn = action(learn.learn)
    repair = action(repair.repair)
    search = action(search.search)

    def plane(
        self,
        candidates: Sequence[int] | None = None,
        side: int = 4,
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """The plane between three favourites, as a triangle of pictures; `plane_sheet` shows it as one.

            s.plane([2, 5, 9]).wait()
            s.plane_sheet()

        Mixtures as `mix` makes them, at the places of `evolve.triangle`; the favourites themselves are the corners.

        Args:
            candidates: three numbers; None: those starred in the newest generation with stars, where they are three.
            side: pictures along an edge, 2 to 12; side · (side + 1) / 2 in all.
            seed: see `sample`, as for `limit` and `overrides`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the favourites'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range, or there are not three different pictures.
        """
        weights = triangle(side)
        corners = self._context(Call("", {})).candidates(candidates)
        if len(corners) != 3 or len({c.hash for c in corners}) != 3:
            numbers = ", ".join(str(c.id) for c in corners)
            raise ValueError(f"the plane of {numbers}: expected three different pictures")
        return self.mix([c.id for c in corners], weights, seed=seed, limit=limit, **overrides)

    @property
    def pursued(self) -> Job | None:
        """The newest optimisation, under way or over; None before the first."""
        return self._state.newest_controlled

    def optimizer(
        self,
        name: str = "CMA",
        parents: Sequence[int] | None = None,
        *,
        guidance: tuple[float, float] | None = None,
        n: int = 12,
        budget: int = 600,
        seed: int = 0,
    ) -> NevergradRun:
        """An optimizer of nevergrad that mixes the favourites, by ask and tell.

            best = s.optimizer("CMA")
            best.ask(12)                 # a job; star what you like of it, then
            best.tell()                  # the stars are told, and
            best.ask(12)                 # what comes next knows of them
            best.run(gw.ClipText("a red fox"), rounds=5)     # or an objective tells, five times over

        Args:
            name: registered in nevergrad: "CMA", "DE", "TwoPointsDE", "OnePlusOne" …
            parents: candidate numbers that span the space; None: all that are starred in the history, at least two.
            guidance: lowest and highest guidance scale, where that is to vary too.
            n: how many are asked for at once, as a rule; 1 for those that go one by one: "NelderMead", "Cobyla",
                "SQP", "BFGS" …
            budget: how many will be asked for in all; some optimizers plan with it.
            seed: of the optimizer, a non-negative int.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range, or the optimizer does not work here; the
                message says why.
            ImportError: nevergrad is not installed.
        """
        numbers = [c.id for g in self.history for c in g.starred] or None if parents is None else parents
        favourites = self._context(Call("", {})).candidates(numbers)
        bounds = {} if guidance is None else {"guidance": guidance}
        return over(favourites, self.mix, lambda: self.engine, name, bounds, n, budget, seed)

    def __repr__(self) -> str:
        generations = self.history
        return (
            f"<Session {str(self.prompt)!r}: {plural(len(generations), 'generation')}, "
            f"{plural(sum(map(len, generations)), 'candidate')}, {self._model.id}>"
        )


for _name, _function in METHODS.items():
    if not hasattr(Session, _name):  # no line above: all the same, but unknown to type checkers
        setattr(Session, _name, action(_function))
