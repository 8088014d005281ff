"""The workbench's other tabs: panels that talk inside its messages, each made when a page first looks at it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, final

from guidewidgets import display_registry
from guidewidgets.widgets import protocol
from guidewidgets.widgets.tunnel import Outer, Tunnel

if TYPE_CHECKING:
    from guidewidgets.widgets.panel import Panel


@final
class Tabs:
    """The panels of one workbench that have been looked at."""

    def __init__(self, outer: Outer) -> None:
        self._outer = outer
        self._open: dict[str, Panel] = {}
        self._over = False
        self._lock = threading.Lock()

    def receive(self, message: protocol.Tab, buffers: Sequence[bytes]) -> None:
        """Hand a page's message to its panel, which checks it as any other."""
        with self._lock:
            if self._over:
                return
            panel = self._open.get(message.name)
            if panel is None:
                tunnel = Tunnel(self._outer, message.name)
                panel = self._open[message.name] = display_registry.make(
                    message.name, self._outer.session, comm=tunnel
                )
        panel.take(message.content, buffers)

    def close(self) -> None:
        """End them all."""
        with self._lock:
            self._over = True
            panels, self._open = list(self._open.values()), {}
        for panel in panels:
            panel.close()
