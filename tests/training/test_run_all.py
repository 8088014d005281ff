"""The whole training in miniature, from nothing to a folder that diffusers loads and runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from miniature import train
from safetensors.torch import load_file

from training import run_all
from training.world import captions
from training.world.nouns import FIRST

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("work")
    train(folder)
    return folder


def test_the_folder_is_a_pipeline_that_diffusers_runs(work: Path) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(work / "models" / "emoji")
    pipe.set_progress_bar_config(disable=True)
    images = pipe("a fox on a beach", height=64, width=64, num_inference_steps=2, output_type="np").images
    assert images.shape == (1, 64, 64, 3)
    assert 0 <= images.min() <= images.max() <= 1
    assert pipe.safety_checker is None
    assert pipe.scheduler.config["prediction_type"] == "v_prediction"


def test_weights_are_half_precision_small_and_name_no_machine(work: Path) -> None:
    model = work / "models" / "emoji"
    for name in ("unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model"):
        assert {t.dtype for t in load_file(model / f"{name}.safetensors").values()} == {torch.float16}
    assert sum(file.stat().st_size for file in model.rglob("*") if file.is_file()) < 20e6
    assert not any(str(work) in file.read_text() for file in model.rglob("*.json"))


def test_the_preview_is_a_linear_map_of_the_expected_shape(work: Path) -> None:
    preview = load_file(work / "models" / "emoji" / "preview.safetensors")
    assert preview["weight"].shape == (48, 4, 3, 3)
    assert preview["bias"].shape == (48,)


def test_the_vocabulary_says_what_this_checkpoint_knows(work: Path) -> None:
    vocabulary = json.loads((work / "models" / "emoji" / "vocabulary.json").read_text())
    assert vocabulary["words"] == captions.words()
    assert vocabulary["nouns"] == sorted(FIRST)
    assert not set(vocabulary["nouns"]) & set(vocabulary["untrained_nouns"])
    assert set(vocabulary["defaults"]) == {"guidance", "steps", "sampler"}


def test_finished_sittings_are_not_repeated(work: Path) -> None:
    before = (work / "average.safetensors").read_bytes()
    run_all.run(work, work / "again" / "emoji", replace(run_all.SMOKE, vision=None))
    assert (work / "average.safetensors").read_bytes() == before
