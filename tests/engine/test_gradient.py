"""Exact gradients through the chain: against plain autograd and finite differences; counts, memory, refusals."""

from __future__ import annotations

import gc
import weakref

import pytest
import tiny
import torch
from mixed import WHOLE, mixed

from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.registry import SAMPLERS


@pytest.fixture(scope="module")
def double(words):
    """The same weights in fp64."""
    return Engine.load(tiny.stable_diffusion(words), dtype="float64")


def loss_of(images):
    weights = torch.linspace(0.5, 1.5, images[0].numel(), dtype=images.dtype).reshape(images[0].shape)
    return (images * weights).square().sum()


def gradient(engine, x, how, sampler="ddim", steps=5, prompt="a cat AND NOT a dog", **kwargs):
    leaf = x.clone().requires_grad_()
    images = engine.render(leaf, prompt, steps=steps, guidance=3.0, sampler=sampler, gradient=how, **kwargs)
    loss_of(images).backward()
    return leaf.grad, images.detach()


@pytest.mark.parametrize(("steps", "sampler"), mixed([1, 2, 5, 6], [*SAMPLERS]))
def test_cached_is_plain_autograd_bit_for_bit(engine, sampler, steps):
    x = engine.noise(2, seed=steps)
    plain, images = gradient(engine, x, "full", sampler, steps)
    cached, again = gradient(engine, x, "cached", sampler, steps)
    assert torch.equal(images, again)
    assert plain.abs().max() > 0
    assert torch.equal(plain, cached)


def test_cached_gradients_of_a_batch_are_each_images_own(engine):
    x = engine.noise(3, seed=1)
    together, _ = gradient(engine, x, "cached")
    for i in range(3):
        alone, _ = gradient(engine, x[i : i + 1], "cached")
        assert (together[i] - alone[0]).norm() / alone.norm() < 1e-4  # another batch layout


@pytest.mark.parametrize(("steps", "sampler"), mixed([5, 6, 25, *[50] * WHOLE], ["edict", "bdia", "obelm"]))
def test_reversible_is_exact_in_fp64(double, sampler, steps):
    x = double.noise(1, seed=steps).double()
    cached, _ = gradient(double, x, "cached", sampler, steps)
    reversible, _ = gradient(double, x, "reversible", sampler, steps)
    assert (cached - reversible).norm() / cached.norm() < 1e-9


def test_fp64_latents_around_an_fp32_network(engine):
    """The budget of the reference for this mix is 1e-6: the network's fp32 is the same in both directions."""
    x = engine.noise(1, seed=3)
    reversible, images = gradient(engine, x.double(), "reversible", "edict", 20)
    cached, same = gradient(engine, x.double(), "cached", "edict", 20)
    assert torch.equal(images, same)
    assert (cached - reversible).norm() / cached.norm() < 1e-6


@pytest.mark.parametrize(("sampler", "steps"), [("ddim", 5), ("edict", 10), ("heun", 4), ("dpmpp-2m", 5)])
def test_finite_differences(double, sampler, steps):
    """Central differences along random directions: the one oracle that does not rest on autograd."""
    x = double.noise(1, seed=7).double()
    found, _ = gradient(double, x, "cached", sampler, steps)
    h = 1e-5
    for seed in range(3):
        direction = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        direction /= direction.norm()
        ends = [
            loss_of(
                double.render(
                    x + sign * h * direction,
                    "a cat AND NOT a dog",
                    steps=steps,
                    guidance=3.0,
                    sampler=sampler,
                )
            )
            for sign in (1, -1)
        ]
        slope = (ends[0] - ends[1]) / (2 * h)
        assert abs(slope - (found * direction).sum()) / found.norm() < 1e-7


