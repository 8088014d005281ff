"""Re-create the embedded models: `python -m training.run_all`; `--smoke` is a tiny run of every part.

`python -m training.run_all --device cuda --seconds 480 --resume` is one more sitting of the UNet.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from training import export, resume, run_vision, sheet, text, tokenizer, train_codec, train_unet
from training.schedule import prepare_environment
from training.unet import make_unet
from training.world import art
from training.world.scene import FIRST_STAGE, FOURTH_STAGE, SECOND_STAGE, THIRD_STAGE, World

DEFAULTS: dict[str, Any] = {"guidance": 5.0, "steps": 20, "sampler": {"name": "dpmpp-2m", "steps": 10}}
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
    steps: int = DEFAULTS["steps"]  # of each
    scenes: int = 300  # that the preview is fitted to


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
# One more sitting. Singles again as often as pairs: there it shows whether a thing is drawn well.
MORE = {
    "cpu": replace(FIFTH, world=SECOND_STAGE, scenes=24000, ema=0.998),
    "cuda": replace(
        FIFTH,
        world=SECOND_STAGE,
        scenes=400_000,
        batch=512,
        ema=0.998,
        painters=max(1, (os.cpu_count() or 1) - 2),
        device="cuda",
        compiled=True,
    ),
}
SMOKE = Plan(
    train_codec.CodecRun(minutes=0.04, scenes=32, batch=4, workers=1),
    text.TextRun(minutes=0.03, batch=8),
    (train_unet.UnetRun(minutes=0.05, seed=1, scenes=16, batch=4, workers=2),),
    FIRST_STAGE,
    run_vision.SMOKE,
    samples=1,
    steps=2,
    scenes=40,
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
    if not (folder / "codec" / "config.json").exists():
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
    how = {"guidance": DEFAULTS["guidance"], "steps": plan.steps}
    rows = sheet.sample(export.pipeline(folder), PROMPTS, range(plan.samples), **how)
    sheet.draw(rows, PROMPTS, columns=2).save(folder / "sheet.png")
    export.export(folder, target, plan.world, DEFAULTS, plan.scenes)
    if plan.vision is not None:
        run_vision.run(folder / "vision", folder, target.parent, plan.vision)


def another(folder: Path, device: str, seconds: float) -> train_unet.UnetRun:
    """Return a sitting that goes on from a training folder, or from the shipped weights if it has no checkpoint.

    Its scenes are new ones: their seed is the second it starts in. It saves after every quarter, or every ten minutes.
    """
    if not (folder / "state.safetensors").exists():
        resume.shipped(folder)
    minutes = seconds / 60
    return replace(MORE[device], minutes=minutes, seed=int(time.time()), save_minutes=min(10.0, minutes / 4))


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=art.WORK, help="folder of working files and checkpoints")
    parser.add_argument(
        "--target", type=Path, help="model folder to write; of a sitting WORK/models/emoji if unsaid"
    )
    parser.add_argument("--smoke", action="store_true", help="a tiny run of every part, for tests")
    parser.add_argument(
        "--resume", action="store_true", help="only one more sitting, from WORK or what is shipped"
    )
    parser.add_argument("--seconds", type=float, help="of that sitting, from its first step to its last")
    parser.add_argument("--device", choices=sorted(MORE), default="cpu", help="of that sitting")
    options = parser.parse_args()
    if options.resume and not (options.seconds or 0) > 0:
        parser.error(
            f"--resume with --seconds {options.seconds}: expected more than 0 seconds for the sitting"
        )
    if not options.resume and (options.seconds is not None or options.device != "cpu"):
        parser.error("--seconds and --device are of one more sitting: expected --resume with them")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch finds no GPU here; expected one, or --device cpu")
    prepare_environment()
    plan = SMOKE if options.smoke else FULL
    if options.resume:
        more = another(options.work, options.device, options.seconds)
        more = replace(more, scenes=64, batch=4) if options.smoke else more
        plan = replace(plan, sittings=(more,), world=more.world, vision=None)
    apart = options.smoke or options.resume
    run(options.work, options.target or (options.work / "models" / "emoji" if apart else export.MODEL), plan)


if __name__ == "__main__":
    main()
