"""What transformers look at: queries and keys as they meet, after all norms and turns, wherever texts stand in a row.

In joint attention the tokens of picture and text look at each other in one sequence. What a place of the picture pays
to a word is then a part of the softmax over all of it (Helbling et al. 2025, arXiv 2502.04320, compare such maps).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

See = Callable[[Tensor, Tensor, Tensor | None, float | None], None]
"""Queries (rows, heads, L, d), keys (rows, heads, S, d), mask, scale."""


@final
class _Watch(TorchFunctionMode):
    """Sees every attention of torch's on this thread, while layers of interest are at work; changes none."""

    def __init__(self, see: See) -> None:
        super().__init__()
        self._see, self.inside = see, 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        told = kwargs or {}
        if self.inside and func is scaled_dot_product_attention:
            given = dict(zip(("query", "key", "value", "attn_mask"), args, strict=False)) | told
            self._see(given["query"], given["key"], given.get("attn_mask"), told.get("scale"))
        return func(*args, **told)


@contextmanager
def watched(network: Any, layers: str, see: See) -> Generator[None]:
    """A context in which `see` is told of the attention of the layers whose names hold the regular expression."""
    watch = _Watch(see)

    def enter(*_: Any) -> None:
        watch.inside += 1

    def leave(*_: Any) -> None:
        watch.inside -= 1

    chosen = [module for name, module in network.named_modules() if re.search(layers, name)]
    handles = [module.register_forward_pre_hook(enter) for module in chosen]
    handles += [module.register_forward_hook(leave) for module in chosen]
    try:
        # What is compiled does not call hooks; it is run as it was written.
        with watch, torch.compiler.set_stance("force_eager"):
            yield
    finally:
        for handle in handles:
            handle.remove()


def shares(
    q: Tensor, k: Tensor, mask: Tensor | None, scale: float | None, groups: Sequence[Sequence[int]]
) -> Tensor:
    """What queries pay to groups of keys: softmax(q kᵀ · scale), the mean over heads and over the keys of a group.

    Args:
        q: (1, heads, L, d).
        k: (1, heads or fewer, S, d).
        mask: as torch takes it, which of the S may be looked at, or what is added; None: all.
        scale: of the products; None is 1/√d.
        groups: indices of keys.

    Returns:
        (groups, L), float32.
    """
    _, heads, length, width = q.shape
    k = k.repeat_interleave(heads // k.shape[1], 1)
    if mask is not None:
        mask = mask.expand(1, heads, length, k.shape[2])
    total = torch.zeros(len(groups), length, device=q.device)
    for head in range(heads):  # one by one: all at once they are gigabytes
        logits = q[0, head].float() @ k[0, head].float().T * (scale or 1 / math.sqrt(width))
        if mask is not None:
            one = mask[0, head]
            logits = logits.masked_fill(~one, -math.inf) if one.dtype == torch.bool else logits + one
        paid = logits.softmax(-1)
        total += torch.stack([paid[:, list(group)].mean(-1) for group in groups])
    return total / heads