@pytest.mark.parametrize(
    ("how", "sampler", "calls"),
    [
        ("cached", "ddim", (1, 1)),
        ("cached", "edict", (2, 2)),
        ("cached", "dpmpp-2m", (1, 1)),
        ("reversible", "edict", (2, 2)),
        ("reversible", "bdia", (1, 1)),
    ],
)
def test_evaluation_counts(engine, monkeypatch, how, sampler, calls):
    """Looks per step, forward and back; each look is one batch of the guidance pair: 2N + 2N rows for cached DDIM."""
    steps, rows = 6, []
    forward = engine.pipeline.unet.forward

    def counted(x, *args, **kwargs):
        rows.append(len(x))
        return forward(x, *args, **kwargs)

    monkeypatch.setattr(engine.pipeline.unet, "forward", counted)
    leaf = engine.noise(1).requires_grad_()
    images = engine.render(leaf, "a cat", steps=steps, guidance=3.0, sampler=sampler, gradient=how)
    assert rows == [2] * calls[0] * steps
    rows.clear()
    images.sum().backward()
    assert rows == [2] * calls[1] * steps


@pytest.mark.parametrize("how", ["cached", "full"])
def test_weights_get_no_gradient(engine, how):
    """Not even those that their owner trains: they are frozen while the network computes, and not after."""
    x = engine.noise(1).requires_grad_()
    engine.render(x, "a cat", steps=1, gradient=how).sum().backward()
    assert x.grad is not None
    for part in (engine.pipeline.unet, engine.pipeline.vae, engine.pipeline.text_encoder):
        assert all(p.grad is None and p.requires_grad for p in part.parameters())


@pytest.mark.parametrize(
    ("how", "sampler"), [("cached", "ddim"), ("cached", "edict"), ("reversible", "edict")]
)
def test_memory_does_not_grow_with_the_steps(engine, how, sampler):
    """Bytes that autograd saves for the way back, at their peak: N = 20 against N = 5."""

    def peak(steps):
        alive, most, refs = 0, 0, []

        def drop(size):
            nonlocal alive
            alive -= size

        def pack(tensor):
            nonlocal alive, most
            size = tensor.numel() * tensor.element_size()
            box = Box(tensor)
            refs.append(weakref.finalize(box, drop, size))
            alive += size
            most = max(most, alive)
            return box

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda box: box.tensor):
            leaf = engine.noise(1).requires_grad_()
            engine.render(leaf, "a cat", steps=steps, sampler=sampler, gradient=how).sum().backward()
        gc.collect()
        return most

    class Box:
        def __init__(self, tensor):
            self.tensor = tensor

    few, many = peak(5), peak(20)
    assert few > 0
    assert many / few <= 1.02


def test_any_optimiser_can_use_it(engine):
    """Adam on the noise, towards a darker picture; several images at once."""
    x = engine.noise(2, seed=4).requires_grad_()
    optimiser = torch.optim.Adam([x], lr=0.05)
    losses = []
    for _ in range(6):
        optimiser.zero_grad()
        loss = engine.render(x, "a cat", steps=4, gradient="cached").mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 1e-3


def test_gradients_of_a_locked_child(engine):
    from guidewidgets.genome import Anchor
    from guidewidgets.region import Region

    parent = engine.genomes(engine.noise(1, seed=1), "a cat", steps=4)[0]
    region = Region.box(0, 0, 0.5, 1)
    child = parent.replace(anchor=Anchor(parent, region))
    found = {}
    for how in ("full", "cached"):
        leaf = engine.noise(1, seed=1).requires_grad_()
        *_, step = engine.sample([child], leaf, how)
        step.x.square().sum().backward()
        found[how] = leaf.grad
    assert torch.equal(found["full"], found["cached"])
    # What is locked does not depend on the child's own noise after the first step.
    assert found["full"][..., :4].abs().sum() > found["full"][..., 4:].abs().sum()


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"how": "reversible", "sampler": "ddim"}, "undoing 5 steps of DDIM"),
        ({"how": "reversible", "sampler": "edict", "steps": 300}, r"at most 1e-03\); use gradient='cached'"),
        (
            {"how": "reversible", "sampler": "bdia", "steps": 60, "sampler_parameters": {"gamma": 0.5}},
            "undoing 60 steps of BDIA",
        ),
        ({"how": "sideways"}, "gradient='sideways': expected one of None, 'cached'"),
        ({"how": "cached", "sampler": "edict", "sampler_parameters": {"p": 1.5}}, "p=1.5"),
        ({"how": "cached", "sampler": "edict", "sampler_parameters": {"q": 1}}, "edict does not take them"),
    ],
)
def test_refusals(engine, kwargs, says):
    with pytest.raises(ValueError, match=says):
        gradient(engine, engine.noise(1), **kwargs)
