"""Pictures and voters for blind studies."""

from __future__ import annotations

import numpy as np
from PIL import Image

QUESTION = "Which one is redder?"


def picture(red, seed=0, size=(24, 16)):
    """Noise with a share of red that one sees at once, and that no other picture has."""
    pixels = np.random.default_rng(seed).integers(0, 40, (size[1], size[0], 3), dtype=np.uint8)
    pixels[..., 0] += np.uint8(red)
    return Image.fromarray(pixels)


def some_pairs(count=60, of_each=1, redder="first"):
    """Pairs of which one is redder."""
    reds = (200, 60) if redder == "first" else (60, 200)
    return [
        (picture(reds[0], 2 * i), picture(reds[1], 2 * i + 1), f"a fox {i // of_each}") for i in range(count)
    ]


def look(study):
    """Vote as somebody who sees red and doesn't mistake noise for it."""
    shown = study.on_show()
    reds = [np.asarray(side, float) for side in (shown.left, shown.right)]
    reds = [float((side[..., 0] - side[..., 2]).mean()) for side in reds]
    study.vote("left" if reds[0] > reds[1] else "right")


def voted(study, how=look):
    while study.remaining:
        how(study)
    return study
