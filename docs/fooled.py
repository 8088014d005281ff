"""Record the film of a judge that is fooled, for the page that paints: python docs/fooled.py.

One picture of a fox is optimised, through the whole walk from its noise, to please the embedded guide as "an owl": with
large steps, and without the whitening that keeps noise noise. The embedded judge and the reader only watch. Written are
frames side by side (WebP) and what each net said (JSON), unpicked: the first noise of the page's first seed.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import guidewidgets as gw
from guidewidgets.vision import embedded
from guidewidgets.vision.encoder import ClipEncoder

FOLDER = Path(__file__).parents[1] / "js" / "src" / "page" / "film"
PROMPT, WANTED, REAL = "a fox on a beach", "an owl", "an owl on a beach"
SEED, SAMPLING, LR = 7, 5, 0.3
SHOWN = (0, 3, 6, 9, 12, 16, 20, 24)  # updates
OTHERS = 6  # pictures of real owls, to compare with
OBJECTIVE = gw.ClipText(WANTED)


def cosines(net: ClipEncoder, images: Tensor) -> list[float]:
    """How well each of images (n, 3, H, W) fits what is wanted, as a net sees it."""
    with torch.no_grad():
        fits = net.images(images) @ net.texts([WANTED])[0]
    return [round(float(fit), 3) for fit in fits]


def marks(engine: gw.Engine, images: Tensor) -> list[dict[str, float]]:
    """What the judge that is optimised, the second judge and the reader say of each image."""
    assert engine.encoder is not None
    owls = [reading.nouns["owl"] for reading in embedded.reader().read(images)]
    columns = (cosines(engine.encoder, images), cosines(embedded.judge(), images), owls)
    return [
        {"judge": judge, "second": second, "reader": round(owl, 3)}
        for judge, second, owl in zip(*columns, strict=True)
    ]


def main() -> None:
    """Optimise, and write the film."""
    engine = gw.Engine.load(device="cpu", dtype="float32")
    walk = gw.guide.doodl(
        engine,
        engine.noise(1, seed=SEED),
        PROMPT,
        OBJECTIVE,
        SHOWN[-1],
        sampling_steps=SAMPLING,
        lr=LR,
        whiteness=False,
    )
    frames = torch.cat([step.image.detach().reshape(1, 3, 64, 64) for step in walk])[list(SHOWN)].float()
    real = engine.render(engine.noise(OTHERS, seed=SEED), REAL, steps=10)
    told = {
        "prompt": PROMPT,
        "wanted": WANTED,
        "frames": [
            {"update": update, **said} for update, said in zip(SHOWN, marks(engine, frames), strict=True)
        ],
        "real": marks(engine, real),
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "fooled.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    strip = np.concatenate(list(frames.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).numpy()), 1)
    Image.fromarray(strip).save(FOLDER / "fooled.webp", quality=85, method=6)


if __name__ == "__main__":
    main()
