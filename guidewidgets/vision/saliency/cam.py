"""What made CLIP say a word: Grad-CAM (Selvaraju et al. 2017) and Grad-CAM++ (Chattopadhay et al. 2018), by torchcam.

This answers another question than fixation: not where people look, but what an encoder's likeness to a word rests on.
"""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.saliency.base import Saliency, upscale

METHODS = {"gradcam": "GradCAM", "gradcam++": "GradCAMpp"}


@final
class ClipCam(Saliency):
    """Grad-CAM of the cosine between image and word, at the first norm of the last vision layer.

    Not at that layer's output: only its class token goes on, so its patches get no gradient and the map is blank.
    """

    kind = "text"

    def __init__(self, encoder: ClipEncoder, word: str, method: str = "gradcam") -> None:
        """Take the encoder that is asked and the word.

        Raises:
            ValueError: no such method, or the encoder is no vision transformer of CLIP's kind.
            ImportError: torchcam is not installed.
        """
        if method not in METHODS:
            raise ValueError(f"method={method!r}: expected one of {', '.join(METHODS)}")
        vision = getattr(encoder.model, "vision_model", None)
        layers = getattr(getattr(vision, "encoder", None), "layers", None)
        if layers is None:
            message = f"{type(encoder.model).__name__} has no vision transformer of CLIP's kind to look into"
            raise ValueError(message)
        try:
            from torchcam import methods
        except ImportError as error:
            raise ImportError("ClipCam needs torchcam: pip install 'guidewidgets[cam]'") from error
        self._method: Any = getattr(methods, METHODS[method])
        self._layer = layers[-1].layer_norm1
        self._encoder, self._word, self._kind = encoder, word, method
        self._text = encoder.texts([word])[0]

    @property
    def name(self) -> str:
        """Method and word."""
        return f"{'Grad-CAM++' if self._kind == 'gradcam++' else 'Grad-CAM'} of {self._word!r}"

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`."""
        height, width = images.shape[-2:]
        maps = torch.cat([self._one(image[None])[None].float() for image in images])
        if self._encoder.squeezed:
            return upscale(maps, (height, width))
        # The encoder sees the middle of a picture only.
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return F.pad(upscale(maps, (side, side)), (left, width - side - left, top, height - side - top))

    def _one(self, image: Tensor) -> Tensor:
        encoder, size = self._encoder, self._encoder.size
        sides: list[int] = []

        def to_grid(tokens: Tensor) -> Tensor:  # class token first, as everywhere in CLIP
            side = round((tokens.shape[1] - 1) ** 0.5)
            sides.append(side)
            return tokens[:, 1:].transpose(1, 2).unflatten(-1, (side, side))

        pixels = encoder.prepare(image)
        with torch.enable_grad():
            extractor = self._method(
                encoder.model.vision_model,
                self._layer,
                input_shape=(3, size, size),
                reshape_transform=to_grid,
            )
            with extractor:
                # The weights are frozen, so the gradient has to have somewhere to start from.
                features = encoder.features(pixels.requires_grad_())
                likeness = F.normalize(features, dim=-1) @ self._text.to(features)
                (found,) = extractor(0, likeness[:, None])
        return found[0].detach() if found.ndim == 3 else found.detach()
