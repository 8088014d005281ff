"""The saliency net that comes with the embedded model: taught on scenes whose objects are known."""

from __future__ import annotations

from guidewidgets.vision.saliency.base import Net


def embedded() -> Net:
    """A source of "object" saliency for pictures of the emoji world; guesses elsewhere.

    Raises:
        ValueError: its weights are not there.
    """
    from guidewidgets.vision import embedded as nets

    return Net(nets.saliency_net(), "embedded saliency net", "object")
