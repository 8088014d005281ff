"""The small networks of the embedded set: scene reader, classifier, saliency net, head of appeal.

They read images (n, 3, 64, 64) in [0, 1]; other sizes are resized. Each is of another kind, so that what fools one
need not fool the next: the reader is residual and looks at 8×8 cells, the classifier is a plain stack of strided
convolutions, the saliency net goes down to 8×8 and comes back, the head sits on an encoder's features.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.vision.follow import Follows

SIDE = 64
CELLS = 8


def sized(images: Tensor) -> Tensor:
    """Images at the size the nets read, moved to [-1, 1]; differentiable."""
    if images.shape[-2:] != (SIDE, SIDE):
        images = F.interpolate(
            images, size=(SIDE, SIDE), mode="bicubic", antialias=True, align_corners=False
        ).clamp(0, 1)
    return 2 * images - 1


class Seen(NamedTuple):
    """What `ReaderNet` says, all logits: of 8×8 cells (n, k, 8, 8), noun 0 is none; of whole pictures (n, k)."""

    nouns: Tensor
    colours: Tensor
    ground: Tensor
    style: Tensor
    present: Tensor


@final
class Residual(nn.Module):
    """x + two convolutions of the normalised x (He et al. 2016, "Identity mappings")."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, C, H, W) to the same shape."""
        return x + self.second(F.silu(self.first(F.silu(self.norm(x)))))


@final
class TextureNet(nn.Module):
    """Names the style of a picture: pixels, brush and paper are seen close up only, and are the same everywhere."""

    def __init__(self, styles: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Conv2d(3, 24, 3, 1, 1), nn.SiLU()),
            *(nn.Conv2d(24, 32, 4, 2, 1), nn.SiLU()),
            *(nn.Conv2d(32, 48, 4, 2, 1), nn.SiLU()),
            *(nn.Conv2d(48, 64, 3, 2, 1), nn.SiLU()),
        )
        self.head = nn.Linear(128, styles)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, styles) of images (n, 3, H, W) in [0, 1]."""
        x = self.body(sized(images).to(self.head.weight.dtype)).flatten(2)
        return self.head(torch.cat([x.mean(2), x.float().std(2).to(x.dtype)], 1)).float()


@final
class ReaderNet(Follows):
    """Names what is in every cell of a picture, and the ground of the whole; a net of its own names the style."""

    def __init__(
        self,
        nouns: int,
        colours: int,
        grounds: int,
        styles: int,
        widths: tuple[int, int, int] = (40, 88, 176),
    ) -> None:
        super().__init__()
        a, b, c = widths
        self.stem = nn.Conv2d(3, a, 5, 2, 2)
        self.fine = Residual(a)
        self.middle = nn.Sequential(
            nn.Conv2d(a, b, 3, 2, 1), Residual(b), Residual(b), nn.Conv2d(b, c, 3, 2, 1)
        )
        self.coarse = nn.Sequential(Residual(c), Residual(c), Residual(c), nn.GroupNorm(8, c), nn.SiLU())
        self.nouns = nn.Conv2d(c, 1 + nouns, 1)
        self.colours = nn.Conv2d(c, colours, 1)
        self.ground = nn.Linear(2 * c, grounds)
        self.style = TextureNet(styles)
        # From the strongest cell to presence: logit = slope · evidence + offset.
        self.slope = nn.Parameter(torch.tensor(1.0))
        self.offset = nn.Parameter(torch.tensor(0.0))

    def forward(self, images: Tensor) -> Seen:
        """Read images (n, 3, H, W) in [0, 1]."""
        return self.things(images)._replace(style=self.style(images))

    def things(self, images: Tensor) -> Seen:
        """All but the style, which is zeros."""
        x = self.fine(self.stem(sized(images).to(self.stem.weight.dtype)))
        x = self.coarse(self.middle(x))
        cells = self.nouns(x).float()
        ground = self.ground(torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=1)).float()
        style = ground.new_zeros(len(x), self.style.head.out_features)
        return Seen(cells, self.colours(x).float(), ground, style, self._present(cells))

    def _present(self, cells: Tensor) -> Tensor:
        """Logits (n, nouns): how far the noun is ahead of everything else, softly maximal over the cells."""
        others = cells.logsumexp(1, keepdim=True)
        shares = (cells - others).exp().clamp(max=1 - 1e-6)[:, 1:]
        odds = (shares / (1 - shares)).clamp(min=1e-6).log()
        evidence = odds.flatten(2).logsumexp(2) - 2.0
        return self.slope.float() * evidence + self.offset.float()


@final
class ClassifierNet(Follows):
    """Names the one object of a picture: five strided convolutions, each followed by another, and a mean."""

    def __init__(self, nouns: int, widths: tuple[int, ...] = (32, 64, 96, 128)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for a, b in itertools.pairwise((3, *widths)):
            layers += [
                nn.Conv2d(a, b, 4, 2, 1),
                nn.LeakyReLU(0.1),
                nn.Conv2d(b, b, 3, 1, 1),
                nn.LeakyReLU(0.1),
            ]
        self.body = nn.Sequential(*layers)
        self.hidden = nn.Linear(widths[-1] * 16, 192)
        self.head = nn.Linear(192, nouns)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, nouns) of images (n, 3, H, W) in [0, 1]; differentiable."""
        x = self.body(sized(images).to(self.head.weight.dtype))
        return self.head(F.leaky_relu(self.hidden(x.flatten(1)), 0.1)).to(images.dtype)


