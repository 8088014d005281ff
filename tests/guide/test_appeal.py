"""Heads that score appeal: their files, their formulas, and what is no head."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pytest
import torch
from test_judged import WHOLE, pictures
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide import Aesthetic, doodl
from guidewidgets.vision.scorer import AestheticHead


@pytest.fixture
def v1(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "sa_0_4_tiny_linear.pth"
    torch.save(nn.Linear(16, 1).state_dict(), path)
    return path


@pytest.fixture
def v2(tmp_path):
    """The improved predictor: five linear layers with dropout between, and nothing else."""
    torch.manual_seed(1)
    net = nn.Module()
    net.layers = nn.Sequential(
        nn.Linear(16, 24), nn.Dropout(0.2), nn.Linear(24, 12), nn.Dropout(0.2),
        nn.Linear(12, 8), nn.Dropout(0.1), nn.Linear(8, 4), nn.Linear(4, 1),
    )  # fmt: skip
    path = tmp_path / "sac+logos+ava1-l14-linearMSE.pth"
    torch.save(net.state_dict(), path)
    return path, net.eval()


def test_linear_head(v1):
    head, state = AestheticHead.load(v1), torch.load(v1, weights_only=True)
    vectors = F.normalize(torch.randn(5, 16), dim=1)
    assert head.dimension == 16
    assert torch.allclose(head(vectors), (vectors @ state["weight"].T + state["bias"])[:, 0])


def test_head_of_several_layers(v2, tmp_path):
    from safetensors.torch import save_file

    path, net = v2
    vectors = F.normalize(torch.randn(5, 16), dim=1)
    expected = net.layers(vectors)[:, 0].detach()
    assert torch.allclose(AestheticHead.load(path)(vectors), expected, atol=1e-6)
    save_file(net.state_dict(), tmp_path / "head.safetensors")
    assert torch.allclose(AestheticHead.load(tmp_path / "head.safetensors")(vectors), expected, atol=1e-6)


def relu_head():
    """The public head with ReLUs: a ReLU and dropout after each layer, after the last but one a ReLU alone."""
    torch.manual_seed(2)
    net = nn.Module()
    net.layers = nn.Sequential(
        nn.Linear(16, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 12), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(12, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1),
    )  # fmt: skip
    return net.eval()


def test_the_public_relu_head_bends(tmp_path):
    """Its layers stand at 0, 3, 6, 9 and 11, which is how it is known."""
    net = relu_head()
    assert sorted({int(key.split(".")[1]) for key in net.state_dict()}) == [0, 3, 6, 9, 11]
    torch.save(net.state_dict(), tmp_path / "ava+logos-l14-reluMSE.pth")
    head = AestheticHead.load(tmp_path / "ava+logos-l14-reluMSE.pth")
    vectors = F.normalize(torch.randn(50, 16), dim=1)
    expected = net.layers(vectors)[:, 0].detach()
    assert torch.allclose(head(vectors), expected, atol=1e-6)
    straight = AestheticHead.load(tmp_path / "ava+logos-l14-reluMSE.pth", relu=False)
    assert not torch.allclose(straight(vectors), expected, atol=1e-3)


@pytest.mark.parametrize("places", [(0, 2), (0, 3), (0, 2, 4, 6, 8), (0, 2, 5)])
def test_layers_that_do_not_tell_what_is_between_them_are_refused(tmp_path, places):
    torch.manual_seed(3)
    sizes = [16, *[8] * (len(places) - 1), 1]
    layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    state = {
        f"net.{place}.{key}": value.detach()
        for place, layer in zip(places, layers, strict=True)
        for key, value in layer.named_parameters()
    }
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(
        ValueError, match=r"what stands between them is not in the file; expected relu=True or"
    ):
        AestheticHead.load(tmp_path / "x.pth")
    vectors = F.normalize(torch.randn(5, 16), dim=1)
    bent = nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])
    for relu, net in ((True, bent), (False, nn.Sequential(*layers))):
        head = AestheticHead.load(tmp_path / "x.pth", relu=relu)
        assert torch.allclose(head(vectors), net(vectors)[:, 0].detach(), atol=1e-6)


def test_layers_without_a_number_have_no_order(tmp_path):
    state = {f"{name}.{key}": value for name, layer in (("up", nn.Linear(16, 4)), ("down", nn.Linear(4, 1)))
             for key, value in layer.state_dict().items()}  # fmt: skip
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"expected numbered layers, as in layers\.0\.weight"):
        AestheticHead.load(tmp_path / "x.pth")


def test_appeal_is_the_heads_and_a_target_is_aimed_at(v1, eye):
    head, images = AestheticHead.load(v1), pictures()
    score = head(eye.images(images))
    assert torch.allclose(Aesthetic(head, crops=WHOLE).bind(eye)(images), -score)
    assert torch.allclose(Aesthetic(head, target=10, crops=WHOLE).bind(eye)(images), (score - 10).abs())


def test_appeal_can_be_raised(v1, seeing):
    states = list(
        doodl(
            seeing, seeing.noise(1), "a cat", Aesthetic(AestheticHead.load(v1)), 6, sampling_steps=2, lr=0.1
        )
    )
    assert min(s.loss for s in states[1:]) < states[0].loss


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"weight": torch.zeros(1, 16)}, "expected linear layers alone"),
        ({"weight": torch.zeros(2, 16), "bias": torch.zeros(2)}, "down to one number"),
        (
            {"conv.weight": torch.zeros(1, 3, 2, 2), "conv.bias": torch.zeros(1)},
            "expected linear layers alone",
        ),
        ({"a": torch.zeros(1)}, "expected linear layers alone"),
    ],
)
def test_other_weights_are_no_head(tmp_path, state, says):
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=says):
        AestheticHead.load(tmp_path / "x.pth")


def test_a_pickle_runs_nothing(tmp_path, capsys):
    class Evil:
        def __reduce__(self):
            return print, ("run",)

    (tmp_path / "x.pth").write_bytes(pickle.dumps({"weight": Evil()}))
    with pytest.raises(ValueError, match="no weights that can be read safely"):
        AestheticHead.load(tmp_path / "x.pth")
    assert "run" not in capsys.readouterr().out
