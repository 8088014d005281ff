"""From settings to genomes to latents: checked, prepared and denoised. Pictures are `Engine`'s."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from guidewidgets.engine.check import check_latents, check_number
from guidewidgets.engine.genomes import make_genomes
from guidewidgets.engine.guidance.composition import Probe
from guidewidgets.engine.guidance.ensemble import find_ensemble
from guidewidgets.engine.latent_pair import LatentPair
from guidewidgets.engine.lock import Locks, Trajectories, locks_of
from guidewidgets.engine.loop import Run, denoise, prepare, trajectory
from guidewidgets.engine.model.model import Model
from guidewidgets.engine.model.stamp import Stamp
from guidewidgets.engine.samplers.base import SampleStep
from guidewidgets.engine.samplers.langevin import Corrector
from guidewidgets.engine.samplers.registry import make_sampler
from guidewidgets.genome import Genome
from guidewidgets.prompt import Literal, Prompt
from guidewidgets.settings import RenderSettings


class GenomeModel(Model):
    """A model that makes genomes of latents and settings, checks them, and denoises them."""

    def _take(self, now: Stamp) -> None:
        super()._take(now)
        self.trajectories = Trajectories()

    def genomes(
        self,
        x: Tensor | LatentPair,
        prompt: str | Prompt | Sequence[str | Prompt],
        steps: int | None = None,
        guidance: float | None = None,
        sampler: str | None = None,
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
            guidance: guidance scale s ≥ 0; 0 and 1 are none. None is the model's default.
            sampler: one of `samplers`; None is the model's default.
            negative: text in place of the unconditional concept.
            negation: how NOT acts: "linear" (a negative weight, as in the paper), "perp" (only what the rest does not
                ask for is taken away) or "dynamic" (as far as it is seen).
            seed: of the OR branches.
            sampler_parameters: `eta` (1) of "ddpm" and "euler-a", EDICT's `p` (0.93), BDIA's `gamma` (1).
            corrector: Langevin steps towards the composed density, as in {"steps": 4, "size": 0.1}; see
                `engine.samplers.langevin`. Their noise, and that of "ddpm" and "euler-a", is drawn
                from each latent's own content.
            **settings: further ones, see `RenderSettings`.

        Raises:
            ValueError, TypeError: a value is out of range; the message names it.
        """
        self.refresh()
        walk = self.sampler if sampler is None else sampler
        used = self.settings(
            steps=self.vocabulary.steps_with(walk) if steps is None else steps,
            guidance=self.vocabulary.guidance if guidance is None else guidance,
            sampler=walk,
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
        walked = self._walked(settings).replace(size=size)
        return make_genomes(x, walked, prompt, seed, **own, known=self.concepts)

    def settings(self, **changes: Any) -> RenderSettings:
        """The model's own settings (an empty prompt, its steps, guidance, sampler and size), some changed."""
        known = self.vocabulary
        own = RenderSettings(
            prompt=Prompt(""),
            steps=known.steps_with(self.sampler),
            guidance=known.guidance,
            sampler=self.sampler,
            size=self.size,
        )
        return own.replace(**changes)

    def checked(self, settings: RenderSettings) -> RenderSettings:
        """Settings in this model's normal form.

        Raises:
            ValueError: this model cannot do what they say; the message names it.
        """
        self.shape_of(settings.size)
        self.check_prompt(settings.prompt)
        if settings.negative:
            self.network.check(settings.negative, "negative prompt")
        return self._walked(settings)

    def _walked(self, settings: RenderSettings) -> RenderSettings:
        own = settings.sampler == "pipeline"
        sampler = self.network.family.own_sampler()[0] if own else settings.sampler
        self.check_sampler(sampler, settings.steps, settings.sampler_parameters)
        corrector = Corrector.of(settings.corrector)
        return settings.replace(sampler=sampler, corrector=corrector and corrector.numbers())

    def check_sampler(self, sampler: str, steps: int, parameters: Mapping[str, float] | None = None) -> None:
        """Refuse a sampler, its parameters or a number of steps that this model cannot walk.

        Raises:
            ValueError: the message names it.
        """
        if sampler not in self.samplers:
            message = f"sampler={sampler!r}: expected one of {', '.join(sorted(self.samplers))}"
            raise ValueError(message)
        make_sampler(sampler, self.schedule(steps, None, sampler), parameters)

    def check_prompt(self, prompt: Prompt) -> None:
        """Refuse a prompt that this model cannot be asked.

        Raises:
            ValueError: a concept is longer than the text encoder reads, or by a model that is not loaded or does not
                fit.
        """
        ensemble = find_ensemble(self, prompt.models)
        for node in prompt.walk():
            if isinstance(node, Literal):
                ensemble.network(self.network, node.model).check(node.text)

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
            for concept in genome.concepts:
                self.add_concept(concept, replace=False)
        schedule = self.schedule(genomes[0].steps, genomes[0].size, genomes[0].sampler)
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
            probe: step from 0 → callback for every concept's part in it.
            strides: for a sketch of the finished images, their walk in this many longer strides, at least 1.

        Raises:
            ValueError: the genomes do not fit together or to this model, or hold numbers that are not finite.
            FloatingPointError: the network answered with numbers that are not finite.
        """
        with torch.set_grad_enabled(gradient is not None):
            return denoise(self.walk(genomes, x, probe, strides), gradient)
