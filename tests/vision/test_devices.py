"""Nets that look at pictures answer where the pictures are, and stay where they were.

The device "meta" stands for a second one: it computes shapes and no numbers, and refuses what is on another device as a
GPU does.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide import Aesthetic, Classify, Crops
from guidewidgets.vision import embedded
from guidewidgets.vision.nets import AppealHead, ClassifierNet, ReaderNet, SaliencyNet
from guidewidgets.vision.scorer import AestheticHead, ask

NETS = {
    "classifier": lambda: embedded.classifier().net,
    "reader": lambda: embedded.reader().net,
    "saliency": embedded.saliency_net,
    "aesthetic": embedded.aesthetic_head,
}


def given(net, device):
    shape = (2, net.hidden.in_features) if isinstance(net, AppealHead) else (2, 3, 64, 64)
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(device)


def first(answer):
    return answer if isinstance(answer, torch.Tensor) else answer[0]


@pytest.mark.parametrize("name", NETS)
def test_nets_follow_the_pictures_and_stay(name):
    net = NETS[name]()
    before = first(net(given(net, "cpu")))
    elsewhere = first(net(given(net, "meta")))
    assert elsewhere.device.type == "meta"
    assert elsewhere.shape == before.shape
    assert next(net.parameters()).device.type == "cpu"
    assert torch.equal(first(net(given(net, "cpu"))), before)
    # One copy, whose weights are none of the net's own.
    twin = net.on(torch.device("meta"))
    assert twin is net.on(torch.device("meta"))
    assert twin is not net
    assert not twin.__dict__["_copies"]
    assert net.state_dict().keys() == twin.state_dict().keys()


def test_gradients_follow_too():
    net = embedded.classifier().net
    images = given(net, "meta").requires_grad_()
    (g,) = torch.autograd.grad(net(images).sum(), images)
    assert g.device.type == "meta"
    assert g.shape == images.shape


def test_maps_of_the_reader_are_where_the_pictures_are():
    assert embedded.reader().maps(torch.rand(2, 3, 64, 64, device="meta")).device.type == "meta"


@pytest.mark.parametrize("make", [lambda: ClassifierNet(4), SaliencyNet, lambda: ReaderNet(3, 3, 3, 3)])
def test_a_net_that_learns_has_one_place(make):
    net = make()
    assert net.on(torch.device("meta")) is net
    assert net.requires_grad_(requires_grad=False).on(torch.device("meta")) is not net


class Eye:
    """An encoder that lives where its pictures are."""

    def __init__(self, dimension):
        self.dimension = dimension

    def images(self, images):
        flat = images.flatten(1)[:, : self.dimension]
        return F.normalize(flat, dim=1)


def test_objectives_follow_the_pictures(monkeypatch):
    """Their losses, and the gradients at the pictures, are where the pictures are."""
    monkeypatch.setattr(embedded, "check_images", lambda images: None)  # asks for numbers; there are none
    head = AestheticHead([(torch.ones(1, 16), torch.zeros(1))])
    for objective in (
        Classify("fox"),
        Classify("fox", loss="bce", crops=Crops(num=0)),
        Aesthetic(head, target=5.0),
        Aesthetic(embedded.aesthetic_head()),
    ):
        width = embedded.aesthetic_head().hidden.in_features if objective.name == "Aesthetic" else 16
        loss = objective.bind(Eye(width))
        images = torch.rand(2, 3, 64, 64, device="meta", requires_grad=True)
        values = loss(images)
        assert values.shape == (2,)
        assert values.device.type == "meta"
        assert torch.autograd.grad(values.sum(), images)[0].device.type == "meta"


def test_networks_of_others_are_asked_where_they_stand():
    """Theirs may be large, so the pictures go there; on "meta" there are no numbers to bring back."""
    net = nn.Linear(4, 1).to("meta")
    with pytest.raises(NotImplementedError, match="no data"):
        ask(net, torch.zeros(2, 4))
    net = nn.Linear(4, 1)
    assert torch.equal(ask(net, torch.ones(2, 4)), net(torch.ones(2, 4)))
