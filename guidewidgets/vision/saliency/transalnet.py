"""TranSalNet (Lou, Lin, Marshall, Saupe & Liu 2022, Neurocomputing): where people look. Bring the authors' weights.

Their files are on Google Drive only, so nothing is downloaded here: give `TranSalNet.load` what you fetched. The net
was trained on RGB pictures; the authors' own demo feeds it BGR by mistake, so its maps differ from ours a little. It
takes exactly 288 × 384 pixels: pictures are fitted into that, with bars of the value 1/255, and are not normalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.vision.saliency.base import Saliency
from guidewidgets.vision.saliency.transalnet_net import VARIANTS, TranSalNetwork
from guidewidgets.vision.weights import read_weights

HEIGHT, WIDTH = 288, 384
BAR = 1 / 255  # the authors pad with ones, before dividing by 255


@final
class TranSalNet(Saliency):
    """Where people look, as TranSalNet says."""

    kind = "fixation"

    def __init__(self, net: TranSalNetwork) -> None:
        self.net = net.eval().requires_grad_(False)  # noqa: FBT003 - torch's own signature

    @classmethod
    def load(cls, path: str | Path, variant: str | None = None) -> TranSalNet:
        """Open the authors' weights: `TranSalNet_Res.pth` or `TranSalNet_Dense.pth`, or the same as safetensors.

        Args:
            path: the file.
            variant: "res" or "dense"; None finds out.

        Raises:
            ValueError: it cannot be read, or its keys or shapes are not TranSalNet's; one line names the first.
        """
        if variant is not None and variant not in VARIANTS:
            raise ValueError(f"variant={variant!r}: expected one of {', '.join(VARIANTS)}")
        state = read_weights(path)
        kind = variant or ("dense" if any("denselayer" in key for key in state) else "res")
        with torch.device("meta"):
            net = TranSalNetwork(kind)
        check_state(net, state, Path(path).name)
        net.load_state_dict(state, assign=True)
        return cls(net.float())

    @property
    def name(self) -> str:
        """TranSalNet and its variant."""
        return f"TranSalNet ({self.net.variant})"

    def look(self, images: Tensor) -> Tensor:
        """See `Saliency.look`."""
        device = next(self.net.parameters()).device
        fitted, (top, left, height, width) = letterbox(images.float().to(device))
        maps = self.net(fitted)[:, :, top : top + height, left : left + width]
        return F.interpolate(maps, size=images.shape[-2:], mode="bilinear", align_corners=False)[:, 0].to(
            images.device
        )


def letterbox(images: Tensor) -> tuple[Tensor, tuple[int, int, int, int]]:
    """Images (n, 3, H, W) fitted into (n, 3, 288, 384), and where they are: top, left, height, width."""
    height, width = images.shape[-2:]
    if height / HEIGHT > width / WIDTH:
        size = (HEIGHT, min(WIDTH, max(1, width * HEIGHT // height)))
    else:
        size = (min(HEIGHT, max(1, height * WIDTH // width)), WIDTH)
    top, left = (HEIGHT - size[0]) // 2, (WIDTH - size[1]) // 2
    fitted = images.new_full((len(images), 3, HEIGHT, WIDTH), BAR)
    fitted[:, :, top : top + size[0], left : left + size[1]] = F.interpolate(
        images, size=size, mode="bilinear", align_corners=False
    )
    return fitted, (top, left, size[0], size[1])


def check_state(net: torch.nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Refuse weights that are not this net's, key by key and shape by shape.

    Raises:
        ValueError: one line names the first that is missing, unknown or of another shape.
    """
    wanted = net.state_dict()
    for what, keys in (
        ("lacks", wanted.keys() - state.keys()),
        ("has an unknown", state.keys() - wanted.keys()),
    ):
        if keys:
            message = f"{source} {what} {min(keys)!r} (and {len(keys) - 1} more): these are not this network's weights"
            raise ValueError(message)
    for key, value in wanted.items():
        if state[key].shape != value.shape:
            message = f"{source}: {key!r} has shape {tuple(state[key].shape)}, expected {tuple(value.shape)}"
            raise ValueError(message)
