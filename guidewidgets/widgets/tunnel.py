"""What stands for the comm of a panel that is shown inside another widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, final

from guidewidgets.widgets import protocol

if TYPE_CHECKING:
    from guidewidgets.session import Session


class Outer(Protocol):
    """The widget that the tabs are in."""

    @property
    def model_id(self) -> str:
        """As ipywidgets knows it."""
        ...

    session: Session

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send a message to the page."""


@final
class Tunnel:
    """Stands for a panel's own comm: its custom messages travel within another widget's; its traits stay here."""

    def __init__(self, outer: Outer, name: str) -> None:
        self.comm_id = f"{outer.model_id}-{name}"
        self._outer, self._name = outer, name

    def send(self, data: Mapping[str, Any], buffers: Any = None) -> None:
        """Send what ipywidgets would send on a comm."""
        if data["method"] == "custom":
            content = {"kind": protocol.TAB, "name": self._name, "content": data["content"]}
            self._outer.send(content, buffers)

    def on_msg(self, callback: object) -> None:
        """Messages come by `Tabs.receive`."""

    def close(self) -> None:
        """The page hears of the outer widget's end."""
