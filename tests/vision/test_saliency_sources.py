"""Sources of saliency: what holds for all of them, and what each must see."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from guidewidgets.region import Region
from guidewidgets.vision.saliency import (
    ClipCam,
    CrossAttention,
    Net,
    Painted,
    Response,
    Saliency,
    SpectralResidual,
    boxes,
)
from guidewidgets.vision.saliency.attention import per_word, tapped, tokens_of, weights
from guidewidgets.vision.saliency.metrics import iou


class Bright(nn.Module):
    """Brightness, weighed."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3))
        self.dropout = nn.Dropout(0.5)

    def forward(self, images):
        return self.dropout((images * self.w[:, None, None]).sum(1))


@pytest.fixture(scope="module")
def sources(engine, encoder):
    return [
        SpectralResidual(),
        Painted(Region.box(0.1, 0.2, 0.6, 0.5)),
        Net(Bright(), "bright"),
        CrossAttention(engine, "a cat and a dog", "dog"),
        Response(engine, "a cat"),
        ClipCam(encoder, "cat"),
        ClipCam(encoder, "cat", "gradcam++"),
    ]


def images(n=2, size=(16, 16), seed=0):
    return torch.rand(n, 3, *size, generator=torch.Generator().manual_seed(seed))


def test_all_give_maps_and_change_nothing(sources):
    given = images().requires_grad_()
    before, state = given.detach().clone(), torch.get_rng_state()
    for source in sources:
        maps = source(given)
        assert maps.shape == (2, 16, 16), source
        assert not maps.requires_grad
        assert torch.equal(maps.amin((1, 2)), torch.zeros(2)), source
        assert torch.equal(maps.amax((1, 2)), torch.ones(2)), source
        assert torch.equal(maps, source(given)), source  # no randomness of their own
        assert source.kind in ("fixation", "object", "text", "painted")
    assert torch.equal(before, given)
    assert torch.equal(state, torch.get_rng_state())


def test_a_batch_is_as_good_as_one_by_one(sources):
    given = images(3)
    for source in sources:
        together = source(given)
        for i in range(3):
            assert torch.allclose(together[i], source(given[i : i + 1])[0], atol=1e-3), source


def test_names_say_what_they_are(sources):
    assert [source.name for source in sources] == [
        "spectral residual",
        "painted by hand",
        "bright",
        "attention to 'dog'",
        "response to 'a cat'",
        "Grad-CAM of 'cat'",
        "Grad-CAM++ of 'cat'",
    ]


def test_networks_are_frozen_and_evaluating():
    net = Bright().train()
    Net(net, "bright")
    assert not net.training
    assert not net.w.requires_grad


def test_painted_is_the_region():
    region = Region.box(0.25, 0.5, 0.75, 1.0)
    (maps,) = Painted(region)(images(1, (20, 20)))
    assert torch.equal(maps > 0, torch.from_numpy(region.mask(20, 20)))


def test_spectral_residual_finds_planted_discs():
    """Forty discs on smooth grounds; the published hit rate of this test is above 0.8 at IoU 0.3."""
    rng = torch.Generator().manual_seed(0)
    hits = 0
    for _ in range(40):
        x, y = (float(v) for v in 0.25 + 0.5 * torch.rand(2, generator=rng))
        disc = torch.from_numpy(Region.points([(x, y)], 0.12).mask(64, 64))
        ground = torch.linspace(0.3, 0.6, 64).expand(3, 64, 64) + 0.012 * torch.randn(
            3, 64, 64, generator=rng
        )
        picture = torch.where(disc, torch.rand(3, 1, 1, generator=rng).round(), ground).clamp(0, 1)
        box = boxes(SpectralResidual()(picture[None]))[0][0]
        ys, xs = torch.nonzero(disc, as_tuple=True)
        truth, found = torch.zeros(2, 64, 64, dtype=torch.bool)
        truth[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] = True
        found[box.top : box.bottom, box.left : box.right] = True
        hits += iou(truth.numpy(), found.numpy()) > 0.3
    assert hits >= 32


# The denoiser's own attention


def test_attention_weights_are_what_the_layers_compute(engine):
    """Taken from the layers' own queries and keys, against a processor that computes them the long way."""
    from diffusers.models.attention_processor import AttnProcessor

    unet = engine.pipeline.unet
    theirs = []
    layers = [m for name, m in unet.named_modules() if name.endswith("attn2")]
    kept = unet.attn_processors
    unet.set_attn_processor(AttnProcessor())
    originals = [m.get_attention_scores for m in layers]
    try:
        for m, original in zip(layers, originals, strict=True):
            m.get_attention_scores = lambda *a, o=original, m=m, **k: (
                theirs.append((m, o(*a, **k))) or theirs[-1][1]
            )
        with torch.no_grad(), tapped(unet) as seen:
            engine.network.ask(engine.noise(2), torch.arange(2), ["a cat", "a dog"], 500, engine.size)
    finally:
        for m in layers:
            del m.get_attention_scores
        unet.set_attn_processor(kept)
    assert len(seen) == len(theirs) > 1
    for (module, q, k), (other, scores) in zip(seen, theirs, strict=True):
        assert module is other
        mean = scores.unflatten(0, (2, module.heads)).mean(1)
        assert torch.allclose(weights(module, q, k), mean, atol=1e-6)


