"""The widget: one session, shown as a grid of images alone or as the whole workbench around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, final

import traitlets

from guidewidgets.session.events import Changed, Event, Finished, View
from guidewidgets.session.picture import png
from guidewidgets.widgets import commands, compare, encode, protocol, uploads
from guidewidgets.widgets.base import Base
from guidewidgets.widgets.html_export import contact_sheet
from guidewidgets.widgets.pending_marks import Wishes
from guidewidgets.widgets.pictures import Pictures
from guidewidgets.widgets.state import Show, job_state, on_show, page_state, title

if TYPE_CHECKING:
    from guidewidgets.session import Session


def _exact(session: Session, slot: int) -> compare.Answer:
    encoded = encode.exact(session[slot].image)
    return encoded.describe(slot, final=True), [encoded.data]


def _png(session: Session, slot: int) -> compare.Answer:
    return {"slot": slot, "media_type": "image/png"}, [png.encode(session[slot])]


# Commands that only look: answered with pictures, on the sender's thread, since encoding takes milliseconds.
_LOOKS = {"image": _exact, "change": compare.change, "origin": compare.origin, "png": _png}


def _starred(show: Show) -> list[int]:
    return [slot for slot in show.slots if show.candidates[slot].starred]


@final
class GridWidget(Base):
    """A view of a session. Everything the user does comes as a message; the page writes no trait.

    Attributes:
        mode: "workbench": with prompt line and buttons; "grid": images and progress alone.
        selection: numbers of the starred candidates on show.
    """

    mode = traitlets.Enum(["workbench", "grid"], "workbench").tag(sync=True)
    selection = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, session: Session, *, mode: Literal["workbench", "grid"] = "workbench") -> None:
        self._session = session
        self._pictures = Pictures()
        self._wishes = Wishes(session)
        self._uploads = uploads.Uploads()
        self._generation: tuple[int, ...] | None = None
        view = session.view()
        for job in view.jobs:
            self._pictures.recall(session, job.slots)
        super().__init__(session, mode=mode, **self._rest(view, on_show(view, self._pictures.finished)))

    def checks(self) -> Mapping[str, protocol.Checks]:
        """See `Base`."""
        return protocol.COMMANDS

    # From the session, on unpredictable threads: note it and go on

    def heard(self, event: Event) -> None:
        """See `Base`."""
        if isinstance(event, Changed):
            self._sender.state()
        elif isinstance(event, Finished):
            self._pictures.finish(event.candidates)
            self._sender.frame(tuple(c.id for c in event.candidates))
        else:
            self._sender.frame(tuple(event.job.previews()))

    # From the page, on unpredictable threads: check it, pass it on

    def greeted(self, hello: protocol.Hello) -> None:
        """See `Base`."""
        self._pictures.tile_px = max(self._pictures.tile_px, hello.tile_px)

    def commanded(self, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        """See `Base`."""
        if command.name in _LOOKS:
            self._sender.task(lambda: self._show(command))
        elif command.name == "code":
            self._sender.task(lambda: self._code(command))
        elif command.name == "restore":
            self._sender.task(lambda: self._restore(command, buffers))
        else:
            self._run(command)

    def _run(self, command: protocol.Command) -> None:
        try:
            if command.name == "mark":
                command = self._wishes.take(command)
                self._sender.state()
            value = commands.run(self._session, command.name, command.args)
        except Exception as error:  # noqa: BLE001 - whatever it was, the page is told
            self.failed(command.name, command.req, error)
        else:
            self.answer(command.req, value=value)

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

    def _show(self, command: protocol.Command) -> None:
        try:
            value, buffers = _LOOKS[command.name](self._session, command.args["slot"])
        except Exception as error:  # noqa: BLE001 - whatever it was, the page is told
            self.failed(command.name, command.req, error)
        else:
            self.answer(command.req, value=value, buffers=buffers)

    def _code(self, command: protocol.Command) -> None:
        try:
            code = self._session.code()
        except Exception as error:  # noqa: BLE001 - whatever it was, the page is told
            self.failed(command.name, command.req, error)
        else:
            self.answer(command.req, value=code)

    def _restore(self, command: protocol.Command, buffers: Sequence[bytes]) -> None:
        args = command.args
        try:
            whole = self._uploads.take(args["token"], args["part"], args["parts"], b"".join(buffers))
            value = None if whole is None else uploads.restore(self._session, args["name"], whole)
        except Exception as error:  # noqa: BLE001 - whatever it was, the page is told
            self.failed(command.name, command.req, error)
        else:
            self.answer(command.req, value=value)

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
