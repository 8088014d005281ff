"""`gw.doctor()`: one printed page about this machine, and what fits into it."""

from __future__ import annotations

import importlib.metadata

import pytest
import shapes
import torch

import guidewidgets as gw
from guidewidgets.engine.doctor import MODELS, report
from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.model.fit import GIB, Memory
from guidewidgets.engine.model.needs import needs_of


def test_it_prints_what_there_is(capsys):
    assert gw.doctor() is None
    told = capsys.readouterr().out
    for package in ("torch", "diffusers", "transformers", "jupyterlab", "anywidget"):
        assert f"{package} {importlib.metadata.version(package)}" in told
    assert "GiB free" in told
    assert all(sum(line.startswith(f"  {model} ") for line in told.splitlines()) == 1 for model in MODELS)


def test_what_fits_follows_the_memory():
    def lines(gib):
        told = list(report(torch.device("cpu"), Memory(gib * GIB, gib * GIB, "cpu")))
        return {line[2:30].strip(): line[31:] for line in told if line.startswith("  ")}

    small, large = lines(8), lines(80)
    assert small["Stable Diffusion 1.5"].startswith("float32; at most ")
    assert small["FLUX.1"].startswith("does not fit: needs ")
    assert large["FLUX.1"].startswith("float32; ")
    assert large["FLUX.2 dev"].startswith("does not fit")


@pytest.mark.parametrize(
    ("model", "name"),
    [("Stable Diffusion XL", "SDXL"), ("FLUX.2 klein 4B", "FLUX.2 klein")],
)
def test_its_sizes_are_those_of_the_real_shapes(model, name, words):
    real = needs_of(family_of(shapes.on_meta(name, words)), torch.bfloat16)
    told = MODELS[model].needs(torch.bfloat16)
    assert told.together() == pytest.approx(real.together(), rel=0.05)
    assert told.in_turn() == pytest.approx(real.in_turn(), rel=0.05)
    assert told.together(0.25) == pytest.approx(real.together(0.25), rel=0.1)
