"""What objectives look at: colours of regions, crops, grain and mirrors."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.guide import MeanColour
from guidewidgets.guide.crops import Crops
from guidewidgets.region import Region


def test_colour_of_a_region():
    images = torch.zeros(1, 3, 8, 8)
    images[:, 0, :, :4] = 1
    left = MeanColour((1, 0, 0), Region.box(0, 0, 0.5, 1)).bind(None)
    assert left(images).item() == 0
    assert MeanColour((1, 0, 0)).bind(None)(images).item() == pytest.approx(0.25)


@pytest.mark.parametrize("reduce", ["mean", "min"])
def test_crops(reduce):
    images = torch.arange(64.0).reshape(1, 1, 8, 8).repeat(1, 3, 1, 1) / 64
    crops = Crops(num=5, power=1.0, smallest=0.5, reduce=reduce)
    cut = crops.cut(images)
    assert len(cut) == 5
    assert all(crop.shape == images.shape for crop in cut)
    assert all(
        torch.equal(a, b) for a, b in zip(cut, crops.cut(images), strict=True)
    )  # so that losses compare
    values = torch.stack([crop.mean((1, 2, 3)) for crop in cut])
    expected = values.mean(0) if reduce == "mean" else values.amin(0)
    assert torch.allclose(crops.loss(lambda x: x.mean((1, 2, 3)))(images), expected)
    assert torch.equal(Crops(num=2, power=0.0).cut(images)[0], images)


def test_crops_beyond_the_frame_show_the_whole_image_somewhere():
    images = torch.zeros(1, 3, 16, 16)
    images[..., 4:12, 4:12] = 1
    wide = Crops(num=8, power=1.0, smallest=1.0, largest=2.0).cut(images)
    assert all(crop.shape == images.shape for crop in wide)
    # A quarter of the picture; a smaller share of a wider frame, and all of it is inside.
    shares = [crop.mean().item() for crop in wide]
    assert all(1 / 16 - 0.01 < share < 1 / 4 + 0.03 for share in shares)
    assert all(crop[..., 0, :].max() == crop[..., -1, :].max() == 0 for crop in wide)


def test_grain_and_mirror():
    images = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    plain, turned, grained = (
        Crops(num=3, **changes).cut(images) for changes in ({}, {"mirror": True}, {"noise": 0.1})
    )
    assert [torch.equal(a, b) for a, b in zip(plain, turned, strict=True)] == [True, False, True]
    assert torch.equal(plain[1].flip(-1), turned[1])
    added = [b - a for a, b in zip(plain, grained, strict=True)]
    assert all(0.05 < d.std() < 0.11 for d in added)  # a little is lost where it would leave [0, 1]
    assert not torch.equal(added[0], added[1])
    alone = Crops(num=3, noise=0.1).cut(images[1:])
    assert all(torch.equal(a[1:], b) for a, b in zip(grained, alone, strict=True))


def test_fresh_crops_are_new_at_every_look_and_the_same_in_every_run():
    images = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    corner = lambda x: x[..., 0, 0].sum(1)  # noqa: E731
    crops = Crops(num=4, noise=0.1, fresh=True)
    runs = [[one(images).item() for _ in range(3)] for one in (crops.loss(corner), crops.loss(corner))]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3
    assert Crops(num=4, noise=0.1).loss(corner)(images).item() == runs[0][0]
