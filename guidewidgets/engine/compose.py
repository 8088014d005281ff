"""Prompt algebra to scores: ε* = ε(∅) + s · Σ wᵢ Mᵢ ⊙ (ε(cᵢ) - ε(∅)).

Composable Diffusion (Liu et al. 2022, arXiv 2206.01714, eqs. 11 and 13) with weights relative to the guidance scale s:
one concept is plain classifier-free guidance, NOT is a negative weight. The coefficients sum to one, so the same
formula holds for ε, v and x_0 predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from guidewidgets.prompt import Prompt
from guidewidgets.region import Region


@dataclass(frozen=True, slots=True)
class Term:
    """One concept of one image, ready to be summed: its coefficient s·w, its region and its range of steps."""

    text: str
    coefficient: float
    region: Region | None
    steps: tuple[float, float] | None

    def active(self, fraction: float) -> bool:
        """Whether it takes part at this fraction of the run (0 first step, towards 1 the last)."""
        return self.steps is None or self.steps[0] <= fraction < self.steps[1]


@dataclass(frozen=True, slots=True)
class Composition:
    """What one image is guided by."""

    unconditional: str
    terms: tuple[Term, ...]


def compose(prompt: Prompt, guidance: float, negative: str | None) -> Composition:
    """Terms of a resolved prompt; `Prompt.concepts` merges and sorts them, so that their order cannot matter.

    Args:
        prompt: without OR.
        guidance: scale s.
        negative: text that takes the place of ∅, or None.
    """
    terms = tuple(Term(c.text, guidance * c.weight, c.region, c.steps) for c in prompt.concepts())
    return Composition(negative or "", terms)


Ask = Callable[[Tensor, list[str]], Tensor]
"""(index of the image of each row, text of each row) → the network's prediction, (rows, C, H, W) in the sum's dtype."""


def combine(compositions: Sequence[Composition], ask: Ask, fraction: float) -> Tensor:
    """Guided prediction of every image, all rows of all images asked for at once.

    Args:
        compositions: one per image, n in all.
        ask: runs the network.
        fraction: how far the run is, in [0, 1).

    Returns:
        (n, C, H, W), summed in the dtype that `ask` returns.
    """
    live = [[term for term in c.terms if term.active(fraction)] for c in compositions]
    # Row blocks: ∅ of the images that need it, then the first concept of all that have one, the second, ...
    blocks = [[i for i, terms in enumerate(live) if not _cancels(terms)]]
    texts = [compositions[i].unconditional for i in blocks[0]]
    for j in range(max(map(len, live), default=0)):
        blocks.append([i for i, terms in enumerate(live) if len(terms) > j])
        texts += [live[i][j].text for i in blocks[-1]]
    rows = ask(torch.tensor([i for block in blocks for i in block]), texts)
    parts = rows.split([len(block) for block in blocks])
    zero = rows.new_zeros(len(live), *rows.shape[1:])
    # Where ∅ has no say its place stays zero, and the formula gives Σ coefficient · ε(c) exactly.
    empty = zero.index_add(0, _index(blocks[0], rows), parts[0])
    total = empty
    for j, (block, part) in enumerate(zip(blocks[1:], parts[1:], strict=True)):
        index = _index(block, rows)
        factor = torch.stack([_factor(live[i][j], rows) for i in block])
        total = total.index_add(0, index, factor * (part - empty[index]))
    return total


def _cancels(terms: Sequence[Term]) -> bool:
    """Whether ε(∅) has coefficient 1 - Σ s·w = 0 everywhere, so that its row need not be computed."""
    return all(term.region is None for term in terms) and sum(term.coefficient for term in terms) == 1.0


def _index(images: Sequence[int], like: Tensor) -> Tensor:
    return torch.tensor(images, dtype=torch.long, device=like.device)


def _factor(term: Term, like: Tensor) -> Tensor:
    """Coefficient times region mask, (1, H, W) or (1, 1, 1)."""
    if term.region is None:
        return like.new_full((1, 1, 1), term.coefficient)
    mask = torch.from_numpy(term.region.mask(like.shape[-2], like.shape[-1]))
    return term.coefficient * mask.to(like)[None]
