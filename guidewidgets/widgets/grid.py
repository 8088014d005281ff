"""The widget: one session, shown as a grid of images alone or as the whole workbench around it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, final

import anywidget
import traitlets

from guidewidgets.session.events import Changed, Event, Finished, View
from guidewidgets.widgets import commands, compare, encode, protocol
from guidewidgets.widgets.pictures import Pictures
from guidewidgets.widgets.sender import Sender
from guidewidgets.widgets.sheet import contact_sheet
from guidewidgets.widgets.state import Show, job_state, on_show, page_state, title
from guidewidgets.widgets.wishes import Wishes

if TYPE_CHECKING:
    from guidewidgets.session import Session

log = logging.getLogger(__name__)

_STATIC = Path(__file__).parent / "static"
_UNBUILT = """export default { render({ el }) {
  el.textContent = "guidewidgets: the front end is not built: npm ci && npm run build in js/, then restart.";
} };"""


def _asset(name: str, otherwise: str) -> Path | str:
    path = _STATIC / name
    return path if path.is_file() else otherwise


def _exact(session: Session, slot: int) -> compare.Answer:
    encoded = encode.exact(session[slot].image)
    return encoded.describe(slot, final=True), [encoded.data]


# Commands that only look: answered with pictures, on the sender's thread, since encoding takes milliseconds.
_LOOKS = {"image": _exact, "change": compare.change, "origin": compare.origin}


def _starred(show: Show) -> list[int]:
    return [slot for slot in show.slots if show.candidates[slot].starred]


@final
class GridWidget(anywidget.AnyWidget):
    """A view of a session. Everything the user does comes as a message; the page writes no trait.

    Attributes:
        mode: "workbench": with prompt line and buttons; "grid": images and progress alone.
        selection: numbers of the starred candidates on show.
        tiles: the finished pictures, one file each. Only traits survive a page reload, a static export and
        marimo. still: JSON that goes with them: the state they belong to, and what each file is.
    """

    _esm = _asset("widget.js", _UNBUILT)
    _css = _asset("widget.css", "")

    mode = traitlets.Enum(["workbench", "grid"], "workbench").tag(sync=True)
    selection = traitlets.List(traitlets.Int()).tag(sync=True)
    # Set once per generation, and large: hosts that echo whole states back must not echo this.
    tiles = traitlets.List(traitlets.Bytes()).tag(sync=True, echo_update=False)
    still = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, session: Session, *, mode: Literal["workbench", "grid"] = "workbench") -> None:
        self._session = session
        self._pictures = Pictures()
        self._wishes = Wishes(session)
        self._generation: tuple[int, ...] | None = None
        self._writing = threading.Lock()  # of traits: ipywidgets' own bookkeeping is not thread-safe
        view = session.view()
        for job in view.jobs:
            self._pictures.recall(session, job.slots)
        super().__init__(mode=mode, **self._rest(view, on_show(view, self._pictures.finished)))
        self._allow_clicks_while_busy()
        self.on_msg(self._receive)
        self._sender = Sender(self)
        self._unsubscribe = session.subscribe(self._listen)
        self._sender.state()
        self._sender.start()

    def _allow_clicks_while_busy(self) -> None:
        # ipykernel 7.4 sends clicks to the loop that last published on this comm: the main one, busy with a
        # cell. With None here it leaves them to the subshell that the front end chose.
        if hasattr(self.comm, "_reply_subshell_for"):
            setattr(self.comm, "_reply_subshell_for", None)  # noqa: B010 - private, and absent elsewhere

    # From the session, on unpredictable threads: note it and go on

    def _listen(self, event: Event) -> None:
        if isinstance(event, Changed):
            self._sender.state()
        elif isinstance(event, Finished):
            self._pictures.finish(event.candidates)
            self._sender.frame(tuple(c.id for c in event.candidates))
        else:
            self._sender.frame(tuple(event.job.previews()))

    # From the page, on unpredictable threads: check it, pass it on

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Refuse traits from the page: what it wants comes as a command."""
        log.warning("a page tried to set %s", ", ".join(map(repr, sync_data)))

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            message = protocol.parse(content)
        except protocol.ProtocolError as error:
            log.warning("refused a message from a page: %s", error)
            self._answer(protocol.request_of(content), error=error)
            return
        if isinstance(message, protocol.Hello):
            self._pictures.tile_px = max(self._pictures.tile_px, message.tile_px)
            self._sender.hello()
        elif isinstance(message, protocol.Ack):
            self._sender.ack(message.seq)
        elif message.name in _LOOKS:
            self._sender.task(lambda: self._show(message))
        else:
            self._run(message)

    def _run(self, message: protocol.Command) -> None:
        try:
            if message.name == "mark":
                message = self._wishes.take(message)
                self._sender.state()
            value = commands.run(self._session, message.name, message.args)
        except Exception as error:
            if not isinstance(error, ValueError | TypeError | IndexError):
                log.exception("command %s failed", message.name)
            self._answer(message.req, error=error)
        else:
            self._answer(message.req, value=value)

    def _answer(self, req: str | None, *, value: object = None, error: BaseException | None = None) -> None:
        if req is None:
            return
        content: dict[str, Any] = {"kind": protocol.REPLY, "req": req, "ok": error is None}
        content |= {"value": value} if error is None else {"error": commands.failure(error)}
        self._sender.task(lambda: self.send(content))

    # To the page, on the sender's thread

    def tell_snapshot(self) -> None:
        """Everything a page that has just opened needs."""
        show, state = self._look()
        tiles, buffers = self._pictures.encode(show, dict.fromkeys(show.slots, True))
        self.send({"kind": protocol.SNAPSHOT, "state": state, "tiles": tiles}, buffers)

    def tell_state(self) -> None:
        """The state without pictures; those that the page doesn't have follow in frames."""
        show, state = self._look()
        self.send({"kind": protocol.STATE, "state": state})
        missing = self._pictures.missing(show)
        if missing:
            self._sender.frame(missing)

    def tell_frame(self, seq: int, slots: Mapping[int, bool]) -> None:
        """The newest pictures of some tiles; true: even if they were sent before."""
        view = self._session.view()
        show = on_show(view, self._pictures.finished)
        tiles, buffers = self._pictures.encode(show, slots)
        job = None if view.pending is None else job_state(view.pending)
        self.send({"kind": protocol.FRAME, "seq": seq, "job": job, "tiles": tiles}, buffers)

    def _show(self, message: protocol.Command) -> None:
        try:
            value, buffers = _LOOKS[message.name](self._session, message.args["slot"])
        except Exception as error:
            if not isinstance(error, ValueError | IndexError):
                log.exception("command %s failed", message.name)
            self._answer(message.req, error=error)
            return
        self.send({"kind": protocol.REPLY, "req": message.req, "ok": True, "value": value}, buffers)

    def _look(self) -> tuple[Show, dict[str, Any]]:
        view = self._session.view()
        if self._wishes.grant(view):
            view = self._session.view()
        show = on_show(view, self._pictures.finished)
        self._pictures.keep(show)
        return show, page_state(self._session, view, show, self._pictures.seen(show), self._wishes.pending)

    def tell_traits(self) -> None:
        """What is to survive the page and the kernel: pictures once per generation, and stars."""
        with self._writing:
            view = self._session.view()
            show = on_show(view, self._pictures.finished)
            if show.job is not None:
                return
            new = self._rest(view, show) if show.slots != self._generation else {"selection": _starred(show)}
            with self.hold_sync():
                for name, value in new.items():
                    setattr(self, name, value)

    def _rest(self, view: View, show: Show) -> dict[str, Any]:
        """The traits that show the generation when no kernel answers."""
        if show.job is not None:
            return {}
        self._generation = show.slots
        described, buffers = self._pictures.still(show)
        state = page_state(self._session, view, show, frozenset(), {}) | {"notices": []}
        return {"tiles": buffers, "still": {"state": state, "tiles": described}, "selection": _starred(show)}

    # Notebook and life

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self.tell_traits()  # now, in this cell: whoever executes a notebook to save it listens no longer
        bundle = super()._repr_mimebundle_(**kwargs)
        view = self._session.view()
        if bundle is None or view.generation is None:
            return bundle
        data, metadata = bundle
        page = contact_sheet(view.generation, title(view, on_show(replace(view, pending=None), {})))
        return data | {"text/html": page}, metadata

    def close(self) -> None:
        """End the widget: its thread, its subscription, its pictures in the page."""
        if hasattr(self, "_unsubscribe"):  # not where construction failed
            self._unsubscribe()
            self._sender.close()
        super().close()
