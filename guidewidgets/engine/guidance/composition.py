"""Prompt algebra to scores: ε* = ε(∅) + s · Σ wᵢ Mᵢ ⊙ (ε(cᵢ) - ε(∅)).

Composable Diffusion (Liu et al. 2022, arXiv 2206.01714, eqs. 11 and 13) with weights relative to the guidance scale s:
one concept is plain classifier-free guidance, NOT is a negative weight. The coefficients sum to one, so the same
formula holds for ε, v and x_0 predictions. A concept of another model is measured from that model's own ∅. How NOT may
act instead stands in `negation.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import torch
from torch import Tensor

from guidewidgets.concept import Concept
from guidewidgets.engine.guidance.negation import Posterior, project
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region


class Row(NamedTuple):
    """Condition of one row of a batch.

    Attributes:
        model: its name; None is the session's own.
        text, concepts: the concept, and what learned words mean in it.
        empty: it stands in the place of ∅.
    """

    model: str | None
    text: str
    empty: bool = False
    concepts: tuple[Concept, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One concept of one image, ready to be summed: its coefficient s·w, its region, range of steps and model."""

    text: str
    coefficient: float
    region: Region | None
    steps: tuple[float, float] | None
    model: str | None = None

    def active(self, fraction: float) -> bool:
        """Whether it takes part at this fraction of the run (0 first step, towards 1 the last)."""
        return self.steps is None or self.steps[0] <= fraction < self.steps[1]


@dataclass(frozen=True, slots=True)
class Composition:
    """The terms that guide one image, how NOT acts, the scale s in their coefficients, and its texts' learned words."""

    unconditional: str
    terms: tuple[Term, ...]
    negation: str = "linear"
    scale: float = 1.0
    concepts: tuple[Concept, ...] = ()

    def special(self, term: Term) -> bool:
        """Whether a term is more than a summand."""
        return self.negation != "linear" and term.coefficient < 0


def compose(
    prompt: Prompt,
    guidance: float,
    negative: str | None,
    negation: str = "linear",
    concepts: tuple[Concept, ...] = (),
) -> Composition:
    """Terms of a resolved prompt; `Prompt.concepts` merges and sorts them, so that their order cannot matter.

    Args:
        prompt: without OR.
        guidance: scale s; 0 is none, as in diffusers, as is 1.
        negative: text that takes the place of ∅, or None.
        negation: how NOT acts: "linear", "perp" or "dynamic".
        concepts: learned words of its texts.
    """
    scale = guidance or 1.0
    terms = tuple(Term(c.text, scale * c.weight, c.region, c.steps, c.model) for c in prompt.concepts())
    return Composition(negative or "", terms, negation, scale, concepts)


Ask = Callable[[Tensor, list[Row]], Tensor]
"""(index of the image of each row, (rows,), condition of each row) → the networks' predictions, (rows, C, H, W)."""

Probe = Callable[[int, Term, Tensor, Tensor], None]
"""Callback for every concept that takes part: (image, term, ε(c) - ε(∅) as it enters, guided prediction), (C, H, W)."""


@final
class Answers:
    """Predictions for all rows of all images, in one batch: ∅ where its coefficient is not 0, the first concepts, ...

    A text that stands in several terms of one image, such as in two regions, is asked for once.
    """

    def __init__(
        self, compositions: Sequence[Composition], live: Sequence[Sequence[Term]], ask: Ask, *, rescaled: bool
    ) -> None:
        self._live, self._compositions = live, compositions
        self._rows: dict[tuple[int, Row], int] = {}
        active = [
            i
            for i, terms in enumerate(live)
            if not _cancels(compositions[i], terms) or (rescaled and compositions[i].scale != 1)
        ]
        empty = [self._row(i, None, compositions[i].unconditional, empty=True) for i in active]
        self._blocks: list[tuple[list[int], list[int]]] = []  # images, and the row of each
        for j in range(max(map(len, live), default=0)):
            block = [i for i, terms in enumerate(live) if len(terms) > j]
            self._blocks.append((block, [self._row(i, live[i][j].model, live[i][j].text) for i in block]))
        foreign = [(m, i) for i, terms in enumerate(live) for m in {t.model for t in terms} if m is not None]
        origins = {
            (m, i): self._row(i, m, compositions[i].unconditional, empty=True) for m, i in sorted(foreign)
        }
        self._answers = ask(torch.tensor([i for i, _ in self._rows]), [row for _, row in self._rows])
        zero = self._answers.new_zeros(len(live), *self._answers.shape[1:])
        # Where the coefficient of ∅ is 0 its place stays zero, and the formula gives Σ coefficient · ε(c) exactly.
        self.empty = zero.index_add(0, index_of(active, zero), self._at(empty))
        self._origins = origins  # each other model is measured from its own ∅

    def __iter__(self) -> Iterator[tuple[list[int], list[Term], Tensor]]:
        """Blocks of rows: (images, their terms, ε(c) - ε(∅) of each row)."""
        for j, (block, rows) in enumerate(self._blocks):
            terms = [self._live[i][j] for i in block]
            origin = self.empty[index_of(block, self.empty)]
            if any(term.model is not None for term in terms):
                own = zip(block, terms, origin, strict=True)
                origin = torch.stack(
                    [o if t.model is None else self._answers[self._origins[t.model, i]] for i, t, o in own]
                )
            yield block, terms, self._at(rows) - origin

    def _row(self, image: int, model: str | None, text: str, *, empty: bool = False) -> int:
        concepts = self._compositions[image].concepts if model is None else ()
        return self._rows.setdefault((image, Row(model, text, empty or not text, concepts)), len(self._rows))

    def _at(self, rows: Sequence[int]) -> Tensor:
        return self._answers[index_of(rows, self._answers)]


