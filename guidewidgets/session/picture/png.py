"""PNG files that carry their genome.

Written are: `parameters`, the text that other programs read; our JSON under the keyword `guidewidgets`; the latent as
safetensors in a chunk of our own; and IPTC's mark that a trained model made the picture.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from guidewidgets.genome import Genome, Recipe
from guidewidgets.genome_data import genome_from_data, genome_to_data, recipe_from_data, recipe_to_data
from guidewidgets.session.filtered import Filtered
from guidewidgets.session.picture import chunks, containers, foreign
from guidewidgets.session.picture.metadata import XMP as XMP_KEY
from guidewidgets.session.picture.metadata import Metadata
from guidewidgets.session.storage import disk
from guidewidgets.tensors import pack, unpack
from guidewidgets.untrusted import bad, dump_json, field, parse_json, text, whole

KEYWORD = "guidewidgets"
FORMAT = 1
UNDOUBTED = 1 << 22
"""Pixels that are decoded whatever the genome's size is."""
ENLARGED = 64
"""Beyond that: times the pixels that the genome makes. More is a header that lies."""
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>\
</rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""


class Saved(Protocol):
    """What a candidate has that goes into its file."""

    hash: str
    filtered: Filtered

    @property
    def genome(self) -> Genome:
        """What determines the pixels."""
        ...

    @property
    def recipe(self) -> Recipe:
        """How the genome came to be."""
        ...

    @property
    def image(self) -> Image.Image:
        """The finished picture."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file carries: genome, recipe, picture, and why that is not shown, if it is not."""

    genome: Genome
    recipe: Recipe
    image: Image.Image
    filtered: int


def encode(candidate: Saved) -> bytes:
    """The picture as a PNG file with all that makes it again."""
    data, tensors = genome_to_data(candidate.genome)
    ours = {
        "format": FORMAT,
        "genome": data,
        "recipe": recipe_to_data(candidate.recipe),
        "hash": candidate.hash,
        "filtered": int(candidate.filtered),
        "pixels": _fingerprint(candidate.image),
    }
    info = PngInfo()
    info.add_text("parameters", parameters(candidate.genome, candidate.recipe.seed))
    info.add_itxt(KEYWORD, dump_json(ours))
    info.add_itxt(XMP_KEY, XMP)
    info.add(chunks.LATENT, pack(tensors))
    buffer = io.BytesIO()
    candidate.image.save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def load(path: str | Path) -> Loaded:
    """The candidate that a PNG carries; warns where its pixels were changed since.

    Raises:
        SessionFileError: it carries none, or a damaged one; says so plainly.
    """
    path = Path(path).expanduser()
    data = disk.read(path)
    found = containers.read(data, path.name)
    if found.latent is None or not carries(found):
        raise bad(_no_genome(path.name, found, data))
    ours = parse_json(found.texts[KEYWORD], f"{path.name}'s genome")
    if whole(ours, "format") != FORMAT:
        raise bad(f"{path.name} has a genome of format {ours['format']}: this guidewidgets reads {FORMAT}")
    genome = genome_from_data(field(ours, "genome", dict), unpack(found.latent, f"{path.name}'s latent"))
    if genome.hash != text(ours, "hash"):
        raise bad(f"{path.name}: its genome was changed since it was saved")
    recipe = recipe_from_data(field(ours, "recipe", dict))
    width, height = genome.size
    most = min(disk.MAX_PIXELS, max(UNDOUBTED, ENLARGED * width * height))
    image = disk.decode_image(data, path.name, ("PNG",), most)
    if _fingerprint(image) != text(ours, "pixels"):
        message = f"{path.name}: the picture was changed since it was saved; its genome makes the one before"
        warnings.warn(message, stacklevel=3)
    return Loaded(genome, recipe, image, filtered=whole(ours, "filtered", 0, max(Filtered)))


def carries(found: Metadata) -> bool:
    """Whether there is a genome, whole or damaged."""
    return KEYWORD in found.texts and found.latent is not None


def bare(found: Metadata, data: bytes) -> bool:
    """Whether a picture says nothing of how it was made, as a photograph."""
    return KEYWORD not in found.texts and found.latent is None and foreign.read(found, data) is None


def parameters(genome: Genome, seed: int) -> str:
    """The text that AUTOMATIC1111's web UI writes and many programs read."""
    lines = [" ".join(str(genome.prompt).split())]
    if genome.negative:
        lines.append(f"Negative prompt: {' '.join(genome.negative.split())}")
    width, height = genome.size
    facts = {
        "Steps": genome.steps,
        "Sampler": genome.sampler.upper(),
        "CFG scale": f"{genome.guidance:g}",
        "Seed": seed,
        "Size": f"{width}x{height}",
        "Model hash": genome.revision,
        "Model": genome.model.replace(",", " "),
        "Version": KEYWORD,
    }
    lines.append(", ".join(f"{name}: {value}" for name, value in facts.items()))
    return "\n".join(lines)


def _fingerprint(image: Image.Image) -> str:
    return hashlib.sha256(f"{image.size}".encode() + image.tobytes()).hexdigest()


def _no_genome(name: str, found: Metadata, data: bytes) -> str:
    if KEYWORD in found.texts or found.latent is not None:
        return f"{name}: part of its genome is gone: a program that saved it again left it out"
    settings = foreign.read(found, data)
    if settings is None:
        return f"{name} carries no genome: it never had one, or a program that saved it again left it out"
    if settings.producer == KEYWORD:
        return f"{name}: its latent is gone, a program left it out; Session.restore takes over its settings"
    if not settings.settings:
        return f"{name} is by {settings.producer}: no genome, and no settings that can be read"
    return f"{name} is by {settings.producer}: no genome, but settings, which Session.restore takes over"
