"""The caption grammar: from a scene to words, and from words back to what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from training.world.colours import COLOURS
from training.world.nouns import HELD_OUT, NAMED, NOUNS, article
from training.world.places import PLACES
from training.world.styles import COLOURLESS

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.world.scene import Scene

# place → (phrases that follow an object, phrases that stand alone)
PLACE_WORDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "meadow": (("in a meadow", "on a meadow", "in the meadow"), ("a meadow", "a green meadow")),
    "sky": (("in the sky", "in a blue sky"), ("the sky", "a blue sky")),
    "night": (("at night", "in the night"), ("night", "the night")),
    "sea": (("in the sea", "at sea"), ("the sea", "a sea")),
    "desert": (("in the desert", "in a desert"), ("a desert", "the desert")),
    "snow": (("in the snow", "in snow"), ("snow", "the snow")),
    "sunset": (("at sunset", "in the sunset"), ("a sunset", "the sunset")),
    "forest": (("in a forest", "in the forest"), ("a forest", "the forest")),
    "space": (("in space", "in outer space"), ("space", "outer space")),
    "room": (("in a room", "in the room"), ("a room", "the room")),
    "beach": (("on a beach", "on the beach", "at the beach"), ("a beach", "the beach")),
    "city": (("in a city", "in the city"), ("a city", "the city")),
}
RELATION_WORDS: Final = {
    "left": ("to the left of", "left of"),
    "right": ("to the right of", "right of"),
    "above": ("above", "over"),
    "below": ("below", "under"),
}
SIZE_WORDS: Final = {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge")}
STYLE_FORMS: Final = {
    "pixel": ("pixel art of {}", "{}, pixel art"),
    "mono": ("a black and white photo of {}", "{} in black and white"),
    "sepia": ("a vintage photo of {}", "{}, sepia"),
    "sketch": ("a pencil sketch of {}", "a sketch of {}", "{}, sketch"),
    "neon": ("a neon sign of {}", "{}, neon"),
    "blueprint": ("a blueprint of {}", "{}, blueprint"),
    "watercolor": ("a watercolor painting of {}", "{}, watercolor"),
}
ART_FORMS: Final = {
    "flat": ("a flat drawing of {}", "{}, flat art"),
    "glossy": ("a glossy drawing of {}", "{}, glossy art"),
    "cartoon": ("a cartoon drawing of {}", "{}, cartoon art"),
}
PLAIN_FORMS: Final = ("a picture of {}", "an image of {}", "a drawing of {}", "the image of {}")
JOINERS: Final = ("and", "with", "next to", "beside")


@dataclass(frozen=True)
class Said:
    """What a caption says: (noun, colour, size) of each object, and the rest; None is unsaid."""

    things: tuple[tuple[str, str | None, str | None], ...]
    relation: str | None
    ground: str | None
    style: str | None
    art: str | None


def _pick(rng: Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.random() * len(options))]


def thing_phrase(noun: str, colour: str | None, size: str | None, rng: Generator) -> str:
    """Return "a small red fox", "some grapes" or, now and then, "the fox"; `size` is a key of SIZE_WORDS."""
    words = [w for w in (size and _pick(rng, SIZE_WORDS[size]), colour, noun) if w]
    determiner = "some" if NOUNS[noun].plural else article(words[0])
    return " ".join([determiner if rng.random() < 0.95 else "the", *words])


def plain_phrase(colour: str) -> str:
    """Return "an orange background"."""
    return f"{article(colour)} {colour} background"


def _subject(scene: Scene, rng: Generator) -> str:
    phrases = [thing_phrase(thing.noun, thing.colour, thing.size, rng) for thing in scene.things]
    if scene.relation is not None:
        if rng.random() < 0.75:
            return f"{phrases[0]} {_pick(rng, RELATION_WORDS[scene.relation])} {phrases[1]}"
        return f"{phrases[0]} {_pick(rng, JOINERS)} {phrases[1]}"
    if len(phrases) > 2:
        return f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return phrases[0]


def _ground(scene: Scene, rng: Generator, *, alone: bool) -> str | None:
    if scene.ground in PLACES:
        return _pick(rng, PLACE_WORDS[scene.ground][alone])
    if scene.style in COLOURLESS:
        return None
    return plain_phrase(scene.ground) if alone else f"on {plain_phrase(scene.ground)}"


def caption(scene: Scene, rng: Generator, partial: float = 0.0) -> str:
    """Describe a scene in words.

    Now and then only the objects or only the ground are named, so that each is a concept of its own.
    A held-out noun is never named: only its ground is.

    Args:
        scene: the scene.
        rng: draws the paraphrase.
        partial: how often one thing of several is named and nothing else, "a picture with a fox". All other captions
            name every thing there is, so no picture fits two of them; these can hold together, as the conditions
            of Liu et al. (2022) do. Single things are named so a third as often: the form says nothing of the count.

    Returns:
        Lower-case text.
    """
    secret = any(NOUNS[thing.noun].held_out for thing in scene.things)
    share = partial if len(scene.things) > 1 else partial / 3
    if share and scene.things and not secret and rng.random() < share:
        thing = scene.things[int(rng.random() * len(scene.things))]
        return f"a picture with {thing_phrase(thing.noun, thing.colour, thing.size, rng)}"
    draw = rng.random()
    only_ground = not scene.things or secret or draw < 0.06
    ground = _ground(scene, rng, alone=only_ground)
    if only_ground:
        text = ground
    else:
        text = _subject(scene, rng)
        if ground is not None and draw < 0.85:
            text = f"{text} {ground}"
    if scene.style is not None:
        forms = STYLE_FORMS[scene.style]
        return _pick(rng, forms).format(text) if text else _pick(rng, forms).format("a background")
    draw = rng.random()
    if draw < 0.08:
        return _pick(rng, ART_FORMS[scene.art]).format(text)
    return _pick(rng, PLAIN_FORMS).format(text) if draw < 0.2 else str(text)


_PHRASES: Final[dict[str, tuple[str, str]]] = (
    {word: ("relation", key) for key, words in RELATION_WORDS.items() for word in words}
    | {word: ("size", key) for key, words in SIZE_WORDS.items() for word in words}
    | {phrase: ("ground", key) for key, pair in PLACE_WORDS.items() for form in pair for phrase in form}
    | {f"{colour} background": ("ground", colour) for colour in COLOURS}
    | {colour: ("colour", colour) for colour in COLOURS}
    | {noun: ("noun", noun) for noun in (*NAMED, *HELD_OUT)}
    | {
        part: ("style", key)
        for key, forms in STYLE_FORMS.items()
        for f in forms
        if (part := f.replace("{}", "").strip(", "))
    }
    | {
        part: ("art", key)
        for key, forms in ART_FORMS.items()
        for f in forms
        if (part := f.replace("{}", "").strip(", "))
    }
)
_READER: Final = re.compile(
    r"\b(" + "|".join(re.escape(p) for p in sorted(_PHRASES, key=len, reverse=True)) + r")\b"
)


def read(text: str) -> Said:
    """Say what a caption of this grammar says; the inverse of `caption` up to what it left out."""
    found: dict[str, str] = {}
    things: list[tuple[str, str | None, str | None]] = []
    colour = size = None
    for match in _READER.finditer(text):
        kind, key = _PHRASES[match.group(1)]
        if kind == "noun":
            things.append((key, colour, size))
            colour = size = None
        elif kind == "colour":
            colour = key
        elif kind == "size":
            size = key
        else:
            found[kind] = key
    return Said(
        tuple(things), found.get("relation"), found.get("ground"), found.get("style"), found.get("art")
    )


def words() -> list[str]:
    """Return every word the grammar can use, sorted; held-out nouns are not among them."""
    texts = [
        *NAMED,
        *COLOURS,
        *("background", "a", "an", "the", "some", "and", "not", "or", "no"),
        *JOINERS,
        *PLAIN_FORMS,
        *(
            w
            for group in (RELATION_WORDS, SIZE_WORDS, STYLE_FORMS, ART_FORMS)
            for ws in group.values()
            for w in ws
        ),
        *(w for pair in PLACE_WORDS.values() for form in pair for w in form),
    ]
    return sorted({word for text in texts for word in re.findall(r"[a-z]+", text)})
