"""The lineage graph: parents and children of all candidates ever made, without reading their genomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from guidewidgets.session.history import Made
from guidewidgets.session.journal import LineageNode
from guidewidgets.session.state import State


@final
class LineageGraph:
    """The graph of a session's candidates, in the order they were finished; it only ever grows."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[int, LineageNode] = {}

    def __call__(self) -> Sequence[LineageNode]:
        """All there are now; those of the last call come first, in the same order."""
        with self._state.lock:
            new = [i for i in self._state.candidates if i not in self._known]
            if new:
                told = self._state.journal.lineage(min(new), max(new))
                rows = self._remembered(new) if told is None else iter(told)
                wanted = set(new)
                self._known |= {k.id: k for k in rows if k.id in wanted}
            return list(self._known.values())

    def undone(self) -> list[int]:
        """Numbers of the jobs whose generations are not in force, in their order."""
        with self._state.lock:
            history = self._state.history
            lines = [history.events[history.cursor :], *history.branches]
            return sorted({e.generation.job for line in lines for e in line if isinstance(e, Made)})

    def _remembered(self, numbers: Sequence[int]) -> Iterator[LineageNode]:
        """Where nothing is kept on the disk, everything is in memory."""
        jobs = {s: n for n, started in self._state.journal.started().items() for s in started.slots}
        for number in numbers:
            recipe = self._state.candidates[number].recipe
            yield LineageNode(
                number, jobs.get(number, 0), recipe.operator, tuple(p for p in recipe.parent_ids if p >= 0)
            )
