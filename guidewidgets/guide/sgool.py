"""SGOOL: DOODL in which what draws the eye weighs more (Wang et al. 2024, arXiv 2410.10257).

    L = w_g · loss(I) + w_s · R_k loss(C_k) + w_r · R_k relation(C_k, I)

with C_k the salient parts of the image I. The article names the three parts, to "regard the relationships between
saliency parts and the global image concurrently"; their weights, the relation and the rule of cropping could not be
read anywhere. So each is a named switch, and the defaults are ours. With `salient = relation = 0` this is DOODL, bit
for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.guide.doodl import start
from guidewidgets.guide.losses import Focus, Losses
from guidewidgets.guide.optimisation import Optimisation
from guidewidgets.prompt import Prompt
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective, need_encoder
from guidewidgets.vision.saliency.base import Saliency
from guidewidgets.vision.saliency.boxes import Box, Cut, boxes, random_boxes

REDUCTIONS = ("mean", "mass", "min")
RELATIONS = ("hinge", "square", "likeness")
WEIGHTS = ("whole", "salient", "relation")


@dataclass(frozen=True, slots=True)
class Attend:
    """How SGOOL looks; all of it ours, for want of the article's.

    Attributes:
        whole: weight w_g of the whole image.
        salient: weight w_s of its salient parts.
        relation: weight w_r of how they relate.
        reduce: over the parts: "mean", "mass" (mean weighted by saliency) or "min".
        kind: of relation: "hinge", how much worse a part is than the whole; "square" of that difference; "likeness",
            the distance of part and whole as the encoder sees them. The last rewards zooming in until the part is all.
        every: the saliency is looked at anew after so many updates; 0 freezes the first one.
        keep: share of the map before in the new one, in [0, 1); steadies the boxes.
        cut: how boxes are cut out of the maps.
        control: "random" puts the boxes anywhere, which is what saliency has to beat; None leaves them.
        seed: of the control.
    """

    whole: float = 1.0
    salient: float = 1.0
    relation: float = 0.0
    reduce: str = "mean"
    kind: str = "hinge"
    every: int = 1
    keep: float = 0.0
    cut: Cut = field(default_factory=Cut)
    control: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if (
            self.reduce not in REDUCTIONS
            or self.kind not in RELATIONS
            or self.control not in (None, "random")
        ):
            raise ValueError(
                f"reduce={self.reduce!r}, kind={self.kind!r}, control={self.control!r}: expected one of "
                f"{', '.join(REDUCTIONS)}; one of {', '.join(RELATIONS)}; None or 'random'"
            )
        if self.every < 0 or not 0 <= self.keep < 1 or self.seed < 0:
            found = f"every={self.every}, keep={self.keep}, seed={self.seed}"
            raise ValueError(f"{found}: expected every ≥ 0, keep in [0, 1), seed ≥ 0")


def sgool(
    engine: Engine,
    latent: Tensor | LatentPair,
    prompt: str | Prompt,
    objective: Objective,
    saliency: Saliency,
    steps: int = 50,
    *,
    attend: Attend | None = None,
    sampling_steps: int | None = None,
    guidance: float | None = None,
    sampler: str | None = None,
    gradient: str = "cached",
    preset: str | None = None,
    seed: int = 0,
    watch: Objective | None = None,
    **changes: Any,
) -> Optimisation:
    """As `doodl`, with a loss that looks at the salient parts of the image too.

    Args:
        engine: see `doodl`, as for all that is not named here.
        latent: see `doodl`.
        prompt: see `doodl`.
        objective: the loss, of the whole and of the parts.
        saliency: where the eye is drawn; see `guidewidgets.vision.saliency`.
        steps: updates.
        attend: weights and rules; None: ours.
        sampling_steps: see `doodl`.
        guidance: see `doodl`.
        sampler: see `doodl`.
        gradient: see `doodl`.
        preset: see `doodl`.
        seed: see `doodl`.
        watch: see `doodl`; it looks at the whole image.
        **changes: see `doodl`.

    Raises:
        ValueError, TypeError, FloatingPointError: as `doodl`.
    """
    check_exact(changes.get("probes"))
    losses = SalientLosses(objective, encoder_of(engine), saliency, attend or Attend(), watch)
    how = {"sampling_steps": sampling_steps, "guidance": guidance, "sampler": sampler}
    return start(engine, latent, prompt, losses, steps, how, gradient, preset, seed, changes)


def check_exact(probes: int | None) -> None:
    """Refuse probes, each of which would be looked at elsewhere. ValueError: there are some."""
    if probes:
        raise ValueError(
            f"probes={probes!r}: expected 0 with method 'sgool', which follows the exact gradient"
        )


@final
class SalientLosses(Losses):
    """The parts of an objective on the whole image, "salient" on its crops, and "relation" between the two.

    The weights "whole", "salient" and "relation" may change while it runs, as those of the objective's parts.
    """

    def __init__(
        self,
        objective: Objective,
        encoder: ClipEncoder | None,
        saliency: Saliency,
        attend: Attend,
        watch: Objective | None = None,
    ) -> None:
        super().__init__(objective, encoder, watch)
        self._objective_parts = tuple(self.weights)
        if clash := set(WEIGHTS) & set(self.weights):
            message = f"a part of the objective is named {min(clash)!r}, which is a word of SGOOL's own"
            raise ValueError(message)
        self.weights |= {name: float(getattr(attend, name)) for name in WEIGHTS}
        self._likeness = (
            _likeness(need_encoder(encoder, "relation 'likeness'")) if attend.kind == "likeness" else None
        )
        self._saliency, self._attend = saliency, attend
        self._maps: Tensor | None = None
        self._boxes: tuple[tuple[Box, ...], ...] = ()

    def terms(self, images: Tensor, index: int) -> dict[str, Tensor]:
        """See `Losses.terms`."""
        self._look(images, index)
        found = super().terms(images, index)
        if not (self.weights["salient"] or self.weights["relation"]):
            return found  # DOODL, to the last bit
        rows = [self._of_image(images[i : i + 1], found, i) for i in range(len(images))]
        for k, name in enumerate(("salient", "relation")):
            if self.weights[name]:
                found[name] = torch.stack([row[k] for row in rows])
        return found

    def shown(self, name: str) -> float:
        """See `Losses.shown`."""
        return self.weights[name] * (self.weights["whole"] if name in self._objective_parts else 1.0)

    def focus(self) -> Focus | None:
        """See `Losses.focus`."""
        if self._maps is None:
            return None
        kind, name = self._saliency.kind, self._saliency.name
        return Focus(self._maps, self._boxes, kind, name, self._attend.cut.threshold)

    def _look(self, images: Tensor, index: int) -> None:
        """Maps and boxes of now; no gradient passes, and the boxes have none."""
        every = self._attend.every
        if self._maps is not None and (every == 0 or index % every):
            return
        maps, keep = self._saliency(images), self._attend.keep
        self._maps = maps if self._maps is None or not keep else keep * self._maps + (1 - keep) * maps
        self._boxes = boxes(self._maps, self._attend.cut)
        if self._attend.control == "random":
            self._boxes = random_boxes(
                self._boxes, (images.shape[-2], images.shape[-1]), self._attend.seed + index
            )

    def _of_image(self, image: Tensor, whole: Mapping[str, Tensor], i: int) -> tuple[Tensor, Tensor]:
        """Salient and relation term of one image (1, 3, H, W): numbers."""
        crops = [box.crop(image) for box in self._boxes[i]]
        parts = torch.stack([self._weighted({p.name: p.of(crop) for p in self._parts})[0] for crop in crops])
        before = self._weighted({name: whole[name] for name in self._objective_parts})[i]
        if self._likeness is not None:
            relation = torch.stack([self._likeness(crop, image)[0] for crop in crops])
        else:
            worse = parts - before
            relation = worse.clamp(min=0) if self._attend.kind == "hinge" else worse.square()
        mass = image.new_tensor([box.mass for box in self._boxes[i]])
        return self._reduced(parts, mass), self._reduced(relation, mass)

    def _weighted(self, terms: Mapping[str, Tensor]) -> Tensor:
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum(0)

    def _reduced(self, values: Tensor, mass: Tensor) -> Tensor:
        if self._attend.reduce == "min":
            return values.amin()
        if self._attend.reduce == "mass":
            return (values * mass / mass.sum()).sum()
        return values.mean()


def _likeness(eye: ClipEncoder) -> Callable[[Tensor, Tensor], Tensor]:
    from guidewidgets.guide.objectives import great_circle

    return lambda part, whole: great_circle(eye.images(part), eye.images(whole))
