"""Which cell of a notebook shows which widget, so that a cell run again lets go of what it replaced.

Nothing else would: ipywidgets holds every widget until it is closed, the widget holds its session, and IPython's
`Out` holds what a cell ended in. The rule: a widget is in use while a cell shows it whose output still stands, or
another widget does. Running a cell clears its output; a widget that is then shown nowhere is closed (shown again it is
back, see `Panel`), and with a session's last widget in use go its others, and its places in `Out`. What the user's own
variables hold stays.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import ReferenceType, WeakSet, ref

from guidewidgets.widgets.host import registry


class Shown(Protocol):
    """A widget, as far as cells have to do with it."""

    session: Any
    cells: set[str | None]

    @property
    def model_id(self) -> str:
        """As ipywidgets knows it."""
        ...

    def close(self) -> None:
        """End it."""


@dataclass(slots=True)
class Left:
    """What stays of a closed widget: its comm, for the last words that cells still show.

    Attributes:
        comm: to be closed when all of these cells have run again.
        cells: by id.
        panel: the widget.
        session: its session.
    """

    comm: Any
    cells: set[str]
    panel: ReferenceType[Any]
    session: ReferenceType[Any]


_open: WeakSet[Shown] = WeakSet()
_cleared: list[Shown] = []  # by the cell that runs now
_left: list[Left] = []
_over: list[Left] = []  # by the cell that runs now
_heard: WeakSet[Any] = WeakSet()  # shells whose cells are heard of


def opened(panel: Shown) -> None:
    """Know a widget from now on, until it is closed."""
    _open.add(panel)


def has_open(session: object) -> bool:
    """Whether there is a widget of this session."""
    return any(panel.session is session for panel in tuple(_open))


def closed(panel: Shown) -> None:
    """Forget a widget."""
    _open.discard(panel)


def leave(panel: Shown, comm: Any) -> bool:
    """Keep the page's side of a closed widget until all cells that show it have run again.

    Returns:
        Whether that can be known.
    """
    places = {cell for cell in panel.cells if cell is not None}
    if not places or len(places) < len(panel.cells):
        return False
    _left.append(Left(comm, places, ref(panel), ref(panel.session)))
    return True


def shown(panel: Shown) -> None:
    """Note that the cell that runs now shows a widget."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    if shell not in _heard:
        _heard.add(shell)
        shell.events.register("pre_run_cell", _begins)
        shell.events.register("post_run_cell", lambda _: _ended(shell))
    panel.cells.add(_cell(shell))


def _cell(shell: Any) -> str | None:
    """Id of the cell that runs now; None where the host names none: what is shown there stays."""
    kernel: Any = getattr(shell, "kernel", None)
    parent = kernel.get_parent() if hasattr(kernel, "get_parent") else None
    return ((parent or {}).get("metadata") or {}).get("cellId")


def _begins(info: Any) -> None:
    """A cell runs: the page has cleared its output."""
    cell = getattr(info, "cell_id", None)
    if cell is None:
        return
    for panel in tuple(_open):
        if cell in panel.cells:
            panel.cells.remove(cell)
            _cleared.append(panel)
    for one in tuple(_left):
        one.cells.discard(cell)
        if not one.cells:
            _left.remove(one)
            _over.append(one)
            one.comm.close(deleting=True)  # the manager of comms knows it no longer


def _ended(shell: Any) -> None:
    """A cell has run: close what it had shown before and nobody shows now."""
    cleared = _cleared.copy()
    _cleared.clear()
    for session in {id(panel.session): panel.session for panel in cleared}.values():
        own = [panel for panel in _open if panel.session is session]
        used = [panel for panel in own if _used(panel)]
        for panel in own:
            if panel not in used and (not used or any(panel is one for one in cleared)):
                panel.close()
        if not used:
            _forget(shell, [session, *own])
    for one in _over:
        last = all(one.session is not other.session for other in _left)
        _forget(shell, [live for gone in (one.panel, one.session) if last and (live := gone()) is not None])
    _over.clear()


def _used(panel: Shown) -> bool:
    """Whether a cell or another widget, like a box or an `Output`, shows a widget."""
    others = tuple(registry().values())
    return bool(panel.cells) or any(
        panel in getattr(other, "children", ()) or panel.model_id in str(getattr(other, "outputs", ""))
        for other in others
    )


def _forget(shell: Any, gone: list[Any]) -> None:
    """Take sessions and widgets from IPython's `Out`, `_` and so on."""

    def is_gone(value: object) -> bool:
        return any(value is one for one in gone)

    spaces, out = (shell.user_ns, shell.user_ns_hidden), shell.user_ns.get("_oh", {})
    for n in [n for n, value in out.items() if is_gone(value)]:
        del out[n]
        for names in spaces:
            names.pop(f"_{n}", None)
    for name in ("_", "__", "___"):
        if is_gone(getattr(shell.displayhook, name, None)):
            setattr(shell.displayhook, name, "")
            for names in spaces:
                if is_gone(names.get(name)):
                    names[name] = ""
