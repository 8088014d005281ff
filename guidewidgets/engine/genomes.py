"""Genomes from latents and settings."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import torch
from torch import Tensor

from guidewidgets.concept import Concept
from guidewidgets.engine.check import check_latents, check_number
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.engine.samplers.registry import STOCHASTIC
from guidewidgets.genome import Genome
from guidewidgets.prompt import Literal, Prompt
from guidewidgets.settings import RenderSettings


def make_genomes(
    x: Tensor | LatentPair,
    settings: RenderSettings,
    prompt: str | Prompt | Sequence[str | Prompt],
    seed: int,
    *,
    model: str,
    revision: str,
    dtype: str,
    known: Sequence[Concept] = (),
) -> list[Genome]:
    """One genome per latent; a prompt with OR gets one branch drawn per image (by `seed` and index).

    Args:
        x: (n, C, H, W), or n pairs.
        settings: for all but the prompt.
        prompt: one for all images, or n of them; text is parsed.
        seed: of the OR branches.
        model: id of the model.
        revision: fingerprint of its weights.
        dtype: of its arithmetic.
        known: learned words; genomes hold those that their texts say.

    Raises:
        ValueError: the number of prompts is wrong, or a prompt cannot be read.
    """
    pairs = None if isinstance(x, Tensor) else _stored(x.latents)
    latents = x if isinstance(x, Tensor) else x.latents[0]
    if not isinstance(prompt, (str, Prompt, Sequence)):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are people
        message = f"prompt={prompt!r:.60}: expected a text or a Prompt, or one for each image"
        raise TypeError(message)
    prompts = [prompt] * len(latents) if isinstance(prompt, (str, Prompt)) else list(prompt)
    if len(prompts) != len(latents):
        message = f"{len(prompts)} prompts for {len(latents)} latents: expected one, or one each"
        raise ValueError(message)
    parsed = [Prompt.parse(p) if isinstance(p, str) else p for p in prompts]
    check_latents(latents, latents.shape[1])
    wide, seed = _stored(latents), check_number("seed", seed, 0)
    random_walk = bool(settings.corrector) or settings.sampler in STOCHASTIC
    drawn = [p.resolve(random.Random(f"{seed}/{i}")) for i, p in enumerate(parsed)]  # noqa: S311 - a draw, not a secret
    return [
        Genome(
            **settings.replace(prompt=drawn[i]).named(),
            model=model,
            revision=revision,
            dtype=dtype,
            latent=wide[i],
            noise_seed=_noise_seed(wide[i]) if random_walk else 0,
            pair=None if pairs is None else pairs[:, i],
            concepts=said(known, drawn[i], settings.negative),
        )
        for i in range(len(wide))
    ]


def said(known: Sequence[Concept], prompt: Prompt, negative: str | None) -> tuple[Concept, ...]:
    """Those of some learned words that a prompt or the negative prompt says."""
    texts = [node.text for node in prompt.walk() if isinstance(node, Literal) and node.model is None]
    return tuple(one for one in known if any(map(one.is_in, [*texts, negative or ""])))


def _noise_seed(latent: Tensor) -> int:
    """From the latent's own content, so that an image gets the same noise in any batch, and siblings different ones."""
    return int.from_bytes(hashlib.sha256(latent.contiguous().numpy().tobytes()).digest()[:8], "big")


def _stored(latents: Tensor) -> Tensor:
    """As genomes hold them: on the CPU, at least fp32, without a graph."""
    return latents.detach().to("cpu", torch.promote_types(latents.dtype, torch.float32))
