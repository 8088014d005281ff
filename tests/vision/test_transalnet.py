"""TranSalNet, re-written: its sizes, its preprocessing, and what it says to files that are not its own."""

from __future__ import annotations

import pickle

import pytest
import torch

from guidewidgets.vision.saliency import TranSalNet
from guidewidgets.vision.saliency.transalnet import letterbox
from guidewidgets.vision.saliency.transalnet_net import TranSalNetwork


def blank(variant):
    """A state dict of the right keys and shapes, without memory behind it."""
    with torch.device("meta"):
        return TranSalNetwork(variant).state_dict()


@pytest.fixture(scope="module")
def res():
    torch.manual_seed(0)
    return TranSalNetwork("res").eval()


@pytest.fixture(scope="module")
def res_file(res, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "TranSalNet_Res.pth"
    torch.save(res.state_dict(), path)
    return path


def test_parameters():
    """72,510,977 is the count of the authors' ResNet variant."""
    with torch.device("meta"):
        counts = {v: sum(p.numel() for p in TranSalNetwork(v).parameters()) for v in ("res", "dense")}
    assert counts["res"] == 72_510_977
    with torch.device("meta"):
        # The dense one differs in the encoder and in the projections of its three depths.
        dense, other = TranSalNetwork("dense"), TranSalNetwork("res")
        places = sum((d - r) * h for d, r, h in ((2208, 2048, 768), (2112, 1024, 768), (768, 512, 512)))
        encoders = [sum(p.numel() for p in net.encoder.parameters()) for net in (dense, other)]
    assert counts["dense"] == counts["res"] + places + encoders[0] - encoders[1]


def test_keys_are_the_published_ones():
    """A few of each kind, as the authors' modules name them."""
    res, dense = blank("res"), blank("dense")
    for key, shape in {
        "encoder.encoder.0.weight": (64, 3, 7, 7),
        "encoder.encoder.4.0.downsample.0.weight": (256, 64, 1, 1),
        "encoder.encoder.7.2.bn3.num_batches_tracked": (),
        "decoder.TransEncoder1.position_embeddings": (1, 108, 768),
        "decoder.TransEncoder2.patch_embeddings.weight": (768, 1024, 1, 1),
        "decoder.TransEncoder3.transformer_encoder.layer.1.attn.query.weight": (512, 512),
        "decoder.TransEncoder3.transformer_encoder.layer.0.ffn.fc1.weight": (2048, 512),
        "decoder.TransEncoder1.transformer_encoder.encoder_norm.bias": (768,),
        "decoder.batchnorm6.running_var": (32,),
        "decoder.conv7.weight": (1, 32, 3, 3),
    }.items():
        assert tuple(res[key].shape) == shape, key
    for key, shape in {
        "encoder.encoder.0.weight": (96, 3, 7, 7),
        "encoder.encoder.4.denselayer6.conv2.weight": (48, 192, 3, 3),
        "encoder.encoder.9.conv.weight": (1056, 2112, 1, 1),
        "encoder.encoder.10.denselayer24.norm1.weight": (1056 + 23 * 48,),
        "decoder.TransEncoder1.patch_embeddings.weight": (768, 2208, 1, 1),
    }.items():
        assert tuple(dense[key].shape) == shape, key


def test_it_loads_by_key_and_shape_and_paints_maps(res, res_file):
    source = TranSalNet.load(res_file)
    assert source.kind == "fixation"
    assert source.name == "TranSalNet (res)"
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    found = source(picture)
    assert found.shape == (1, 64, 64)
    # RGB, as it was trained: the authors' demo feeds BGR, which gives another map.
    assert not torch.allclose(found, source(picture.flip(1)), atol=1e-3)
    with torch.no_grad():
        sizes = [tuple(f.shape[1:]) for f in res.encoder(letterbox(picture)[0])]
        whole = res(letterbox(picture)[0])
    assert sizes == [(512, 36, 48), (1024, 18, 24), (2048, 9, 12)]
    assert whole.shape == (1, 1, 288, 384)
    assert 0 < whole.min() <= whole.max() < 1
    assert not any(p.requires_grad for p in source.net.parameters())


def test_letterbox():
    """A square picture lies between bars of 48 pixels, whose value is 1/255."""
    ramp = torch.linspace(0, 1, 256).expand(1, 3, 256, 256)
    fitted, place = letterbox(ramp)
    assert place == (0, 48, 288, 288)
    assert fitted.shape == (1, 3, 288, 384)
    assert torch.equal(fitted[..., :48], torch.full((1, 3, 288, 48), 1 / 255))
    assert torch.equal(fitted[..., 336:], torch.full((1, 3, 288, 48), 1 / 255))
    # A grid of coordinates comes back within half a pixel.
    back = torch.nn.functional.interpolate(
        fitted[..., 48:336], size=(256, 256), mode="bilinear", align_corners=False
    )
    assert (back - ramp).abs().max() * 255 < 0.5
    assert letterbox(torch.zeros(1, 3, 100, 400))[1] == (96, 0, 96, 384)
    assert letterbox(torch.zeros(1, 3, 400, 100))[1] == (0, 156, 288, 72)


class Evil:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda s: s.pop("decoder.conv7.bias"), r"lacks 'decoder.conv7.bias' \(and 0 more\)"),
        (lambda s: s.update(extra=torch.zeros(1)), "has an unknown 'extra'"),
        (
            lambda s: s.update({"decoder.conv7.bias": torch.zeros(2)}),
            r"'decoder.conv7.bias' has shape \(2,\)",
        ),
    ],
)
def test_other_peoples_weights(res, tmp_path, spoil, says):
    state = dict(res.state_dict())
    spoil(state)
    path = tmp_path / "mine.pth"
    torch.save(state, path)
    with pytest.raises(ValueError, match=says):
        TranSalNet.load(path)


def test_the_other_variants_file(res_file):
    with pytest.raises(ValueError, match="lacks"):
        TranSalNet.load(res_file, "dense")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (pickle.dumps(Evil()), "no weights that can be read safely"),
        (b"", "no weights that can be read safely"),
        (b"\x00" * 100, "no weights that can be read safely"),
    ],
)
def test_hostile_files(tmp_path, content, says, capsys):
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        TranSalNet.load(path)
    assert "run" not in capsys.readouterr().out


def test_no_file_and_no_such_variant(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        TranSalNet.load(tmp_path / "nothing.pth")
    with pytest.raises(ValueError, match="variant='vgg'"):
        TranSalNet.load(tmp_path / "nothing.pth", "vgg")


def test_other_sizes_are_refused(res):
    with pytest.raises(ValueError, match="takes 288 × 384"):
        res(torch.zeros(1, 3, 256, 256))
