"""The engine: loads a diffusers pipeline and owns the denoising loop. It knows nothing of sessions and widgets."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, final

import torch
from torch import Tensor

from guidewidgets.engine.advice import doubts
from guidewidgets.engine.check import check_latents, check_number
from guidewidgets.engine.genomes import make_genomes
from guidewidgets.engine.guidance.composition import Probe
from guidewidgets.engine.guidance.ensemble import find_ensemble
from guidewidgets.engine.inversion import retrace
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.engine.lock import Locks, Trajectories, locks_of
from guidewidgets.engine.loop import Run, denoise, prepare, trajectory
from guidewidgets.engine.model.load import Opened, open_pipeline, pick_device, pick_dtype
from guidewidgets.engine.model.model import Model
from guidewidgets.engine.samplers.adjoint import GRADIENTS
from guidewidgets.engine.samplers.base import SampleStep
from guidewidgets.engine.samplers.langevin import Corrector
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.genome import Genome
from guidewidgets.prompt import Literal, Prompt
from guidewidgets.settings import RenderSettings


@final
class Engine(Model):
    """A text-to-image model, ready to render. Safe to call from several threads. Made by `Engine.load`."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self.trajectories = Trajectories()

    @classmethod
    def load(
        cls,
        model: Any = None,
        device: str | torch.device | None = None,
        dtype: str | torch.dtype | None = None,
    ) -> Engine:
        """Open a model.

        Args:
            model: None (the embedded model), a folder in diffusers' format, an id on the model hub, or a live diffusers
                pipeline, which is shared: its weights are frozen, and cast or moved only if `dtype` or `device` differ.
            device: "cpu", "cuda", "mps" ...; None keeps a live pipeline where it is, else takes the best there is.
            dtype: "float32", "bfloat16", "float16", "float64" or the torch dtype; None keeps a live pipeline's, else
                float32 on the CPU and float16 elsewhere.

        Raises:
            ValueError: the model, device or dtype is not available or not supported; the message names it.
            TypeError: `model` is none of these.
        """
        return cls(open_pipeline(model, pick_device(device), pick_dtype(dtype)))

    def genomes(
        self,
        x: Tensor | LatentPair,
        prompt: str | Prompt | Sequence[str | Prompt],
        steps: int | None = None,
        guidance: float | None = None,
        sampler: str = "ddim",
        negative: str | None = None,
        negation: str = "linear",
        seed: int = 0,
        sampler_parameters: Mapping[str, float] | None = None,
        corrector: Mapping[str, float] | None = None,
        **settings: Any,
    ) -> list[Genome]:
        """Genomes of latents and settings; a prompt with OR gets one branch drawn per image (by `seed` and index).

        Args:
            x: (n, C, H, W), or n pairs that `invert` made.
            prompt: one for all images, or n of them; text is parsed.
            steps: denoising steps; None is the model's default.
            guidance: guidance scale s ≥ 0; None is the model's default.
            sampler: "ddim", "ddpm", "edict", "bdia" or "obelm".
            negative: text in place of the unconditional concept.
            negation: how NOT acts: "linear" (a negative weight, as in the paper), "perp" (only what the rest does not
                ask for is taken away) or "dynamic" (as far as it is seen); see `engine.guidance.negation`.
            seed: of the OR branches.
            sampler_parameters: DDPM's `eta` (1), EDICT's `p` (0.93), BDIA's `gamma` (1).
            corrector: Langevin steps towards the composed density, as in {"steps": 4, "size": 0.1}; see
                `engine.samplers.langevin`. Their noise, and that of "ddpm", is drawn from each
                latent's own content.
            **settings: further ones, see `RenderSettings`.

        Raises:
            ValueError, TypeError: a value is out of range; the message names it.
        """
        used = self.settings(
            steps=self.vocabulary.steps if steps is None else steps,
            guidance=self.vocabulary.guidance if guidance is None else guidance,
            sampler=sampler,
            negative=negative,
            negation=negation,
            sampler_parameters=sampler_parameters,
            corrector=corrector,
            **settings,
        )
        return self._genomes(x, used, prompt, seed)

    def genomes_under(self, settings: RenderSettings, x: Tensor, seed: int = 0) -> list[Genome]:
        """Genomes of latents (n, C, H, W) under settings, but of the latents' own size; see `genomes`."""
        return self._genomes(x, settings, settings.prompt, seed)

    def _genomes(
        self,
        x: Tensor | LatentPair,
        settings: RenderSettings,
        prompt: str | Prompt | Sequence[str | Prompt],
        seed: int,
    ) -> list[Genome]:
        latents = x.latents[0] if isinstance(x, LatentPair) else x
        check_latents(latents, self.latent_shape[0])
        size = latents.shape[-1] * self.codec.factor, latents.shape[-2] * self.codec.factor
        own = {"model": self.id, "revision": self.revision, "dtype": str(self.dtype).removeprefix("torch.")}
        return make_genomes(x, self._walked(settings).replace(size=size), prompt, seed, **own)

    def settings(self, **changes: Any) -> RenderSettings:
        """The model's own settings (an empty prompt, its steps, guidance and size), some changed; see `Overrides`."""
        known = self.vocabulary
        own = RenderSettings(prompt=Prompt(""), steps=known.steps, guidance=known.guidance, size=self.size)
        return own.replace(**changes)

    def checked(self, settings: RenderSettings) -> RenderSettings:
        """Settings in this model's normal form.

        Raises:
            ValueError: this model cannot do what they say; the message names it.
        """
        self.shape_of(settings.size)
        self.check_prompt(settings.prompt)
        if settings.negative:
            self.network.family.tokens.check(settings.negative, "negative prompt")
        return self._walked(settings)

    def _walked(self, settings: RenderSettings) -> RenderSettings:
        self.check_sampler(settings.sampler, settings.steps, settings.sampler_parameters)
        corrector = Corrector.of(settings.corrector)
        return settings.replace(corrector=corrector and corrector.numbers())

    def check_sampler(self, sampler: str, steps: int, parameters: Mapping[str, float] | None = None) -> None:
        """Refuse a sampler, its parameters or a number of steps that this model cannot walk.

        Raises:
            ValueError: the message names it.
        """
        make_sampler(sampler, self.schedule(steps), parameters)

    def check_prompt(self, prompt: Prompt) -> None:
        """Refuse a prompt that this model cannot be asked.

        Raises:
            ValueError: a concept is longer than the text encoder reads, or by a model that is not loaded or does not
                fit.
        """
        ensemble = find_ensemble(self, prompt.models)
        for node in prompt.walk():
            if isinstance(node, Literal):
                ensemble.network(self.network, node.model).family.tokens.check(node.text)

    def walk(
        self,
        genomes: Sequence[Genome],
        x: Tensor | None = None,
        probe: Callable[[int], Probe] | None = None,
        strides: int | None = None,
    ) -> Run:
        """Prepare the denoising of genomes together: schedule, sampler, ensemble, conditions, latents; see `sample`.

        Raises:
            ValueError: the genomes do not fit together or to this model, or hold numbers that are not finite.
        """
        for genome in genomes:
            if (genome.model, genome.revision) != (self.id, self.revision):
                theirs, ours = f"{genome.model} ({genome.revision})", f"{self.id} ({self.revision})"
                message = f"a genome of model {theirs} cannot be rendered by {ours}"
                raise ValueError(message)
        schedule = self.schedule(genomes[0].steps, genomes[0].size)
        if strides is not None:
            schedule = schedule.coarse(check_number("strides", strides, 1))

        def begin(
            some: Sequence[Genome], held: Locks, x: Tensor | None, probe: Callable[[int], Probe] | None
        ) -> Run:
            if some[0].walk != genomes[0].walk:
                message = (
                    "a locked parent must share sampler, steps and size (and corrector) with its children"
                )
                raise ValueError(message)
            ensemble = find_ensemble(self, {name for genome in some for name in genome.prompt.models})
            return prepare(self.network, schedule, some, ensemble, held, x, probe)

        def walk_of(parent: Genome, its: Locks) -> Iterator[tuple[Tensor, ...]]:
            return trajectory(begin([parent], its, None, None))

        way = len(schedule), repr(genomes[0].walk)
        held = locks_of(genomes, self.trajectories, way, walk_of)
        return begin(genomes, held, x, probe)

    def sample(
        self,
        genomes: Sequence[Genome],
        x: Tensor | None = None,
        gradient: str | None = None,
        probe: Callable[[int], Probe] | None = None,
        strides: int | None = None,
    ) -> Iterator[SampleStep]:
        """Denoise genomes together, yielding after every step; the only way from genomes to latents.

        Stop iterating to cancel. The genomes must share sampler, steps and size; prompts and guidance may differ.

        Args:
            genomes: n of them, of this model.
            x: latents in place of the genomes' own, for gradients: (n, C, H, W) or pairs (2, n, C, H, W).
            gradient: how the last step's latents depend on `x`; see `render`.
            probe: step from 0 → callback for every concept's part in it; see `guidance.composition.Probe`.
            strides: for a sketch of the finished images, their walk in this many longer strides, at least 1.

        Raises:
            ValueError: the genomes do not fit together or to this model, or hold numbers that are not finite.
            FloatingPointError: the network answered with numbers that are not finite.
        """
        with torch.set_grad_enabled(gradient is not None):
            return denoise(self.walk(genomes, x, probe, strides), gradient)

    def doubts(self, genomes: Sequence[Genome]) -> list[str]:
        """What will probably not do what its user expects, one line each; see `engine.advice`."""
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
        sampler: str = "ddim",
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
            sampler: name of the sampler.
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
        with torch.set_grad_enabled(gradient is not None):
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
