"""How a model is fitted into memory: what is chosen for real shapes, and what that takes, measured."""

from __future__ import annotations

import itertools

import pytest
import shapes
import torch
from shapes import allocated

from guidewidgets.engine import Engine
from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.model.fit import GIB, QUANTISERS, USED, Memory, choose
from guidewidgets.engine.model.needs import needs_of
from guidewidgets.engine.weights import modules_of

DTYPES = {"SDXL": torch.float16, "Z-Image": torch.bfloat16, "FLUX.2 klein": torch.bfloat16}
# What the makers say, in thousand millions: the denoiser, the text encoders.
PUBLISHED = {"SDXL": (2.567, 0.818), "Z-Image": (6.155, 4.022), "FLUX.2 klein": (3.876, 4.022)}
NF4, ALL, NONE = QUANTISERS[2:], QUANTISERS, ()
HOST = 32 * GIB
CHOSEN = {
    # model: GiB: (offload, packed by, GiB on the device) without a quantiser, and with bitsandbytes
    "SDXL": {
        8: [("model", None, 5.4), ("model", None, 5.4)],
        12: [("none", None, 9.6), ("none", None, 9.6)],
        16: [("none", None, 9.6), ("none", None, 9.6)],
        24: [("none", None, 9.6), ("none", None, 9.6)],
        80: [("none", None, 9.6), ("none", None, 9.6)],
    },
    "Z-Image": {
        8: [("group", None, 2.9), ("model", "bitsandbytes", 3.8)],
        12: [("group", None, 2.9), ("none", "bitsandbytes", 7.5)],
        16: [("model", None, 12.0), ("model", None, 12.0)],
        24: [("none", None, 20.6), ("none", None, 20.6)],
        80: [("none", None, 20.6), ("none", None, 20.6)],
    },
    "FLUX.2 klein": {
        8: [("group", None, 2.9), ("none", "bitsandbytes", 6.3)],
        12: [("model", None, 7.6), ("model", None, 7.6)],
        16: [("model", None, 7.6), ("model", None, 7.6)],
        24: [("none", None, 16.4), ("none", None, 16.4)],
        80: [("none", None, 16.4), ("none", None, 16.4)],
    },
}


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    return {name: family_of(shapes.on_meta(name, tmp_path_factory.mktemp("words"))) for name in DTYPES}


@pytest.fixture(scope="module")
def needs(families):
    return {name: {dtype: needs_of(families[name], dtype)} for name, dtype in DTYPES.items()}


@pytest.mark.parametrize("name", DTYPES)
def test_the_shapes_are_the_real_ones(needs, name):
    (each,) = needs[name].values()
    sizes = {part: size / 2e9 for part, size in each.weights().items()}  # two bytes each
    text = sum(size for part, size in sizes.items() if part.startswith("text"))
    assert (sizes[each.denoiser], text) == pytest.approx(PUBLISHED[name], rel=2e-3)


@pytest.mark.parametrize(("name", "gib"), [*itertools.product(DTYPES, (8, 12, 16, 24, 80))])
def test_what_is_chosen(needs, name, gib):
    for quantisers, (offload, packer, taken) in zip((NONE, NF4), CHOSEN[name][gib], strict=True):
        plan = choose(needs[name], Memory(gib * GIB, HOST, "cuda"), quantisers)
        assert (plan.offload, plan.quantiser and plan.quantiser.package) == (offload, packer)
        assert plan.device_bytes / GIB == pytest.approx(taken, abs=0.06)
        assert plan.device_bytes <= USED * gib * GIB
        assert "\n" not in str(plan)
        assert f"at most {taken} GiB" in str(plan)


def test_the_nearest_to_full_precision_is_preferred(needs):
    small = Memory(12 * GIB, HOST, "cuda")
    assert choose(needs["Z-Image"], small, ALL).quantiser is QUANTISERS[0]
    # Where the RAM cannot hold what is offloaded, as on Colab, packed weights go straight to the device.
    plan = choose(needs["Z-Image"], Memory(16 * GIB, 12 * GIB, "cuda"), NF4)
    assert (plan.offload, plan.quantiser) == ("none", QUANTISERS[2])


@pytest.mark.parametrize("name", DTYPES)
def test_more_memory_is_never_used_worse(needs, name):
    plans = [choose(needs[name], Memory(gib * GIB, HOST, "cuda"), ALL) for gib in range(6, 90, 4)]
    order = {None: 0, **{q: i for i, q in enumerate(QUANTISERS, 1)}}
    loss = [(plan.offload == "group", order[plan.quantiser], plan.offload != "none") for plan in plans]
    assert loss == sorted(loss, reverse=True)


def test_a_cpu_moves_nothing_and_goes_to_bf16_before_it_gives_up(families):
    both = {dtype: needs_of(families["SDXL"], dtype) for dtype in (torch.float32, torch.bfloat16)}
    found = [choose(both, Memory(gib * GIB, gib * GIB, "cpu"), ALL) for gib in (12, 24)]
    assert [(plan.dtype, plan.offload, plan.quantiser) for plan in found] == [
        (torch.bfloat16, "none", None),
        (torch.float32, "none", None),
    ]
    with pytest.raises(
        ValueError, match=r"needs [\d.]+ GiB at the least \(bfloat16\), beyond .* 4 GiB of RAM"
    ):
        choose(both, Memory(4 * GIB, 4 * GIB, "cpu"), ALL)


def test_what_is_quantised_already_is_not_quantised_again(families):
    found = needs_of(families["Z-Image"], torch.bfloat16, {"transformer": 4 * GIB})
    assert found.weights()["transformer"] == found.weights(0.25)["transformer"] == 4 * GIB
    plan = choose({torch.bfloat16: found}, Memory(9 * GIB, HOST, "cuda"), ALL)
    assert (plan.offload, plan.quantiser) == ("model", None)


@pytest.mark.parametrize("name", DTYPES)
def test_the_estimate_is_what_is_allocated(tmp_path, name):
    """Within 10 %: weights by their tensors, activations by torch's allocator, in a render of one picture."""
    pipe = shapes.zeros(name, tmp_path)
    pipe.default_sample_size = 32  # 256 pixels a side
    engine = Engine.load(pipe)
    found = needs_of(engine.network.family, torch.float32)
    parts = modules_of(pipe).values()
    tensors = {t.data_ptr(): t.nbytes for part in parts for t in (*part.parameters(), *part.buffers())}
    held = sum(tensors.values())
    assert sum(found.weights().values()) == pytest.approx(held, rel=1e-3)
    x = engine.noise(1)
    peak = held + allocated(lambda: engine.render(x, "a fox", steps=1, guidance=1.0), tmp_path / "trace.json")
    assert peak > 1.1 * held  # so that activations count
    assert found.together() == pytest.approx(peak, rel=0.1)
