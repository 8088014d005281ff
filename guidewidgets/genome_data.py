"""Genomes and recipes as data: JSON for what is text and numbers, named tensors for the rest.

What is read may come from anywhere: every field is checked in kind, size and range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from guidewidgets.genome import VERSION, Anchor, Genome, Recipe, compact
from guidewidgets.limits import MAX_PARENTS, MAX_SEED
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.settings import LIMITS, RenderSettings
from guidewidgets.untrusted import bad, field, items, text, whole

MAX_ANCHORS = 64
HASH = re.compile(r"[0-9a-f]{64}")
WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
DTYPES = ("float64", "float32", "bfloat16", "float16")
TENSORS = ("latent", "pair", "embedding_offset")


def genome_to_data(genome: Genome) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """JSON data and tensors, the narrowest that give the bits back; an anchor's have "anchor/" before their names."""
    data, tensors = genome.settings(), _tensors(genome)
    data["dtypes"] = {name: _name(getattr(genome, name)) for name in tensors}
    if genome.anchor is not None:
        inner, its = genome_to_data(genome.anchor.genome)
        data["anchor"] = {"genome": inner, "region": genome.anchor.region.to_json()}
        tensors |= {f"anchor/{name}": tensor for name, tensor in its.items()}
    return data, tensors


def genome_from_data(data: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Genome:
    """The genome that `genome_to_data` took apart, bit for bit.

    Raises:
        SessionFileError: a field is missing, of the wrong kind or out of range.
    """
    return _genome(data, tensors, "", 0)


def _genome(data: Mapping[str, Any], tensors: Mapping[str, Tensor], prefix: str, depth: int) -> Genome:
    if depth > MAX_ANCHORS:
        raise bad(f"more than {MAX_ANCHORS} locked parents inside each other")
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
        anchor=_anchor(data, tensors, prefix, depth),
        latent=found["latent"],
        pair=found.get("pair"),
        embedding_offset=found.get("embedding_offset"),
    )


def _anchor(data: Mapping[str, Any], tensors: Mapping[str, Tensor], prefix: str, depth: int) -> Anchor | None:
    if data.get("anchor") is None:
        return None
    anchor = field(data, "anchor", dict)
    genome = _genome(field(anchor, "genome", dict), tensors, f"{prefix}anchor/", depth + 1)
    return Anchor(genome, region_from(anchor.get("region")))


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
    value = text(data, name, 40)
    if not WORD.fullmatch(value):
        raise bad(f"{name} is {value!r}: expected a name in lower case")
    return value


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


def _tensors(genome: Genome) -> dict[str, Tensor]:
    found = {name: getattr(genome, name) for name in TENSORS}
    return {name: compact(tensor) for name, tensor in found.items() if tensor is not None}


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
