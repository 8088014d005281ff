"""The engine: loads a diffusers pipeline and owns the denoising loop. It knows nothing of sessions and widgets."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final
from weakref import finalize

import torch
from torch import Tensor

from guidewidgets.caution import caution
from guidewidgets.engine.advice import doubts
from guidewidgets.engine.genome_model import GenomeModel
from guidewidgets.engine.inversion import retrace
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.engine.model.load import open_pipeline, pick_device, pick_dtype
from guidewidgets.engine.samplers.adjoint import GRADIENTS
from guidewidgets.engine.samplers.base import SampleStep
from guidewidgets.engine.workers.pool import Pool
from guidewidgets.engine.workers.renderer import Local, Renderer
from guidewidgets.engine.workers.start import start_workers
from guidewidgets.generators import returned
from guidewidgets.genome import Genome
from guidewidgets.prompt import Prompt


@final
class Engine(GenomeModel):
    """A text-to-image model, ready to render. Safe to call from several threads. Made by `Engine.load`.

    Attributes:
        pool: its workers, or None.
    """

    pool: Pool | None = None

    @classmethod
    def load(
        cls,
        model: Any = None,
        device: str | torch.device | None = None,
        dtype: str | torch.dtype | None = None,
        fit: str | float | None = None,
        workers: int | str | None = None,
    ) -> Engine:
        """Open a model.

        Args:
            model: None (the embedded model), a folder in diffusers' format, an id on the model hub, or a live diffusers
                pipeline, which is shared and never changed; what is done to it later (a LoRA, another scheduler) is
                noticed at the next job.
            device: "cpu", "cuda", "mps" ...; None keeps a live pipeline where it is, else takes the best there is.
            dtype: "float32", "bfloat16", "float16", "float64" or the torch dtype; None keeps a live pipeline's, else
                float32 on the CPU and float16 elsewhere. Networks of a live pipeline for which another device or
                dtype is asked are copied, at the cost of their memory.
            fit: how to load a folder or an id. "auto" chooses the files' variant, the dtype, quantisation (by what of
                bitsandbytes, torchao and optimum-quanto is installed) and offload for the memory that is free, and a
                number of GiB for so much; `engine.fit` says in one line what was chosen, and a warning does where that
                costs time or precision. What does
                not fit, or is no supported kind of model, is refused before anything is loaded. A live pipeline is
                taken as it is, quantised, offloaded or compiled. Gradients take more memory than pictures.
            workers: who paints the pictures of sessions and of `render`. None: this process. A number: so many
                processes on this machine, each with a model of its own, on the GPUs in turn; on a CPU they share its
                threads. "auto": one for each GPU. They open no port, and end with the engine. "ray": Ray's actors on
                this machine, or on the cluster of an address ("host:port", "ray://host:port"), one for each of its
                GPUs; Ray does open ports. Sessions have their optimisations made by one worker, too; saliency and
                learning stay here.

        Raises:
            ValueError: the model, device, dtype or fit is not available or not supported, or workers cannot load the
                model or have no room for it; the message names it.
            TypeError: `model` is none of these.
        """
        kind = pick_dtype(dtype)
        engine = cls(open_pipeline(model, pick_device(device), kind, fit))
        if workers is not None:
            engine.pool = start_workers(engine, model, kind, fit, workers)
            finalize(engine, engine.pool.close)
        return engine

    @property
    def renderer(self) -> Renderer:
        """Paints the genomes of jobs; the workers do, as long as they have the model that this is."""
        if self.pool is None:
            return Local(self)
        if self.pool.revision != self.revision:
            text = f"the workers have revision {self.pool.revision}, not {self.revision}: this process paints alone"
            if text not in self.notices:
                self.notices.append(text)
                caution(text)
            return Local(self)
        return self.pool

    def doubts(self, genomes: Sequence[Genome]) -> list[str]:
        """What will probably not do what its user expects, such as a NOT that outweighs all else; one line each."""
        return list(dict.fromkeys(doubt for genome in genomes for doubt in doubts(self, genome)))

    def estimate_seconds(self, n: int, steps: int) -> float:
        """Rough time for n images with one concept each; from the last network call, or from one made now."""
        if self.network.row_seconds is None:
            next(self.sample(self.genomes(self.noise(1), "", steps=1)))
        return n * steps * 2 * (self.network.row_seconds or 0.0)

    def render(
        self,
        x: Tensor | LatentPair,
        prompt: str | Prompt | Sequence[str | Prompt],
        steps: int | None = None,
        guidance: float | None = None,
        sampler: str | None = None,
        on_step: Callable[[SampleStep], None] | None = None,
        gradient: str | None = None,
        negative: str | None = None,
        negation: str = "linear",
        sampler_parameters: Mapping[str, float] | None = None,
        *,
        corrector: Mapping[str, float] | None = None,
        force: bool = False,
        **settings: Any,
    ) -> Tensor:
        """Latents to images.

        Args:
            x: initial noise (n, C, H, W), standard normal; or pairs that `invert` made, or such pairs as a tensor
                (2, n, C, H, W).
            prompt: see `genomes`, as for the other settings.
            steps: denoising steps.
            guidance: guidance scale.
            sampler: name of the sampler; None is the pairs' own, where `x` is such.
            on_step: called after every step; an exception it raises ends the rendering.
            gradient: how the images depend on `x`. None: not at all. "cached": exactly, in memory that does not grow
                with the steps, with any sampler. "reversible": the same, keeping no latents at all, with EDICT, BDIA
                and O-BELM and fp64 latents. "full": plain autograd, for comparison.
            negative: text in place of the unconditional concept.
            negation: how NOT acts.
            sampler_parameters: of the sampler.
            corrector: see `genomes`.
            force: render pairs with another sampler or number of steps than they were made with.
            **settings: see `genomes`.

        Returns:
            (n, 3, H, W) in [0, 1], at least float32, on the engine's device; black where a model's safety checker
            objects, or where its autoencoder gives numbers that are not finite, of which a warning tells.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
            FloatingPointError: the network gives numbers that are not finite; or the autoencoder, with a gradient.
        """
        if gradient not in GRADIENTS:
            message = f"gradient={gradient!r}: expected one of {', '.join(map(repr, GRADIENTS))}"
            raise ValueError(message)
        if isinstance(x, LatentPair):
            sampler = sampler or x.sampler
            steps, sampler_parameters = x.check_walk(sampler, steps, sampler_parameters, force=force)
        leaf = x.latents if isinstance(x, LatentPair) else x
        first = leaf[0] if isinstance(leaf, Tensor) and leaf.ndim == 5 else leaf
        genomes = self.genomes(
            first,
            prompt,
            steps,
            guidance,
            sampler,
            negative,
            negation,
            0,
            sampler_parameters,
            corrector,
            **settings,
        )
        for doubt in self.doubts(genomes):
            warnings.warn(doubt, stacklevel=2)
        plain = gradient is None and on_step is None and leaf is first
        with torch.set_grad_enabled(gradient is not None):
            if plain and (renderer := self.renderer).apart and not any(g.prompt.models for g in genomes):
                made = returned(renderer.latents(genomes, lane="interactive"))
                return self.finish(made.to(self.device)).images
            for step in self.sample(genomes, leaf, gradient):
                if on_step is not None:
                    on_step(step)
            return self.finish(step.x).images  # pyright: ignore[reportPossiblyUnboundVariable] - there is a step

    def invert(
        self,
        image: Tensor,
        prompt: str | Prompt = "",
        steps: int = 50,
        guidance: float = 1.0,
        sampler: str = "edict",
        sampler_parameters: Mapping[str, float] | None = None,
    ) -> LatentPair:
        """Real images to the pair of latents that paints them again: EDICT run backwards (Wallace et al. 2023).

        `render(pair, prompt, sampler="edict", guidance=...)` with the same prompt and guidance gives the images back,
        up to the autoencoder's own error; with another prompt it edits them.

        Args:
            image: (n, 3, H, W) in [0, 1].
            prompt: that describes the images; "" is the unconditional concept.
            steps: of the walk.
            guidance: guidance scale; 1 is none.
            sampler: "edict".
            sampler_parameters: EDICT's `p` (0.93).

        Raises:
            ValueError, TypeError: an argument is out of range, or the sampler cannot be undone.
        """
        z = self.encode(image)
        genomes = self.genomes(z, prompt, steps, guidance, sampler, sampler_parameters=sampler_parameters)
        pair = retrace(self, genomes, z)
        parsed = Prompt.parse(prompt) if isinstance(prompt, str) else prompt
        walk = genomes[0]
        return LatentPair(pair, parsed, walk.steps, walk.guidance, sampler, dict(walk.sampler_parameters))