def test_hooks_are_taken_off_again(engine):
    with pytest.raises(RuntimeError, match="on the way"), tapped(engine.pipeline.unet):
        raise RuntimeError("on the way")
    assert not any(m._forward_hooks for m in engine.pipeline.unet.modules())


def test_tokens_of_words(engine):
    # The tiny tokenizer spells: one token a letter, after the begin mark.
    assert tokens_of(engine, "a cat", "cat") == [2, 3, 4]
    assert tokens_of(engine, "A CAT", "cat") == [2, 3, 4]
    assert tokens_of(engine, "cat a cat", "cat") == [1, 2, 3, 5, 6, 7]
    with pytest.raises(ValueError, match="word='at'"):
        tokens_of(engine, "a cat", "at")


@pytest.mark.parametrize("which", ["engine", "sdxl"])
def test_attention_to_each_word(request, which):
    engine = request.getfixturevalue(which)
    maps = per_word(engine, images(2), "a cat and a dog", ["cat", "dog"])
    assert list(maps) == ["cat", "dog"]
    assert all(m.shape == (2, 16, 16) for m in maps.values())
    assert not torch.allclose(maps["cat"], maps["dog"])
    alone = CrossAttention(engine, "a cat and a dog", "cat")(images(2))
    assert torch.equal(alone, maps["cat"])


def test_wide_images(engine):
    assert CrossAttention(engine, "a cat", "cat")(images(1, (16, 32))).shape == (1, 16, 32)
    assert Response(engine, "a cat")(images(1, (32, 16))).shape == (1, 32, 16)


# Grad-CAM


def test_grad_cam_is_its_formula(encoder):
    """ReLU(Σ_c mean(∂s/∂A_c) A_c) at the last layer's first norm, by hand."""
    from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

    picture = images(1)
    layer = encoder.model.vision_model.encoder.layers[-1].layer_norm1
    kept = []
    handle = layer.register_forward_hook(lambda _m, _i, out: kept.append(out))
    pixels = encoder.prepare(picture).requires_grad_()
    score = (F.normalize(encoder.features(pixels), dim=-1) @ encoder.texts(["cat"])[0]).sum()
    handle.remove()
    (gradient,) = torch.autograd.grad(score, kept[0])
    cam = ((gradient[:, 1:].mean(1, keepdim=True) * kept[0][:, 1:]).sum(-1)).clamp(min=0).reshape(1, 4, 4)
    expected = F.interpolate(cam[None].detach(), size=(16, 16), mode="bilinear", align_corners=False)[0]
    expected = (expected - expected.min()) / (expected.max() - expected.min())
    assert torch.allclose(ClipCam(encoder, "cat")(picture), expected, atol=1e-4)


def test_grad_cam_needs_the_weights(encoder):
    """Randomising the network must destroy the map; a map that stays would be an edge detector."""
    import copy

    other = copy.copy(encoder)
    other.model = copy.deepcopy(encoder.model)
    torch.manual_seed(5)
    for p in other.model.vision_model.parameters():
        p.data.normal_(0, 0.2)
    one, two = ClipCam(encoder, "cat")(images(1)), ClipCam(other, "cat")(images(1))
    assert not torch.allclose(one, two, atol=0.05)


# Refusals


class Odd(Saliency):
    kind = "object"
    name = "odd"

    def __init__(self, answer):
        self.answer = answer

    def look(self, images):
        return self.answer


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda e, c: Odd(torch.zeros(1, 4, 4))(images()), "odd gave maps of shape"),
        (lambda e, c: Odd(torch.full((2, 16, 16), torch.nan))(images()), "odd gave a map with NaN"),
        (lambda e, c: SpectralResidual()(images() + 3), r"expected \[0, 1\]"),
        (lambda e, c: CrossAttention(e, "a cat", "fox"), "word='fox': expected one of the prompt"),
        (lambda e, c: Response(e, "a cat", [2.0]), "points="),
        (lambda e, c: Response(e, "a very long text that nobody reads"), "this model reads 24"),
        (lambda e, c: ClipCam(c, "cat", "magic"), "method='magic'"),
        (lambda e, c: Net(Bright(), "x", "magic"), "kind='magic'"),
    ],
)
def test_refusals(engine, encoder, make, says):
    with pytest.raises(ValueError, match=says):
        make(engine, encoder)


def test_a_constant_map_says_nothing():
    assert not Odd(torch.full((2, 16, 16), 0.7))(images()).any()
