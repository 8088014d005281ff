"""Metrics that are made of a CLIP model's vectors: CLIP score, PickScore, HPS, and aesthetic heads.

All take (model, processor) of transformers, a `CLIPModel` and its `CLIPProcessor` that the user has loaded, and read
pictures and texts as the published code does: texts that are too long are cut. Or they take a `ClipEncoder`, which
opens models of open_clip and SigLIP too, and refuses texts that are too long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.evaluate.metric import CHUNK, Endless, Pictures, as_images, check, check_still
from guidewidgets.vision.encoder import ClipEncoder, vectors
from guidewidgets.vision.scorer import Head, ask, check_head


class _ByClip:
    """Unit vectors of pictures and of texts, by either kind of model."""

    name: ClassVar[str]
    higher_is_better: ClassVar[bool] = True

    def __init__(self, model: Any, processor: Any = None) -> None:
        if isinstance(model, ClipEncoder) != (processor is None):
            raise ValueError(f"{self.name}: expected a CLIPModel and its processor, or a ClipEncoder alone")
        if processor is not None and not hasattr(model, "get_image_features"):
            raise ValueError(
                f"{self.name}: {type(model).__name__} has no get_image_features: expected a CLIPModel"
            )
        check_still(self.name, getattr(model, "model", model))
        self.model, self.processor = model, processor

    @torch.no_grad()
    def seen(self, pictures: Pictures) -> Tensor:
        """Unit vectors of pictures, (n, D)."""
        chunks = range(0, len(pictures), CHUNK)
        return torch.cat([self._seen(pictures[k : k + CHUNK]) for k in chunks]).float().cpu()

    def _seen(self, pictures: Pictures) -> Tensor:
        if self.processor is None:
            return self.model.images(as_images(pictures))
        given = self.processor(images=[Image.fromarray(p) for p in pictures], return_tensors="pt")
        pixels = given["pixel_values"].to(self.model.device, self.model.dtype)
        return F.normalize(vectors(self.model.get_image_features(pixel_values=pixels)).float(), dim=-1)

    @torch.no_grad()
    def cosines(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """Of each picture and its prompt, (n,)."""
        check(pictures, prompts)
        if not len(pictures):
            return np.zeros(0)
        texts = sorted(set(prompts))  # each is read once
        rows = torch.tensor([texts.index(prompt) for prompt in prompts])
        return (self.seen(pictures) * self._read(texts)[rows]).sum(1).double().numpy()

    def _read(self, texts: list[str]) -> Tensor:
        if self.processor is None:
            return self.model.texts(texts).float().cpu()
        most = self.model.config.text_config.max_position_embeddings
        # Padded to the end: CLIP does not look behind its end mark.
        given = self.processor(
            text=texts, padding="max_length", truncation=True, max_length=most, return_tensors="pt"
        )
        found = self.model.get_text_features(**{k: v.to(self.model.device) for k, v in given.items()})
        return F.normalize(vectors(found).float(), dim=-1).cpu()


@final
class ClipScore(_ByClip):
    """CLIP score: scale · max(cos, 0).

    Hessel et al. 2021 (CLIPScore, arXiv 2104.08718) have 2.5 for the scale, and "A photo depicts" before each caption,
    which is the caller's to add; papers on diffusion models, and torchmetrics, have 100 and the prompt alone. Scores of
    different CLIP models do not compare.
    """

    name = "CLIP score"

    def __init__(self, model: Any, processor: Any = None, scale: float = 100.0) -> None:
        """Take a CLIPModel and its processor, or a ClipEncoder.

        Raises:
            ValueError: it is none, or is in training mode, or the scale is not positive.
        """
        super().__init__(model, processor)
        if not 0 < scale < math.inf:
            raise ValueError(f"scale={scale}: expected a positive number")
        self.scale = float(scale)

    @property
    def range(self) -> tuple[float, float]:
        """0 to the scale."""
        return 0.0, self.scale

    def score(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """See `Metric.score`."""
        return self.scale * self.cosines(pictures, prompts).clip(min=0)


@final
class PickScore(_ByClip):
    """PickScore: exp(logit_scale) · cos, of a CLIP-H that was trained on choices of people; about 15 to 25.

    Kirstain et al. 2023 (arXiv 2305.01569). Of several pictures of one prompt, the softmax of their scores is the
    chance that each is chosen; the score itself has no softmax.
    """

    name = "PickScore"

    def __init__(self, model: Any, processor: Any = None) -> None:
        """Take the CLIPModel of PickScore_v1 and its processor, or a ClipEncoder of it.

        Raises:
            ValueError: it is none, has no logit_scale, or is in training mode.
        """
        super().__init__(model, processor)
        net = getattr(model, "model", model) if isinstance(model, ClipEncoder) else model
        scale = getattr(net, "logit_scale", None)
        if scale is None:
            raise ValueError(f"{self.name}: {type(net).__name__} has no logit_scale: expected a CLIPModel")
        self.scale = math.exp(float(scale))

    @property
    def range(self) -> tuple[float, float]:
        """± exp(logit_scale)."""
        return -self.scale, self.scale

    def score(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """See `Metric.score`."""
        return self.scale * self.cosines(pictures, prompts)


@final
class Hps(_ByClip):
    """Human preference score, version 2: cos, of a CLIP-H that was trained on choices of people; about 0.2 to 0.35.

    Wu et al. 2023 (HPS v2, arXiv 2306.09341); there is no scale and no softmax in `hpsv2.score`, and tables of papers
    often have it times 100. Pictures that are not square are set on a black square, as there. The authors' weights are
    open_clip's: `Hps(ClipEncoder.open_clip("ViT-H-14", "HPS_v2.1_compressed.pt"))`.
    """

    name = "HPS"

    @property
    def range(self) -> tuple[float, float]:
        """-1 to 1."""
        return -1.0, 1.0

    def score(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """See `Metric.score`."""
        check(pictures, prompts)
        rows, columns = pictures.shape[1:3]
        top, left = (max(0, longer - side) // 2 for longer, side in ((columns, rows), (rows, columns)))
        square = np.zeros((len(pictures), *(max(rows, columns),) * 2, 3), np.uint8)
        square[:, top : top + rows, left : left + columns] = pictures
        return self.cosines(square, prompts)


@final
class AestheticScore(Endless, _ByClip):
    """What a head makes of a picture's unit vector: LAION's linear ones say about 1 to 10. Prompts are not looked at.

    Schuhmann 2022 (improved-aesthetic-predictor): linear layers without anything between them, on the vectors of
    CLIP ViT-L/14 brought to length 1.
    """

    name = "aesthetic"

    def __init__(self, head: Head | Callable[[Tensor], Tensor], model: Any, processor: Any = None) -> None:
        """Take a head, such as `AestheticHead.load(…)`, and the CLIPModel with its processor that it was made for.

        Raises:
            ValueError: they do not fit, or one is in training mode.
        """
        super().__init__(model, processor)
        check_still(self.name, head)
        if not isinstance(model, ClipEncoder):
            check_head(head, int(model.config.projection_dim))
        self.head = head

    @torch.no_grad()
    def score(self, pictures: Pictures, prompts: Sequence[str]) -> NDArray[np.float64]:
        """See `Metric.score`."""
        check(pictures, prompts)
        if not len(pictures):
            return np.zeros(0)
        found = ask(self.head, self.seen(pictures))
        return found.reshape(len(pictures)).double().cpu().numpy()
