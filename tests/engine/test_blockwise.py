"""Gradients block by block: the same numbers, less kept, and the network as it was."""

from __future__ import annotations

import families
import pytest
import tiny
import torch
from mixed import WHOLE

from guidewidgets.engine import Engine
from guidewidgets.engine.model import blockwise
from guidewidgets.engine.model.blockwise import blocks_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*seems to be guidance-distilled:UserWarning"),
    pytest.mark.filterwarnings("ignore:size .* is far from this model's own:UserWarning"),
    pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*such models have no unconditional side:UserWarning"),
]


def state(module):
    return [(name, sorted(vars(m)), vars(m).get("forward")) for name, m in module.named_modules()]


def gradient(engine, size, how="cached"):
    """At the noise, and bytes that the last step kept for the way back, weights not counted."""
    x = engine.noise(1, seed=1, size=size).requires_grad_()
    weights = {p.data_ptr() for p in engine.network.module.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor):
        if tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    images = engine.render(x, families.PROMPT, steps=1, guidance=3.0, gradient=how)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        found = torch.autograd.grad(images.sum(), x)[0]
    return found, sum(kept.values())


NETWORKS = [
    *("FLUX.1 dev", "FLUX.2 dev", "Z-Image", "Qwen-Image", "Lumina 2"),
    *("Sana", "PixArt-Σ", "Chroma", "AuraFlow", "HunyuanDiT"),
]


@pytest.mark.parametrize("name", ["SD 1", *(families.FAMILIES if WHOLE else NETWORKS)])
def test_the_same_gradient(words, monkeypatch, name):
    """Nobody's networks are frozen here, so that what is made again has to be made at rest."""
    pipeline = tiny.stable_diffusion(words) if name == "SD 1" else families.FAMILIES[name].build(words)
    size = (16, 16) if name == "SD 1" else families.FAMILIES[name].small
    engine = Engine.load(pipeline)
    module, calls = engine.network.module, []
    assert any(p.requires_grad for p in module.parameters())
    whole, _ = gradient(engine, size)
    before = state(module)
    monkeypatch.setattr(blockwise, "SHARE", 0.0)
    monkeypatch.setattr(blockwise, "checkpoint", _noted(blockwise.checkpoint, calls))
    parted, _ = gradient(engine, size)
    assert torch.equal(whole, parted)
    assert state(module) == before
    assert any(p.requires_grad for p in module.parameters())
    assert len(calls) == len(blocks_of(module)) >= 1


def _noted(function, calls):
    def noted(*given, **told):
        calls.append(given[0])
        return function(*given, **told)

    return noted


def test_less_is_kept(words, monkeypatch):
    """Of a deeper transformer; what stands between blocks is a small part of it."""
    engine = Engine.load(families.FAMILIES["SD3"].build(words))
    blocks = engine.network.module.transformer_blocks
    for _ in range(6):
        blocks.insert(0, blocks[0])
    _, whole = gradient(engine, (16, 16))
    monkeypatch.setattr(blockwise, "SHARE", 0.0)
    _, parted = gradient(engine, (16, 16))
    assert parted < 0.5 * whole


def test_only_where_memory_is_short(words, monkeypatch):
    engine = Engine.load(families.FAMILIES["SD3"].build(words))
    calls = []
    monkeypatch.setattr(blockwise, "checkpoint", _noted(blockwise.checkpoint, calls))
    gradient(engine, (16, 16))
    assert not calls
    rows = 2  # of one picture, guided
    short = (
        rows * len(blocks_of(engine.network.module)) * engine.network.family.row_floats * 4 / blockwise.SHARE
    )
    monkeypatch.setattr("guidewidgets.engine.model.network.free_bytes", lambda _device: short - 1)
    gradient(engine, (16, 16))
    assert calls
    engine.render(engine.noise(1), "", steps=1)  # without a gradient nothing is kept anyway
    calls.clear()
    monkeypatch.setattr("guidewidgets.engine.model.network.free_bytes", lambda _device: short + 1)
    gradient(engine, (16, 16))
    assert not calls


def test_half_precision_goes_back_block_by_block(words, monkeypatch):
    """Where the way back is gone more than once, from scales that overflow."""
    pipeline = families.FAMILIES["SD3"].build(words)
    engine = Engine.load(pipeline, dtype="float16")
    whole, _ = gradient(engine, (16, 16))
    monkeypatch.setattr(blockwise, "SHARE", 0.0)
    monkeypatch.setattr("guidewidgets.engine.half.TOP", 2.0**18)
    parted, _ = gradient(engine, (16, 16))
    assert torch.nn.functional.cosine_similarity(whole.flatten(), parted.flatten(), dim=0) > 0.999
