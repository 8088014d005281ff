"""Gradients of large networks block by block: activations inside of a block are made again on the way back.

What is kept is what stands between blocks (Chen et al. 2016, arXiv 1604.06174), for a third more work. diffusers' own
switch for it leaves arguments of some blocks out (Chroma's mask), and would stay switched in somebody's pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, final

from torch import nn
from torch.utils.checkpoint import checkpoint

from guidewidgets.engine.model.guest import AtRest

SHARE = 0.5  # of the free memory that may be kept for the way back


def blocks_of(network: nn.Module) -> list[nn.Module]:
    """Blocks of layers, which follow each other in lists."""
    return [block for part in network.children() if isinstance(part, nn.ModuleList) for block in part]


def too_deep(network: nn.Module, rows: int, row_bytes: float, free: int) -> bool:
    """Whether activations of all blocks, for so many rows, leave too little of the memory that is free."""
    return rows * row_bytes * len(blocks_of(network)) > SHARE * free


@contextmanager
def blockwise(network: nn.Module, rest: AtRest) -> Generator[None]:
    """A context in which calls of a network keep for the way back what stands between its blocks, and no more.

    Args:
        network: of diffusers; it is as before after the context.
        rest: a context in which it is used, entered anew for what is made again.
    """
    blocks = dict.fromkeys(blocks_of(network))  # each once, though it may be run more often
    held = [vars(block) for block in blocks]
    before = [{"forward": own["forward"]} if "forward" in own else {} for own in held]  # a hook's
    for block, own in zip(blocks, held, strict=True):
        own["forward"] = _again(block.forward, rest)
    try:
        yield
    finally:
        for own, old in zip(held, before, strict=True):
            del own["forward"]
            own.update(old)


def _again(forward: Callable[..., Any], rest: AtRest) -> Callable[..., Any]:
    def kept(*given: Any, **told: Any) -> Any:
        # Nothing is drawn at random in networks at rest, so that no generator's state has to be kept.
        how: dict[str, Any] = {"use_reentrant": False, "preserve_rng_state": False}
        return checkpoint(forward, *given, context_fn=lambda: (nullcontext(), _Anew(rest)), **how, **told)

    return kept


@final
class _Anew:
    """A context that may be entered more than once, as where overflow makes the way back begin again."""

    def __init__(self, rest: AtRest) -> None:
        self._rest, self._entered = rest, ExitStack()

    def __enter__(self) -> None:
        self._entered.enter_context(self._rest())

    def __exit__(self, *_: object) -> None:
        self._entered.close()
