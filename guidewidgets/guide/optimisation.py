"""An optimisation of latents under way: a loop that can be watched, changed and left between its steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.engine.samplers.base import SampleStep
from guidewidgets.genome import Genome
from guidewidgets.guide.losses import Focus, Losses, check_terms
from guidewidgets.guide.presets import LIVE, Mover, Plan
from guidewidgets.guide.whiteness import renormalise, whiten
from guidewidgets.guide.zeroth_order import Probes


@dataclass(frozen=True, slots=True)
class Step:
    """One state of an optimisation.

    Attributes:
        index: updates made so far; 0 is the unchanged image.
        loss: mean over the images.
        losses: each part of the objective, weighted, mean over the images.
        latent: x_T, (n, C, H, W), float32 or wider; pairs are (2, n, C, H, W).
        image: (n, 3, H, W) in [0, 1].
        focus: where the loss looked, for SGOOL.
        watched: what is looked at and not followed, by name, mean over the images.
    """

    index: int
    loss: float
    losses: dict[str, float]
    latent: Tensor
    image: Tensor
    focus: Focus | None = None
    watched: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a step: latents, the unweighted parts of the loss, and what is watched, by name, (n,)."""

    index: int
    latent: Tensor
    terms: Mapping[str, Tensor]
    watched: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])


