"""What encoders see of a picture, and texts they cannot read."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide.pictures import to_tensor
from guidewidgets.vision import ClipEncoder
from guidewidgets.vision.open_clip import uncut

# Pictures that are not square


def picture(width, height, seed=0):
    """No black and white: Pillow clips what bicubic filters add beyond them, and CLIP with it."""
    rng = np.random.default_rng(seed)
    small = rng.integers(60, 196, (5, 7, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@settings(max_examples=30)
@given(width=st.integers(16, 90), height=st.integers(16, 90))
def test_pictures_are_cropped_as_clip_crops(encoder, width, height):
    """Against the processor that CLIP comes with; it works in 8 bits, hence a level and a half of tolerance."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    theirs = CLIPImageProcessorPil(size={"shortest_edge": encoder.size}, crop_size=encoder.size)
    image = picture(width, height)
    expected = theirs(image, return_tensors="pt")["pixel_values"]
    found = encoder.prepare(to_tensor(image)[None])
    assert found.shape == expected.shape == (1, 3, encoder.size, encoder.size)
    off = (found - expected).abs() * torch.tensor(theirs.image_std).reshape(3, 1, 1) * 255
    assert off.max() < 1.5


def test_the_crop_is_differentiable_and_sees_the_middle_only(encoder):
    images = to_tensor(picture(64, 32))[None].requires_grad_()
    (g,) = torch.autograd.grad(encoder.images(images).sum(), images)
    seen = g.abs().sum((0, 1)).amax(0) > 0
    assert seen[18:46].all()
    assert not seen[:10].any()
    assert not seen[54:].any()
    assert torch.allclose(encoder.images(images[..., 16:48]), encoder.images(images), atol=0.02)


def test_siglip_squeezes(encoder):
    class Siglip(nn.Module):
        config = SimpleNamespace(model_type="siglip", vision_config=SimpleNamespace(image_size=16))

    siglip = ClipEncoder(Siglip(), None)
    siglip.model.device, siglip.model.dtype = torch.device("cpu"), torch.float32
    image = to_tensor(picture(64, 32))[None]
    expected = F.interpolate(image, size=(16, 16), mode="bicubic", antialias=True) * 2 - 1
    assert torch.allclose(siglip.prepare(image), expected, atol=1e-6)
    assert not encoder.squeezed


def test_cam_of_a_wide_picture_lies_on_what_was_seen(encoder):
    pytest.importorskip("torchcam")
    from guidewidgets.vision.saliency.cam import ClipCam

    image = to_tensor(picture(64, 32))[None]
    wide, middle = (ClipCam(encoder, "fox")(x)[0] for x in (image, image[..., 16:48]))
    assert wide.shape == (32, 64)
    assert not wide[:, :16].any()
    assert not wide[:, 48:].any()
    assert torch.allclose(
        wide[:, 16:48], middle, atol=0.03
    )  # its edges are resized with what lies beyond them


# Texts of open_clip, whose tokenizers cut silently


class SimpleTokens:
    """As its own tokenizer: begin, letters, end, zeros behind; the end replaces the last where it cuts."""

    def __call__(self, texts, context_length=8):
        out = torch.zeros(len(texts), context_length, dtype=torch.long)
        for i, text in enumerate(texts):
            tokens = [50, *(1 + ord(c) % 40 for c in text), 51]
            if len(tokens) > context_length:
                tokens = [*tokens[: context_length - 1], 51]
            out[i, : len(tokens)] = torch.tensor(tokens)
        return out


class PaddedWithItsEnd(SimpleTokens):
    """As tokenizers of the hub that pad with their end mark."""

    def __call__(self, texts, context_length=8):
        out = super().__call__(texts, context_length)
        return torch.where(out == 0, 51, out)


class WithoutMarks:
    """As those that mark neither begin nor end."""

    def __call__(self, texts, context_length=8):
        out = torch.ones(len(texts), context_length, dtype=torch.long)
        for i, text in enumerate(texts):
            kept = [2 + ord(c) % 40 for c in text][:context_length]
            out[i, : len(kept)] = torch.tensor(kept, dtype=torch.long)
        return out


@pytest.mark.parametrize(
    ("words", "marks"), [(SimpleTokens(), 2), (PaddedWithItsEnd(), 2), (WithoutMarks(), 0)]
)
@given(texts=st.lists(st.text("abc", max_size=12), min_size=1, max_size=3))
def test_texts_fit_or_are_told_apart(words, marks, texts):
    found = uncut(words, texts, 8)
    if max(map(len, texts)) + marks <= 8:
        assert torch.equal(found, words(texts, 8))
    else:
        assert found.shape[1] > 8


class Towers(nn.Module):
    """What `open_clip.create_model` gives, as far as it is used."""

    context_length = 8

    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag(64, 6)
        self.sight = nn.Linear(3, 6)
        self.visual = SimpleNamespace(
            image_size=(16, 16),
            image_mean=(0.5,) * 3,
            image_std=(0.5,) * 3,
            preprocess_cfg={"resize_mode": "squash"},
        )

    def encode_image(self, pixels):
        return self.sight(pixels.mean((2, 3)))

    def encode_text(self, tokens):
        return self.words(tokens)


@pytest.fixture
def open_clip(monkeypatch):
    """open_clip itself is no dependency of the tests: this answers as it does."""
    module = ModuleType("open_clip")
    module.create_model = lambda name, pretrained=None: Towers()
    module.get_tokenizer = lambda name: SimpleTokens()
    monkeypatch.setitem(sys.modules, "open_clip", module)


@pytest.mark.usefixtures("open_clip")
def test_an_open_clip_encoder_refuses_what_it_would_cut():
    encoder = ClipEncoder.open_clip("ViT-tiny", "somewhere")
    assert encoder.texts(["abcdef", "a"]).shape == (2, 6)
    with pytest.raises(ValueError, match="a text has 9 tokens, the encoder reads 8: shorten it"):
        encoder.texts(["a", "abcdefg"])
    assert encoder.squeezed  # as its configuration says
    assert encoder.images(torch.rand(2, 3, 20, 30)).shape == (2, 6)