def combine(
    compositions: Sequence[Composition],
    ask: Ask,
    fraction: float,
    posterior: Posterior | None = None,
    probe: Probe | None = None,
    rescale: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Tensor:
    """Guided prediction of every image.

    Args:
        compositions: one per image, n in all.
        ask: runs the networks.
        fraction: how far the run is, in [0, 1).
        posterior: of the step, where a NOT is dynamic.
        probe: called with every concept.
        rescale: brings the guided prediction to the length of the one at s = 1, both (n, C, H, W); see `Guidance`.

    Returns:
        (n, C, H, W), summed in the dtype that `ask` returns.
    """
    live = [[term for term in c.terms if term.active(fraction)] for c in compositions]
    answers = Answers(compositions, live, ask, rescaled=rescale is not None)
    total = answers.empty
    positive = torch.zeros_like(total) if any(c.negation == "perp" for c in compositions) else None
    seen: list[tuple[int, Term, Tensor]] = []
    apart: list[tuple[int, Term, Tensor]] = []  # more than a summand: (image, term, masked difference)
    for block, terms, differences in answers:
        added = _factors(terms, differences) * differences
        plain = [r for r, i in enumerate(block) if not compositions[i].special(terms[r])]
        for r in range(len(block)):
            if r not in plain:
                apart.append((block[r], terms[r], added[r]))
            if probe is not None:
                seen.append((block[r], terms[r], added[r]))
        if len(plain) < len(block):
            block, added = [block[r] for r in plain], added[plain]  # noqa: PLW2901
        index = index_of(block, added)
        total = total.index_add(0, index, added)
        if positive is not None:
            positive = positive.index_add(0, index, added)
    if apart:
        total = _negate(compositions, total, positive, apart, posterior, answers.empty)
    if rescale is not None:
        scales = total.new_tensor([c.scale or 1.0 for c in compositions])[:, None, None, None]
        total = rescale(total, answers.empty + (total - answers.empty) / scales)
    for image, term, added in seen:
        probe(image, term, added, total[image])  # pyright: ignore[reportOptionalCall] - `seen` is empty without it
    return total


def _negate(
    compositions: Sequence[Composition],
    total: Tensor,
    positive: Tensor | None,
    apart: Sequence[tuple[int, Term, Tensor]],
    posterior: Posterior | None,
    empty: Tensor,
) -> Tensor:
    """Add the negated concepts of the images whose NOT is not linear."""
    index = index_of([i for i, _, _ in apart], total)
    added = torch.stack([delta for _, _, delta in apart])
    perp = torch.tensor([compositions[i].negation == "perp" for i, _, _ in apart])
    if positive is not None and bool(perp.any()):
        added = torch.where(
            perp.to(total.device)[:, None, None, None], project(added, positive[index]), added
        )
    if posterior is None or bool(perp.all()):
        return total.index_add(0, index, added)
    keys: list[tuple[int, Hashable]] = [(i, term) for i, term, _ in apart]
    share = torch.where(perp.to(total.device), 1.0, posterior.odds(keys, total))
    total = total.index_add(0, index, share[:, None, None, None] * added)
    # `added` is s·w·M(ε(c) - ε(∅)): without its coefficient it is the difference that the posterior weighs.
    scale = total.new_tensor([term.coefficient for _, term, _ in apart])[:, None, None, None]
    posterior.learn(keys, (total - empty)[index].detach(), (added / scale).detach())
    return total


def _cancels(composition: Composition, terms: Sequence[Term]) -> bool:
    """Whether ε(∅) has coefficient 1 - Σ s·w = 0 everywhere, so that its row need not be computed."""
    if any(term.region is not None or composition.special(term) for term in terms):
        return False
    return sum(term.coefficient for term in terms if term.model is None) == 1.0


def index_of(images: Sequence[int], like: Tensor) -> Tensor:
    """Indices on the device of `like`."""
    return torch.tensor(images, dtype=torch.long, device=like.device)


def _factors(terms: Sequence[Term], like: Tensor) -> Tensor:
    """Coefficients times region masks, (rows, 1, H, W), or (rows, 1, 1, 1) where nothing is masked."""
    plain = like.new_tensor([term.coefficient for term in terms])[:, None, None, None]
    if all(term.region is None for term in terms):
        return plain
    height, width = like.shape[-2:]
    masks = [
        torch.ones(height, width) if t.region is None else torch.from_numpy(t.region.mask(height, width))
        for t in terms
    ]
    return plain * torch.stack(masks).to(like)[:, None]
