"""Can eight words be learned from eight pictures each?

    python -m benchmarks.words_study [--nouns 8]

Written down before the run: the nouns are those that no caption of the embedded model's training named. Three of them
(avocado, hedgehog, kangaroo) were looked at while `gw.learn` was made and its defaults chosen, the other five were not,
and they are told apart. The eight pictures of each are true renders on four plain grounds; `gw.learn` makes 120
updates, less than a minute, and else has its defaults. Then, each with noise not seen before: the word alone (8
pictures), in three places that no example shows (8 each), and together with four nouns, as a sentence and by AND (4
each). Counted by the scene reader, which has no part in the learning; a picture of a pair is right where both are seen.
Controls: the same prompts before the word was taught, and those of eight nouns that the model was trained on. Intervals
are by noun. The pictures go to a sheet for people to count, since the reader is generous. About 20 minutes of one core.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import torch
from PIL import Image
from torch import Tensor

import guidewidgets as gw
from benchmarks.guided_scores import one, presence, readable
from benchmarks.timing import RESULTS, write
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import Ask
from guidewidgets.evaluate.interval import SHARES, over_prompts
from guidewidgets.vision import embedded
from training.true_renders import paint_ask

TUNED = ("avocado", "hedgehog", "kangaroo")
GROUNDS = ("blue", "green", "yellow", "white")
PLACES = ("on a beach", "in a forest", "in the snow")
PARTNERS = ("cat", "tree", "car", "apple")
COUNT, OF_PAIR = 8, 4
UPDATES = 120
KINDS = ("alone", "places", "sentence", "AND")


def asked(noun: str) -> dict[str, list[tuple[str, str | None, int]]]:
    """Kind → (prompt, the other noun, pictures)."""
    pairs = {
        "sentence": [f"{one(noun)} and {one(other)}" for other in PARTNERS],
        "AND": [f"a picture with {one(noun)} AND a picture with {one(other)}" for other in PARTNERS],
    }
    return {
        "alone": [(one(noun), None, COUNT)],
        "places": [(f"{one(noun)} {place}", None, COUNT) for place in PLACES],
        **{k: [(p, other, OF_PAIR) for p, other in zip(v, PARTNERS, strict=True)] for k, v in pairs.items()},
    }


def painted(
    engine: Engine, noun: str, seed: int, kinds: tuple[str, ...] = KINDS
) -> tuple[dict[str, float], list[Tensor]]:
    """Kind → share of pictures in which all that was asked for is seen; and the first pictures of each prompt."""
    shares: dict[str, float] = {}
    shown: list[Tensor] = []
    for kind in kinds:
        prompts = asked(noun)[kind]
        right: list[bool] = []
        for k, (prompt, other, count) in enumerate(prompts):
            images = engine.render(engine.noise(count, 1000 * seed + 10 * k), prompt)
            both = zip(presence(images, noun), presence(images, other or noun), strict=True)
            right += [min(pair) > 0.5 for pair in both]
            if kind != "AND":
                shown.append(images[: COUNT if kind == "alone" else 4])
        shares[kind] = sum(right) / len(right)
    return shares, shown


def mean(rows: list[dict[str, float]], bounds: tuple[float, float] = SHARES) -> dict[str, Any]:
    """Of every kind the mean over nouns, with its interval; `bounds` are those of one noun's figure."""
    table: dict[str, Any] = {}
    for kind in rows[0]:
        middle, *ends = over_prompts([[row[kind]] for row in rows], bounds)
        table[kind] = {"mean": round(middle, 3), "interval": [round(end, 3) for end in ends]}
    return table


def sheet(rows: list[list[Tensor]]) -> Image.Image:
    """A row of pictures for each noun, none picked."""
    lines = [torch.cat(list(torch.cat(row)), 2) for row in rows]
    pixels = (torch.cat(lines, 1).permute(1, 2, 0) * 255).round().to(torch.uint8)
    return Image.fromarray(pixels.numpy())


def main() -> None:
    """Learn, paint, count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--nouns", type=int, default=8, help="how many of the nouns, those not tuned on first"
    )
    torch.set_num_threads(1)
    engine = Engine.load()
    held_out = embedded.classifier().held_out
    nouns = sorted(held_out, key=lambda noun: noun in TUNED)[: parser.parse_args().nouns]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    shown: list[list[Tensor]] = []
    for i, noun in enumerate(nouns):
        before[noun], _ = painted(engine, noun, i)
        grounds = [Ask(f"a {ground} background", "noun", (noun,), ground=ground) for ground in GROUNDS]
        start = time.process_time()
        gw.learn(noun, torch.cat([paint_ask(ask, 2) for ask in grounds]), engine, UPDATES)
        seconds[noun] = round(time.process_time() - start, 1)
        after[noun], pictures = painted(engine, noun, i)
        shown.append(pictures)
    known = [n for n in readable() if n not in PARTNERS]
    known = known[:: len(known) // len(nouns)][: len(nouns)]
    trained = {noun: painted(engine, noun, i)[0] for i, noun in enumerate(known)}
    sheet(shown).save(RESULTS / "words_study.webp", quality=80)
    by = {"learned": after, "before": before, "nouns of the training": trained}
    write("words_study", figures_of(by, seconds))


def figures_of(by: dict[str, dict[str, dict[str, float]]], seconds: dict[str, float]) -> dict[str, Any]:
    """All means with their intervals; `by`: what is told of each noun, learned, before and beside."""
    learned = by["learned"]
    untouched = [row for noun, row in learned.items() if noun not in TUNED]
    return {
        "learned": mean(list(learned.values())),
        "learned, nouns that nothing was tuned on": mean(untouched),
        "before": mean(list(by["before"].values())),
        "nouns of the training": mean(list(by["nouns of the training"].values())),
        "cpu_seconds_a_word": seconds,
        "by noun": by,
    }


if __name__ == "__main__":
    main()
