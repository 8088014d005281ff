"""The widget: one session, shown as a grid of images alone or as the whole workbench around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

import traitlets

from guidewidgets.session.events import Changed, Event, Finished
from guidewidgets.widgets import grid_commands, protocol
from guidewidgets.widgets.handlers import Handler
from guidewidgets.widgets.holds import by_holds, unchecked
from guidewidgets.widgets.html_export import contact_sheet
from guidewidgets.widgets.panel import PLACE, Panel
from guidewidgets.widgets.pending_marks import PendingMarks
from guidewidgets.widgets.pictures import Pictures
from guidewidgets.widgets.state import Show, notes, on_show, page_state, title
from guidewidgets.widgets.tabs import Tabs
from guidewidgets.widgets.uploads import Uploads

if TYPE_CHECKING:
    from guidewidgets.session import Generation, Session
    from guidewidgets.session.events import View


@final
class GridWidget(Panel):
    """A view of a session: its newest images, to mark, evolve and draw on.

    Attributes:
        mode: "workbench": with prompt line and buttons; "grid": images and progress alone.
        selection: numbers of the starred candidates on show.
        uploads: the file that the page is handing over.
    """

    KIND: ClassVar[str] = "grid"
    COMMANDS: ClassVar[Mapping[str, Handler]] = grid_commands.COMMANDS

    mode = traitlets.Enum(["workbench", "grid"], "workbench").tag(sync=True)
    selection = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self, session: Session, *, mode: Literal["workbench", "grid"] = "workbench", **place: Any
    ) -> None:
        if odd := sorted(place.keys() - PLACE):
            message = f"{odd[0]!r} is no argument of GridWidget: expected a session and mode"
            raise TypeError(message)
        self.uploads = Uploads()
        self._tabs = Tabs(self)
        self._pictures = Pictures()
        self._pending = PendingMarks(session)
        self._generation: tuple[int, ...] | None = None
        self._looked: tuple[Generation, int] | None = None
        self._sorted = False  # by what the pictures hold
        for job in session.view().jobs:
            self._pictures.recall(session, job.slots)
        self.session = session  # a notebook may be saved before anything is sent
        super().__init__(session, mode=mode, **(self.static_traits() | place))

    # From the session and the page, on unpredictable threads: note it and go on

    def heard(self, event: Event) -> None:
        """See `Panel`."""
        if isinstance(event, Changed):
            self.changed()
        elif isinstance(event, Finished):
            self._pictures.finish(event.candidates)
            self.touch(*(c.id for c in event.candidates))
        else:
            self.touch(*event.job.previews())

    def greeted(self, hello: protocol.Hello) -> None:
        """See `Panel`."""
        super().greeted(hello)
        self._pictures.tile_px = self.tile_px

    def markable(self, slots: Sequence[int], mark: str) -> Sequence[int]:
        """See `Panel`: marks on images under way wait for them."""
        rest = self._pending.take(slots, mark)
        self.changed()
        return rest

    # To the page, on the sender's thread

    def look(self, generation: int) -> None:
        """Show an earlier generation, by its index, until there is a newer one; IndexError: unknown."""
        history = self.session.history
        found = next((one for one in history if one.index == generation), None)
        if found is None:
            raise IndexError(f"there is no generation {generation}, or it was undone")
        self._looked = (found, history[-1].index)
        self.changed()

    def verify(self) -> None:
        """Measure what the pictures on show hold, which they then tell. Raises as `Session.verify`."""
        self.session.verify(list(self._show().candidates), wait=False)

    def sort(self) -> None:
        """Order the pictures by what they hold, or as they were made again."""
        self._sorted = not self._sorted
        self.changed()

    def _at(self, view: View) -> Generation | None:
        """The earlier generation on show, if it is one and still there."""
        found, newest = self._looked or (None, None)
        there = view.generation is not None and view.generation.index == newest and view.pending is None
        return found if there else None

    def _show(self) -> Show:
        return self._shown(view := self.session.view(), self._at(view))

    def _shown(self, view: View, at: Generation | None) -> Show:
        show = on_show(view, self._pictures.finished, at)
        return by_holds(show) if self._sorted and show.job is None else show

    def state(self) -> dict[str, Any]:
        """See `Panel`: everything but the pictures."""
        view = self.session.view()
        if self._pending.grant(view):
            view = self.session.view()
        at = self._at(view)
        show = self._shown(view, at)
        self._pictures.keep(show)
        state = page_state(self.session, view, show, self._pictures.seen(show), self._pending.marks, at)
        return state | {"sorted": self._sorted, "check": unchecked(show)}

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel`: final ones and previews by candidate number."""
        show = self._show()
        return self._pictures.encode(show, dict.fromkeys(show.slots, True) if wanted is None else wanted)

    def tell_state(self) -> None:
        """See `Outlet`: pictures that the page doesn't have follow in frames."""
        super().tell_state()
        missing = self._pictures.missing(self._show())
        if missing:
            self.touch(*missing)

    def static_traits(self) -> dict[str, Any]:
        """See `Panel`: pictures once per generation, and stars."""
        view = self.session.view()
        show = on_show(view, self._pictures.finished)
        if show.job is not None:
            return {}
        stars = {"selection": [slot for slot in show.slots if show.candidates[slot].starred]}
        if show.slots == self._generation:
            written = {"notes": notes(show.candidates.values())}
            return {"still": self.still | {"state": self.still["state"] | written}, **stars}
        self._generation = show.slots
        described, buffers = self._pictures.still(show)
        state = self.whole_state(page_state(self.session, view, show, frozenset(), {})) | {"notices": []}
        return {"tiles": buffers, "still": {"state": state, "tiles": described}, **stars}

    def in_tab(self, message: protocol.Tab, buffers: Sequence[bytes]) -> None:
        """See `Panel`."""
        self._tabs.receive(message, buffers)

    def close(self) -> None:
        """See `Panel`."""
        if hasattr(self, "_tabs"):  # not where construction failed
            self._tabs.close()
        super().close()

    def renewed(self, **traits: Any) -> Panel:
        """See `Panel`."""
        return super().renewed(mode=self.mode, **traits)

    def _successor(self) -> Any:
        return self.session if self.mode == "workbench" else self.session.grid

    def static_html(self) -> str:
        """See `Panel`: a contact sheet."""
        view = self.session.view()
        if view.generation is None:
            return ""
        return contact_sheet(view.generation, title(view, on_show(replace(view, pending=None), {})))
