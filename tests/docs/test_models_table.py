"""The tables of what works with which model, and of what fits, say what the models and the arithmetic say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tiny
import torch
from families import FAMILIES

from guidewidgets.engine import Engine
from guidewidgets.engine.doctor import MODELS
from guidewidgets.engine.families.base import Guidance
from guidewidgets.engine.model.fit import GIB, QUANTISERS, Memory, choose

README = Path(__file__).parents[2] / "README.md"
GUIDE = README.parent / "docs" / "guides" / "models.md"
WAYS = {
    "none": "all on the device",
    "model": "networks in turn",
    "group": "layer by layer, several times slower",
}
UNETS = {
    "Stable Diffusion 1.x, 2.x": tiny.stable_diffusion,
    "Stable Diffusion XL": tiny.stable_diffusion_xl,
}
# Names in the table of families that go by another one in the tests, or by several.
CALLED = {
    "SD3": "Stable Diffusion 3, 3.5",
    "SD3 without T5, shifted by size": "Stable Diffusion 3, 3.5",
    "Playground 2.5": "Playground v2.5",
    "EDM by Euler's method": "Playground v2.5",
    "FLUX.1 dev": "FLUX.1 dev, Krea",
    "LCM": "LCM (a U-Net, not a LoRA)",
    "Sana, DPM-Solver++": "Sana",
}
GUIDANCE = {
    Guidance.LINEAR: "scale",
    Guidance.RESCALED: "scale, with the prediction's length kept",
    Guidance.EMBEDDED: "told to the network",
}


def table():
    """Rows (previews and so on, composing, inversion, guidance) by model."""
    text = (
        README.read_text(encoding="utf-8")
        .partition("## What works with which model")[2]
        .partition("\n## ")[0]
    )
    rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)[1:]  # after the head
    return {
        name: tuple(cells)
        for name, *cells in ((n, *r.split(" | ")[1:]) for r in rows for n in r.split(" | ")[0].split("; "))
    }


def test_no_model_is_left_out_or_made_up():
    assert set(table()) == {CALLED.get(name, name) for name in FAMILIES} | set(UNETS)


@pytest.mark.parametrize("name", [*UNETS, *FAMILIES])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_the_table_says_what_the_model_says(words, name):
    pipeline = UNETS[name](words) if name in UNETS else FAMILIES[name].build(words)
    engine = Engine.load(pipeline)
    family = engine.network.family
    every, composed, inverted, guidance = table()[CALLED.get(name, name)]
    assert every == "yes"  # as `test_families.py` and `test_families_in_sessions.py` try with all
    assert composed == ("warned of" if engine.distilled else "yes")
    assert family.attends  # as `test_word_attention.py` tries
    assert guidance.partition(":")[0] == (
        "1" if engine.distilled and engine.network.family.few[1] == 1 else GUIDANCE[family.guidance]
    )
    width, height = FAMILIES[name].small if name in FAMILIES else (16, 16)
    picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    if inverted == "yes":
        back = engine.render(engine.invert(picture, "a fox", 3), "a fox", guidance=1.0, sampler="edict")
        assert (back - engine.decode(engine.encode(picture))).abs().max() < 1e-2
    else:
        assert inverted == "no"
        with pytest.raises(ValueError, match=r"distilled|starts at pure noise"):
            engine.invert(picture, "a fox", 3)


def way(name, quantisers):
    """How a model is fitted into a card of 6 GB beside 12 GiB of RAM, in the guide's words."""
    dtype = torch.float16 if MODELS[name].unet else torch.bfloat16
    memory = Memory(int(5.5 * GIB), 12 * GIB, "cuda")
    try:
        plan = choose({dtype: MODELS[name].needs(dtype)}, memory, quantisers)
    except ValueError:
        return "does not fit"
    return f"4 bits, {WAYS[plan.offload]}" if plan.quantiser else WAYS[plan.offload]


def test_what_fits_into_a_card_of_six_gigabytes():
    text = GUIDE.read_text(encoding="utf-8").partition("A card of 6 GB")[2].partition("\n#")[0]
    rows = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", text, re.MULTILINE)[1:]]
    told = {
        name: (bare, bare if packed == "the same" else packed)
        for names, bare, packed in rows
        for name in names.split(", ")
    }
    assert told == {name: (way(name, ()), way(name, QUANTISERS[2:])) for name in MODELS}
