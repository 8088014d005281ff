"""A job's cell: its pictures as they get clearer, in every front end that shows HTML, and without waiting for them."""

from __future__ import annotations

import html
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from PIL import Image
from tqdm import tqdm

from guidewidgets.arguments import plural
from guidewidgets.session.picture.html import Tile, sheet, sheet_html
from guidewidgets.session.progress import Progress

EVERY = 0.4
"""Seconds between two states of the cell."""
SIDE = 96
"""Pixels of a picture under way."""


class Watched(Protocol):
    """What is shown of a job."""

    operator: str
    watched: bool

    @property
    def state(self) -> str: ...  # noqa: D102 - see `Job`
    @property
    def progress(self) -> Progress: ...  # noqa: D102
    @property
    def slots(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def result(self) -> Any: ...  # noqa: D102
    def previews(self) -> Mapping[int, np.ndarray]: ...  # noqa: D102


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def show(job: Watched, over: threading.Event) -> None:
    """Show a job in this cell, now; in a notebook the cell follows it until it is over.

    Args:
        job: may be over.
        over: set when it is.
    """
    from IPython.display import display

    if over.is_set() or not in_notebook():
        display(_bundle(job), raw=True)
        return
    handle = display(_bundle(job), raw=True, display_id=True)
    update: Callable[..., None] = handle.update  # pyright: ignore[reportOptionalMemberAccess] - asked for by display_id

    def follow() -> None:
        shown = job.progress
        while not over.wait(EVERY):
            if job.progress != shown:
                shown = job.progress
                update(_bundle(job), raw=True)
        update(_bundle(job), raw=True)

    threading.Thread(target=follow, name="guidewidgets-output", daemon=True).start()


@contextmanager
def followed(job: Watched, over: threading.Event) -> Generator[Callable[[], None]]:
    """Show how far a job is while somebody waits for it: in the notebook's cell, or as a bar in a terminal.

    A cell gets HTML alone: a widget would be missed when the notebook is opened again.

    Args:
        job: nothing is shown of one that a widget shows.
        over: set when it is over.

    Yields:
        What to call again and again meanwhile.
    """
    cell = _Cell(job) if in_notebook() and not job.watched and not over.is_set() else None
    hidden = True if job.watched or cell else None  # None: shown in terminals only
    with tqdm(total=job.progress.steps, desc=job.operator, unit="step", disable=hidden, leave=False) as bar:

        def follow() -> None:
            bar.update(job.progress.step - bar.n)
            if cell:
                cell.follow()

        try:
            yield follow
        finally:
            if cell:
                cell.clear()


class _Cell:
    """A job in the cell that waits for it."""

    def __init__(self, job: Watched) -> None:
        from IPython.display import display

        self._job, self._shown, self._next = job, job.progress, 0.0
        handle = display(_bundle(job), raw=True, display_id=True)
        self._update: Callable[..., None] = handle.update  # pyright: ignore[reportOptionalMemberAccess] - as above

    def follow(self) -> None:
        """Show how far it is, if that is news and the last time is long enough ago."""
        if (now := time.monotonic()) >= self._next and (progress := self._job.progress) != self._shown:
            self._shown, self._next = progress, now + EVERY
            self._update(_bundle(self._job), raw=True)

    def clear(self) -> None:
        """Leave nothing in the cell."""
        self._update({"text/plain": ""}, raw=True)


def _bundle(job: Watched) -> dict[str, str]:
    return {"text/plain": repr(job), "text/html": page(job)}


def page(job: Watched) -> str:
    """The state of a job as HTML: what it made, once it is over; a bar and small pictures before."""
    if job.result is not None and len(job.result):
        return sheet_html(job.result, repr(job.result)[1:-1])
    p = job.progress
    if job.state in ("cancelled", "failed"):
        return f"<p>{html.escape(repr(job))}</p>"
    line = f"{plural(p.n, 'image')} under way: step {p.step} of {p.steps}, {p.done} finished"
    tiles = [
        Tile(
            Image.fromarray(pixels).resize((SIDE, round(SIDE * len(pixels) / pixels.shape[1]))),
            line,
            str(slot),
        )
        for slot, pixels in job.previews().items()
    ]
    bar = f'<progress max="{max(1, p.steps)}" value="{p.step}" aria-label="{html.escape(line)}"></progress>'
    return f"<div>{bar}{sheet(tiles, line) or f'<p>{html.escape(line)}</p>'}</div>"
