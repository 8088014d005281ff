"""`Engine.render` against the same folder run by StableDiffusionPipeline: same batch, same steps, same pixels.

Budget: ≤ 1.02 × the time, and ≤ 3 % of it outside the networks.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from torch import nn

from benchmarks.timing import pairs, write
from guidewidgets.engine import Engine

STEPS = int(sys.argv[2]) if len(sys.argv) > 2 else 20


class Stopwatch:
    """Time spent in calls of modules' `forward` and of functions, each counted once."""

    def __init__(self) -> None:
        self.total = 0.0

    def wrap(self, owner: Any, name: str) -> None:
        """Time every call of `owner.name` from now on."""
        inner = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.total += time.perf_counter() - start

        setattr(owner, name, timed)


def share_outside(engine: Engine, n: int, repeats: int) -> float:
    """Share of `render` that is not in the UNet, the VAE or the text encoder."""
    watch = Stopwatch()
    parts: list[nn.Module] = [engine.pipeline.unet, engine.pipeline.text_encoder]
    originals = [(part, "forward", part.forward) for part in parts]
    originals.append((engine.pipeline.vae, "decode", engine.pipeline.vae.decode))
    for owner, name, _ in originals:
        watch.wrap(owner, name)
    x = engine.noise(n)
    shares: list[float] = []
    for _ in range(repeats):
        watch.total = 0.0
        start = time.perf_counter()
        engine.render(x, "a fox on a beach", steps=STEPS, sampler="ddim")
        whole = time.perf_counter() - start
        shares.append(1 - watch.total / whole)
    for owner, name, original in originals:
        setattr(owner, name, original)
    return sorted(shares)[len(shares) // 2]


def main(count: int) -> None:
    """Measure `count` pairs of each and write."""
    engine = Engine.load()
    pipeline = engine.pipeline
    pipeline.set_progress_bar_config(disable=True)
    figures: dict[str, Any] = {}
    for n in (12, 50):
        x = engine.noise(n)

        def ours(x: Any = x) -> Any:
            return engine.render(x, "a fox on a beach", steps=STEPS, guidance=5.0, sampler="ddim")

        def theirs(x: Any = x) -> Any:
            return pipeline(
                "a fox on a beach",
                latents=x.clone(),
                num_inference_steps=STEPS,
                guidance_scale=5.0,
                num_images_per_prompt=len(x),
                output_type="pt",
            ).images

        difference = (ours() - theirs()).abs().max().item()
        figures[f"{n} images"] = pairs(ours, theirs, count) | {"largest_difference": difference}
        figures[f"{n} images"]["share_outside_networks"] = round(share_outside(engine, n, 5), 4)
    write("render", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
