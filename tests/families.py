"""The families beside plain U-Nets: how each is built tiny, and how its pipeline is told what an engine is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import tiny as unets
import tiny_transformers as tiny
from mixed import WHOLE

from guidewidgets.engine.families.transformer import pack

PROMPT = "a fox"


@dataclass(frozen=True)
class Case:
    """One family.

    Attributes:
        build: makes its pipeline, with a folder for a tokenizer's files.
        ways: name of a way to guide → what the engine is told, what the pipeline is told.
        sizes: (width, height) of pictures that it can paint.
        steps: numbers of them that its pipeline can be compared at.
        packed: whether the pipeline takes latents as tokens.
        small: a size that costs little.
        binned: whether it changes the size and the text that it is asked for, unless told not to.
        sprint: whether it adds noise on its way, and takes a time between two steps.
    """

    build: Callable[[Path], Any]
    ways: dict[str, tuple[dict[str, Any], dict[str, Any]]]
    sizes: tuple[tuple[int, int], ...] = ((16, 16), (24, 16))
    steps: tuple[int, ...] = (1, 4, 7)
    packed: bool = False
    small: tuple[int, int] = (16, 16)
    binned: bool = False
    sprint: bool = False

    def ours(self, engine: Any, x: Any, steps: int, way: str) -> Any:
        """The engine's pictures of latents, (n, 3, H, W)."""
        return engine.render(x, **{"prompt": PROMPT, "steps": steps} | self.ways[way][0])

    def theirs(self, pipeline: Any, x: Any, steps: int, way: str, size: tuple[int, int]) -> Any:
        """The pipeline's own."""
        prompts = [PROMPT] * len(x)
        negative = {k: [v] * len(x) for k, v in self.ways[way][1].items() if k == "negative_prompt"}
        fixed: dict[str, Any] = {"use_resolution_binning": False} if self.binned else {}
        if "clean_caption" in inspect.signature(pipeline.__call__).parameters:
            fixed |= {"clean_caption": False}
        if self.sprint:
            fixed |= {"intermediate_timesteps": 1.3 if steps == 2 else None}
        return pipeline(
            prompt=prompts,
            latents=pack(x) if self.packed else x.clone(),
            num_inference_steps=steps,
            width=size[0],
            height=size[1],
            output_type="pt",
            **self.ways[way][1] | negative | fixed,
        ).images


PLAIN = {
    "guided": ({"guidance": 3.0}, {"guidance_scale": 3.0}),
    "not guided": ({"guidance": 1.0}, {"guidance_scale": 1.0}),
    "negative": ({"guidance": 3.0, "negative": "dog"}, {"guidance_scale": 3.0, "negative_prompt": "dog"}),
}


def _playground(folder: Path, walk: Any) -> Any:
    pipeline = unets.stable_diffusion_xl(folder)
    pipeline.scheduler = walk
    pipeline.vae.register_to_config(latents_mean=[0.5, -1.0, 0.2, 0.1], latents_std=[1.5, 0.7, 2.0, 1.1])
    return pipeline


