"""Finished pictures: 8 bits, and whose numbers are not finite or whom a safety checker hides, one by one."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.guide import Symmetry, doodl

SAYS = r"the autoencoder gave NaN or infinity for picture 2 of 3: try dtype='float32'"


@pytest.fixture
def own(words):
    """An engine that may be spoilt."""
    return Engine.load(tiny.stable_diffusion(words))


def overflow(module, row=1, value=float("inf")):
    """Stands for weights whose activations leave the range of fp16 for one picture of a batch."""

    def spoil(_module, _given, out):
        out = out.clone()
        if len(out) > row:
            out[row, 0, 0, 0] = value
        return out

    return module.register_forward_hook(spoil)


def test_pixels_are_the_images_rounded(engine):
    z = engine.noise(3, seed=1)
    finished = engine.finish(z)
    images = engine.decode(z)
    assert torch.equal(finished.images, images)
    assert np.array_equal(
        finished.pixels, (images * 255).round().permute(0, 2, 3, 1).numpy().astype(np.uint8)
    )
    assert (finished.pixels.shape, finished.pixels.dtype) == ((3, 16, 16, 3), np.uint8)
    assert finished.hidden == finished.not_finite == (False,) * 3


def test_real_overflow_is_told_of_the_picture_it_befalls(engine):
    """Latents near the largest number of fp32: nothing but the weights themselves overflows."""
    z = engine.noise(3, seed=1)
    clean = engine.decode(z)
    z[1] *= 1e38 / z[1].abs().max()
    with pytest.warns(UserWarning, match=SAYS):
        finished = engine.finish(z)
    assert finished.not_finite == (False, True, False)
    assert torch.isfinite(finished.images).all()
    assert not finished.images[1].any()
    assert torch.equal(finished.images[::2], clean[::2])
    with pytest.warns(UserWarning, match=SAYS):
        assert torch.isfinite(engine.decode(z)).all()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_rendering_never_returns_them_silently(own, value):
    x = own.noise(3)
    clean = own.render(x, "a", steps=2)
    overflow(own.pipeline.vae.decoder, value=value)
    with pytest.warns(UserWarning, match=SAYS):
        images = own.render(x, "a", steps=2)
    assert torch.equal(images[::2], clean[::2])
    assert not images[1].any()


def test_there_is_no_gradient_of_them(own):
    overflow(own.pipeline.vae.decoder)
    leaf = own.noise(3).requires_grad_()
    with pytest.raises(FloatingPointError, match=SAYS):
        own.render(leaf, "a", steps=2, gradient="cached")


def test_an_optimisation_does_not_follow_them(own):
    overflow(own.pipeline.vae.decoder, row=0)
    x = own.noise(1)
    run = doodl(own, x, "a", Symmetry(), 1, sampling_steps=2)
    with pytest.raises(FloatingPointError, match="for picture 1 of 1"):
        next(run)
    run = doodl(own, x, "a", Symmetry(), 0, sampling_steps=2)
    with (
        pytest.raises(FloatingPointError, match="at step 0"),
        pytest.warns(UserWarning, match="picture 1 of 1"),
    ):
        next(run)


def test_encoding_names_them(own):
    overflow(own.pipeline.vae.encoder)
    with pytest.raises(FloatingPointError, match=SAYS):
        own.encode(torch.rand(3, 3, 16, 16))


def test_hidden_is_something_else(own):
    overflow(own.pipeline.vae.decoder)
    own.pipeline.run_safety_checker = lambda image, device, dtype: (image.mul_(0), [True, True, False])
    own.pipeline.safety_checker = object()
    with pytest.warns(UserWarning, match=SAYS):
        finished = own.finish(own.noise(3))
    assert (finished.hidden, finished.not_finite) == ((True, False, False), (False, True, False))
    assert finished.pixels.any((1, 2, 3)).tolist() == [False, False, True]
