"""Same seed, same pixels: noise, batch layout, repetition, dtypes, gradients."""

from __future__ import annotations

import pytest
import torch

from guidewidgets.engine import Engine
from guidewidgets.tensors import compact


def test_noise_depends_on_seed_and_index_only(engine):
    twelve = engine.noise(12, seed=5)
    assert torch.equal(twelve[:7], engine.noise(7, seed=5))
    assert not torch.equal(twelve, engine.noise(12, seed=6))
    assert len({row.numpy().tobytes() for row in twelve}) == 12


def test_noise_is_standard_normal_and_survives_fp16(engine):
    noise = engine.noise(400, seed=1)
    assert torch.equal(noise.half().float(), noise)
    assert compact(noise[0]).dtype == torch.float16
    # 102,400 draws: three standard errors of mean and variance.
    assert abs(noise.mean().item()) < 3 / 320
    assert abs(noise.var().item() - 1) < 3 * (2 / noise.numel()) ** 0.5


def test_noise_is_the_same_on_every_machine(engine):
    """A pinned draw: a change of generator would silently change every seed users have noted."""
    assert engine.noise(1, seed=0)[0, 0, 0, :4].tolist() == [
        0.444580078125,
        -1.1142578125,
        -0.1954345703125,
        -0.48779296875,
    ]


def test_batch_equals_singles(engine):
    x = engine.noise(12, seed=3)
    batch = engine.render(x, "a cat", steps=5)
    singles = torch.cat([engine.render(x[i : i + 1], "a cat", steps=5) for i in range(12)])
    assert (batch - singles).abs().max() <= 1e-4


def test_two_runs_agree_bit_for_bit(engine):
    x = engine.noise(4, seed=3)
    assert torch.equal(engine.render(x, "a cat", steps=5), engine.render(x, "a cat", steps=5))


def test_split_batches_agree(engine):
    x = engine.noise(6, seed=4)
    whole = engine.render(x, "a cat", steps=3)
    limit, engine.network.rows.limit = engine.network.rows.limit, 4
    try:
        split = engine.render(x, "a cat", steps=3)
    finally:
        engine.network.rows.limit = limit
    assert (whole - split).abs().max() <= 1e-4


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_dtypes(words, dtype):
    import tiny

    engine = Engine.load(tiny.stable_diffusion(words), dtype=dtype)
    x = engine.noise(2, seed=1).double() if dtype == "float64" else engine.noise(2, seed=1)
    seen = []
    image = engine.render(x, "a cat", steps=3, on_step=seen.append)
    # Latents and pictures are never narrower than fp32, whatever the network computes in.
    expected = torch.float64 if dtype == "float64" else torch.float32
    assert image.dtype == expected
    assert all(step.x.dtype == expected for step in seen)
    reference = Engine.load(tiny.stable_diffusion(words)).render(x.float(), "a cat", steps=3)
    assert (image - reference).abs().mean() < (1e-5 if dtype == "float64" else 0.02)  # bf16 keeps 8 bits


def test_gradient_reaches_the_noise(words):
    """Plain autograd against a central difference along a random direction, in fp64."""
    import tiny

    engine = Engine.load(tiny.stable_diffusion(words), dtype="float64")
    x = engine.noise(1, seed=2).double().requires_grad_()
    loss = engine.render(x, "a cat", steps=3, gradient="full").square().sum()
    loss.backward()
    direction = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    direction /= direction.norm()
    h = 1e-5
    ends = [
        engine.render(x.detach() + sign * h * direction, "a cat", steps=3).square().sum() for sign in (1, -1)
    ]
    slope = (ends[0] - ends[1]) / (2 * h)
    assert abs(slope - (x.grad * direction).sum()) / x.grad.norm() < 1e-6
    assert all(p.grad is None and not p.requires_grad for p in engine.pipeline.unet.parameters())


def test_rendering_leaves_no_graph(engine):
    x = engine.noise(1).requires_grad_()
    assert not engine.render(x, "a cat", steps=2).requires_grad
