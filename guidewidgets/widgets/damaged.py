"""Candidates whose files were damaged on the disk: shown as such, so that the others go on being shown."""

from __future__ import annotations

from contextlib import suppress

from PIL import Image

from guidewidgets.session import Candidate
from guidewidgets.untrusted import SessionFileError

GREY = (128, 128, 128)


def picture_of(candidate: Candidate) -> Image.Image:
    """The picture; plain grey where it cannot be read."""
    try:
        return candidate.image
    except SessionFileError:
        size = (64, 64)
        with suppress(SessionFileError):
            size = candidate.genome.size
        return Image.new("RGB", size, GREY)


def label_of(candidate: Candidate) -> str:
    """The prompt, or why the picture or the prompt cannot be read."""
    try:
        _ = candidate.image
        return str(candidate.genome.prompt)
    except SessionFileError as error:
        return f"damaged: {error}"


def parents_of(candidate: Candidate) -> tuple[int, ...]:
    """Numbers of its parents in this session; none where its recipe cannot be read."""
    with suppress(SessionFileError):
        return tuple(parent for parent in candidate.recipe.parent_ids if parent >= 0)
    return ()
