"""Sample sheets: a grid of pictures, one row of seeds per prompt, nothing picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffusers import StableDiffusionPipeline


def sample(
    pipe: StableDiffusionPipeline,
    prompts: Sequence[str],
    seeds: Sequence[int],
    guidance: float,
    steps: int = 20,
) -> list[list[Image.Image]]:
    """Return one list of images per prompt; equal seeds start from equal noise."""
    pipe.set_progress_bar_config(disable=True)
    rows: list[list[Image.Image]] = []
    for prompt in prompts:
        noise = torch.cat(
            [torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(s)) for s in seeds]
        )
        images = pipe(
            [prompt] * len(seeds),
            latents=noise.to(pipe.dtype),
            num_inference_steps=steps,
            guidance_scale=guidance,
            height=64,
            width=64,
        ).images
        rows.append(images)
    return rows


def draw(
    rows: list[list[Image.Image]], prompts: Sequence[str], columns: int = 1, scale: int = 1
) -> Image.Image:
    """Lay rows of images out in `columns` columns, each row above its prompt."""
    side = rows[0][0].width * scale
    width, height = side * len(rows[0]) + 4, side + 14
    sheet = Image.new("RGB", (width * columns, height * -(-len(rows) // columns)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, (images, prompt) in enumerate(zip(rows, prompts, strict=True)):
        x, y = i % columns * width, i // columns * height
        for j, image in enumerate(images):
            sheet.paste(image.resize((side, side), Image.Resampling.BICUBIC), (x + j * side, y))
        pen.text((x + 1, y + side + 1), prompt, fill="black")
    return sheet
