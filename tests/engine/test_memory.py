"""Memory that runs out, forth or back, in the network or the autoencoder: fewer rows, and the same numbers."""

from __future__ import annotations

import contextlib

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.model import microbatch
from guidewidgets.engine.model.microbatch import PATIENCE, RowBudget

CPU = torch.device("cpu")
# fp32, rows in other batches: the budget of the design for another layout.
TOLERANCE = 1e-4


class Device:
    """One that holds so many rows at a time: it counts them, and fails as torch does."""

    def __init__(self, holds):
        self.holds, self.seen = holds, []

    def forth(self, _module, given):
        self.see(len(given[0]))

    def back(self, _module, given):
        self.see(len(given[0]))

    def see(self, rows):
        self.seen.append(rows)
        if rows > self.holds:
            raise torch.OutOfMemoryError


def layers(engine):
    return {"network": engine.pipeline.unet.conv_out, "decoder": engine.pipeline.vae.decoder.conv_out}


@contextlib.contextmanager
def limited(engine, where, way, holds):
    device, layer = Device(holds), layers(engine)[where]
    handle = (
        layer.register_forward_pre_hook(device.forth)
        if way == "forth"
        else layer.register_full_backward_pre_hook(device.back)
    )
    with handle:
        yield device


def gradient(engine, mode):
    x = engine.noise(4, seed=2).requires_grad_()
    images = engine.render(x, "a fox AND a beach", steps=2, guidance=3.0, gradient=mode, sampler="ddim")
    weights = torch.linspace(0, 1, images[0].numel()).reshape(images[0].shape)
    (found,) = torch.autograd.grad((images.double() * weights).sum(), x)
    return images.detach(), found


@pytest.fixture(scope="module")
def expected(words):
    return gradient(Engine.load(tiny.stable_diffusion(words)), "cached")


@pytest.mark.parametrize("mode", ["cached", "full"])
@pytest.mark.parametrize("way", ["forth", "back"])
@pytest.mark.parametrize("where", ["network", "decoder"])
def test_gradients_come_through(words, expected, where, way, mode):
    engine = Engine.load(tiny.stable_diffusion(words))
    with limited(engine, where, way, 1) as device, pytest.warns(UserWarning, match="out of memory"):
        images, found = gradient(engine, mode)
    assert max(device.seen) > 1
    assert device.seen.count(1) >= 4
    assert (images - expected[0]).abs().max() <= TOLERANCE
    assert torch.allclose(found, expected[1], rtol=1e-3, atol=1e-3 * float(expected[1].abs().max()))


def test_half_precision_comes_through_too(words):
    pipes = [tiny.stable_diffusion(words) for _ in range(2)]
    for pipe in pipes:
        pipe.unet.half()
    free, tight = (Engine.load(pipe) for pipe in pipes)
    _, wanted = gradient(free, "cached")
    with limited(tight, "network", "back", 4), pytest.warns(UserWarning, match="out of memory"):
        _, found = gradient(tight, "cached")
    assert torch.nn.functional.cosine_similarity(found.flatten(), wanted.flatten(), dim=0) >= 0.999


def test_encoding_goes_on_with_fewer_pictures(words):
    engine = Engine.load(tiny.stable_diffusion(words))
    images = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    wanted = engine.encode(images)
    device = Device(2)
    engine.pipeline.vae.encoder.conv_in.register_forward_pre_hook(device.forth)
    with pytest.warns(UserWarning, match="out of memory: going on with 2 rows"):
        found = engine.encode(images)
    assert device.seen == [4, 2, 2]
    assert (found - wanted).abs().max() <= TOLERANCE


def test_not_even_one_is_a_memory_error(words):
    engine = Engine.load(tiny.stable_diffusion(words))
    with limited(engine, "decoder", "forth", 0), pytest.raises(MemoryError, match="with a single image"):
        engine.decode(engine.noise(1))
    x = engine.noise(1).requires_grad_()
    loss = engine.render(x, "", steps=1, gradient="cached").sum()
    with limited(engine, "network", "back", 0), pytest.raises(MemoryError, match="with a single image"):
        torch.autograd.grad(loss, x)


def test_other_errors_are_left_alone(words):
    engine = Engine.load(tiny.stable_diffusion(words))

    def broken(_module, _given):
        raise RuntimeError("shapes do not match")

    engine.pipeline.unet.conv_out.register_forward_pre_hook(broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        engine.render(engine.noise(2), "", steps=1)


def ask(budget, rows, holds):
    device = Device(holds)

    def call(_rows, x):
        device.see(len(x))
        return x

    budget.run(torch.zeros(rows, 1), call)
    return device.seen


def test_batches_grow_back():
    budget = RowBudget(1, CPU, 8)
    with pytest.warns(UserWarning, match="going on with 4 rows"):
        assert ask(budget, 8, 4) == [8, 4, 4]
    for _ in range(2 * PATIENCE - 2):
        assert ask(budget, 8, 4) == [4, 4]
    ask(budget, 8, 4)
    assert ask(budget, 8, 4) == [8, 4, 4]  # tried once, and not said again
    for _ in range(4 * PATIENCE):
        assert ask(budget, 8, 8)[0] in (4, 8)
    assert ask(budget, 8, 8) == [8]


def test_a_limit_that_was_set_stays():
    budget = RowBudget(1, CPU, 8)
    budget.limit = 3
    for _ in range(3 * PATIENCE):
        assert ask(budget, 6, 8) == [3, 3]


def test_the_size_that_is_asked_for_counts(words, monkeypatch):
    """On a device where six rows of the model's own size fit, one of twice the side does."""
    engine = Engine.load(tiny.stable_diffusion(words))
    floats = engine.network.family.row_floats
    monkeypatch.setattr(microbatch, "SHARE", 1.0)
    monkeypatch.setattr(microbatch, "free_bytes", lambda _device: 6 * floats * 4)
    engine = Engine.load(engine.pipeline)
    device = Device(99)
    engine.pipeline.unet.conv_out.register_forward_pre_hook(device.forth)
    engine.render(engine.noise(4), "", steps=1)
    with pytest.warns(UserWarning, match="far from this model's own"):
        engine.render(engine.noise(4, size=(32, 32)), "", steps=1)
    assert device.seen == [4, 1, 1, 1, 1]


def test_pictures_are_decoded_together(words):
    engine = Engine.load(tiny.stable_diffusion(words))
    with limited(engine, "decoder", "forth", 99) as device:
        engine.decode(engine.noise(5))
    assert device.seen == [5]
