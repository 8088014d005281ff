"""SGOOL: DOODL where it should be, and what its saliency changes where it should not."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.guide import Attend, ClipText, MeanColour, Symmetry, doodl, sgool
from guidewidgets.guide.crops import Crops
from guidewidgets.guide.sgool import SalientLosses
from guidewidgets.region import Region
from guidewidgets.vision.saliency import Box, Cut, Painted, Saliency, SpectralResidual

LEFT = Painted(Region.box(0.0, 0.25, 0.4, 0.75))
PLAIN = Cut(blur=0, margin=0, least_side=0.1, square=False)
OBJECTIVE = ClipText("a fox", Crops(num=0))


def pictures(n=1, size=(16, 16), seed=0, dtype=torch.float32):
    return torch.rand(n, 3, *size, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def losses(eye, saliency=LEFT, objective=OBJECTIVE, **attend):
    return SalientLosses(objective, eye, saliency, Attend(**({"cut": PLAIN} | attend)))


def gradient(losses, images, index=0):
    images = images.clone().requires_grad_()
    total = losses.total(losses.terms(images, index))
    return torch.autograd.grad(total.sum(), images)[0], total.detach()


class Fixed(Saliency):
    """Whatever map is wanted."""

    kind, name = "object", "fixed"

    def __init__(self, *maps):
        self.maps, self.looks = maps, 0

    def look(self, images):
        self.looks += 1
        return self.maps[min(self.looks - 1, len(self.maps) - 1)].expand(len(images), *images.shape[-2:])


# DOODL


def test_without_its_terms_it_is_doodl_bit_for_bit(seeing):
    x, how = seeing.noise(2, seed=1), {"sampling_steps": 2, "perturbation": 1e-2}
    plain = list(doodl(seeing, x, "a cat", ClipText("a fox") + 0.5 * Symmetry(), 4, **how))
    attend = Attend(salient=0, relation=0)
    ours = list(
        sgool(
            seeing,
            x,
            "a cat",
            ClipText("a fox") + 0.5 * Symmetry(),
            SpectralResidual(),
            4,
            attend=attend,
            **how,
        )
    )
    for a, b in zip(plain, ours, strict=True):
        assert torch.equal(a.latent, b.latent)
        assert torch.equal(a.image, b.image)
        assert (a.loss, a.losses) == (b.loss, b.losses)
    assert plain[0].focus is None
    assert ours[-1].focus.maps.shape == (2, 16, 16)


def test_it_lowers_its_loss_and_says_where_it_looked(seeing):
    x = seeing.noise(1, seed=2)
    states = list(
        sgool(seeing, x, "a cat", ClipText("a fox"), SpectralResidual(), 6, sampling_steps=2, lr=0.1)
    )
    assert [s.index for s in states] == list(range(7))
    assert min(s.loss for s in states[1:]) < states[0].loss
    assert list(states[0].losses) == ["ClipText('a fox')", "salient"]
    assert (states[0].focus.kind, states[0].focus.source) == ("object", "spectral residual")
    assert all(isinstance(box, Box) for box in states[0].focus.boxes[0])


# The terms


def test_a_whole_frame_gives_the_whole_loss_again(eye):
    frame = Painted(Region.box(0, 0, 1, 1))
    for objective in (OBJECTIVE, ClipText("a fox")):  # with crops, too
        one = losses(eye, frame, objective, relation=1.0)
        found = one.terms(pictures(2), 0)
        (whole,) = (value for name, value in found.items() if name.startswith("Clip"))
        # Batches of one against a batch of two: the same sums in another order.
        assert torch.allclose(found["salient"], whole, atol=1e-6)
        assert torch.allclose(found["relation"], torch.zeros(2), atol=1e-6)
    double = losses(eye, frame)
    plain, _ = gradient(losses(eye, frame, salient=0), pictures())
    both, _ = gradient(double, pictures())
    assert torch.equal(both, 2 * plain)


def test_the_gradient_is_linear_in_the_weights(eye):
    eye.model.double()
    try:
        x = pictures(dtype=torch.float64)
        parts = [gradient(losses(eye, whole=w, salient=s, relation=r), x)[0] for w, s, r in
                 ((1, 0, 0), (0, 1, 0), (0, 0, 1))]  # fmt: skip
        both, _ = gradient(losses(eye, whole=0.7, salient=2.0, relation=0.3), x)
    finally:
        eye.model.float()
    expected = 0.7 * parts[0] + 2.0 * parts[1] + 0.3 * parts[2]
    assert (both - expected).abs().max() < 1e-12 * max(1, both.abs().max())


def test_the_salient_term_has_no_gradient_outside_its_boxes(eye):
    x = pictures()
    found, _ = gradient(losses(eye, whole=0, salient=1), x)
    box = losses(eye)
    box.terms(x, 0)
    ((b,),) = box.focus().boxes
    inside = torch.zeros(16, 16, dtype=torch.bool)
    inside[b.top : b.bottom, b.left : b.right] = True
    assert not found[..., ~inside].any()
    assert (found[..., inside] != 0).float().mean() > 0.99
    everywhere, _ = gradient(losses(eye, salient=0), x)
    assert everywhere[..., ~inside].abs().sum() > 0


def test_gradcheck_at_fixed_boxes(eye):
    eye.model.double()
    try:
        one = losses(eye, relation=0.5, kind="square")
        x = pictures(dtype=torch.float64).requires_grad_()
        some = torch.zeros_like(x).index_fill(
            2, torch.tensor([5, 9]), 1.0
        )  # a few rows: all 768 would take minutes

        def loss(v):
            y = x.detach() + v.sum() * some
            return one.total(one.terms(y, 0))

        assert torch.autograd.gradcheck(
            loss, (torch.zeros(2, dtype=torch.float64, requires_grad=True),), atol=1e-6
        )
    finally:
        eye.model.float()


def two_blobs():
    s = torch.zeros(1, 16, 16)
    s[:, 1:6, 1:6], s[:, 9:14, 8:15] = 1.0, 1.0
    return s


@pytest.mark.parametrize("reduce", ["mean", "mass", "min"])
def test_reductions(eye, reduce):
    one = losses(eye, Fixed(two_blobs()), reduce=reduce)
    x = pictures()
    found = one.terms(x, 0)["salient"]
    row = one.focus().boxes[0]
    assert len(row) == 2
    bound = OBJECTIVE.bind(eye)
    values = torch.cat([bound(box.crop(x)) for box in row])
    mass = torch.tensor([box.mass for box in row])
    expected = {"mean": values.mean(), "mass": (values * mass).sum() / mass.sum(), "min": values.min()}[
        reduce
    ]
    assert torch.allclose(found, expected)


def test_min_pulls_at_one_part_only_and_mean_at_all(eye):
    for reduce, count in (("min", 1), ("mean", 2)):
        one = losses(eye, Fixed(two_blobs()), reduce=reduce, whole=0)
        found, _ = gradient(one, pictures())
        pulled = [bool(box.crop(found).any()) for box in one.focus().boxes[0]]
        assert sum(pulled) == count


@pytest.mark.parametrize("kind", ["hinge", "square", "likeness"])
def test_relations(eye, kind):
    from guidewidgets.guide.objectives import great_circle

    one = losses(eye, relation=1.0, kind=kind)
    x = pictures()
    found = one.terms(x, 0)["relation"]
    ((box,),) = one.focus().boxes
    bound = OBJECTIVE.bind(eye)
    worse = bound(box.crop(x)) - bound(x)
    expected = {
        "hinge": worse.clamp(min=0),
        "square": worse**2,
        "likeness": great_circle(eye.images(box.crop(x)), eye.images(x)),
    }[kind]
    assert torch.allclose(found, expected, atol=1e-6)


def test_flipping_the_picture_flips_everything(eye):
    flipped = Painted(Region.box(0.6, 0.25, 1.0, 0.75))
    colour = MeanColour((1, 0, 0))  # an objective that does not mind
    x = pictures()
    _, one = gradient(losses(eye, LEFT, colour), x)
    _, two = gradient(losses(eye, flipped, colour), x.flip(-1))
    assert torch.allclose(one, two, atol=1e-6)
