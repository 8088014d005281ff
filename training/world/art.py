"""Emoji art: fetch the icon packages, rasterise the nouns once, keep the sprites in one file."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from training.world.nouns import NOUNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETS: Final = {
    "flat": ("@iconify-json/fluent-emoji-flat", "1.2.6"),
    "glossy": ("@iconify-json/fluent-emoji", "1.2.7"),
    "cartoon": ("@iconify-json/noto", "1.2.9"),
}
SPRITE: Final = 128  # pixels of a stored sprite's longer side
WORK: Final = Path(__file__).parents[1] / ".work"  # working files of training, not in git
SPRITES: Final = Path(__file__).with_name("sprites.npz")


def fetch(folder: Path, art: str) -> Path:
    """Download the package of one art set with npm unless it is there; return its tarball."""
    name, version = SETS[art]
    tarball = folder / f"{name.strip('@').replace('/', '-')}-{version}.tgz"
    if not tarball.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", f"{name}@{version}"], cwd=folder, check=True)
    return tarball


def rasterise(icons: dict[str, Any], icon: str) -> NDArray[np.uint8]:
    """Draw one icon, trimmed to what is visible and scaled so that its longer side is `SPRITE` pixels.

    Returns:
        (h, w, 4) uint8 RGBA, max(h, w) == SPRITE.
    """
    import resvg_py  # only needed to build the sprites anew

    entry = icons["icons"][icon]
    width = entry.get("width", icons.get("width", 16))
    height = entry.get("height", icons.get("height", 16))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}">{entry["body"]}</svg>'
    )
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=2 * SPRITE, skip_system_fonts=True))
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    image = image.crop(image.getchannel("A").point(lambda a: 255 * (a > 16)).getbbox())
    scale = SPRITE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


def build(tarballs: Path, target: Path) -> None:
    """Rasterise every noun in every set into one npz file, keyed "set/word"."""
    sprites: dict[str, NDArray[np.uint8]] = {}
    for art in SETS:
        with tarfile.open(fetch(tarballs, art)) as tar:
            member = tar.extractfile("package/icons.json")
            if member is None:
                message = f"no icons.json in the package of {art}"
                raise ValueError(message)
            icons = json.load(member)
        for word, noun in NOUNS.items():
            sprites[f"{art}/{word}"] = rasterise(icons, noun.icon)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        np.savez_compressed(file, **sprites)  # pyright: ignore[reportArgumentType]


@cache
def sprites(path: Path = SPRITES) -> dict[str, Image.Image]:
    """Load all sprites, building the file first (npm and resvg-py are needed for that) if it is missing.

    Returns:
        "set/word" → RGBA image.
    """
    if not path.exists():
        build(WORK / "npm", path)
    with np.load(path) as file:
        return {key: Image.fromarray(file[key], "RGBA") for key in file.files}
