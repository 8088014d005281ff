"""What a session shows of itself: its widgets, and its state for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from guidewidgets.session.actions import display_registry
from guidewidgets.session.actions.persistence import Lasting
from guidewidgets.session.events import Listener, View
from guidewidgets.session.lineage.graph import LineageGraph


class Showing(Lasting):
    """A session's widgets; see `Session`. Each is one view of the same state, made when first asked for."""

    @property
    def grid(self) -> Any:
        """The grid of images alone."""
        return self._widget("grid")

    @property
    def lineage(self) -> Any:
        """All candidates ever made and how they came from each other, as a graph to walk."""
        return self._widget("lineage")

    @property
    def composer(self) -> Any:
        """The prompt as blocks to combine, weigh and place."""
        return self._widget("composer")

    @property
    def saliency(self) -> Any:
        """Where a candidate draws the eye, and where to look instead."""
        return self._widget("saliency")

    @property
    def monitor(self) -> Any:
        """An optimisation under way: its curve, its pictures, and its levers."""
        return self._widget("monitor")

    @property
    def taste(self) -> Any:
        """What the session has learned of your taste, and how sure it is."""
        return self._widget("taste")

    def view(self) -> View:
        """A consistent picture of the state, for widgets."""
        return self._state.view()

    @functools.cached_property
    def kinship(self) -> LineageGraph:
        """Who came from whom: call it for all candidates ever made."""
        return LineageGraph(self._state)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on every event, on unpredictable threads: it must only enqueue. Returns its cancellation."""
        return self._state.subscribe(listener)

    def _widget(self, name: str) -> Any:
        # A widget that was closed has lost its comm for good; whoever asks again wants a live one.
        if name not in self._widgets or self._widgets[name].comm is None:
            self._widgets[name] = display_registry.make(name, self)
        return self._widgets[name]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._widget("workbench")._repr_mimebundle_(**kwargs)
