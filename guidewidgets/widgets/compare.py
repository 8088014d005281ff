"""What became of a candidate's parents: the change map of a mutation, the owner map of a crossover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from guidewidgets.evolve.mosaic import FRESH
from guidewidgets.region import Region
from guidewidgets.session.lineage.owner_map import SHARED, origins, parents, shares
from guidewidgets.untrusted import SessionFileError
from guidewidgets.widgets import colours, encode

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Session
    from guidewidgets.widgets.handlers import Answer

Kind = Literal["none", "change", "origin"]

FULL = 255
"""The largest difference a pixel can have."""
THUMB = 96
"""Pixels a side of a parent's picture beside its colour."""
_FRESH, _SHARED = 255, 254  # in the owner map that travels: no parent's, and more than one parent's
MOST_PARENTS = 64


def kind(candidate: Candidate) -> Kind:
    """What can be shown of it: how it differs from its one parent, or which part came from which."""
    try:
        recipe = candidate.recipe
    except SessionFileError:
        return "none"
    if min(recipe.parent_ids, default=-1) < 0:  # a picture that was taken in, without its parents
        return "none"
    if recipe.operator == "mutate" and len(recipe.parent_ids) == 1:
        return "change"
    if recipe.operator in {"cross", "recombine"} and len(recipe.parent_ids) <= MOST_PARENTS:
        return "origin"
    return "none"


def change_map(child: Image.Image, parent: Image.Image) -> NDArray[np.float64]:
    """Mean |difference| over the channels per pixel, (h, w) in [0, 255].

    Raises:
        ValueError: the pictures differ in size.
    """
    if child.size != parent.size:
        raise ValueError(f"pictures of {child.size} and {parent.size} pixels: expected one size")
    one, two = (np.asarray(image.convert("RGB"), dtype=np.float64) for image in (child, parent))
    return np.abs(one - two).mean(axis=2)


def change(session: Session, slot: int) -> Answer:
    """The change map of a mutation, for the page.

    Args:
        session: whose candidates these are.
        slot: number of the child.

    Returns:
        What the page is told: the parent's number, the size of the pictures, the scale's upper end and the mean change
        inside and outside the region (null where there is none), all in 8-bit levels; the region's outline as an SVG
        path over a raster of `raster` (w, h). With it, lossless: the parent's picture, the map, the scale's colours.

    Raises:
        ValueError: it has no parent to compare it with. IndexError: there is no such candidate.
    """
    child = session[slot]
    if kind(child) != "change":
        raise ValueError(
            f"image {slot} was made by {child.recipe.operator}: only a mutation has a change map"
        )
    (parent,) = parents(child, session.__getitem__)
    amounts = change_map(child.image, parent.image)
    high = max(1.0, float(amounts.max()))
    height, width = (int(side) for side in child.genome.latent.shape[-2:])
    given = child.recipe.parameters.get("region")
    region = None if given is None else Region.from_json(given)
    inside = outside = None
    if region is not None:
        mask = _enlarged(region.mask(height, width), amounts.shape)
        inside = round(float(amounts[mask].mean()), 1)
        outside = None if mask.all() else round(float(amounts[~mask].mean()), 1)
    value = {
        "slot": slot,
        "parent": parent.id,
        "w": child.image.width,
        "h": child.image.height,
        "high": round(high, 1),
        "full": FULL,
        "inside": inside,
        "outside": outside,
        "raster": [width, height],
        "outline": "" if region is None else outline(region.mask(height, width)),
        "media_type": "image/webp",
    }
    painted = Image.fromarray(colours.inferno(amounts, high), "RGB")
    scale = Image.fromarray(colours.INFERNO[None], "RGB")
    return value, [encode.lossless(image) for image in (parent.image, painted, scale)]


def origin(session: Session, slot: int) -> Answer:
    """The owner map of a crossover, for the page.

    Args:
        session: whose candidates these are.
        slot: number of the child.

    Returns:
        What the page is told: the map's size, its parents with their colours and shares, the colour and share of what
        several of them have, and of fresh noise. With it the map, one byte per latent pixel: a place in the list of
        parents, 254 is several parents', 255 fresh; then a small picture of each parent.

    Raises:
        ValueError: no part of it came from a parent alone. IndexError: there is no such candidate.
    """
    child = session[slot]
    if kind(child) != "origin":
        raise ValueError(f"image {slot} was made by {child.recipe.operator}: it has no owner map")
    numbers = list(dict.fromkeys(child.recipe.parent_ids))
    owners = origins(child, session.__getitem__)
    percent = shares(child, session.__getitem__)
    places = np.full(owners.shape, _FRESH, dtype=np.uint8)
    places[owners == SHARED] = _SHARED
    for place, number in enumerate(numbers):
        places[owners == number] = place
    named = [
        {
            "slot": number,
            "colour": colours.KINDS[place % len(colours.KINDS)],
            "share": percent[number] / 100,
        }
        for place, number in enumerate(numbers)
    ]
    value = {
        "slot": slot,
        "w": owners.shape[1],
        "h": owners.shape[0],
        "parents": named,
        "shared": {"colour": colours.SHARED, "share": percent[SHARED] / 100},
        "fresh": {"colour": colours.NONE, "share": percent[FRESH] / 100},
        "media_type": "image/jpeg",
    }
    thumbs = [encode.jpeg(encode.reduced(session[number].image, THUMB)) for number in numbers]
    return value, [places.tobytes(), *thumbs]


def outline(mask: NDArray[np.bool_]) -> str:
    """The border of a mask as an SVG path in units of its pixels: one stroke along every edge between in and out."""
    padded = np.pad(mask, 1)
    beside = padded[1:-1, 1:] != padded[1:-1, :-1]
    above = padded[1:, 1:-1] != padded[:-1, 1:-1]
    upright = [f"M{x} {y}v1" for y, x in np.argwhere(beside).tolist()]
    level = [f"M{x} {y}h1" for y, x in np.argwhere(above).tolist()]
    return "".join(upright + level)


def _enlarged(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask on another raster: every pixel takes the value it lies in."""
    rows = np.arange(shape[0]) * mask.shape[0] // shape[0]
    columns = np.arange(shape[1]) * mask.shape[1] // shape[1]
    return mask[np.ix_(rows, columns)]
