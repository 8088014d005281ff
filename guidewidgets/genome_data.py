"""Genomes and recipes as data: JSON for what is text and numbers, named tensors for the rest.

What is read may come from anywhere: every field is checked in kind, size and range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from guidewidgets.concept import ENCODERS, MAX_CONCEPTS, Concept
from guidewidgets.genome import TENSORS, VERSION, Anchor, Genome, Recipe
from guidewidgets.limits import MAX_PARENTS, MAX_SEED, Word
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.settings import LIMITS, RenderSettings
from guidewidgets.tensors import compact
from guidewidgets.untrusted import bad, field, items, text, whole

MAX_ANCHORS = 1000
HASH = re.compile(r"[0-9a-f]{64}")
DTYPES = ("float64", "float32", "bfloat16", "float16")


def genome_to_data(
    genome: Genome, known: Callable[[str], bool] = lambda _: False
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """JSON data and tensors, the narrowest that give the bits back.

    An anchor is named by its hash; the locked parents stand in a row beside the genome, the nearest first, and their
    tensors have "ancestor0/" and so on before their names.

    Args:
        genome: to be written.
        known: whether who reads it will know the locked parent of a hash, so that it is left out, and those before it.

    Raises:
        ValueError: there are too many locked parents for one file.
    """
    data, tensors = _parts(genome)
    ancestors: list[dict[str, Any]] = []
    anchor = genome.anchor
    while anchor is not None and not known(anchor.hash):
        if len(ancestors) == MAX_ANCHORS:
            message = f"more than {MAX_ANCHORS} locked parents behind each other do not fit into one file"
            raise ValueError(message)
        parent = anchor.genome
        its, more = _parts(parent)
        tensors |= {f"ancestor{len(ancestors)}/{name}": tensor for name, tensor in more.items()}
        ancestors.append(its)
        anchor = parent.anchor
    return data | ({"ancestors": ancestors} if ancestors else {}), tensors


def _parts(genome: Genome) -> tuple[dict[str, Any], dict[str, Tensor]]:
    held = genome.tensors()
    tensors = {name: compact(tensor) for name, tensor in held.items()}
    return genome.settings() | {"dtypes": {name: _name(tensor) for name, tensor in held.items()}}, tensors


def genome_from_data(
    data: Mapping[str, Any], tensors: Mapping[str, Tensor], find: Callable[[str], Genome] | None = None
) -> Genome:
    """The genome that `genome_to_data` took apart, bit for bit.

    Args:
        data: from anywhere.
        tensors: likewise.
        find: gives the locked parent of a hash, where it was left out.

    Raises:
        SessionFileError: a field is missing, of the wrong kind or out of range.
    """
    rows = items(data, "ancestors", MAX_ANCHORS) if "ancestors" in data else []
    row = [
        (data, ""),
        *((field({"ancestor": one}, "ancestor", dict), f"ancestor{i}/") for i, one in enumerate(rows)),
    ]
    while len(row) <= MAX_ANCHORS and isinstance(nested := _anchor_of(row[-1][0]).get("genome"), dict):
        row.append((nested, f"{row[-1][1]}anchor/"))  # files from before 0.2 hold parents inside each other
    genome: Genome | None = None
    for one, prefix in reversed(row):
        genome = _genome(one, tensors, prefix, _anchor(one, genome, find))
    assert genome is not None  # noqa: S101 - the row begins with the genome itself
    return genome


def _anchor_of(data: Mapping[str, Any]) -> dict[str, Any]:
    return {} if data.get("anchor") is None else field(data, "anchor", dict)


def _anchor(
    data: Mapping[str, Any], parent: Genome | None, find: Callable[[str], Genome] | None
) -> Anchor | None:
    """The anchor of one in a row whose next is `parent`."""
    if not (told := _anchor_of(data)):
        if parent is not None:
            raise bad("a locked parent of nobody")
        return None
    region, named = region_from(told.get("region")), told.get("genome")
    if isinstance(named, str) and not HASH.fullmatch(named):
        raise bad("a locked parent is named by a hash of 64 hex digits")
    if parent is not None:
        if isinstance(named, str) and parent.hash != named:
            raise bad("a locked parent is not the one that was saved")
        return Anchor(parent, region)
    if find is None or not isinstance(named, str):
        raise bad("the genome's locked parent is not there")
    return Anchor(partial(find, named), region, named)


def _genome(
    data: Mapping[str, Any], tensors: Mapping[str, Tensor], prefix: str, anchor: Anchor | None
) -> Genome:
    if (version := whole(data, "version")) != VERSION:
        raise bad(f"genome of version {version}: this guidewidgets reads version {VERSION}")
    settings = RenderSettings.from_data(data)
    found = {name: _wide(tensors[prefix + name], data, name) for name in TENSORS if prefix + name in tensors}
    if "latent" not in found or found["latent"].ndim != 3 or 0 in found["latent"].shape:
        raise bad("the genome has no latent of shape (C, H, W)")
    if "pair" in found and found["pair"].shape != (2, *found["latent"].shape):
        raise bad("the genome's latent pair does not have the latent's shape")
    dtype = text(data, "dtype", 20)
    if dtype not in DTYPES:
        raise bad(f"dtype {dtype!r}: expected one of {', '.join(DTYPES)}")
    return Genome(
        **settings.named(),
        model=text(data, "model"),
        revision=text(data, "revision"),
        dtype=dtype,
        noise_seed=whole(data, "noise_seed", 0, MAX_SEED),
        anchor=anchor,
        latent=found["latent"],
        pair=found.get("pair"),
        embedding_offset=found.get("embedding_offset"),
        concepts=_concepts(data, tensors, prefix),
    )


def _concepts(data: Mapping[str, Any], tensors: Mapping[str, Tensor], prefix: str) -> tuple[Concept, ...]:
    """Learned words of a genome."""
    words = items(data, "concepts", MAX_CONCEPTS) if "concepts" in data else []
    if len(set(map(str, words))) < len(words):
        raise bad("a genome's concepts are each named once")
    found: list[Concept] = []
    for i, one in enumerate(words):
        names = {encoder: f"concept{i}/{encoder}" for encoder in ENCODERS}
        vectors = {e: _wide(tensors[prefix + n], data, n) for e, n in names.items() if prefix + n in tensors}
        try:
            found.append(Concept(one, vectors))
        except (ValueError, TypeError) as error:
            raise bad(f"a concept of the genome: {error}") from error
    return tuple(found)


def region_from(data: object) -> Region:
    """A region from untrusted data; SessionFileError where it is none."""
    try:
        return Region.from_json(data)
    except (ValueError, TypeError, OverflowError) as error:
        raise bad(f"region: {error}") from error


def prompt_from(data: Mapping[str, Any]) -> Prompt:
    """The field `prompt`, parsed."""
    try:
        return LIMITS["prompt"].check("prompt", field(data, "prompt", str))
    except (ValueError, TypeError, RecursionError) as error:
        raise bad(f"prompt: {str(error).splitlines()[0]}") from error


def word(data: Mapping[str, Any], name: str) -> str:
    """A field that names something of ours: lower case letters, digits, underscores."""
    try:
        return Word().check(name, field(data, name, str))
    except ValueError as error:
        raise bad(str(error)) from error


def recipe_to_data(recipe: Recipe) -> dict[str, Any]:
    """A recipe as JSON data."""
    return {
        "operator": recipe.operator,
        "parameters": dict(recipe.parameters),
        "seed": recipe.seed,
        "parents": list(recipe.parents),
        "parent_ids": list(recipe.parent_ids),
    }


def recipe_from_data(data: Mapping[str, Any]) -> Recipe:
    """The recipe that `recipe_to_data` wrote; SessionFileError where it is none."""
    parents, numbers = items(data, "parents", MAX_PARENTS), items(data, "parent_ids", MAX_PARENTS)
    if not all(isinstance(p, str) and HASH.fullmatch(p) for p in parents):
        raise bad("a recipe's parents are hashes of 64 hex digits")
    ids = tuple(whole({"parent_ids": n}, "parent_ids", -1) for n in numbers)
    return Recipe(
        operator=word(data, "operator"),
        parameters=field(data, "parameters", dict),
        seed=whole(data, "seed", 0, MAX_SEED),
        parents=tuple(parents),
        parent_ids=ids,
    )


def _name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _wide(tensor: Tensor, data: Mapping[str, Any], name: str) -> Tensor:
    """Back to the dtype that was used: what is kept as fp16 was fp32 or fp64 in use."""
    dtype = text(field(data, "dtypes", dict), name, 20)
    if dtype not in DTYPES or dtype == "bfloat16":
        raise bad(f"{name} of dtype {dtype!r}: expected float64, float32 or float16")
    wanted: torch.dtype = getattr(torch, dtype)
    if torch.promote_types(wanted, tensor.dtype) != wanted:
        raise bad(f"{name} is stored wider than its dtype {dtype}")
    return tensor.to(wanted)
