"""The two dual encoders, `guide` and `judge`: shapes, losses, and the retrieval score they must reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from training import facts
from training import tokenizer as words
from training.pool import TARGET, WHOLE, Part, Pool

if TYPE_CHECKING:
    from collections.abc import Sequence

MEAN: Final = (0.48145466, 0.4578275, 0.40821073)  # CLIP's own, so that any CLIP code normalises rightly
STD: Final = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Shape:
    """The size of one dual encoder, and which scenes it learns from."""

    name: str
    side: int
    patch: int
    layers: int
    width: int
    heads: int
    text_layers: int
    text_width: int
    projection: int
    activation: str
    seed: int
    parts: tuple[Part, ...]


# Other seeds, other scenes, another grid over the picture, another depth and width: what fools one need not
# fool the other.
GUIDE: Final = Shape(
    "guide",
    64,
    8,
    4,
    192,
    4,
    3,
    192,
    192,
    "quick_gelu",
    21,
    (Part(TARGET, 201, 20000), Part(WHOLE, 202, 20000)),
)
JUDGE: Final = Shape(
    "judge", 63, 9, 5, 160, 5, 2, 160, 160, "gelu", 31, (Part(TARGET, 301, 20000), Part(WHOLE, 302, 20000))
)


def make(shape: Shape, tokenizer: CLIPTokenizer) -> CLIPModel:
    """Return an untrained dual encoder."""
    torch.manual_seed(shape.seed)
    config = CLIPConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": shape.text_width,
            "intermediate_size": 3 * shape.text_width,
            "num_hidden_layers": shape.text_layers,
            "num_attention_heads": 4,
            "max_position_embeddings": words.LENGTH,
            "hidden_act": shape.activation,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            "image_size": shape.side,
            "patch_size": shape.patch,
            "hidden_size": shape.width,
            "intermediate_size": 3 * shape.width,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "hidden_act": shape.activation,
        },
        projection_dim=shape.projection,
    )
    config._attn_implementation = "eager"  # noqa: SLF001  (the fused kernel's backward is slow on CPU)
    return CLIPModel(config)


class Facts(nn.Module):
    """One linear map from the shared space to facts, trained for images and texts alike, then thrown away.

    It pulls what a picture shows and what a caption says to the same places long before the contrast would.
    """

    def __init__(self, projection: int) -> None:
        super().__init__()
        self.map = nn.Linear(projection, len(facts.numbers()))
        nn.init.constant_(self.map.bias, -4.0)

    def forward(self, vectors: Tensor, truth: Tensor) -> Tensor:
        """Return the binary cross-entropy of (n, D) vectors against (n, facts), summed over facts."""
        logits = self.map(vectors.to(self.map.weight.dtype)).float()
        return F.binary_cross_entropy_with_logits(logits, truth, reduction="none").sum(1).mean()


def normalise(images: Tensor, side: int) -> Tensor:
    """Resize (n, 3, H, W) in [0, 1] to what the model reads and normalise."""
    if images.shape[-1] != side:
        images = F.interpolate(images, size=(side, side), mode="bicubic", antialias=True, align_corners=False)
    mean, std = (torch.tensor(x).view(3, 1, 1) for x in (MEAN, STD))
    return (images - mean) / std


def token_ids(tokenizer: CLIPTokenizer, texts: Sequence[str]) -> Tensor:
    """Return (n, longest) token ids; what is behind the first end token does not count."""
    return tokenizer(
        list(texts), padding=True, max_length=words.LENGTH, truncation=True, return_tensors="pt"
    )["input_ids"]  # pyright: ignore[reportReturnType]


def contrast(images: Tensor, texts: Tensor, same: Tensor, wrong: Tensor, scale: Tensor) -> Tensor:
    """Return the symmetric cross-entropy of matching images with texts.

    Args:
        images: (n, D) unit vectors.
        texts: (n, D) unit vectors, text i describes image i.
        same: (n, n) bool, True where text j says the same as text i: such pairs are no counterexamples.
        wrong: (m, D) unit vectors of captions which describe none of the images, only almost.
        scale: the inverse temperature.
    """
    n = len(images)
    logits = scale * images @ texts.T
    logits = logits.masked_fill(same & ~torch.eye(n, dtype=torch.bool), float("-inf"))
    goal = torch.arange(n)
    return (
        F.cross_entropy(torch.cat([logits, scale * images @ wrong.T], 1), goal)
        + F.cross_entropy(logits.T, goal)
    ) / 2


def top_1(images: Tensor, texts: Tensor, captions: Sequence[str]) -> tuple[float, float]:
    """Return how often the best of n texts is the image's own, and the best image the text's own.

    Equal captions count as equal.
    """
    scores = images @ texts.T
    found_text, found_image = scores.argmax(1).tolist(), scores.argmax(0).tolist()
    n = len(captions)
    return (
        sum(captions[j] == captions[i] for i, j in enumerate(found_text)) / n,
        sum(captions[j] == captions[i] for i, j in enumerate(found_image)) / n,
    )


@torch.no_grad()
def retrieval(
    model: CLIPModel, tokenizer: CLIPTokenizer, pool: Pool, texts: Sequence[str], among: int = 256
) -> tuple[float, float]:
    """Return `top_1` averaged over consecutive groups of `among` pairs."""
    side = model.config.vision_config.image_size
    scores: list[tuple[float, float]] = []
    for start in range(0, len(texts) - among + 1, among):
        pixels = torch.from_numpy(pool.images[start : start + among]).permute(0, 3, 1, 2).float() / 255
        seen, read = embed(model, normalise(pixels, side), token_ids(tokenizer, texts[start : start + among]))
        scores.append(top_1(F.normalize(seen, dim=1), F.normalize(read, dim=1), texts[start : start + among]))
    return tuple(torch.tensor(scores).mean(0).tolist())  # pyright: ignore[reportReturnType]


def embed(model: CLIPModel, pixels: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Return the projected vectors, before normalisation, of images and of texts, float32."""
    dtype = model.visual_projection.weight.dtype
    seen = model.visual_projection(model.vision_model(pixels.to(dtype)).pooler_output)
    read = model.text_projection(model.text_model(ids).pooler_output)
    return seen.float(), read.float()
