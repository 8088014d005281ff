"""Panel: the base of the smaller widgets. A subclass says what it shows and which commands it takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from guidewidgets.session.events import Changed
from guidewidgets.widgets import encode, protocol
from guidewidgets.widgets.base import Answer, Base, asset
from guidewidgets.widgets.state import job_state, notices

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.events import Event


MOST_WAITING = 16
"""Looks that wait at once; a page asks for a few."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command that a panel takes.

    Attributes:
        run: (panel, checked arguments, buffers) → the reply's value; with `looks` (value, buffers).
        needs: arguments it must have, with their checks.
        takes: arguments it may have.
        looks: it takes milliseconds, like encoding pictures, and runs on the sender's thread. The others run where
            the message arrives: they check, queue and return at once.
        upload: bytes of buffers it takes at most.
    """

    run: Callable[[Any, Mapping[str, Any], Sequence[bytes]], Any]
    needs: Mapping[str, protocol.Check] = field(default_factory=dict[str, protocol.Check])
    takes: Mapping[str, protocol.Check] = field(default_factory=dict[str, protocol.Check])
    looks: bool = False
    upload: int = 0


def _mark(panel: Panel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    session = panel.session
    {"star": session.star, "reject": session.reject, "none": session.unmark}[args["mark"]](*args["slots"])


def _undo(panel: Panel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    if not panel.session.undo():
        raise ValueError("there is nothing to undo")


def _redo(panel: Panel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    if not panel.session.redo():
        raise ValueError("there is nothing to redo")


def _cancel(panel: Panel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.session.cancel()


def _image(panel: Panel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    encoded = encode.exact(panel.session[args["slot"]].image)
    return encoded.describe(args["slot"], final=True), [encoded.data]


SLOT: Mapping[str, protocol.Check] = {"slot": protocol.integer(0, protocol.MAX_INT)}
COMMON: Mapping[str, Order] = {
    "mark": Order(_mark, {"slots": protocol.slots, "mark": protocol.one_of(*protocol.MARKS)}),
    "undo": Order(_undo),
    "redo": Order(_redo),
    "cancel": Order(_cancel),
    "image": Order(_image, SLOT, looks=True),
}
"""Commands that every panel takes."""


class Panel(Base):
    """A widget beside the grid. What the methods below return is JSON without a key `id`.

    Attributes:
        KIND: name of the widget in the bundle.
        ORDERS: its commands, besides `COMMON`.
        session: what it is a view of.
    """

    _esm = asset("panels.js")

    KIND: ClassVar[str]
    ORDERS: ClassVar[Mapping[str, Order]] = {}

    def __init__(self, session: Session) -> None:
        self.session = session
        self._orders = {**COMMON, **self.ORDERS}
        self._checks = {name: (order.needs, order.takes) for name, order in self._orders.items()}
        self.tile_px = 256
        self._waiting = 0  # looks that the sender's thread has not got to
        self._counting = threading.Lock()
        super().__init__(session, kind=self.KIND)

    # For subclasses; all but `heard` are called on the sender's thread

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

    def sheet(self) -> str:
        """HTML that stands for the widget where no widget can run; it holds no script."""
        return ""

    def heard(self, event: Event) -> None:
        """The session has news, on an unpredictable thread. A subclass that wants more than the state extends this."""
        if isinstance(event, Changed):
            self.changed()

    def changed(self) -> None:
        """The state is new: tell the page. Safe on any thread."""
        self._sender.state()

    def touch(self, *numbers: int) -> None:
        """These pictures, or with none given the news, are new: they go with the next frame. Safe on any thread."""
        self._sender.frame(numbers)

    # Transport

    def checks(self) -> Mapping[str, protocol.Checks]:
        """See `Base`."""
        return self._checks

    def greeted(self, hello: protocol.Hello) -> None:
        """See `Base`."""
        self.tile_px = max(self.tile_px, hello.tile_px)

    def commanded(self, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        """See `Base`."""
        order = self._orders[command.name]
        weight = sum(map(len, buffers))
        if weight > order.upload:
            error = protocol.ProtocolError(
                f"{command.name} came with {weight:,} bytes; {order.upload:,} are allowed"
            )
            self.answer(command.req, error=error)
        elif order.looks:
            self._queue(order, command, buffers)
        else:
            self._run(order, command, buffers)

    def _queue(self, order: Order, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        """Leave a look to the sender's thread, unless so many wait that nobody looks at what comes of them."""
        with self._counting:
            full = self._waiting >= MOST_WAITING
            self._waiting += not full
        if full:
            error = protocol.ProtocolError(
                f"{MOST_WAITING} requests are waiting already: try again in a moment"
            )
            self.answer(command.req, error=error)
            return

        def look() -> None:
            try:
                self._run(order, command, buffers)
            finally:
                with self._counting:
                    self._waiting -= 1

        self._sender.task(look)

    def _run(self, order: Order, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        try:
            result = order.run(self, command.args, buffers)
        except Exception as error:  # noqa: BLE001 - whatever it was, the page is told
            self.failed(command.name, command.req, error)
        else:
            value, out = result if order.looks else (result, ())
            self.answer(command.req, value=value, buffers=out)

    def whole_state(self, state: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A state, or `state()`, with what every panel shows: version, notices, the job under way."""
        view = self.session.view()
        return {
            "version": view.version,
            "job": None if view.pending is None else job_state(view.pending),
            "notices": notices(view),
            **(self.state() if state is None else state),
        }

    def tell_snapshot(self) -> None:
        """See `Outlet`."""
        tiles, buffers = self.pictures(None)
        self.send({"kind": protocol.SNAPSHOT, "state": self.whole_state(), "tiles": tiles}, buffers)

    def tell_state(self) -> None:
        """See `Outlet`."""
        self.send({"kind": protocol.STATE, "state": self.whole_state()})

    def tell_frame(self, seq: int, slots: Mapping[int, bool]) -> None:
        """See `Outlet`."""
        tiles, buffers = self.pictures(slots)
        pending = self.session.view().pending
        job = None if pending is None else job_state(pending)
        content = {"kind": protocol.FRAME, "seq": seq, "job": job, "tiles": tiles, "news": self.news()}
        self.send(content, buffers)

    def tell_traits(self) -> None:
        """See `Outlet`: what is to survive the page and the kernel, once no job is under way."""
        with self._writing:
            if self.session.view().jobs:
                return
            tiles, buffers = self.pictures(None)
            state = self.whole_state() | {"notices": []}
            with self.hold_sync():
                self.tiles = buffers
                self.still = {"state": state, "tiles": tiles}

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self.tell_traits()  # now, in this cell: whoever executes a notebook to save it listens no longer
        bundle = super()._repr_mimebundle_(**kwargs)
        page = self.sheet()
        if bundle is None or not page:
            return bundle
        data, metadata = bundle
        return data | {"text/html": page}, metadata
