"""Objectives that rest on a judgement: appeal, a class, a score, a user's taste."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.engine.check import check_number
from guidewidgets.guide.crops import FRAMES, Crops, over, settle_crops
from guidewidgets.preference.gp import Preference
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import LIVE, Loss, Objective, check_text, need_encoder
from guidewidgets.vision.scorer import Classifies, Head, Scorer, ask, check_head, dimension_of, loss_of

CLASS_LOSSES = ("ce", "bce")


@final
@dataclass(frozen=True, repr=False)
class Aesthetic(Objective):
    """Appeal as a head on the encoder's image vectors sees it (DOODL's aesthetic editing).

    Args:
        head: unit vectors → scores, such as `AestheticHead.load(…)`; None: the embedded one, with the embedded model.
        target: go for this score (the published code goes for 10); None: for more.
        crops: how the image is cut; None: our usual crops.

    Raises:
        TypeError, ValueError: an argument is of another kind, or the target is not finite.
    """

    head: Head | None = field(default=None, hash=False, metadata=LIVE)
    target: float | None = None
    crops: Crops | None = None

    def __post_init__(self) -> None:
        if self.head is not None and not callable(self.head):
            raise TypeError(
                f"head={self.head!r:.60}: expected a function of unit vectors such as AestheticHead.load(…)"
            )
        if self.target is not None:
            check_number("target", self.target, -math.inf)
        settle_crops(self, Crops())

    @property
    def name(self) -> str:
        """Aesthetic."""
        return "Aesthetic" if self.target is None else f"Aesthetic({self.target:g})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        head = self.head if self.head is not None else _embedded_head(eye)
        check_head(head, dimension_of(eye))

        def one(images: Tensor) -> Tensor:
            score = ask(head, eye.images(images)).reshape(len(images))
            return -score if self.target is None else (score - self.target).abs()

        return over(self.crops, one)


def _embedded_head(eye: ClipEncoder) -> Head:
    from guidewidgets.vision import embedded

    # Only where it was asked for: another engine's encoder need not load ours to be told apart.
    if embedded.guide.cache_info().currsize and eye is embedded.guide():
        return embedded.aesthetic_head()
    raise ValueError(
        "Aesthetic needs a head made for this encoder: gw.Aesthetic(gw.AestheticHead.load('…linear.pth'))"
    )


@final
@dataclass(frozen=True, repr=False)
class Classify(Objective):
    """What a classifier calls the image (DOODL's vocabulary expansion: classes that the text model never learned).

    Args:
        label: one of the classifier's names.
        classifier: has `names`, and gives logits when called; None: the embedded one.
        loss: "ce", the cross entropy of the released code, or "bce", the paper's binary one.
        crops: how the image is cut; None: the whole, since classifiers expect whole objects; for the embedded one,
            which is easily fooled, `FRAMES`.

    Raises:
        TypeError, ValueError: the label is no text, no such loss, or no classifier.
    """

    label: str
    classifier: Classifies | None = field(default=None, hash=False, metadata=LIVE)
    loss: str = "ce"
    crops: Crops | None = None

    def __post_init__(self) -> None:
        check_text("label", self.label)
        if self.loss not in CLASS_LOSSES:
            raise ValueError(f"loss={self.loss!r}: expected one of {', '.join(CLASS_LOSSES)}")
        if not isinstance(self.classifier, Classifies | None):
            message = f"classifier={self.classifier!r:.60}: expected something with names that gives logits"
            raise TypeError(message)
        settle_crops(self, FRAMES if self.classifier is None else Crops(num=0))

    @property
    def name(self) -> str:
        """Classify and the class."""
        return f"Classify({self.label!r})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`; it needs no encoder.

        Raises:
            ValueError: the classifier does not know the class.
        """
        del encoder
        net = self.classifier
        if net is None:
            from guidewidgets.vision import embedded

            net = embedded.classifier()
        if self.label not in net.names:
            some = ", ".join(sorted(net.names)[:8])
            raise ValueError(
                f"label={self.label!r}: expected one of the classifier's {len(net.names)} names: {some} …"
            )
        index = net.names.index(self.label)

        def one(images: Tensor) -> Tensor:
            logits = ask(net, images)
            target = torch.full((len(images),), index, device=logits.device)
            if self.loss == "ce":
                return F.cross_entropy(logits, target, reduction="none")
            wanted = F.one_hot(target, logits.shape[1]).to(logits)
            return F.binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(1)

        return over(self.crops, one)


@final
@dataclass(frozen=True, repr=False)
class Liked(Objective):
    """More of what somebody likes, as it was learned from their stars.

    It follows the learned mean alone, which knows nothing far away from what was seen: look at the frames.

    Args:
        preference: what `preference.gp.fit` gave, learned from image vectors of the encoder it is used with.
        crops: how the image is cut; None: the whole.
    """

    preference: Preference = field(hash=False, metadata=LIVE)
    crops: Crops | None = None

    def __post_init__(self) -> None:
        settle_crops(self, Crops(num=0))

    @property
    def name(self) -> str:
        """Liked."""
        return "Liked"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`.

        Raises:
            ValueError: it was learned from vectors of another length.
        """
        eye, taste = need_encoder(encoder, self.name), self.preference
        learned = taste.features.shape[1]
        if learned != (length := dimension_of(eye)):
            message = f"a taste learned from vectors of {learned} numbers, on an encoder that gives {length}"
            raise ValueError(message)
        return over(self.crops, lambda images: -taste.mean(eye.images(images)))


@final
@dataclass(frozen=True, repr=False)
class Reward(Objective):
    """More of a score: any reward model, or a user's learned preference, behind `score(images, prompts)`.

    Args:
        scorer: has `score(images, prompts)`: images (n, 3, H, W) in [0, 1] to (n,), higher is better. Differentiable
            for `optimize` and `edit`; without a gradient it can still pick (`sample(pick=…)`), watch, or be probed
            (`optimize(…, probes=8)`). A plain function is refused: give it a class.
        prompt: given to it with every image.
        crops: how the image is cut; None: the whole.

    Raises:
        TypeError: it has no such method.
    """

    scorer: Scorer = field(hash=False, metadata=LIVE)
    prompt: str = ""
    crops: Crops | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.scorer, Scorer):
            raise TypeError(f"scorer={self.scorer!r:.60}: expected something with score(images, prompts)")
        check_text("prompt", self.prompt)
        settle_crops(self, Crops(num=0))

    @property
    def name(self) -> str:
        """Reward and the scorer's kind."""
        return f"Reward({type(self.scorer).__name__})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`; it needs no encoder."""
        del encoder
        return over(self.crops, loss_of(self.scorer, self.prompt))
