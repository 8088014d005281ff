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
WAYS = {"none": "", "model": "in turn", "group": "by layer"}
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


CARDS = {6: 5.5, 8: 7.4, 12: 11.3, 16: 15.3, 24: 23.3}  # GB on the box, GiB that are free


def way(name, free, quantisers=QUANTISERS[2:], ram=12):
    """How a model is fitted into so many GiB of a card and of RAM, in the guide's words."""
    dtype = torch.float16 if MODELS[name].unet else torch.bfloat16
    memory = Memory(int(free * GIB), ram * GIB, "cuda")
    try:
        plan = choose({dtype: MODELS[name].needs(dtype)}, memory, quantisers)
    except ValueError:
        return "–"
    return ", ".join(filter(None, ("4 bits" if plan.quantiser else "", WAYS[plan.offload]))) or "whole"


def test_what_fits_into_which_card():
    text = GUIDE.read_text(encoding="utf-8").partition("| download |")[2].partition("\n\n")[0]
    rows = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", text, re.MULTILINE)]
    told = {name: (size, *ways) for name, size, *ways in rows}
    halves = {name: f"{2 * (one.denoiser + one.text + one.vae):.0f} GB" for name, one in MODELS.items()}
    assert told == {name: (halves[name], *(way(name, free) for free in CARDS.values())) for name in MODELS}


def test_what_needs_bitsandbytes():
    packed = [
        (name, free) for name in MODELS for free in CARDS.values() if way(name, free).startswith("4 bits")
    ]
    layered = {name for name, free in packed if way(name, free, ()) == "by layer"}
    assert layered == {"Stable Diffusion XL", "PixArt-Σ", "Lumina 2"}
    assert {way(name, free, ()) for name, free in packed if name not in layered} == {"–"}


def test_what_less_ram_changes():
    ways = {
        (name, card): (way(name, free), way(name, free, ram=8))
        for name in MODELS
        for card, free in CARDS.items()
    }
    changed = {where: after for where, (before, after) in ways.items() if after != before}
    gone = {where for where, after in changed.items() if after == "–"}
    assert gone == {("Stable Diffusion 3.5 large", 8), ("Chroma", 8), ("FLUX.1", 12)}
    packed = {where for where in changed if where not in gone}
    assert {changed[where] for where in packed} == {"4 bits"}
    assert {ways[where][0] for where in packed} == {"in turn"}
    assert {name for name, _ in packed} == {"Sana 1.6B", "Lumina 2", "PixArt-Σ"}


@pytest.mark.parametrize(
    ("ram", "runs"),
    [
        (12, {"Stable Diffusion 1.5", "Stable Diffusion XL", "PixArt-Σ", "Sana 1.6B", "Lumina 2"}),
        (8, {"Stable Diffusion 1.5", "Stable Diffusion XL"}),
    ],
)
def test_what_8_gb_runs_without_bitsandbytes(ram, runs):
    assert {name for name in MODELS if way(name, CARDS[8], (), ram) != "–"} == runs


def test_every_model_of_the_table_has_its_id():
    ids = GUIDE.read_text(encoding="utf-8").partition("| id on the model hub |")[2].partition("\n\n")[0]
    assert len(re.findall(r"`[\w.-]+/[\w.-]+`", ids)) == len(MODELS)
