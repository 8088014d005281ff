"""Which share of unpicked pictures is clean to the eye, over the sittings of the training, and what it cost.

    python -m benchmarks.clean_study --cut FOLDER [--also NAME=MODEL ...]   # numbered sheets, and key.json
    python -m benchmarks.clean_study --count FOLDER                         # marks.txt against the key

Written down before a picture was marked. Forty-eight single nouns, the 24 that every sitting knows and 24 drawn from
the other 40, one noise each, the same for all weights, by the settings that are shipped (10 steps of DPM-Solver++ 2M,
guidance 5). The weights are those that were committed after a sitting, taken out of the history of this repository;
`codec` are painted scenes of the same nouns through encoder and decoder, the most that any weights can reach without
another codec (they lie on one ground, and are told by it). All are shuffled by a seed, numbered and enlarged; one in
ten comes twice. Each is marked

    c   clean: one whole thing, nothing melted, doubled, missing or smeared that the eye is drawn to
    a   recognisable: it can be named at once, but something is wrong with it
    b   bad: it can't be named, or only as a joke

before the key is read. The noun stands beside the number. Shares are counted by weights, with intervals over nouns.

The eyes are a machine's, of a large model that sees pictures: no person was asked. `clean_study.webp` shows all of
them. In the result `7b` are weights that were not taken: some 1,100 more steps of 32 from those of sitting 7.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from benchmarks.guided_scores import one
from benchmarks.timing import write
from benchmarks.words_blind import as_image
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import Ask
from guidewidgets.evaluate.interval import SHARES, over_prompts
from guidewidgets.vision.embedded import EMBEDDED
from training.true_renders import paint_ask

SITTINGS = {
    "1": ("c178443", 1790),
    "2": ("5058fac", 3580),
    "5": ("4e95169", 13910),
    "6": ("85aa01b", 17120),
    "7": ("7d05fb6", 18260),
}
"""Sitting → the commit that holds its weights, and CPU-seconds of one thread that the UNet had had (of sittings 1 and 2
the card knows the sum: half of it)."""
SEED, NOUNS, SIDE, TIMES, ACROSS, DOWN, MARGIN = 1428, 48, 64, 3, 8, 6, 13
HOW: dict[str, Any] = {"steps": 10, "guidance": 5.0, "sampler": "dpmpp-2m"}
FOLDER = "guidewidgets/models/emoji"


def words_of(model: Path) -> list[str]:
    """The nouns that weights know."""
    return json.loads((model / "vocabulary.json").read_text())["nouns"]


def asked(first: Sequence[str]) -> list[str]:
    """The nouns of the study: those of the first sitting, and as many of the others."""
    others = sorted(set(words_of(Path(EMBEDDED))) - set(first))
    more = np.random.default_rng(SEED).permutation(others)[: NOUNS - len(first)]
    return [*first, *map(str, more)]


def weights(commit: str, folder: Path) -> Path:
    """The model as it was committed."""
    told = subprocess.run(["git", "archive", commit, FOLDER], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(told.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / FOLDER


def painted(model: Path, nouns: Sequence[str]) -> list[tuple[str, Image.Image]]:
    """A picture of each noun that the weights know."""
    engine = Engine.load(str(model))
    known = [noun for noun in nouns if noun in words_of(model)]
    noise = torch.cat([engine.noise(1, SEED + nouns.index(noun)) for noun in known])
    images = engine.render(noise, [one(noun) for noun in known], **HOW)
    return [(noun, as_image(image)) for noun, image in zip(known, images, strict=True)]


def coded(nouns: Sequence[str]) -> list[tuple[str, Image.Image]]:
    """A painted scene of each noun, through the codec."""
    engine = Engine.load()
    scenes = torch.cat([paint_ask(Ask(one(noun), "noun", (noun,)), 1) for noun in nouns])
    images = engine.decode(engine.encode(scenes))
    return [(noun, as_image(image)) for noun, image in zip(nouns, images, strict=True)]


def cut(folder: Path, also: Sequence[str]) -> None:
    """Paint, shuffle, number, lay out."""
    pictures: list[tuple[str, str, Image.Image]] = []
    with tempfile.TemporaryDirectory() as scratch:
        models = {name: weights(commit, Path(scratch) / name) for name, (commit, _) in SITTINGS.items()} | {
            name: Path(path) for name, path in (entry.split("=") for entry in also)
        }
        nouns = asked(words_of(models["1"]))
        for name, model in models.items():
            pictures += [(name, *one_of) for one_of in painted(model, nouns)]
    pictures += [("codec", *one_of) for one_of in coded(nouns)]
    rng = np.random.default_rng(SEED)
    again = rng.choice(len(pictures), len(pictures) // 10, replace=False).tolist()
    order: list[int] = rng.permutation([*range(len(pictures)), *again]).tolist()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "key.json").write_text(json.dumps([(*pictures[i][:2], i) for i in order]))
    whole(pictures, nouns).save(folder / "clean_study.webp", quality=85, method=6)
    per, wide = ACROSS * DOWN, SIDE * TIMES + 4
    for start in range(0, len(order), per):
        sheet = Image.new("RGB", (ACROSS * wide, DOWN * (wide + MARGIN)), "white")
        draw = ImageDraw.Draw(sheet)
        for k, i in enumerate(order[start : start + per]):
            x, y = k % ACROSS * wide, k // ACROSS * (wide + MARGIN)
            large = pictures[i][2].resize((SIDE * TIMES, SIDE * TIMES), Image.Resampling.BICUBIC)
            sheet.paste(large, (x, y + MARGIN))
            draw.text((x + 2, y + 1), f"{start + k} {pictures[i][1]}", fill="black")
        sheet.save(folder / f"sheet_{start // per}.png")


def whole(pictures: Sequence[tuple[str, str, Image.Image]], nouns: Sequence[str]) -> Image.Image:
    """All in order: two rows for all weights, nouns from left to right; grey where they did not know one."""
    names, across = list(dict.fromkeys(name for name, *_ in pictures)), len(nouns) // 2
    sheet = Image.new("RGB", (across * SIDE, 2 * len(names) * SIDE), "grey")
    for name, noun, image in pictures:
        place = nouns.index(noun)
        sheet.paste(image, (place % across * SIDE, (2 * names.index(name) + place // across) * SIDE))
    return sheet


def counted(key: Sequence[tuple[str, str, int]], marks: str) -> dict[str, Any]:
    """Shares by weights; a picture that came twice counts by its first mark, and how often both agree is told."""
    first: dict[int, str] = {}
    same: list[bool] = []
    by: dict[str, dict[str, str]] = {}
    for (name, noun, i), mark in zip(key, marks, strict=True):
        if i in first:
            same.append(first[i] == mark)
            continue
        first[i] = mark
        by.setdefault(name, {})[noun] = mark
    figures: dict[str, Any] = {"marked twice": len(same), "both times alike": round(sum(same) / len(same), 3)}
    early = set(by["1"])
    for name in sorted(by):
        row: dict[str, Any] = {}
        if name in SITTINGS:
            row["cpu_seconds"] = SITTINGS[name][1]
        for group, of in (
            ("24 first nouns", early),
            ("24 others", set(by[name]) - early),
            ("all", set(by[name])),
        ):
            given = [by[name][noun] for noun in sorted(of) if noun in by[name]]
            if given:
                row[group] = {
                    "clean": shares(given, "c"),
                    "recognisable": shares(given, "ca"),
                    "nouns": len(given),
                }
        figures[f"weights {name}" if name in SITTINGS else name] = row | {
            "marks": "".join(by[name][noun] for noun in sorted(by[name]))
        }
    return figures | {"nouns, in the order of the marks": sorted(by["codec"])}


def shares(given: Sequence[str], what: str) -> str:
    """Percent, with interval."""
    middle, low, high = over_prompts([[float(mark in what)] for mark in given], SHARES)
    return f"{100 * middle:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def main() -> None:
    """Cut or count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cut", type=Path, metavar="FOLDER")
    parser.add_argument("--also", nargs="*", default=[], metavar="NAME=MODEL")
    parser.add_argument("--count", type=Path, metavar="FOLDER")
    told = parser.parse_args()
    if told.cut:
        cut(told.cut, told.also)
    if told.count:
        key = json.loads((told.count / "key.json").read_text())
        marks = "".join((told.count / "marks.txt").read_text().split())
        write("clean_study", counted(key, marks))


if __name__ == "__main__":
    main()
