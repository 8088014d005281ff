"""Panel: the base of every widget. A subclass says what it shows and which commands it takes; talking is done here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets
from comm import get_comm_manager

from guidewidgets.session.events import Changed
from guidewidgets.widgets import cells, checks, protocol
from guidewidgets.widgets.handlers import COMMON, Handler
from guidewidgets.widgets.host import allow_clicks_while_busy, asset, registry
from guidewidgets.widgets.receiver import Receiver
from guidewidgets.widgets.sender import Sender
from guidewidgets.widgets.state import job_state, notices
from guidewidgets.widgets.tunnel import Tunnel

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.events import Event, Notice, View

log = logging.getLogger(__name__)
PLACE = frozenset(("comm", "layout"))  # what a panel that takes another's place takes of it


class Panel(anywidget.AnyWidget):
    """A view of a session. Everything the user does comes as a message; the page writes no trait.

    What the methods for subclasses return is JSON without a key `id`.

    Attributes:
        KIND: name of the widget in the bundle, and of the session's property that shows it.
        COMMANDS: handlers of its own commands, besides `COMMON`.
        session: what it is a view of.
        tile_px: device pixels that the sharpest page gives a picture.
        cells: ids of those of the notebook that show it; None is a place without one.
        kind: which of the bundle's widgets the page shows.
        tiles: finished pictures, one file each. Only traits survive a page reload, a static export and marimo.
        still: JSON that goes with them: the state they belong to, and what each file is.
    """

    _esm = asset("widget.js")
    _css = asset("widget.css", "")

    KIND: ClassVar[str]
    COMMANDS: ClassVar[Mapping[str, Handler]] = {}

    _told: Sequence[Notice] = ()
    _handed = False  # page and comm are another's now
    kind = traitlets.Unicode("grid").tag(sync=True)
    # Set when things rest, and large: hosts that echo whole states back must not echo these.
    tiles = traitlets.List(traitlets.Bytes()).tag(sync=True, echo_update=False)
    still = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, session: Session, **traits: Any) -> None:
        self.session = session
        self.tile_px = 256
        self.cells: set[str | None] = set()
        # Another widget of the session has said what there is to say already.
        self._told = self.view().notices if cells.has_open(session) else ()
        self._writing = threading.Lock()  # of traits: ipywidgets' own bookkeeping is not thread-safe
        super().__init__(kind=self.KIND, **traits)
        allow_clicks_while_busy(self.comm)
        self._sender = Sender(self)
        self._receiver = Receiver(self, self._sender)
        self.on_msg(self._receiver.receive)
        self._unsubscribe = session.subscribe(self.heard)
        if "comm" in traits and not isinstance(self.comm, Tunnel):
            self.send({"kind": protocol.RENEWED})  # it knows another session's pictures by the same numbers
        self._sender.state()
        self._sender.start()
        cells.opened(self)

    # For subclasses; called on the sender's thread

    def state(self) -> dict[str, Any]:
        """What it shows, without pictures."""
        raise NotImplementedError

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """Pictures by number, described as by `Encoded.describe`, and their bytes.

        Args:
            wanted: numbers given to `touch`; true: even if the page has it. None: all that are on show.
        """
        del wanted
        return [], []

    def news(self) -> Any:
        """JSON that goes with every frame, for what changes too often for the state, like a curve's newest points."""
        return None

    def static_traits(self) -> dict[str, Any]:
        """Traits that show it where no kernel answers; those that are to stay as they are may be left out."""
        tiles, buffers = self.pictures(None)
        return {"tiles": buffers, "still": {"state": self.whole_state() | {"notices": []}, "tiles": tiles}}

    def static_html(self) -> str:
        """HTML that stands for the widget where no widget can run; it holds no script."""
        return ""

    # For subclasses; called on unpredictable threads

    def view(self) -> View:
        """What it shows besides its own state: version, jobs, notices."""
        return self.session.view()

    def heard(self, event: Event) -> None:
        """The session has news: note it and go on. A subclass that wants more than the state extends this."""
        if isinstance(event, Changed):
            self.changed()

    def greeted(self, hello: protocol.Hello) -> None:
        """A page has opened."""
        self.tile_px = max(self.tile_px, hello.tile_px)

    def markable(self, slots: Sequence[int], mark: str) -> Sequence[int]:
        """Those of the candidates that can be marked now; a subclass keeps the mark for the others."""
        del mark
        return slots

    # For everybody, on any thread

    def take(self, content: object, buffers: Sequence[bytes]) -> None:
        """Handle a message of a page that came by another way than the panel's own comm."""
        self._receiver.receive(self, content, buffers)

    def in_tab(self, message: protocol.Tab, buffers: Sequence[bytes]) -> None:
        """See `Inlet`: only the workbench has tabs."""
        del buffers
        log.warning("a page asked for tab %s of %s, which has none", message.name, self.KIND)

    def changed(self) -> None:
        """The state is new: tell the page."""
        self._sender.state()

    def touch(self, *numbers: int) -> None:
        """These pictures, or with none given the news, are new: they go with the next frame."""
        self._sender.frame(numbers)

    @classmethod
    def handlers(cls) -> Mapping[str, Handler]:
        """Handlers of all its commands by name."""
        return {**COMMON, **cls.COMMANDS}

    @classmethod
    def arguments(cls) -> Mapping[str, checks.Checks]:
        """Arguments of all its commands."""
        return {name: (handler.required, handler.optional) for name, handler in cls.handlers().items()}

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Refuse traits from the page: what it wants comes as a command."""
        log.warning("a page tried to set %s", ", ".join(map(repr, sync_data)))

    # To the page, on the sender's thread: see `Outlet`

    def _job_state(self) -> dict[str, Any] | None:
        pending = self.view().pending
        return None if pending is None else job_state(pending)

    def whole_state(self, state: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A state, or `state()`, with what every widget shows: version, notices, the job under way."""
        view = self.view()
        common = {"version": view.version, "job": self._job_state(), "notices": notices(view, self._told)}
        return {**common, **(self.state() if state is None else state)}

    def tell_snapshot(self) -> None:
        """See `Outlet`."""
        state = self.whole_state()
        tiles, buffers = self.pictures(None)
        self.send({"kind": protocol.SNAPSHOT, "state": state, "tiles": tiles}, buffers)

    def tell_state(self) -> None:
        """See `Outlet`."""
        self.send({"kind": protocol.STATE, "state": self.whole_state()})

    def tell_frame(self, seq: int, slots: Mapping[int, bool]) -> None:
        """See `Outlet`."""
        tiles, buffers = self.pictures(slots)
        job, news = self._job_state(), self.news()
        frame = {"kind": protocol.FRAME, "seq": seq, "job": job, "tiles": tiles, "news": news}
        self.send(frame, buffers)

    def tell_traits(self) -> None:
        """See `Outlet`: what is to survive the page and the kernel, once no job is under way."""
        with self._writing:
            if self.view().jobs or isinstance(self.comm, Tunnel):
                return
            traits = self.static_traits()
            with self.hold_sync():
                for name, value in traits.items():
                    setattr(self, name, value)

    # Notebook and life

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self.comm is None:  # closed for good: its session shows another
            return self._successor()._repr_mimebundle_(**kwargs)
        cells.shown(self)
        self.tell_traits()  # now, in this cell: whoever executes a notebook to save it listens no longer
        bundle = super()._repr_mimebundle_(**kwargs)
        page = self.static_html()
        if bundle is None or not page:
            return bundle
        return bundle[0] | {"text/html": page}, bundle[1]

    def _successor(self) -> Any:
        return getattr(self.session, self.KIND)

    def renewed(self, **traits: Any) -> Panel:
        """Its session is another one now: a new panel that takes its place in the pages that show this one."""
        place = {name: getattr(self, name) for name in PLACE}
        with self._writing, self.hold_sync():
            self.tiles, self.still = [], {}
        self._handed, self.comm = True, None
        self.close()
        other = type(self)(self.session, **place, **traits)
        other.cells, other.tile_px = self.cells, self.tile_px
        return other

    def close(self) -> None:
        """End the widget: its thread, its subscription, its pictures in the page."""
        if hasattr(self, "_unsubscribe"):  # not where construction failed
            self._unsubscribe()
            self._sender.close()
            cells.closed(self)
        super().close()
        if not self._handed:
            self.layout.close()  # made with it, and of no use to others
        vars(self).pop("_repr_mimebundle_", None)  # ipywidgets' None: shown again it is a successor

    def end(self) -> None:
        """Close it; pages that show it keep their last pictures, and say that it is closed."""
        comm = self.comm
        if comm is not None and cells.leave(self, comm):
            self._unsubscribe()
            self._sender.close()
            self.tell_snapshot()
            self.send({"kind": protocol.CLOSED})
            # The kernel forgets it as `close` would, but does not tell the page, which would remove it.
            comm.on_msg(None)
            get_comm_manager().unregister_comm(comm)
            registry().pop(comm.comm_id, None)
            self.comm = None
        self.close()
