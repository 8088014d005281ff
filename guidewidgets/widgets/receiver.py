"""What comes from a page: checked, counted against the limits, and handled. It comes on unpredictable threads."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from guidewidgets.widgets import checks, protocol
from guidewidgets.widgets.handlers import Handler
from guidewidgets.widgets.sender import MOST_WAITING, Sender
from guidewidgets.widgets.state import failure

log = logging.getLogger(__name__)


class Inlet(Protocol):
    """What the receiver hands over to."""

    def arguments(self) -> Mapping[str, checks.Checks]:
        """Arguments of all commands."""
        ...

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers of all commands."""
        ...

    def greeted(self, hello: protocol.Hello) -> None:
        """A page has opened."""

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send a message to the page; called on the sender's thread."""

    def in_tab(self, message: protocol.Tab, buffers: Sequence[bytes]) -> None:
        """Hand over what is for a panel inside it."""


class Receiver:
    """Takes the messages of a panel's pages; every command that names a request is answered through the sender."""

    def __init__(self, panel: Inlet, sender: Sender) -> None:
        self._panel = panel
        self._sender = sender

    def receive(self, _widget: object, content: object, buffers: object) -> None:
        """Handle a message; one that breaks the protocol is refused, and logged."""
        try:
            message = protocol.parse(content, self._panel.arguments())
            octets = protocol.octets(buffers)
        except checks.ProtocolError as error:
            log.warning("refused a message from a page: %s", error)
            self._answer(protocol.request_of(content), error=error)
            return
        if isinstance(message, protocol.Hello):
            self._panel.greeted(message)
            self._sender.hello()
        elif isinstance(message, protocol.Ack):
            self._sender.ack(message.seq)
        elif isinstance(message, protocol.Ping):
            self._panel.send(
                {"kind": protocol.PONG}
            )  # here, not on the sender's thread, which may be at work
        elif isinstance(message, protocol.Tab):
            self._panel.in_tab(message, octets)
        else:
            self._handle(message, octets)

    def _handle(self, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        """Run a command's handler, or leave it to the sender's thread, within the limits on bytes and on waiting."""
        handler = self._panel.handlers()[command.name]
        weight = sum(map(len, buffers))
        if weight > handler.upload:
            refusal = f"{command.name} came with {weight:,} bytes; {handler.upload:,} are allowed"
        elif not handler.deferred:
            return self._run(handler, command, buffers)
        elif self._sender.defer(lambda: self._run(handler, command, buffers)):
            return None
        else:
            refusal = f"{MOST_WAITING} requests are waiting already: try again in a moment"
        return self._answer(command.req, error=checks.ProtocolError(refusal))

    def _run(self, handler: Handler, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        try:
            result = handler.run(self._panel, command.args, buffers)
        except Exception as error:  # whatever it was, the page is told
            if not isinstance(error, ValueError | TypeError | LookupError):  # those are the user's to read
                log.exception("command %s failed", command.name)
            self._answer(command.req, error=error)
        else:
            value, out = result if handler.deferred else (result, ())
            self._answer(command.req, value=value, buffers=out)

    def _answer(
        self,
        req: str | None,
        *,
        value: object = None,
        buffers: Sequence[bytes] = (),
        error: BaseException | None = None,
    ) -> None:
        """Answer a command; without a `req` nobody waits for it."""
        if req is None:
            return
        content: dict[str, Any] = {"kind": protocol.REPLY, "req": req, "ok": error is None}
        content |= {"value": value} if error is None else {"error": failure(error)}
        self._sender.task(lambda: self._panel.send(content, list(buffers)))
