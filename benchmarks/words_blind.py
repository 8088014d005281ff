"""Learned words by eyes that do not know which is which: cut the pictures, name them, count.

    python -m benchmarks.words_blind --cut FOLDER          # sheets of numbered pictures, and key.json
    python -m benchmarks.words_blind --count FOLDER        # names.txt, a name a line, against the key

Written down before a picture was named. The 128 pictures of `words_study_2.webp` that show one of its sixteen words
alone, among 48 controls: each of the sixteen things as a true render, which says how far such a picture can be named at
64 pixels at all, and sixteen nouns of the training painted by the model and sixteen as true renders. All are shuffled
by a seed, numbered, enlarged three times, and named freely, one name each, before the key is read; "?" where nothing
can be made out. Right is the noun, or a word for the same thing; which words those are, is in the result. Shares are
counted by kind, with intervals over nouns; hoped for, of the learned words: 70 %.

The eyes are a machine's, of a large model that sees pictures: no person was asked. They are not wholly blind. They had
read about half of the sixteen names in the documentation, the true renders show all sixteen things, and eight
pictures of a word look alike: read the count as the most that it can be.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from benchmarks.guided_scores import one, readable
from benchmarks.timing import RESULTS, write
from benchmarks.words_study import COUNT, GROUNDS
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import Ask
from guidewidgets.evaluate.interval import SHARES, over_prompts
from training.true_renders import paint_ask

SEED, CONTROLS, SIDE, TIMES = 1611, 16, 64, 3
ACROSS, DOWN, MARGIN = 8, 4, 14
SAME = {"palm": ("palm tree",)}
"""Noun → other names that were counted as right; set when the names had been written down."""


def pictures() -> list[tuple[str, str, Image.Image]]:
    """Kind, noun and picture of all, in order."""
    sheet = Image.open(RESULTS / "words_study_2.webp").convert("RGB")
    found: list[tuple[str, str, Image.Image]] = []
    learned = list(json.loads((RESULTS / "words_study_2.json").read_text())["figures"]["by noun"])
    for row, noun in enumerate(learned):
        for column in range(COUNT):
            left, top = column * SIDE, row * SIDE
            found.append(("learned", noun, sheet.crop((left, top, left + SIDE, top + SIDE))))
    rng = np.random.default_rng(SEED)
    known = [str(noun) for noun in rng.permutation(readable())[: 2 * CONTROLS]]
    engine = Engine.load()
    for i, noun in enumerate(known[:CONTROLS]):
        (image,) = engine.render(engine.noise(1, SEED + i), one(noun))
        found.append(("painted noun of the training", noun, as_image(image)))
    for kind, nouns in (("true, of the training", known[CONTROLS:]), ("true, of the learned", learned)):
        for noun in nouns:
            ground = str(rng.choice(GROUNDS))
            (image,) = paint_ask(Ask(f"a {ground} background", "noun", (noun,), ground=ground), 1)
            found.append((kind, noun, as_image(image)))
    return found


def as_image(image: Tensor) -> Image.Image:
    """A picture (3, H, W) in [0, 1]."""
    return Image.fromarray((image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())


def laid_out(pictures: Sequence[tuple[str, str, Image.Image]], folder: Path, seed: int) -> None:
    """Kind, noun and picture of all: shuffle, number, lay out."""
    folder.mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng(seed + 1).permutation(len(pictures)).tolist()
    (folder / "key.json").write_text(json.dumps([pictures[i][:2] for i in order]))
    cell, per = SIDE * TIMES + MARGIN, ACROSS * DOWN
    for start in range(0, len(order), per):
        sheet = Image.new("RGB", (ACROSS * cell, DOWN * cell), "white")
        draw = ImageDraw.Draw(sheet)
        for k, i in enumerate(order[start : start + per]):
            x, y = k % ACROSS * cell, k // ACROSS * cell
            large = pictures[i][2].resize((SIDE * TIMES, SIDE * TIMES), Image.Resampling.BICUBIC)
            sheet.paste(large, (x, y + MARGIN))
            draw.text((x + 2, y + 1), str(start + k), fill="black")
        sheet.save(folder / f"sheet_{start // per}.png")


def counted(folder: Path) -> tuple[dict[str, dict[str, list[float]]], dict[str, dict[str, list[str]]]]:
    """Names against the key: by kind and noun, whether each picture was named right, and what was said.

    Raises:
        ValueError: not one name for each picture.
    """
    key: list[tuple[str, str]] = json.loads((folder / "key.json").read_text())
    names = [line.strip() for line in (folder / "names.txt").read_text().splitlines() if line.strip()]
    if len(names) != len(key):
        raise ValueError(f"{len(names)} names of {len(key)} pictures")
    marks: dict[str, dict[str, list[float]]] = {}
    said: dict[str, dict[str, list[str]]] = {}
    for (kind, noun), name in zip(key, names, strict=True):
        right = name == noun or name in SAME.get(noun, ())
        marks.setdefault(kind, {}).setdefault(noun, []).append(float(right))
        said.setdefault(kind, {}).setdefault(noun, []).append(name)
    return marks, said


def tell(folder: Path) -> None:
    """Shares by kind."""
    marks, said = counted(folder)
    figures: dict[str, Any] = {"counted as the same": SAME}
    for kind, by in marks.items():
        middle, *ends = over_prompts(list(by.values()), SHARES)
        figures[kind] = {
            "pictures": sum(map(len, by.values())),
            "nouns": len(by),
            "right": round(middle, 3),
            "interval": [round(end, 3) for end in ends],
        }
    figures["right of 8, by noun"] = {noun: round(sum(some)) for noun, some in marks["learned"].items()}
    write("words_blind", figures | {"said": said})


def main() -> None:
    """Cut or count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cut", type=Path, metavar="FOLDER")
    parser.add_argument("--count", type=Path, metavar="FOLDER")
    told = parser.parse_args()
    if told.cut:
        laid_out(pictures(), told.cut, SEED)
    if told.count:
        tell(told.count)


if __name__ == "__main__":
    main()
