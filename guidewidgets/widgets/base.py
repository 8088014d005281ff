"""What all widgets share: one bundle, one way to talk with a page, one thread that sends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from guidewidgets.widgets import commands, protocol
from guidewidgets.widgets.sender import Sender

if TYPE_CHECKING:
    from guidewidgets.session import Session
    from guidewidgets.session.events import Event

log = logging.getLogger(__name__)

Answer = tuple[Any, list[bytes]]
"""The value of a reply, and the buffers that go with it."""

_STATIC = Path(__file__).parent / "static"
_UNBUILT = """export default { render({ el }) {
  el.textContent = "guidewidgets: the front end is not built: npm ci && npm run build in js/, then restart.";
} };"""
_CLEAR = (
    ValueError,
    TypeError,
    LookupError,
)  # what a session refuses with: the user's to read, not to be logged


def asset(name: str, otherwise: str = _UNBUILT) -> Path | str:
    """A file of the built front end, or what stands for it until it is built."""
    path = _STATIC / name
    return path if path.is_file() else otherwise


class Base(anywidget.AnyWidget):
    """A view of a session. Everything the user does comes as a message; the page writes no trait.

    Attributes:
        kind: which of the bundle's widgets the page shows.
        tiles: finished pictures, one file each. Only traits survive a page reload, a static export and marimo.
        still: JSON that goes with them: the state they belong to, and what each file is.
    """

    _esm = asset("widget.js")
    _css = asset("widget.css", "")

    kind = traitlets.Unicode("grid").tag(sync=True)
    # Set when things rest, and large: hosts that echo whole states back must not echo these.
    tiles = traitlets.List(traitlets.Bytes()).tag(sync=True, echo_update=False)
    still = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, session: Session, **traits: Any) -> None:
        self._session = session
        self._writing = threading.Lock()  # of traits: ipywidgets' own bookkeeping is not thread-safe
        super().__init__(**traits)
        self._allow_clicks_while_busy()
        self.on_msg(self._receive)
        self._sender = Sender(self)
        self._unsubscribe = session.subscribe(self.heard)
        self._sender.state()
        self._sender.start()

    def _allow_clicks_while_busy(self) -> None:
        # ipykernel 7.4 sends clicks to the loop that last published on this comm: the main one, busy with a
        # cell. With None here it leaves them to the subshell that the front end chose.
        if hasattr(self.comm, "_reply_subshell_for"):
            setattr(self.comm, "_reply_subshell_for", None)  # noqa: B010 - private, and absent elsewhere

    # What a widget says for itself

    def checks(self) -> Mapping[str, protocol.Checks]:
        """Its commands: what each must and may have."""
        raise NotImplementedError

    def heard(self, event: Event) -> None:
        """The session has news. Called on unpredictable threads: it notes it and goes on."""
        raise NotImplementedError

    def greeted(self, hello: protocol.Hello) -> None:
        """A page has opened."""

    def commanded(self, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        """The page wants something, on an unpredictable thread: `answer` it, or have `reply` do so."""
        raise NotImplementedError

    def tell_snapshot(self) -> None:
        """See `Outlet`."""
        raise NotImplementedError

    def tell_state(self) -> None:
        """See `Outlet`."""
        raise NotImplementedError

    def tell_frame(self, seq: int, slots: Mapping[int, bool]) -> None:
        """See `Outlet`."""
        raise NotImplementedError

    def tell_traits(self) -> None:
        """See `Outlet`."""
        raise NotImplementedError

    # From the page, on unpredictable threads: check it, pass it on

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Refuse traits from the page: what it wants comes as a command."""
        log.warning("a page tried to set %s", ", ".join(map(repr, sync_data)))

    def _receive(self, _widget: object, content: object, buffers: object) -> None:
        try:
            message = protocol.parse(content, self.checks())
            octets = protocol.octets(buffers)
        except protocol.ProtocolError as error:
            log.warning("refused a message from a page: %s", error)
            self.answer(protocol.request_of(content), error=error)
            return
        if isinstance(message, protocol.Hello):
            self.greeted(message)
            self._sender.hello()
        elif isinstance(message, protocol.Ack):
            self._sender.ack(message.seq)
        else:
            self.commanded(message, octets)

    def failed(self, name: str, req: str, error: Exception) -> None:
        """Tell the page that a command was refused; log it where that is no fault of the user."""
        if not isinstance(error, _CLEAR):
            log.error("command %s failed", name, exc_info=error)
        self.answer(req, error=error)

    def answer(
        self,
        req: str | None,
        *,
        value: object = None,
        buffers: Sequence[bytes] = (),
        error: BaseException | None = None,
    ) -> None:
        """Answer a command; without a `req` nobody waits for it. Safe on any thread."""
        if req is None:
            return
        content: dict[str, Any] = {"kind": protocol.REPLY, "req": req, "ok": error is None}
        content |= {"value": value} if error is None else {"error": commands.failure(error)}
        self._sender.task(lambda: self.send(content, list(buffers)))

    def close(self) -> None:
        """End the widget: its thread, its subscription, its pictures in the page."""
        if hasattr(self, "_unsubscribe"):  # not where construction failed
            self._unsubscribe()
            self._sender.close()
        super().close()
