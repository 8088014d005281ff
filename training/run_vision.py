"""Train the nets that look at pictures: `python -m training.run_vision`; `run_all` calls this too."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from diffusers import AutoencoderTiny

from training import (
    dual,
    export,
    pool,
    resume,
    train_appeal,
    train_classifier,
    train_dual,
    train_reader,
    train_saliency,
    true_renders,
)
from training.export_vision import export_vision
from training.loop import Run
from training.schedule import prepare_environment, workers
from training.world import art

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

NETS: Final = ("guide", "judge", "reader", "style", "classifier", "saliency", "appeal")


@dataclass(frozen=True)
class VisionPlan:
    """How long, and on how much, the nets are trained.

    Args:
        runs: minutes, batch and rate of every net.
        share: of the scenes each would learn from.
        tests: net → unseen pictures it is measured on, where that is not the net's own number.
        seeds: true renders per single noun that the ceilings are measured on.
        asks: of each category of the score sheet that they are measured on; None is all.
    """

    runs: dict[str, Run]
    share: float = 1.0
    tests: dict[str, int] = field(default_factory=dict)
    seeds: int = 8
    asks: int | None = None


FULL: Final = VisionPlan(
    {
        "guide": Run(24),
        "judge": Run(24),
        "reader": Run(24, batch=64, lr=1.5e-3),
        "style": Run(5, batch=64, lr=2e-3),  # the reader's eye for styles
        "classifier": Run(8, batch=64),
        "saliency": Run(6, batch=32, lr=1.5e-3),
        "appeal": Run(1, batch=256),
    }
)
SMOKE: Final = VisionPlan(
    {name: Run(0.01, batch=8) for name in NETS},
    share=0.002,
    tests={"guide": 256, "judge": 256, "reader": 24, "style": 24, "classifier": 24, "saliency": 24},
    seeds=1,
    asks=4,
)


def run(
    folder: Path,
    work: Path,
    target: Path,
    plan: VisionPlan = FULL,
    nets: tuple[str, ...] = NETS,
    *,
    again: bool = False,
) -> None:
    """Train every net that is not finished, export all to `target`, and measure true renders for the score sheet.

    Args:
        folder: one sub-folder of working files per net; delete it to start from nothing.
        work: the training folder of the generator: its codec/ smears pictures, its tokenizer/ reads captions.
        target: folder of model folders to write.
        plan: how long, and on how much.
        nets: which; the head of appeal needs `guide`.
        again: train finished nets for another sitting.
    """
    names = [name for name in nets if again or not (folder / name / "done").exists()]
    # In a process of its own, in the environment that makes training fast; see `schedule.ENVIRONMENT`.
    trainer = workers().Process(target=_train_all, args=(names, plan, folder, work))
    trainer.start()
    trainer.join()
    if trainer.exitcode:
        message = f"training stopped: exit code {trainer.exitcode}"
        raise RuntimeError(message)
    export_vision(folder, work / "tokenizer", target)
    if {"judge", "reader"} <= {path.parent.name for path in target.glob("*/model.safetensors")}:
        told = true_renders.measure(target, export.MODEL / "vocabulary.json", plan.seeds, plan.asks)
        (target / "reader" / "truth.json").write_text(json.dumps(told, indent=1) + "\n")


def _train_all(names: list[str], plan: VisionPlan, folder: Path, work: Path) -> None:
    torch.set_num_threads(1)
    vae = AutoencoderTiny.from_pretrained(work / "codec").to(memory_format=torch.channels_last)
    for name in names:
        _train(name, plan, folder, work / "tokenizer", vae)
        (folder / name / "done").touch()


def _train(name: str, plan: VisionPlan, folder: Path, tokens: Path, vae: AutoencoderTiny) -> None:
    place, how = folder / name, plan.runs[name]
    tests: dict[str, Any] = {"tests": plan.tests[name]} if name in plan.tests else {}
    if name in ("guide", "judge"):
        shape = dual.GUIDE if name == "guide" else dual.JUDGE
        shape = replace(shape, parts=_less(shape.parts, plan.share))
        train_dual.train(shape, how, place, tokens, vae, **tests)
    elif name == "style":
        train_reader.train_style(how, place, vae, _less(train_reader.STYLED, plan.share), **tests)
    elif name in ("reader", "classifier"):
        module: Any = {"reader": train_reader, "classifier": train_classifier}[name]
        module.train(how, place, vae, _less(module.PARTS, plan.share), **tests)
    else:  # these two need masks, not independence: guide's scenes will do
        drawn = pool.cached(
            folder / "guide" / "pool", "guide", _less(dual.GUIDE.parts, plan.share), vae, smeared=0.25
        )
        if name == "saliency":
            train_saliency.train(how, place, drawn, **tests)
        else:
            train_appeal.train(how, place, drawn, _features(folder, tokens))


def _less(parts: tuple[pool.Part, ...], share: float) -> tuple[pool.Part, ...]:
    return tuple(replace(part, count=max(16, round(part.count * share))) for part in parts)


def _features(folder: Path, tokens: Path) -> Callable[[Tensor], Tensor]:
    """Return guide's image vectors as the package will compute them."""
    from guidewidgets.vision import ClipEncoder
    from training.export_vision import export_dual

    export_dual(dual.GUIDE, folder / "guide", tokens, folder / "guide" / "model")
    encoder = ClipEncoder.load(folder / "guide" / "model")
    encoder.model.float()
    return encoder.images


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=art.WORK / "vision", help="folder of working files")
    parser.add_argument("--work", type=Path, help="the generator's; from what is shipped if unsaid")
    parser.add_argument(
        "--target", type=Path, default=export.MODEL.parent, help="folder of model folders to write"
    )
    parser.add_argument("--smoke", action="store_true", help="a tiny run of every net, for tests")
    parser.add_argument("--again", action="store_true", help="another sitting of the nets that are named")
    parser.add_argument("--minutes", type=float, help="of each net, instead of the plan's")
    parser.add_argument("nets", nargs="*", help=f"some of {', '.join(NETS)}; all if none is named")
    options = parser.parse_args()
    unknown = sorted(set(options.nets) - set(NETS))
    if unknown:
        parser.error(f"{', '.join(unknown)}: expected some of {', '.join(NETS)}")
    prepare_environment()
    plan = SMOKE if options.smoke else FULL
    if options.minutes is not None:
        plan = replace(plan, runs={k: replace(r, minutes=options.minutes) for k, r in plan.runs.items()})
    nets = tuple(name for name in NETS if name in options.nets) or NETS
    target = options.folder / "models" if options.smoke else options.target
    if options.work is None:
        options.work = options.folder / "generator"
        resume.shipped(options.work)
    run(options.folder, options.work, target, plan, nets, again=options.again)


if __name__ == "__main__":
    main()
