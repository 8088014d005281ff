"""Large pictures in overlapping tiles, blended where they meet, for autoencoders whose memory grows with the picture.

Their normalisation and attention then see a tile instead of the picture, so that tones may differ a little from tile to
tile: for pictures that could not be made otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import torch
from torch import Tensor

OVERLAP = 4  # one of so many parts of a tile's side is its neighbour's too


def tiled(x: Tensor, work: Callable[[Tensor], Tensor], side: int, scale: Fraction) -> Tensor:
    """Do in tiles what would be too large in one go.

    Args:
        x: (n, C, H, W), latents or pictures.
        work: from (n, C, h, w) to (n, c, h · scale, w · scale).
        side: of a tile, at least 4 and a multiple of what `work` needs, as H and W are.
        scale: of what comes out to what goes in.

    Returns:
        (n, c, H · scale, W · scale).
    """
    rows, columns = (_starts(length, side) for length in x.shape[-2:])

    def band(top: int) -> Tensor:
        parts = [work(x[..., top : top + side, left : left + side]) for left in columns]
        return _joined(parts, [int(left * scale) for left in columns], -1)

    return _joined([band(top) for top in rows], [int(top * scale) for top in rows], -2)


def _starts(length: int, side: int) -> list[int]:
    """Where tiles begin, the last of which may be smaller."""
    step = side - side // OVERLAP
    return list(range(0, max(1, length - side // OVERLAP), step))


def _joined(parts: Sequence[Tensor], starts: Sequence[int], dim: int) -> Tensor:
    """Parts that begin at `starts` along a dimension, each going over into the next in a straight line."""
    whole = parts[0]
    for part, start in zip(parts[1:], starts[1:], strict=True):
        shared = whole.shape[dim] - start
        slope = (torch.arange(shared, dtype=part.dtype, device=part.device) + 0.5) / shared
        slope = slope if dim == -1 else slope[:, None]
        ending, beginning = whole.narrow(dim, start, shared), part.narrow(dim, 0, shared)
        rest = part.narrow(dim, shared, part.shape[dim] - shared)
        whole = torch.cat([whole.narrow(dim, 0, start), torch.lerp(ending, beginning, slope), rest], dim)
    return whole