@final
class Optimisation(Iterator[Step]):
    """Iterate to make steps; change parameters between them.

    Attributes:
        updates: how many it will make; may change while it runs.
        plan: how it moves.
        losses: what it follows.
        start: latents it started from.
        records: of all steps so far.
    """

    def __init__(
        self,
        engine: Engine,
        genomes: Sequence[Genome],
        x: Tensor,
        losses: Losses,
        updates: int,
        plan: Plan,
        gradient: str = "cached",
        seed: int = 0,
    ) -> None:
        """Prepare one.

        Args:
            engine: renders.
            genomes: n of them: everything but the latents.
            x: latents to start from, (n, C, H, W), or pairs (2, n, C, H, W), which are moved each on their own.
            losses: of the images.
            updates: m ≥ 0.
            plan: how to move.
            gradient: "cached", "reversible" or "full"; see `Engine.render`.
            seed: of the perturbations and probes.
        """
        self.updates = check_number("steps", updates, 0)
        self.plan = plan
        self.losses = losses
        self.records: list[Record] = []
        self._engine = engine
        self._genomes = genomes
        self._gradient = gradient
        # Opened once for its checks: bad arguments are refused before anything runs.
        x = x.detach().to(engine.device, torch.promote_types(x.dtype, torch.float32)).clone()
        engine.sample(genomes, x, gradient)
        self._x = x.requires_grad_()
        self.start = x.detach().clone()
        self._noise = torch.Generator().manual_seed(seed)
        self._ticks = self._run()

    def __next__(self) -> Step:
        """The next step.

        Raises:
            FloatingPointError: a part of the loss became NaN or infinite, or does not depend on the image.
        """
        for tick in self._ticks:
            if isinstance(tick, Step):
                return tick
        raise StopIteration

    def ticks(self) -> Iterator[SampleStep | Step]:
        """The same with every denoising step in between, so that a worker can stop or turn to something else."""
        return self._ticks

    def change(
        self, weights: Mapping[str, float] | None = None, steps: int | None = None, **plan: Any
    ) -> None:
        """Change how it goes on; takes effect with the next update.

        Args:
            weights: of parts of the loss, by name.
            steps: updates in all.
            **plan: `lr`, `momentum`, `clip`, `perturbation`, `whiteness`, `renormalise`, `average`.

        Raises:
            TypeError, ValueError: no such parameter, or out of range; nothing is changed then.
        """
        self.plan, self.updates = self.check(weights, steps, **plan)
        if weights:
            self.losses.change(weights)

    def check(
        self, weights: Mapping[str, float] | None = None, steps: int | None = None, **plan: Any
    ) -> tuple[Plan, int]:
        """Plan and number of updates after a change; raises as `change`, which it leaves to be made."""
        if weights is not None:
            self.losses.check(weights)
        return self.plan.changed(plan, LIVE), self.updates if steps is None else check_number(
            "steps", steps, 0
        )

    def best(self) -> Record:
        """The record of the least loss, under the weights of now, summed over the images.

        Where something is watched, the record of the least of that: after it, it never was as good again.

        Raises:
            ValueError: there is none yet.
        """
        if not self.records:
            raise ValueError("no step is finished yet")
        if self.records[-1].watched:
            return min(self.records, key=lambda r: sum(float(value.sum()) for value in r.watched.values()))
        # A part that was switched on late is missing before, where the sums cannot be compared with those of now.
        newest = self.records[-1].terms.keys()
        comparable = [record for record in self.records if newest <= record.terms.keys()]
        return min(comparable, key=lambda r: float(self.losses.total({k: r.terms[k] for k in newest}).sum()))

    def _run(self) -> Iterator[SampleStep | Step]:
        x, n, mover, index = self._x, len(self._genomes), Mover(self._x, self.plan), 0
        while True:
            last, asked, genomes = index >= self.updates, x, [*self._genomes]
            probes, k = None, self.plan.probes
            if k and not last:
                probes = Probes.draw(x.detach(), k, self.plan.smoothing, self._noise)
                asked, genomes = probes.around(x.detach()), genomes * (1 + 2 * k)
            exact = not (last or k)
            finished: SampleStep | None = None
            for finished in self._engine.sample(genomes, asked, self._gradient if exact else None):
                if finished.i < finished.total:
                    yield finished
            assert finished is not None  # noqa: S101 - there is at least one step
            # Gradients hold for the sums alone, never while the caller has the word.
            with torch.set_grad_enabled(exact):
                images, terms = self._look(finished, index)
                total = self.losses.total(terms)
            images = images[:n].detach()  # the pictures themselves; after them come the probes
            kept = {name: value[:n].detach().cpu() for name, value in terms.items()}
            watched = {name: value.cpu() for name, value in self.losses.watched(images, index).items()}
            self.records.append(Record(index, x.detach().cpu().clone(), kept, watched))
            shown = {name: self.losses.shown(name) * value.mean().item() for name, value in kept.items()}
            beside = {name: value.mean().item() for name, value in watched.items()}
            at, focus = x.detach().clone(), self.losses.focus()
            yield Step(index, total[:n].mean().item(), shown, at, images, focus, beside)
            if index >= self.updates:  # which may have changed meanwhile
                return
            if last:  # more steps were asked for at the last moment: this one again, with its gradient
                self.records.pop()
                continue
            with torch.set_grad_enabled(exact):
                total = self.losses.total(terms)  # the weights may have changed
                g = torch.autograd.grad(total.sum(), x)[0] if probes is None else probes.gradient(total[n:])
            if not torch.isfinite(g).all():
                raise FloatingPointError(
                    f"the gradient became NaN or infinite at step {index}: the best state before it is kept"
                )
            if exact and not g.any():  # probes elsewhere may yet find a slope
                message = f"no gradient reaches the noise at step {index}: nothing in the loss can be lowered"
                raise FloatingPointError(message)
            self._update(mover, g)
            index += 1

    def _look(self, finished: SampleStep, index: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The pictures, and each part of their loss, (n,)."""
        others: dict[str, Tensor] = {}
        if self.plan.both and finished.partner is not None:
            others = self.losses.terms(self._finish(finished.partner, index), index)
        images = self._finish(finished.x, index)
        terms = self.losses.terms(images, index)  # the last look, since its focus is what is shown
        if others:
            share = 1.0 if self._x.ndim == 5 else 0.5
            terms = {name: share * (value + others[name]) for name, value in terms.items()}
        check_terms(terms, images, index)
        return images, terms

    def _finish(self, z: Tensor, index: int) -> Tensor:
        finished = self._engine.finish(z)
        if any(finished.not_finite):
            message = f"the picture became NaN or infinite at step {index}: the best state before it is kept"
            raise FloatingPointError(message)
        return finished.images

    @torch.no_grad()
    def _update(self, mover: Mover, g: Tensor) -> None:
        x, plan = self._x, self.plan
        if plan.average and x.ndim == 5:
            g = g.mean(0, keepdim=True).expand_as(x)
        mover(g, plan)
        if plan.perturbation:
            # The same for both latents of a pair.
            x += plan.perturbation * torch.randn(x.shape[-4:], generator=self._noise).to(x)
        if plan.average and x.ndim == 5:
            x.copy_(x.mean(0, keepdim=True).expand_as(x))
        if plan.whiteness:
            # A pair that was made of a photograph is no white noise: it may stay what it was.
            x.copy_(whiten(x, self.start if x.ndim == 5 else None))
        if plan.renormalise:
            flat, start = x.reshape(-1, *x.shape[-3:]), self.start.reshape(-1, *x.shape[-3:])
            x.copy_(renormalise(flat, start.flatten(1).norm(dim=1)).reshape(x.shape))


def best(steps: Sequence[Step]) -> Step:
    """The state of the least loss."""
    return min(steps, key=lambda step: step.loss if math.isfinite(step.loss) else math.inf)
