"""Why a candidate that is asked for cannot be had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guidewidgets.session.job import Job


def why_hidden(number: int, jobs: Sequence[Job]) -> str:
    """Of a candidate that there is, but in no generation in force."""
    if any(number in job.slots and not job.discarded for job in jobs):
        return "is finished, its job is not: it can be marked once that is over"
    return "was undone: redo brings it back"


def why_missing(number: int, jobs: Sequence[Job], candidates: Iterable[int], next_number: int) -> str:
    """Of a candidate that there is not."""
    if any(number in job.slots for job in jobs):
        return "it is not finished yet"
    if 0 <= number < next_number:
        return "its job failed or was cancelled before it was finished"
    last = max(candidates, default=None)
    return "there are none yet" if last is None else f"the numbers go from 0 to {last}"
