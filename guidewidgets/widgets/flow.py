"""When the next frame may leave, and what it must carry: a window of acknowledgements and a cap on the rate.

Pure bookkeeping, without threads, clocks or pictures of its own, so that a test can play any history. Latest
wins by construction: only the *numbers* of changed tiles are kept, their newest picture is fetched when a
frame leaves.

The cap matters more than the window: a browser that gets frames as fast as Python can send them falls half a
minute behind, and acknowledgements may not reach a kernel that is busy with a cell at all. Then frames go on
at the pace of the time-outs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

WINDOW = 2
"""Frames under way at most: one being painted, one on the wire."""
INTERVAL = 1 / 12
"""Seconds between two frames at least."""
PATIENCE = 1.5
"""Seconds after which a missing acknowledgement no longer holds up the stream (closed tab, busy kernel)."""
KEPT = 64
"""Lost frames remembered at most."""


@dataclass
class Flow:
    """The stream of frames to the page.

    Attributes:
        window: frames that may wait for their acknowledgement.
        interval: least time between two frames, seconds.
        patience: how long a missing acknowledgement counts, seconds.
    """

    window: int = WINDOW
    interval: float = INTERVAL
    patience: float = PATIENCE
    dirty: dict[int, bool] = field(default_factory=dict[int, bool])  # in order of news; true: lost
    pulse: bool = False  # something else than a tile has changed, like the step number
    _seq: int = 0
    _last: float = float("-inf")
    _flying: dict[int, tuple[float, tuple[int, ...]]] = field(
        default_factory=dict[int, tuple[float, tuple[int, ...]]]
    )
    _lost: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])

    def mark(self, slots: Iterable[int] = ()) -> None:
        """There is news: these tiles have new pictures, or (none given) the progress has."""
        for slot in slots:
            self.dirty.setdefault(slot, False)
        self.pulse = True

    def wait(self, now: float) -> float | None:
        """Seconds until a frame may leave; 0: now; None: not before there is news."""
        if not self.pulse and not self.dirty:
            return None
        self._expire(now)
        until = self._last + self.interval
        if len(self._flying) >= self.window:
            until = max(until, min(sent for sent, _ in self._flying.values()) + self.patience)
        return max(0.0, until - now)

    def send(self, now: float) -> tuple[int, dict[int, bool]]:
        """Take what is new for a frame that leaves now.

        Args:
            now: the clock, seconds.

        Returns:
            The frame's sequence number and the tiles it must carry; true: even if the page should have them.
        """
        slots, self.dirty = self.dirty, {}
        self.pulse = False
        self._seq += 1
        self._last = now
        self._flying[self._seq] = (now, tuple(slots))
        return self._seq, slots

    def ack(self, seq: int) -> None:
        """The page has painted frame ``seq``; what it skipped on the way is sent again.

        A page acknowledges in order, so a frame before ``seq`` whose time has run out never arrived: the
        server drops messages when a cell prints too much.
        """
        self._flying.pop(seq, None)
        self._lost.pop(seq, None)
        gone = [older for older in self._lost if older < seq]
        for older in gone:
            self.dirty.update(dict.fromkeys(self._lost.pop(older), True))

    def restart(self) -> None:
        """A page has opened and gets everything in its snapshot."""
        self._flying.clear()
        self._lost.clear()
        self.dirty.clear()
        self.pulse = False

    def _expire(self, now: float) -> None:
        for seq in [seq for seq, (sent, _) in self._flying.items() if now >= sent + self.patience]:
            self._lost[seq] = self._flying.pop(seq)[1]
        while len(self._lost) > KEPT:
            del self._lost[next(iter(self._lost))]
