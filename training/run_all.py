"""Re-create the embedded models: `python -m training.run_all`; `--smoke` is a tiny run of every part."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from training import export, run_vision, sheet, text, tokenizer, train_codec, train_unet
from training.schedule import prepare_environment
from training.unet import make_unet
from training.world import art
from training.world.scene import FIRST_STAGE, FOURTH_STAGE, SECOND_STAGE, THIRD_STAGE, World

CHECKPOINTS = Path(__file__).with_name("checkpoints")
DEFAULTS = {"guidance": 5.0, "steps": 20}
PROMPTS = (
    "a fox on a beach",
    "a cat on a blue background",
    "an owl at night",
    "a penguin in the snow",
    "a rocket in space",
    "a green butterfly on a yellow background",
    "a house to the left of a tree",
    "a crab above a fish in the sea",
)


@dataclass(frozen=True)
class Plan:
    """How long each part takes on two quiet cores; the UNet trains in sittings, each with its own decay."""

    codec: train_codec.CodecRun
    text: text.TextRun
    sittings: tuple[train_unet.UnetRun, ...]
    world: World = FOURTH_STAGE
    vision: run_vision.VisionPlan | None = run_vision.FULL
    samples: int = 6  # pictures per prompt of the sheet


FOURTH = train_unet.UnetRun(
    62, 15, THIRD_STAGE, scenes=40000, batch=32, ema=0.999, decay=0.7, floor=0.5, workers=1
)
FIFTH = replace(FOURTH, minutes=55, seed=16, world=FOURTH_STAGE, partial=0.2)
FULL = Plan(
    train_codec.CodecRun(minutes=19),
    text.TextRun(minutes=3),
    (
        train_unet.UnetRun(minutes=60, seed=11),
        train_unet.UnetRun(minutes=45, seed=12),
        train_unet.UnetRun(110, 14, SECOND_STAGE, scenes=36000, batch=32, ema=0.999, decay=0.7, workers=1),
        replace(FOURTH, text=text.TextRun(minutes=5, world=THIRD_STAGE, near=10.0)),
        FIFTH,
    ),
)
SMOKE = Plan(
    train_codec.CodecRun(minutes=0.04, scenes=32, batch=4, workers=1),
    text.TextRun(minutes=0.03, batch=8),
    (train_unet.UnetRun(minutes=0.05, seed=1, scenes=16, batch=4, workers=2),),
    FIRST_STAGE,
    run_vision.SMOKE,
    samples=1,
)


def start_state(folder: Path, config: text.TextRun) -> None:
    """Write the tokenizer, then the warmed text encoder and an untrained UNet as the first state."""
    vocabulary = tokenizer.build(folder / "tokenizer")
    encoder = text.make_encoder(vocabulary)
    text.warm(encoder, vocabulary, config)
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
        target: the model folder to write; the nets that look at pictures go beside it.
        plan: what to train and for how long.
    """
    art.sprites()
    if not (folder / "codec" / "report.json").exists():
        train_codec.train(plan.codec, folder / "codec")
    if not (folder / "state.safetensors").exists():
        start_state(folder, plan.text)
    record = folder / "sittings.json"
    done: list[int] = json.loads(record.read_text()) if record.exists() else []
    for sitting in plan.sittings:
        if sitting.seed not in done:
            train_unet.train(sitting, folder)
            done.append(sitting.seed)
            record.write_text(json.dumps(done))
    rows = sheet.sample(export.pipeline(folder), PROMPTS, range(plan.samples), **DEFAULTS)
    sheet.draw(rows, PROMPTS, columns=2).save(folder / "sheet.png")
    export.export(folder, target, plan.world, DEFAULTS)
    if plan.vision is not None:
        run_vision.run(folder / "vision", folder, target.parent, plan.vision)


def resume(folder: Path, checkpoints: Path = CHECKPOINTS) -> None:
    """Copy the committed fp32 weights into a working folder that has none."""
    if not (folder / "state.safetensors").exists():
        shutil.copytree(checkpoints, folder, dirs_exist_ok=True)


def keep(folder: Path, checkpoints: Path = CHECKPOINTS) -> None:
    """Copy what the next sitting needs from a working folder to where it is committed."""
    checkpoints.mkdir(parents=True, exist_ok=True)
    for part in ("codec", "tokenizer"):
        shutil.copytree(folder / part, checkpoints / part, dirs_exist_ok=True)
    shutil.copy(folder / "average.safetensors", checkpoints / "state.safetensors")
    shutil.copy(folder / "sittings.json", checkpoints / "sittings.json")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=art.WORK, help="folder of working files and checkpoints")
    parser.add_argument("--target", type=Path, help="model folder to write")
    parser.add_argument("--smoke", action="store_true", help="a tiny run of every part, for tests")
    parser.add_argument("--more", type=float, metavar="MINUTES", help="one more sitting from the checkpoints")
    parser.add_argument("--seed", type=int, default=13, help="scenes of the sitting that --more adds")
    parser.add_argument("--keep", action="store_true", help="afterwards update training/checkpoints")
    options = parser.parse_args()
    prepare_environment()
    plan = SMOKE if options.smoke else FULL
    if options.more is not None:
        resume(options.work)
        more = replace(FIFTH, minutes=options.more, seed=options.seed)
        plan = replace(plan, sittings=(more,), vision=None)
    target = options.target or (options.work / "models" / "emoji" if options.smoke else export.MODEL)
    run(options.work, target, plan)
    if options.keep:
        keep(options.work)


if __name__ == "__main__":
    main()
