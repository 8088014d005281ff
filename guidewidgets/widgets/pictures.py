"""Which picture of each tile the page has, and the newest one encoded."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from guidewidgets.widgets import encode
from guidewidgets.widgets.damaged import picture_of

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Session
    from guidewidgets.widgets.state import Show

TILE_PX = 256
"""Device pixels of a tile until a page says how many it gives them."""
FINAL = -1
"""In place of a signature: the page has the final picture."""


class Pictures:
    """Encodes pictures of tiles, each only once, and only those that changed.

    Attributes:
        tile_px: device pixels of a tile in the sharpest page.
        finished: candidates of jobs under way that have their final image.
    """

    def __init__(self) -> None:
        self.tile_px = TILE_PX
        self.finished: dict[int, Candidate] = {}
        self._lock = threading.Lock()  # listeners add to `finished`; the rest is the sender's
        self._sent: dict[
            int, int
        ] = {}  # slot → signature of its picture in the page; FINAL: it needs no other
        self._final: dict[int, encode.Encoded] = {}

    def finish(self, candidates: Iterable[Candidate]) -> None:
        """These have their final image. Safe on any thread."""
        with self._lock:
            self.finished = self.finished | {
                c.id: c for c in candidates
            }  # replaced, so that readers need no lock

    def recall(self, session: Session, slots: Iterable[int]) -> None:
        """Find what a job had finished before this widget was there to hear of it."""
        for slot in slots:
            try:
                self.finish([session[slot]])
            except IndexError:
                continue

    def keep(self, show: Show) -> None:
        """Forget what is no longer on show; the page does likewise when it gets the state."""
        on = set(show.slots)
        self._sent = {slot: signature for slot, signature in self._sent.items() if slot in on}
        self._final = {slot: encoded for slot, encoded in self._final.items() if slot in on}
        if show.job is None:
            with self._lock:
                self.finished = {slot: c for slot, c in self.finished.items() if slot in on}

    def seen(self, show: Show) -> frozenset[int]:
        """Slots whose preview the page has or is about to get."""
        previews = show.job.previews() if show.job else {}
        return frozenset(slot for slot in show.slots if slot in self._sent or slot in previews)

    def missing(self, show: Show) -> tuple[int, ...]:
        """Slots of which there is a picture that the page doesn't have."""
        previews = show.job.previews() if show.job else {}
        return tuple(
            slot
            for slot in show.slots
            if (slot in show.candidates and self._sent.get(slot) != FINAL)
            or (slot in previews and slot not in self._sent)
        )

    def encode(self, show: Show, slots: Mapping[int, bool]) -> tuple[list[dict[str, Any]], list[bytes]]:
        """The newest pictures of some slots.

        Args:
            show: what is on show; other slots are passed over.
            slots: wanted; true: even if the page has this picture.

        Returns:
            What each picture is, and its bytes, in the same order.
        """
        previews = show.job.previews() if show.job else {}
        on = set(show.slots)
        tiles: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for slot, anyway in slots.items():
            candidate = show.candidates.get(slot)
            if slot not in on or (candidate is None and slot not in previews):
                continue
            signature = FINAL if candidate is not None else encode.signature(previews[slot])
            if self._sent.get(slot) == signature and not anyway:
                continue
            self._sent[slot] = signature
            if candidate is not None:
                encoded = self._encode_final(candidate)
            else:
                encoded = encode.preview(previews[slot], show.size, self.tile_px)
            tiles.append(encoded.describe(slot, final=candidate is not None))
            buffers.append(encoded.data)
        return tiles, buffers

    def still(self, show: Show) -> tuple[list[dict[str, Any]], list[bytes]]:
        """All finished pictures on show, for the traits: whether the page has them is another matter."""
        encoded = [
            (slot, self._encode_final(show.candidates[slot]))
            for slot in show.slots
            if slot in show.candidates
        ]
        return [e.describe(slot, final=True) for slot, e in encoded], [e.data for _, e in encoded]

    def _encode_final(self, candidate: Candidate) -> encode.Encoded:
        encoded = self._final.get(candidate.id) or encode.final(picture_of(candidate), self.tile_px)
        self._final[candidate.id] = encoded
        return encoded
