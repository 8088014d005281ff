"""Train a dual encoder on painted scenes and their captions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from transformers import CLIPTokenizer

from training import dual, facts, pool
from training.flat import load
from training.loop import Run, fit
from training.world import captions
from training.world.scene import OPPOSITE, Scene, rng_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diffusers import AutoencoderTiny
    from torch import Tensor

WRONG: Final = 32  # captions per batch that are wrong on purpose
FACTS: Final = 0.1  # weight of the facts' loss
_CHECKED: Final = (("target", replace(pool.TARGET, art={"flat": 1.0})), ("whole", pool.WHOLE))


def wrong_caption(scene: Scene, rng: np.random.Generator) -> str | None:
    """Return a caption that is wrong about a pair only in who is where or who has which colour, if there is one."""
    if len(scene.things) != 2 or scene.relation is None:
        return None
    a, b = scene.things
    if a.colour != b.colour and rng.random() < 0.4:
        said = replace(scene, things=(replace(a, colour=b.colour), replace(b, colour=a.colour)))
    else:
        said = replace(scene, relation=OPPOSITE[scene.relation])
    text = captions.caption(said, rng)
    # A paraphrase that leaves the wrong part out is not wrong.
    return None if set(facts.of_text(text)) <= set(facts.of_scene(scene)) else text


def told(scenes: Sequence[Scene], picks: Sequence[int], seed: int, step: int) -> tuple[list[str], list[str]]:
    """Return a fresh caption of each picked scene, and up to `WRONG` captions that are almost right."""
    pairs = list(zip(scenes, picks, strict=True))
    texts = [captions.caption(scene, rng_of(seed, i, step + 1)) for scene, i in pairs]
    wrong: list[str] = []
    for scene, i in pairs:
        near = wrong_caption(scene, rng_of(seed + 1, i, step + 1)) if len(wrong) < WRONG else None
        if near:
            wrong.append(near)
    return texts, wrong


def checks(count: int, vae: AutoencoderTiny, seed: int) -> dict[str, tuple[pool.Pool, list[str]]]:
    """Return unseen true pairs of the generator's own world and of the whole world."""
    out: dict[str, tuple[pool.Pool, list[str]]] = {}
    for name, world in _CHECKED:
        drawn = pool.build((pool.Part(world, seed, count),), vae, smeared=0.0)
        texts = [captions.caption(scene, rng_of(seed, i, 1)) for i, scene in enumerate(drawn.scenes)]
        out[name] = drawn, texts
    return out


def train(
    shape: dual.Shape, run: Run, folder: Path, tokens: Path, vae: AutoencoderTiny, tests: int = 1024
) -> dict[str, float]:
    """Train one dual encoder in `folder` and return its retrieval scores.

    Args:
        shape: which one.
        run: how long.
        folder: working files of this net.
        tokens: folder of the tokenizer.
        vae: the codec, for smeared pictures.
        tests: unseen pairs of each world to measure on, at least 256.
    """
    torch.set_num_threads(1)
    tokenizer = CLIPTokenizer.from_pretrained(tokens)
    model, head = dual.make(shape, tokenizer), dual.Facts(shape.projection)
    drawn = pool.cached(folder / "pool", shape.name, shape.parts, vae, smeared=0.25)
    mirrored = [pool.mirror(scene) for scene in drawn.scenes]
    unseen = checks(tests, vae, 7000)
    generator, rng = torch.Generator().manual_seed(shape.seed), np.random.default_rng(shape.seed)

    def loss(step: int) -> Tensor:
        picks = rng.integers(len(drawn.scenes), size=run.batch)
        flip = step % 2 == 1
        scenes = [(mirrored if flip else drawn.scenes)[i] for i in picks]
        texts, wrong = told(scenes, picks.tolist(), shape.seed, step)
        images = pool.batch(drawn.images, picks)
        images = pool.augment(images.flip(3) if flip else images, generator)
        pixels, ids = dual.normalise(images, shape.side), dual.token_ids(tokenizer, texts + wrong)
        seen, read = dual.embed(model, pixels, ids)
        return loss_of(model.logit_scale, head, (seen, read), scenes, texts)

    def report(weights: dict[str, Tensor]) -> dict[str, float]:
        tested = dual.make(shape, tokenizer).eval()
        load({"model": tested}, weights)
        found: dict[str, float] = {}
        for name, (scenes, texts) in unseen.items():
            to_text, to_image = dual.retrieval(tested, tokenizer, scenes, texts)
            found |= {f"{name}_image_to_text": to_text, f"{name}_text_to_image": to_image}
        return found

    return fit(shape.name, {"model": model, "facts": head}, loss, report, folder, run)


def loss_of(
    scale: Tensor,
    head: dual.Facts,
    vectors: tuple[Tensor, Tensor],
    scenes: Sequence[Scene],
    texts: Sequence[str],
) -> Tensor:
    """Return the contrast plus the facts' loss.

    Args:
        scale: logarithm of the inverse temperature.
        head: reads facts off vectors.
        vectors: of the n images, and of their n texts followed by wrong ones, before normalisation.
        scenes: what the images show.
        texts: their captions.
    """
    seen, read = vectors
    n = len(scenes)
    shown = facts.hot([facts.of_scene(scene) for scene in scenes])
    said = facts.hot([facts.of_text(text) for text in texts])
    size = said.sum(1)
    same = (said @ said.T == size[:, None]) & (size[:, None] == size[None])
    images, words = F.normalize(seen, dim=1), F.normalize(read, dim=1)
    loss = dual.contrast(images, words[:n], same, words[n:], scale.float().exp().clamp(max=100))
    return loss + FACTS * (head(seen, shown) + head(read[:n], said))
