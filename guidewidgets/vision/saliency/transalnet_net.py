"""The network of TranSalNet, both variants, with the names that the authors' files use.

Three depths of a convolutional encoder each pass a transformer with learned places; going up, the shallower ones
multiply what comes from below.
"""

from __future__ import annotations

from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn

VARIANTS = ("res", "dense")
GRIDS = ((9, 12), (18, 24), (36, 48))  # deepest first: 1/32, 1/16, 1/8 of 288 × 384
WIDTHS = ((768, 12), (768, 12), (512, 8))  # of the transformers: hidden size, heads
CHANNELS = {"res": (2048, 1024, 512), "dense": (2208, 2112, 768)}
TAPS = {"res": (5, 6, 7), "dense": (6, 8, 10)}  # stages of the encoder whose output is used, shallow first


@final
class TranSalNetwork(nn.Module):
    """(n, 3, 288, 384) → (n, 1, 288, 384) in (0, 1)."""

    def __init__(self, variant: str) -> None:
        super().__init__()
        self.variant = variant
        self.encoder = _Encoder(variant)
        self.decoder = _Decoder(CHANNELS[variant])

    def forward(self, x: Tensor) -> Tensor:
        """Images (n, 3, H, W), normalised, to fixation maps (n, 1, H, W) in [0, 1].

        Raises:
            ValueError: another size: the places are learned for this one.
        """
        if x.shape[-2:] != (288, 384):
            raise ValueError(f"images of {x.shape[-2]} × {x.shape[-1]}: TranSalNet takes 288 × 384")
        return self.decoder(self.encoder(x))


class _Encoder(nn.Module):
    def __init__(self, variant: str) -> None:
        super().__init__()
        self.taps = TAPS[variant]
        self.encoder = nn.ModuleList(_resnet50() if variant == "res" else _densenet161())

    def forward(self, x: Tensor) -> list[Tensor]:
        found: list[Tensor] = []
        for i, stage in enumerate(self.encoder):
            x = stage(x)
            if i in self.taps:
                found.append(x)
        return found


class _Decoder(nn.Module):
    def __init__(self, channels: tuple[int, int, int]) -> None:
        super().__init__()
        sizes = (768, 768, 512, 256, 128, 64, 32, 1)
        for i, (before, after) in enumerate(pairwise(sizes), 1):
            setattr(self, f"conv{i}", nn.Conv2d(before, after, 3, padding=1))
            if i < 7:
                setattr(self, f"batchnorm{i}", nn.BatchNorm2d(after))
        for i, (deep, grid, (hidden, heads)) in enumerate(zip(channels, GRIDS, WIDTHS, strict=True), 1):
            setattr(self, f"TransEncoder{i}", _Places(deep, grid, hidden, heads))

    def forward(self, found: list[Tensor]) -> Tensor:
        shallow, middle, deep = found
        x = self._up(1, self._places(1, deep))
        x = self._up(2, torch.relu(x * self._places(2, middle)))
        x = self._up(3, torch.relu(x * self._places(3, shallow)))
        x = self._up(4, x)
        x = self._up(5, x)
        x = self._stage(6, x)
        return torch.sigmoid(getattr(self, "conv7")(x))  # noqa: B009 - set by number above

    def _places(self, i: int, x: Tensor) -> Tensor:
        return getattr(self, f"TransEncoder{i}")(x)

    def _stage(self, i: int, x: Tensor) -> Tensor:
        return torch.relu(getattr(self, f"batchnorm{i}")(getattr(self, f"conv{i}")(x)))

    def _up(self, i: int, x: Tensor) -> Tensor:
        return nn.functional.interpolate(self._stage(i, x), scale_factor=2, mode="nearest")


class _Places(nn.Module):
    """A transformer over the places of a feature map."""

    def __init__(self, channels: int, grid: tuple[int, int], hidden: int, heads: int) -> None:
        super().__init__()
        self.patch_embeddings = nn.Conv2d(channels, hidden, 1)
        self.position_embeddings = nn.Parameter(torch.zeros(1, grid[0] * grid[1], hidden))
        self.transformer_encoder = nn.ModuleDict(
            {
                "layer": nn.ModuleList(_Block(hidden, heads) for _ in range(2)),
                "encoder_norm": nn.LayerNorm(hidden, eps=1e-6),
            }
        )

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-2:]
        x = self.patch_embeddings(x).flatten(2).transpose(1, 2) + self.position_embeddings
        for block in self.transformer_encoder["layer"].children():
            x = block(x)
        return self.transformer_encoder["encoder_norm"](x).transpose(1, 2).unflatten(-1, tuple(size))


class _Block(nn.Module):
    """Norm before attention and before the perceptron."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.ffn_norm = nn.LayerNorm(hidden, eps=1e-6)
        self.ffn = nn.ModuleDict({"fc1": nn.Linear(hidden, 4 * hidden), "fc2": nn.Linear(4 * hidden, hidden)})
        self.attn = nn.ModuleDict(
            {name: nn.Linear(hidden, hidden) for name in ("query", "key", "value", "out")}
        )
        self.attention_norm = nn.LayerNorm(hidden, eps=1e-6)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        normal = self.attention_norm(x)
        q, k, v = (
            self.attn[name](normal).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        seen = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = x + self.attn["out"](seen)
        return x + self.ffn["fc2"](nn.functional.gelu(self.ffn["fc1"](self.ffn_norm(x))))


def _resnet50() -> list[nn.Module]:
    """The stages of ResNet-50 (He et al. 2015) with the stride in the 3 × 3 convolution."""
    stages: list[nn.Module] = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    before = 64
    for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        blocks = [
            _Bottleneck(before if i == 0 else 4 * width, width, stride if i == 0 else 1) for i in range(count)
        ]
        stages.append(nn.Sequential(*blocks))
        before = 4 * width
    return stages


class _Bottleneck(nn.Module):
    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        after = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(before, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, after, 1, bias=False), nn.BatchNorm2d(after)
        self.downsample = (
            nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
            if before != after or stride != 1
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


def _densenet161() -> list[nn.Module]:
    """The stages of DenseNet-161 (Huang et al. 2017): growth 48, blocks of 6, 12, 36 and 24."""
    growth, channels = 48, 96
    stages: list[nn.Module] = [
        nn.Conv2d(3, channels, 7, 2, 3, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    for i, count in enumerate((6, 12, 36, 24)):
        stages.append(_DenseBlock(channels, growth, count))
        channels += growth * count
        if i < 3:
            stages.append(_Transition(channels))
            channels //= 2
    return stages


class _DenseBlock(nn.ModuleDict):
    def __init__(self, before: int, growth: int, count: int) -> None:
        super().__init__(
            {f"denselayer{i + 1}": _DenseLayer(before + i * growth, growth) for i in range(count)}
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = torch.cat([x, layer(x)], 1)
        return x


class _DenseLayer(nn.Module):
    def __init__(self, before: int, growth: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(before), nn.Conv2d(before, 4 * growth, 1, bias=False)
        self.norm2, self.conv2 = (
            nn.BatchNorm2d(4 * growth),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(torch.relu(self.norm2(self.conv1(torch.relu(self.norm1(x))))))


class _Transition(nn.Module):
    def __init__(self, before: int) -> None:
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(before), nn.Conv2d(before, before // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.avg_pool2d(self.conv(torch.relu(self.norm(x))), 2)
