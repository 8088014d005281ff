"""Genome: everything that determines one image's pixels, frozen, as data."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast, final

from torch import Tensor

from guidewidgets.arguments import shown
from guidewidgets.concept import Concept
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.settings import RenderSettings

VERSION = 1
TENSORS = ("latent", "pair", "embedding_offset")
ORDER = (
    *("version", "prompt", "model", "revision", "sampler", "sampler_parameters", "steps", "guidance"),
    *("size", "dtype", "negative", "negation", "noise_seed", "anchor"),
)
"""Of the fields in a file of version 1; settings that came later follow, where they are set."""
NO_NUMBERS: Mapping[str, float] = MappingProxyType({})


@final
class Anchor:
    """A locked parent: outside `region` its own trajectory is blended back in at every step. Never changed.

    A parent may be locked itself, and so on: it is named by its hash, and looked up only where it is needed.

    Attributes:
        region: what is free.
        hash: content hash of the parent.
    """

    __slots__ = ("_find", "hash", "region")

    def __init__(
        self, genome: Genome | Callable[[], Genome], region: Region, content: str | None = None
    ) -> None:
        """Name a parent.

        Args:
            genome: the parent, or what looks it up.
            region: what is free.
            content: the parent's hash, where it is to be looked up.
        """
        if isinstance(genome, Genome):
            kept, content = genome.copy(), genome.hash
            self._find: Callable[[], Genome] = lambda: kept
        else:
            self._find = genome
        assert content is not None  # noqa: S101 - whoever looks up knows what for
        self.region, self.hash = region, content

    @property
    def genome(self) -> Genome:
        """The parent, a copy. Raises SessionFileError where it was lost."""
        return self._find().copy()

    def over(self, region: Region) -> Anchor:
        """The same parent, with something else free."""
        return Anchor(self._find, region, self.hash)

    def __reduce__(self) -> tuple[object, ...]:
        """What `pickle` takes along: all parents in a row, since a chain would be deeper than it reaches."""
        links: list[tuple[Genome, Region]] = []
        anchor: Anchor | None = self
        while anchor is not None:
            genome = anchor.genome
            links.append((genome.replace(anchor=None), anchor.region))
            anchor = genome.anchor
        return _chain, (links[::-1],)


def _chain(links: list[tuple[Genome, Region]]) -> Anchor | None:
    anchor: Anchor | None = None
    for genome, region in links:
        anchor = Anchor(genome.replace(anchor=anchor), region)
    return anchor


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Genome(RenderSettings):
    """One image before it is rendered: its settings (see `RenderSettings`), its noise and its model.

    Attributes:
        latent: initial noise x_T, (C, H, W), float32 or float64 on the CPU.
        prompt: without OR: the branch is already drawn. Regions of its concepts are part of it.
        model: id of the model.
        revision: fingerprint of its weights.
        dtype: of the network's arithmetic, such as "float32".
        pair: (2, C, H, W) for samplers that couple two latents, or None.
        embedding_offset: added to the text embedding, or None.
        anchor: locked parent, or None.
        noise_seed: seed of anything stochastic after x_T.
        version: of this format.
        concepts: learned words that its texts hold, by word.
    """

    latent: Tensor
    model: str
    revision: str
    dtype: str
    pair: Tensor | None = None
    embedding_offset: Tensor | None = None
    anchor: Anchor | None = None
    noise_seed: int = 0
    version: int = VERSION
    concepts: tuple[Concept, ...] = ()

    def __init__(
        self,
        latent: Tensor,
        prompt: Prompt,
        model: str,
        revision: str,
        sampler: str,
        steps: int,
        guidance: float,
        size: tuple[int, int],
        dtype: str,
        negative: str | None = None,
        negation: str = "linear",
        sampler_parameters: Mapping[str, float] = NO_NUMBERS,
        corrector: Mapping[str, float] = NO_NUMBERS,
        pair: Tensor | None = None,
        embedding_offset: Tensor | None = None,
        anchor: Anchor | None = None,
        noise_seed: int = 0,
        version: int = VERSION,
        concepts: tuple[Concept, ...] = (),
        **settings: Any,
    ) -> None:
        """In this order since version 1; `settings` are those of `RenderSettings` that came later."""
        own = {
            "latent": latent,
            "model": model,
            "revision": revision,
            "dtype": dtype,
            "pair": pair,
            "embedding_offset": embedding_offset,
            "anchor": anchor,
            "noise_seed": noise_seed,
            "version": version,
            "concepts": tuple(sorted(concepts, key=lambda concept: concept.word)),
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)
        RenderSettings.__init__(
            self,
            prompt=prompt,
            steps=steps,
            guidance=guidance,
            sampler=sampler,
            size=size,
            negative=negative,
            negation=negation,
            corrector=corrector,
            sampler_parameters=sampler_parameters,
            **settings,
        )

    def replace(self, **changes: Any) -> Genome:
        """A copy with some fields changed. Raises as `RenderSettings.replace`."""
        return cast("Genome", RenderSettings.replace(self, **changes))

    def copy(self) -> Genome:
        """One that shares no tensor and no table with this one: whatever is done to it, this one stays."""
        new = object.__new__(Genome)  # all of it was checked when this one was made
        for name in (f.name for f in dataclasses.fields(self)):
            value = getattr(self, name)
            value = value.clone() if isinstance(value, Tensor) else value
            value = dict(value) if isinstance(value, dict) else value
            object.__setattr__(new, name, value)
        return new

    def tensors(self) -> dict[str, Tensor]:
        """The tensors it has, by the names of their fields; a concept's by its place and its text encoder."""
        found = {name: getattr(self, name) for name in TENSORS}
        for i, concept in enumerate(self.concepts):
            found |= {f"concept{i}/{encoder}": vectors for encoder, vectors in concept.vectors.items()}
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    def settings(self) -> dict[str, Any]:
        """All fields but the tensors, as JSON data; an anchor is named by its hash."""
        plain = self.to_data().items()
        rendering = {n: dict(sorted(v.items())) if isinstance(v, dict) else v for n, v in plain}
        own = {
            **{name: getattr(self, name) for name in ("version", "model", "revision", "dtype", "noise_seed")},
            "anchor": self.anchor and {"genome": self.anchor.hash, "region": self.anchor.region.to_json()},
        }
        learned = {"concepts": [one.word for one in self.concepts]} if self.concepts else {}
        return dict.fromkeys(ORDER) | {"sampler_parameters": {}} | rendering | own | learned

    def __eq__(self, other: object) -> bool:
        """Whether they are one; genomes of equal content have an equal `hash`."""
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    @property
    def hash(self) -> str:
        """Content hash, 64 hex digits; equal genomes have equal hashes, in any process."""
        digest = hashlib.sha256(json.dumps(self.settings(), sort_keys=True).encode())
        for name, tensor in self.tensors().items():
            digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a genome came to be; recipes form a directed acyclic graph.

    Attributes:
        operator: name of the operator, such as "cross".
        parameters: what it was called with, as JSON data.
        seed: its seed.
        parents: content hashes of the parents, in the order the operator took them.
        parent_ids: the parents' numbers in the session that made them.
    """

    operator: str
    parameters: Mapping[str, Any]
    seed: int
    parents: tuple[str, ...] = ()
    parent_ids: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"<Recipe: {self}>"

    def __str__(self) -> str:
        """In words, its parents by their numbers: cross of 4, 7 (cells=8), seed 3."""
        named = ", ".join(str(number) if number >= 0 else "a file" for number in self.parent_ids)
        given = ", ".join(f"{name}={shown(value)}" for name, value in self.parameters.items())
        of, brackets = f" of {named}" if named else "", f" ({given})" if given else ""
        return f"{self.operator}{of}{brackets}, seed {self.seed}"

    def copy(self) -> Recipe:
        """One that shares nothing with this one that could be changed."""
        return dataclasses.replace(self, parameters=copy.deepcopy(dict(self.parameters)))
