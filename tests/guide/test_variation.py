"""The prior against gamed losses: what a plain sum over pixels says, nothing below its limit, and its gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import guidewidgets as gw
from guidewidgets.guide.variation import LEAST, variation
from guidewidgets.guide.written import from_data, source, to_data


def by_hand(image):
    """Of (3, H, W), pixel by pixel."""
    channels, height, width = image.shape
    down = [
        abs(float(image[c, y + 1, x] - image[c, y, x]))
        for c in range(channels)
        for y in range(height - 1)
        for x in range(width)
    ]
    across = [
        abs(float(image[c, y, x + 1] - image[c, y, x]))
        for c in range(channels)
        for y in range(height)
        for x in range(width - 1)
    ]
    return sum(down) / len(down) + sum(across) / len(across)


def test_it_is_the_mean_difference_of_neighbours():
    images = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0)).double()
    assert variation(images).tolist() == pytest.approx([by_hand(image) for image in images])
    board = ((torch.arange(8)[:, None] + torch.arange(8)) % 2).double().expand(1, 3, 8, 8)
    assert variation(board).tolist() == [2.0]  # no picture has more
    ramp = torch.linspace(0, 1, 9).expand(1, 3, 9, 9)
    assert variation(ramp).item() == pytest.approx(1 / 8)  # a whole step in eight, whatever its slope


def test_only_what_goes_beyond_costs():
    images = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss, own = gw.Variation(0.1).bind(None), variation(images).item()
    assert loss(images).item() == pytest.approx(own / 0.1 - 1, rel=1e-5)
    assert loss(0.1 * images).item() == 0
    (g,) = torch.autograd.grad(loss(images).sum(), images)
    assert loss(images - 1e-3 * g).item() < loss(images).item()
    assert gw.Variation(own).bind(None)(torch.cat([images, 2 * images])).tolist() == pytest.approx(
        [0, 1], abs=1e-5
    )


def test_a_picture_stands_for_its_own_variation():
    levels = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    ours = gw.Variation.like(Image.fromarray(levels))
    image = torch.from_numpy(levels).permute(2, 0, 1) / 255
    assert ours == gw.Variation.like(image)
    assert ours.most == pytest.approx(by_hand(image), rel=1e-6)
    assert gw.Variation.like(Image.new("RGB", (4, 4), "red")).most == LEAST
    assert from_data(to_data(0.3 * ours)).parts == (0.3 * ours).parts
    assert source(ours) == f"gw.Variation(most={ours.most!r})"
    assert ours.name == f"Variation({ours.most:.3g})"


@pytest.mark.parametrize(
    ("most", "kind", "says"),
    [
        (0, ValueError, "most=0: expected at least 0.001"),
        (-1.0, ValueError, "most=-1.0"),
        (float("nan"), ValueError, "most=nan"),
        (3, ValueError, "most=3: expected at most 2"),
        ("photo.png", TypeError, "most='photo.png': expected a number"),
        (None, TypeError, "most=None: expected a number"),
        (True, TypeError, "most=True: expected a number"),
    ],
)
def test_refusals(most, kind, says):
    with pytest.raises(kind, match=says):
        gw.Variation(most)


def test_a_picture_that_cannot_be_read():
    with pytest.raises(ValueError, match="no such file"):
        gw.Variation.like("nowhere.png")


def test_it_holds_an_optimisation(seeing):
    """The picture that varies most is the one that is not held; both move."""
    x, checks = seeing.noise(1, seed=1), gw.Reward(Edges())
    before = seeing.render(x, "a cat", 3)
    limit = gw.Variation.like(before[0])
    how = {"sampling_steps": 3, "lr": 0.3, "whiteness": False}
    alone, held = (
        list(gw.guide.doodl(seeing, x, "a cat", loss, 6, **how))[-1] for loss in (checks, checks + limit)
    )
    assert variation(alone.image) > variation(held.image)
    assert variation(alone.image) > 1.05 * variation(before)
    assert not torch.equal(held.latent, x)


class Edges:
    """A score that is gamed by edges."""

    def score(self, images, prompts):
        del prompts
        return images.diff(dim=-1).square().mean((1, 2, 3))
