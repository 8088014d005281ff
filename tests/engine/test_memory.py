"""Memory that runs out, forth or back, in the network or the autoencoder: fewer rows, and the same numbers."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
import tiny
import torch

from guidewidgets.engine import Engine
from guidewidgets.engine.model import microbatch
from guidewidgets.engine.model.microbatch import PATIENCE, RowBudget
from guidewidgets.engine.model.tiles import tiled

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


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("size", [(16, 16), (12, 40), (8, 8), (20, 28), (40, 8)])
def test_tiles_of_a_local_function_are_its_own(channels, size):
    """Where each number depends on its own place only, blending neighbours changes nothing."""
    x = torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(0))
    seen = []

    def enlarged(part):
        seen.append(part.shape[-2:])
        return part.repeat_interleave(2, -1).repeat_interleave(2, -2)

    found = tiled(x, enlarged, 8, Fraction(2))
    assert torch.allclose(found, enlarged(x), atol=1e-6)  # a blend of equal numbers
    assert max(max(shape) for shape in seen[:-1]) <= 8
    assert torch.allclose(tiled(x, lambda part: part[..., ::2, ::2], 8, Fraction(1, 2)), x[..., ::2, ::2])


def test_tiles_go_over_into_each_other():
    """Each tile a number of its own: in between lies a straight line."""
    numbers = iter(range(3))
    line = tiled(torch.zeros(1, 1, 8, 20), lambda part: torch.full_like(part, next(numbers)), 8, Fraction(1))
    assert line[0, 0, 0].tolist() == [0] * 6 + [0.25, 0.75] + [1] * 4 + [1.25, 1.75] + [2] * 6
    assert (line == line[..., :1, :]).all()


@pytest.mark.parametrize("way", ["forth", "back", "encode"])
def test_a_picture_too_large_for_the_autoencoder_comes_in_tiles(words, way):
    """The device holds a quarter of a picture of twice the model's own side."""
    engine = Engine.load(tiny.stable_diffusion(words))
    vae, pixels = engine.pipeline.vae, []
    x = engine.noise(1, size=(32, 32)).requires_grad_(way == "back")
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) if way == "encode" else x
    work = engine.encode if way == "encode" else engine.decode

    def limit(_module, given):
        pixels.append(given[0][0, 0].numel())
        if pixels[-1] > 16 * 16:
            raise torch.OutOfMemoryError

    wanted = work(x).detach()
    (vae.encoder.conv_in if way == "encode" else vae.decoder.conv_out).register_forward_pre_hook(limit)
    with pytest.warns(UserWarning, match="in tiles"):
        found = work(x)
    assert found.shape == wanted.shape
    # Three tiles a side, a quarter of each shared: what no other tile has is what it gives alone.
    tile, factor = (8, 0.5) if way == "encode" else (4, 2)
    own = int(3 / 4 * tile * factor)
    for begin in (0, x.shape[-1] - tile):
        alone = work(x[..., begin : begin + tile, begin : begin + tile].detach())
        ends = slice(None, own) if begin == 0 else slice(-own, None)
        assert (found[..., ends, ends] - alone[..., ends, ends]).abs().max() < 1e-5
    if way == "back":
        assert (torch.autograd.grad(found.sum(), x)[0] != 0).any(1).all()  # everywhere
    pixels.clear()
    work(x)
    assert max(pixels) <= 16 * 16  # it is not tried again
