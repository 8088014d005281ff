"""Re-create the embedded model: `python -m training.run_all`; `--smoke` is a tiny run of every part."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training import export, sheet, text, tokenizer, train_codec, train_unet
from training.schedule import prepare_environment
from training.unet import make_unet
from training.world import art
from training.world.scene import FIRST_STAGE, World

if TYPE_CHECKING:
    from transformers import CLIPTextModel

PROMPTS = (
    "a fox on a beach",
    "a cat on a blue background",
    "an owl at night",
    "a penguin in the snow",
    "a rocket in space",
    "a pizza on a green background",
    "a house in a meadow",
    "a red butterfly on a yellow background",
)


@dataclass(frozen=True)
class Plan:
    """How long each part takes on two quiet cores; the UNet trains in sittings, each with its own decay."""

    codec: train_codec.CodecRun
    text: text.TextRun
    sittings: tuple[train_unet.UnetRun, ...]
    world: World = FIRST_STAGE


FULL = Plan(
    train_codec.CodecRun(minutes=11, scenes=9000),
    text.TextRun(minutes=3),
    (train_unet.UnetRun(minutes=60, seed=1), train_unet.UnetRun(minutes=45, seed=2)),
)
SMOKE = Plan(
    train_codec.CodecRun(minutes=0.05, scenes=32, batch=4, workers=1),
    text.TextRun(minutes=0.03, batch=8),
    (train_unet.UnetRun(minutes=0.05, seed=1, scenes=16, batch=4, workers=1),),
)


def start_state(folder: Path, plan: Plan) -> None:
    """Write the tokenizer, the warmed text encoder and an untrained UNet as the first state."""
    vocabulary = tokenizer.build(folder / "tokenizer")
    encoder: CLIPTextModel = text.make_encoder(vocabulary)
    text.warm(encoder, vocabulary, plan.text)
    torch.manual_seed(2)
    state = {
        f"{key}.{name}": parameter.detach().clone()
        for key, module in (("text", encoder), ("unet", make_unet()))
        for name, parameter in module.named_parameters()
    }
    train_unet.save(folder / "state.safetensors", state)


def run(folder: Path, target: Path, plan: Plan) -> None:
    """Make everything that `folder` lacks, in order, then export to `target`.

    Args:
        folder: working files and checkpoints; delete it to start from nothing.
        target: the model folder to write.
        plan: what to train and for how long.
    """
    art.sprites()
    if not (folder / "codec").exists():
        train_codec.train(plan.codec, folder / "codec")
    if not (folder / "state.safetensors").exists():
        start_state(folder, plan)
    for sitting in plan.sittings:
        train_unet.train(sitting, folder)
    pipe = export.pipeline(folder)
    rows = sheet.sample(pipe, PROMPTS, range(6), guidance=5.0)
    sheet.draw(rows, PROMPTS).save(folder / "sheet.png")
    export.export(folder, target, plan.world, {"guidance": 5.0, "steps": 20})


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=art.WORK, help="folder of working files and checkpoints")
    parser.add_argument("--target", type=Path, help="model folder to write")
    parser.add_argument("--smoke", action="store_true", help="a tiny run of every part, for tests")
    options = parser.parse_args()
    prepare_environment()
    target = options.target or (options.work / "smoke" if options.smoke else export.MODEL)
    run(options.work, target, SMOKE if options.smoke else FULL)


if __name__ == "__main__":
    main()