FAMILIES = {
    "SD3": Case(tiny.stable_diffusion_3, PLAIN),
    "SD3 without T5, shifted by size": Case(
        lambda folder: tiny.stable_diffusion_3(folder, t5_too=False, use_dynamic_shifting=True), PLAIN
    ),
    "FLUX.1 schnell": Case(
        lambda folder: tiny.flux(folder, dev=False),
        {
            "not guided": ({"guidance": 1.0}, {"guidance_scale": 7.0}),  # which it is not told
            "true CFG": ({"guidance": 2.0}, {"true_cfg_scale": 2.0, "negative_prompt": ""}),
            "negative": (
                {"guidance": 2.0, "negative": "dog"},
                {"true_cfg_scale": 2.0, "negative_prompt": "dog"},
            ),
        },
        packed=True,
    ),
    "FLUX.1 dev": Case(
        lambda folder: tiny.flux(folder, dev=True),
        {
            "told 3.5": ({"guidance": 3.5}, {"guidance_scale": 3.5}),
            "told 1": ({"guidance": 1.0}, {"guidance_scale": 1.0}),
            # A weight is relative to s = 1 where the scale is told: it is the pipeline's true_cfg_scale.
            "negative": (
                {"guidance": 3.5, "negative": "dog", "prompt": "a fox ::2"},
                {"guidance_scale": 3.5, "true_cfg_scale": 2.0, "negative_prompt": "dog"},
            ),
        },
        packed=True,
    ),
    # The pipelines of klein take no negative prompt.
    "FLUX.2 klein base": Case(
        lambda _: tiny.klein(distilled=False), {way: PLAIN[way] for way in ("guided", "not guided")}
    ),
    "FLUX.2 klein": Case(
        lambda _: tiny.klein(distilled=True),
        {"not guided": ({"guidance": 1.0}, {"guidance_scale": 4.0})},  # which it ignores
    ),
    "FLUX.2 dev": Case(
        lambda _: tiny.flux_2_dev(),
        {
            "told 4": ({"guidance": 4.0}, {"guidance_scale": 4.0}),
            "told 1": ({"guidance": 1.0}, {"guidance_scale": 1.0}),
        },
    ),
    "Z-Image": Case(
        lambda _: tiny.z_image(),
        {
            "guided": ({"guidance": 3.0}, {"guidance_scale": 2.0}),  # its scale counts from 0
            "not guided": ({"guidance": 1.0}, {"guidance_scale": 0.0}),
            "negative": (
                {"guidance": 3.0, "negative": "dog"},
                {"guidance_scale": 2.0, "negative_prompt": "dog"},
            ),
        },
    ),
    # These two bring the guided prediction back to the length of the one without guidance.
    "Qwen-Image": Case(
        lambda _: tiny.qwen_image(),
        {
            "guided": ({"guidance": 3.0}, {"true_cfg_scale": 3.0, "negative_prompt": " "}),
            "not guided": ({"guidance": 1.0}, {"true_cfg_scale": 1.0}),
            "negative": (
                {"guidance": 3.0, "negative": "dog"},
                {"true_cfg_scale": 3.0, "negative_prompt": "dog"},
            ),
        },
        packed=True,
        steps=(4, 7),  # with one its pipeline divides zero by zero,
    ),
    "Lumina 2": Case(lambda _: tiny.lumina_2(), PLAIN),
    "Sana": Case(lambda _: tiny.sana(tiny.FlowMatch(shift=3.0)), PLAIN, ((32, 32), (64, 32)), binned=True),
    "PixArt-Σ": Case(lambda _: tiny.pixart(diffusers.PixArtSigmaPipeline), PLAIN, binned=True),
    "PixArt-α": Case(
        # Only networks of this size are told the size of the pictures.
        lambda _: tiny.pixart(diffusers.PixArtAlphaPipeline, sample_size=128),
        PLAIN,
        steps=(4, 7),  # with one its pipeline does something else, for PixArt-DMD
        binned=True,
    ),
    "Chroma": Case(lambda _: tiny.chroma(), PLAIN, packed=True),
    "AuraFlow": Case(lambda _: tiny.aura_flow(), PLAIN),
    "Sana, DPM-Solver++": Case(
        lambda _: tiny.sana(
            diffusers.DPMSolverMultistepScheduler(
                prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
            )
        ),
        PLAIN,
        ((32, 32), (64, 32)),
        binned=True,
    ),
    "Sana-Sprint": Case(
        lambda _: tiny.sana(diffusers.SCMScheduler(), diffusers.SanaSprintPipeline),
        {
            "told 4.5": ({"guidance": 4.5}, {"guidance_scale": 4.5}),
            "told 1": ({"guidance": 1.0}, {"guidance_scale": 1.0}),
        },
        ((32, 32), (64, 32)),
        steps=(1, 2, 4, 7),
        binned=True,
        sprint=True,
    ),
    "HunyuanDiT": Case(tiny.hunyuan_dit, PLAIN, ((64, 64), (96, 64)), binned=True, small=(64, 64)),
    "Kolors": Case(lambda _: tiny.kolors(), PLAIN),
    "LCM": Case(
        lambda folder: unets.stable_diffusion(folder, told=8),
        {
            "told 8": ({"guidance": 8.0}, {"guidance_scale": 8.0}),
            "told 1": ({"guidance": 1.0}, {"guidance_scale": 1.0}),
        },
    ),
    "Playground 2.5": Case(
        lambda folder: _playground(folder, diffusers.EDMDPMSolverMultistepScheduler()), PLAIN
    ),
    "EDM by Euler's method": Case(lambda folder: _playground(folder, diffusers.EDMEulerScheduler()), PLAIN),
}

# For tests that take long: each of these guides, reads or walks in a way of its own, and the others differ from them in
# what tests/engine compares. `make prove` takes all.
KINDS = ("SD3", "FLUX.1 dev", "FLUX.2 klein", "Z-Image", "Qwen-Image", "LCM", "Playground 2.5")
SOME = tuple(FAMILIES) if WHOLE else KINDS