@final
class SaliencyNet(Follows):
    """Where objects stand out: down to 8×8 and back to 32×32 with what was seen on the way."""

    def __init__(self, widths: tuple[int, int, int] = (24, 48, 96)) -> None:
        super().__init__()
        a, b, c = widths
        self.first = nn.Conv2d(3, a, 5, 2, 2)
        self.second = nn.Conv2d(a, b, 3, 2, 1)
        self.third = nn.Conv2d(b, c, 3, 2, 1)
        self.bottom = nn.Conv2d(c, c, 3, 1, 1)
        self.wide = nn.Conv2d(c, c, 3, 1, 2, dilation=2)
        self.up = nn.Conv2d(c + b, b, 3, 1, 1)
        self.top = nn.Conv2d(b + a, a, 3, 1, 1)
        self.head = nn.Conv2d(a, 1, 3, 1, 1)

    def logits(self, images: Tensor) -> Tensor:
        """(n, 32, 32)."""
        fine = F.silu(self.first(sized(images).to(self.head.weight.dtype)))
        middle = F.silu(self.second(fine))
        coarse = F.silu(self.third(middle))
        coarse = coarse + F.silu(self.wide(F.silu(self.bottom(coarse))))
        middle = F.silu(self.up(torch.cat([_twice(coarse), middle], 1)))
        return self.head(F.silu(self.top(torch.cat([_twice(middle), fine], 1))))[:, 0]

    def forward(self, images: Tensor) -> Tensor:
        """Maps (n, H, W) in [0, 1] of images (n, 3, H, W) in [0, 1]; differentiable."""
        maps = self.logits(images).sigmoid().to(images.dtype)
        return F.interpolate(maps[:, None], size=images.shape[-2:], mode="bilinear", align_corners=False)[
            :, 0
        ]


def _twice(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


@final
class AppealHead(Follows):
    """Appeal of pictures from an encoder's image vectors; the formula it was taught is in the model card."""

    def __init__(self, dimension: int, hidden: int = 96) -> None:
        super().__init__()
        self.hidden = nn.Linear(dimension, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Appeal (n,), about 0 ± 1 over painted scenes, of unit vectors (n, D); differentiable."""
        x = features.to(self.head.weight.dtype)
        return self.head(F.silu(self.hidden(x * x.shape[-1] ** 0.5)))[:, 0].to(features.dtype)
