"""Figures for the model card: `python -m training.card` paints the sample sheet and measures the score sheet."""

from __future__ import annotations

import argparse
import json
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from guidewidgets.engine import Engine
from guidewidgets.evaluate import emoji_asks, score_sheet
from guidewidgets.evaluate.scores import ReaderScorer, Truth
from guidewidgets.vision import embedded
from training import export
from training.schedule import prepare_environment

if TYPE_CHECKING:
    from guidewidgets.evaluate import Ask

TILE, LINE = 128, 11  # pixels


def draw_asks(vocabulary: Path, rows: int = 10, columns: int = 10, seed: int = 2026) -> list[Ask]:
    """Draw different prompts of all categories, equally often; nobody picks any."""
    asks = emoji_asks(vocabulary, count=rows * columns, seed=seed)
    rng = np.random.default_rng(seed)
    kinds = sorted({ask.category for ask in asks})
    drawn: list[Ask] = []
    for i in range(rows * columns):
        options = [ask for ask in asks if ask.category == kinds[i % len(kinds)] and ask not in drawn]
        drawn.append(options[int(rng.integers(len(options)))])
    return [drawn[i] for i in rng.permutation(len(drawn))]


def sample_sheet(engine: Engine, asks: list[Ask], columns: int = 10) -> Image.Image:
    """Paint picture i of prompt i from the noise of seed i, with the model's own settings, each above its prompt."""
    rows = -(-len(asks) // columns)
    font = ImageFont.load_default(size=9)
    height = TILE + 3 * LINE + 4
    sheet = Image.new("RGB", (columns * (TILE + 4), rows * height), "white")
    pen = ImageDraw.Draw(sheet)
    for start in range(0, len(asks), columns):
        noise = torch.cat(
            [engine.noise(1, seed=start + i) for i in range(len(asks[start : start + columns]))]
        )
        images = engine.render(noise, [ask.prompt for ask in asks[start : start + columns]])
        for i, (image, ask) in enumerate(zip(images, asks[start : start + columns], strict=True)):
            x, y = i * (TILE + 4), start // columns * height
            pixels = (image.permute(1, 2, 0) * 255).round().byte().cpu().numpy()
            sheet.paste(Image.fromarray(pixels).resize((TILE, TILE), Image.Resampling.BICUBIC), (x, y))
            for k, line in enumerate(textwrap.wrap(ask.prompt, 27)[:3]):
                pen.text((x + 1, y + TILE + 1 + k * LINE), line, fill="black", font=font)
    return sheet


@torch.no_grad()
def on_generated(engine: Engine, asks: list[Ask], held_out: int = 6) -> dict[str, float]:
    """Return how the saliency net and the classifier do on the model's own pictures.

    - saliency_peak: share of pictures of one noun, among those in which the reader sees an object at all, whose most
      salient place lies in a cell that the reader says an object covers.
    - held_out_drawn: share of pictures of held-out nouns (their names as prompts) which the classifier names so.
    """
    reader, net, namer = embedded.reader(), embedded.saliency_net(), embedded.classifier()
    inside: list[bool] = []
    for ask in asks:
        if ask.category != "noun":
            continue
        images = engine.render(engine.noise(2, seed=1), ask.prompt)
        cells = reader.maps(images)
        peaks = net(images).flatten(1).argmax(1)
        side, cell = images.shape[-1], images.shape[-1] // cells.shape[-1]
        for k, peak in enumerate(peaks.tolist()):
            if cells[k].max() > 0.5:
                y, x = divmod(peak, side)
                inside.append(bool(cells[k, y // cell, x // cell] > 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the engine rightly says that it has never read these words
        drawn = [
            namer.names[k] == noun
            for noun in namer.held_out
            for k in namer(engine.render(engine.noise(held_out, seed=2), f"a {noun} in a meadow"))
            .argmax(1)
            .tolist()
        ]
    return {"saliency_peak": float(np.mean(inside)), "held_out_drawn": float(np.mean(drawn))}


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=export.MODEL, help="model folder")
    parser.add_argument(
        "--out", type=Path, default=export.MODEL, help="folder for sample-sheet.webp and score_sheet.json"
    )
    parser.add_argument("--guidance", type=float, help="instead of the model's own")
    parser.add_argument("--count", type=int, default=64, help="prompts per category, but for single nouns")
    parser.add_argument("--seeds", type=int, default=8, help="pictures per single noun; an eighth elsewhere")
    parser.add_argument("--sheet-only", action="store_true", help="paint, do not measure")
    options = parser.parse_args()
    prepare_environment()
    engine = Engine.load(options.model)
    vocabulary = options.model / "vocabulary.json"
    options.out.mkdir(parents=True, exist_ok=True)
    sample_sheet(engine, draw_asks(vocabulary)).save(options.out / "sample-sheet.webp", quality=90, method=6)
    if options.sheet_only:
        return
    sheet = score_sheet(
        engine,
        emoji_asks(vocabulary, options.count),
        ReaderScorer(),
        embedded.judge(),
        seeds=max(1, options.seeds // 8),
        noun_seeds=options.seeds,
        guidance=options.guidance,
        truth=Truth.embedded(),
        on_progress=lambda done, total: (
            print(f"{done} of {total} pictures", flush=True) if done % 64 == 0 else None
        ),
    )
    print(sheet)
    (options.out / "score_sheet.json").write_text(sheet.to_json() + "\n")
    found = on_generated(engine, emoji_asks(vocabulary, 1))
    print(found)
    (options.out / "on_generated.json").write_text(json.dumps(found, indent=1) + "\n")
    sheet.figure().savefig(options.out / "score_sheet.png", dpi=110)


if __name__ == "__main__":
    main()
