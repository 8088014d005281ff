"""Objectives that rest on a judgement: appeal, a class, a score, a user's taste."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide.crops import FRAMES, Crops
from guidewidgets.preference.gp import Preference
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.objective import Loss, Objective, need_encoder
from guidewidgets.vision.scorer import Classifies, Head, Scorer, check_head, dimension_of, loss_of

CLASS_LOSSES = ("ce", "bce")


@final
class Aesthetic(Objective):
    """Appeal as a head on the encoder's image vectors sees it (DOODL's aesthetic editing)."""

    def __init__(
        self, head: Head | None = None, target: float | None = None, crops: Crops | None = None
    ) -> None:
        """Take a head, and what to aim at.

        Args:
            head: unit vectors → scores, such as `AestheticHead.load(…)`; None: the embedded one, with the embedded
                model.
            target: go for this score (the published code goes for 10); None: for more.
            crops: how the image is cut; None: our usual crops.
        """
        self.head, self.target, self.crops = head, target, crops or Crops()

    @property
    def name(self) -> str:
        """Aesthetic."""
        return "Aesthetic" if self.target is None else f"Aesthetic({self.target:g})"

    @property
    def arguments(self) -> dict[str, Any]:
        """See `Objective.arguments`."""
        if self.head is not None:
            return super().arguments
        return {"target": self.target, "crops": self.crops}

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`."""
        eye = need_encoder(encoder, self.name)
        head = self.head if self.head is not None else _embedded_head(eye)
        check_head(head, dimension_of(eye))

        def one(images: Tensor) -> Tensor:
            score = head(eye.images(images)).reshape(len(images))
            return -score if self.target is None else (score - self.target).abs()

        return self.crops.loss(one)


def _embedded_head(eye: ClipEncoder) -> Head:
    from guidewidgets.vision import embedded

    # Only where it was asked for: another engine's encoder need not load ours to be told apart.
    if embedded.guide.cache_info().currsize and eye is embedded.guide():
        return embedded.aesthetic_head()
    message = "Aesthetic needs a head made for this encoder: Aesthetic(AestheticHead.load('…linear.pth'))"
    raise ValueError(message)


@final
class Classify(Objective):
    """What a classifier calls the image (DOODL's vocabulary expansion: classes that the text model never learned)."""

    def __init__(
        self, label: str, classifier: Classifies | None = None, loss: str = "ce", crops: Crops | None = None
    ) -> None:
        """Take the class that the image shall be of.

        Args:
            label: one of the classifier's names.
            classifier: has `names`, and gives logits when called; None: the embedded one.
            loss: "ce", the cross entropy of the released code, or "bce", the paper's binary one.
            crops: how the image is cut; None: the whole, since classifiers expect whole objects; for the embedded
                one, which is easily fooled, `FRAMES`.

        Raises:
            ValueError: no such loss.
        """
        if loss not in CLASS_LOSSES:
            message = f"loss={loss!r}: expected one of {', '.join(CLASS_LOSSES)}"
            raise ValueError(message)
        self.label, self.classifier, self.loss = label, classifier, loss
        self.crops = crops or (FRAMES if classifier is None else Crops(num=0))

    @property
    def name(self) -> str:
        """Classify and the class."""
        return f"Classify({self.label!r})"

    @property
    def arguments(self) -> dict[str, Any]:
        """See `Objective.arguments`."""
        if self.classifier is not None:
            return super().arguments
        return {"label": self.label, "loss": self.loss, "crops": self.crops}

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
            message = (
                f"label={self.label!r}: expected one of the classifier's {len(net.names)} names: {some} …"
            )
            raise ValueError(message)
        index = net.names.index(self.label)

        def one(images: Tensor) -> Tensor:
            logits = net(images)
            target = torch.full((len(images),), index, device=logits.device)
            if self.loss == "ce":
                return F.cross_entropy(logits, target, reduction="none")
            wanted = F.one_hot(target, logits.shape[1]).to(logits)
            return F.binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(1)

        return self.crops.loss(one)


@final
class Liked(Objective):
    """More of what somebody likes, as it was learned from their stars; see `preference.gp`.

    It follows the learned mean alone, which knows nothing far away from what was seen: look at the frames.
    """

    def __init__(self, preference: Preference, crops: Crops | None = None) -> None:
        """Take a taste that was learned from image vectors of the encoder it is used with.

        Args:
            preference: what `preference.gp.fit` gave.
            crops: how the image is cut; None: the whole.
        """
        self.preference, self.crops = preference, crops or Crops(num=0)

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
        return self.crops.loss(lambda images: -taste.mean(eye.images(images)))


@final
class Reward(Objective):
    """More of a score: any reward model, or a user's learned preference, behind `score(images, prompts)`."""

    def __init__(self, scorer: Scorer, prompt: str = "", crops: Crops | None = None) -> None:
        """Take what scores.

        Args:
            scorer: has `score(images, prompts)`, higher is better, differentiable.
            prompt: given to it with every image.
            crops: how the image is cut; None: the whole.

        Raises:
            TypeError: it has no such method.
        """
        if not isinstance(scorer, Scorer):
            message = f"scorer={scorer!r:.60}: expected something with score(images, prompts)"
            raise TypeError(message)
        self.scorer, self.prompt, self.crops = scorer, prompt, crops or Crops(num=0)

    @property
    def name(self) -> str:
        """Reward and the scorer's kind."""
        return f"Reward({type(self.scorer).__name__})"

    def bind(self, encoder: ClipEncoder | None) -> Loss:
        """See `Objective.bind`; it needs no encoder."""
        del encoder
        return self.crops.loss(loss_of(self.scorer, self.prompt))
