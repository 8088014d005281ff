"""Scores of images, and their one protocol: `score(images, prompts)`, higher is better.

CLIP score, PickScore and HPS are all cosines of two vectors, times a constant: `CosineScorer` of the right encoder.
Anything else that has the method will do, differentiable or not; to be optimised it has to be differentiable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol, final, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.follow import Follows
from guidewidgets.vision.weights import read_weights


@runtime_checkable
class Scorer(Protocol):
    """What scores images by their prompts."""

    def score(self, images: Tensor, prompts: Sequence[str]) -> Tensor:
        """Scores (n,) of images (n, 3, H, W) in [0, 1], each with its prompt; higher is better."""
        ...


@runtime_checkable
class Classifies(Protocol):
    """What names images: `names`, and logits (n, k) when called with images (n, 3, H, W) in [0, 1]."""

    names: tuple[str, ...]

    def __call__(self, images: Tensor) -> Tensor:
        """Logits."""
        ...


@final
class CosineScorer:
    """Cosine of image and prompt, times `scale`: 100 is the CLIP score (unclamped); PickScore and HPS alike."""

    def __init__(self, encoder: ClipEncoder, scale: float = 100.0) -> None:
        self.encoder, self.scale = encoder, scale

    def score(self, images: Tensor, prompts: Sequence[str]) -> Tensor:
        """See `Scorer.score`; differentiable.

        Raises:
            ValueError: a prompt is too long, or there is not one for each image.
        """
        if len(prompts) != len(images):
            raise ValueError(f"{len(prompts)} prompts for {len(images)} images: expected one each")
        texts = self.encoder.texts(list(prompts)).to(images)
        return self.scale * (self.encoder.images(images) * texts).sum(1)


PUBLIC: dict[tuple[int, ...], bool] = {
    (0, 2, 4, 6, 7): False,  # sac+logos+ava1-l14-linearMSE: dropout between the layers
    (0, 3, 6, 9, 11): True,  # ava+logos-l14-reluMSE: a ReLU and dropout, after the last but one a ReLU alone
}
"""Places of the linear layers in the published heads, and whether there are ReLUs between them."""


@final
class AestheticHead:
    """Linear layers on unit image vectors, as LAION's heads are: one (v1), or five (v2), with ReLUs or without."""

    def __init__(self, layers: Sequence[tuple[Tensor, Tensor]], *, relu: bool = False) -> None:
        """Take weights (out, in) and biases (out,) in order, and whether there is a ReLU after all but the last.

        Raises:
            ValueError: they do not follow each other down to one number.
        """
        sizes = [weight.shape for weight, _ in layers]
        fit = all(a[0] == b[1] for a, b in pairwise(sizes))
        if not sizes or not fit or sizes[-1][0] != 1 or any(b.shape != w.shape[:1] for w, b in layers):
            message = f"layers of shapes {[tuple(s) for s in sizes]}: expected one after the other, down to one number"
            raise ValueError(message)
        self.layers = [(w.detach().float(), b.detach().float()) for w, b in layers]
        self.relu = relu
        self.dimension = int(sizes[0][1])

    @classmethod
    def load(cls, path: str | Path, *, relu: bool | None = None) -> AestheticHead:
        """Open `sa_0_4_*_linear.pth` (v1), `sac+logos+ava1-l14-linearMSE.pth` or `ava+logos-l14-reluMSE.pth` (v2).

        Args:
            path: one of these, or the like, also as safetensors.
            relu: whether there are ReLUs between its layers, which a file does not say; None: the places of the
                layers tell, as far as they are those of a published head, or leave no room.

        Raises:
            ValueError: it cannot be read, is no such head, or its layers do not tell what stands between them.
        """
        state, file = read_weights(path), Path(path).name
        names = {key.removesuffix("weight") for key in state if key.endswith("weight")}
        if {f"{name}{part}" for name in names for part in ("weight", "bias")} != state.keys():
            raise ValueError(f"{file} holds {', '.join(sorted(state)[:4])}: expected linear layers alone")
        if any(state[f"{name}weight"].ndim != 2 for name in names):
            raise ValueError(f"{file}: expected linear layers alone")
        places = {name: _place(name) for name in names} if len(names) > 1 else dict.fromkeys(names, 0)
        if len(set(places.values())) < len(names) or None in places.values():
            message = f"{file} holds {', '.join(sorted(state)[:4])}: expected numbered layers, as in layers.0.weight"
            raise ValueError(message)
        order = sorted(names, key=lambda name: places[name] or 0)
        if relu is None:
            relu = _bends(file, tuple(places[name] or 0 for name in order))
        return cls([(state[f"{name}weight"], state[f"{name}bias"]) for name in order], relu=relu)

    def __call__(self, vectors: Tensor) -> Tensor:
        """Scores (n,) of unit vectors (n, D), about 1 to 10; differentiable."""
        for k, (weight, bias) in enumerate(self.layers):
            if k and self.relu:
                vectors = F.relu(vectors)
            vectors = F.linear(vectors, weight.to(vectors), bias.to(vectors))
        return vectors[:, 0]


def _place(name: str) -> int | None:
    """The number of a layer in its sequence: the last in its name."""
    numbers = [int(part) for part in name.split(".") if part.isdigit()]
    return numbers[-1] if numbers else None


def _bends(file: str, places: tuple[int, ...]) -> bool:
    """Whether there are ReLUs between linear layers at these places of a sequence."""
    if places in PUBLIC:
        return PUBLIC[places]
    if all(b - a == 1 for a, b in pairwise(places)):
        return False
    raise ValueError(
        f"{file} has linear layers at {', '.join(map(str, places))}, which is no published head: what stands between "
        "them is not in the file; expected relu=True or relu=False"
    )


Head = Callable[[Tensor], Tensor] | nn.Module
"""Unit vectors (n, D) → scores (n,)."""


def ask(net: Callable[[Tensor], Tensor], given: Tensor) -> Tensor:
    """What a network says, wherever it stands: what it is given goes there, and its answer comes back."""
    first = next(net.parameters(), None) if isinstance(net, nn.Module) else None
    if first is None or isinstance(net, Follows) or first.device == given.device:
        return net(given)
    return net(given.to(first.device)).to(given.device)


def check_head(head: Head, dimension: int) -> None:
    """Refuse a head that was made for another encoder.

    Raises:
        ValueError: it takes vectors of another length.
    """
    wanted = getattr(head, "dimension", None)
    if wanted is not None and wanted != dimension:
        raise ValueError(
            f"a head for vectors of {wanted} numbers on an encoder that gives {dimension}: they do not fit"
        )


def loss_of(scorer: Scorer, prompt: str) -> Callable[[Tensor], Tensor]:
    """Images (n, 3, H, W) → -score (n,)."""

    def loss(images: Tensor) -> Tensor:
        found = scorer.score(images, [prompt] * len(images))
        if not isinstance(found, Tensor) or found.shape != (len(images),):
            shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            said = f"{type(scorer).__name__}.score answered {shape} for {len(images)} images"
            raise ValueError(f"{said}: expected one number each")
        return -found

    return loss


def dimension_of(encoder: ClipEncoder) -> int:
    """Length of the encoder's vectors."""
    with torch.no_grad():
        return int(encoder.images(torch.zeros(1, 3, 8, 8)).shape[1])
