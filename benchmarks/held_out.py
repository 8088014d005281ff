"""Can the generator paint the nouns that no caption of its training named?

    python -m benchmarks.held_out [--count 8]

Vocabulary expansion can only find what the generator has in it. So true renders of one noun on a plain ground are
encoded, noised to some step of the schedule, and denoised from there under a prompt that names the ground only,
without guidance, as in training. What the scene reader still sees then is what the generator itself thinks likely:
held-out nouns beside as many nouns that captions name, which get the same prompt.

And does a longer search find them? The study's search with four times its updates, and what classifier, which it
follows, and reader, which it does not, think of the pictures on the way. About 8 minutes of one core in all.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from torch import Tensor

from benchmarks.doodl_study import HARD, LR, UNTOUCHED
from benchmarks.guided_scores import presence, readable
from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.evaluate.asks import Ask
from guidewidgets.guide import Classify, doodl
from guidewidgets.vision import embedded
from training.true_renders import paint_ask

GROUND = "blue"
PROMPT = f"a {GROUND} background"
STEPS = 20
UPDATES, EVERY, SEEDS = 96, 16, 4
SKIPPED = (20, 14, 10, 8, 6, 4, 2, 0)
"""Steps left out at the noisy end: all of them is the codec alone, none is plain sampling."""


@torch.no_grad()
def denoised(pipe: StableDiffusionPipeline, images: Tensor, skipped: int) -> Tensor:
    """Images (n, 3, H, W) in [0, 1], noised to the step after those skipped, and denoised from there."""
    scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    scheduler.set_timesteps(STEPS)
    states, _ = pipe.encode_prompt(PROMPT, "cpu", len(images), do_classifier_free_guidance=False)
    scale = pipe.vae.config.scaling_factor
    x = pipe.vae.encode(images * 2 - 1).latents * scale
    left = scheduler.timesteps[skipped:]
    if len(left):
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
        x = scheduler.add_noise(x, noise, left[:1])
    for t in left:
        x = scheduler.step(pipe.unet(x, t, states).sample, t, x).prev_sample
    return (pipe.vae.decode(x / scale).sample / 2 + 0.5).clamp(0, 1)


def seen(pipe: StableDiffusionPipeline, nouns: Sequence[str], count: int) -> dict[str, list[float]]:
    """Noun → share of its pictures in which the reader sees it, one number per entry of SKIPPED."""
    found: dict[str, list[float]] = {}
    for noun in nouns:
        images = paint_ask(Ask(PROMPT, "noun", (noun,), ground=GROUND), count)
        shares = [presence(denoised(pipe, images, skipped), noun) for skipped in SKIPPED]
        found[noun] = [sum(p > 0.5 for p in share) / count for share in shares]
    return found


def searched(engine: Engine, noun: str) -> list[dict[str, float]]:
    """Mean certainty of classifier and reader that a held-out noun is in the pictures, as the search goes on."""
    namer, found = embedded.classifier(), list[dict[str, float]]()
    how: dict[str, Any] = {"lr": LR["expand"], "gradient": "full", "sampling_steps": 5, "guidance": 1.0}
    run = doodl(engine, engine.noise(SEEDS, 2000), PROMPT, Classify(noun, crops=HARD), UPDATES, **how)
    for k, step in enumerate(run):
        if k % EVERY == 0:
            with torch.no_grad():
                named = namer(step.image).softmax(1)[:, namer.names.index(noun)].mean().item()
            read = sum(presence(step.image, noun)) / SEEDS
            found.append({"update": k, "classifier": round(named, 3), "reader": round(read, 3)})
    return found


def main() -> None:
    """Paint, noise, denoise, read, tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=8, help="pictures per noun")
    count = parser.parse_args().count
    pipe = StableDiffusionPipeline.from_pretrained(EMBEDDED)
    held_out = sorted(embedded.classifier().held_out)
    known = readable()
    groups = {
        "held out": held_out,
        "named in captions": known[:: len(known) // len(held_out)][: len(held_out)],
    }
    tables = {name: seen(pipe, nouns, count) for name, nouns in groups.items()}

    def mean(rows: dict[str, list[float]]) -> dict[str, float]:
        shares = [sum(column) / len(rows) for column in zip(*rows.values(), strict=True)]
        return {f"{STEPS - k} steps denoised": round(v, 3) for k, v in zip(SKIPPED, shares, strict=True)}

    figures = {"prompt": PROMPT, "steps": STEPS, "pictures_per_noun": count}
    figures |= {f"seen, {k}": mean(v) for k, v in tables.items()} | {"by noun": tables}
    torch.manual_seed(0)
    engine = Engine.load(dtype="bfloat16")
    write("held_out", figures | {"a longer search": {noun: searched(engine, noun) for noun in UNTOUCHED}})


if __name__ == "__main__":
    main()
