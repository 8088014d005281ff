"""The nouns of the emoji world and their article and plural grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Noun:
    """One thing that can be drawn.

    Args:
        word: the word captions use.
        icon: its CLDR name, the same in every art set.
        plural: True for "some grapes", False for "a fox".
        held_out: True if it is painted but never named in a caption.
    """

    word: str
    icon: str
    plural: bool = False
    held_out: bool = False


_SAME_NAME = """
    fox bear panda lion frog koala penguin owl duck parrot flamingo turtle snake dolphin octopus crab snail
    butterfly unicorn elephant giraffe zebra crocodile robot ghost alien snowman house castle tent rocket bus
    tractor airplane sailboat helicopter cactus sunflower tulip rose mushroom banana strawberry pear pineapple
    watermelon lemon carrot pizza hamburger cupcake cookie guitar drum camera umbrella balloon key crown star
    volcano bell
"""
_OTHER_NAME = """
    cat:cat-face dog:dog-face tiger:tiger-face rabbit:rabbit-face mouse:mouse-face pig:pig-face cow:cow-face
    monkey:monkey-face whale:spouting-whale fish:tropical-fish bee:honeybee ladybug:lady-beetle
    dinosaur:sauropod pumpkin:jack-o-lantern car:automobile train:locomotive tree:deciduous-tree
    palm:palm-tree apple:red-apple corn:ear-of-corn donut:doughnut cake:birthday-cake gift:wrapped-gift
    hat:top-hat heart:red-heart moon:crescent-moon diamond:gem-stone ball:soccer-ball
"""
_PLURAL = "cherries grapes"
_HELD_OUT = "hedgehog avocado lobster telescope violin bicycle shark kangaroo"
# What the model of the first stage knows: shapes that stay apart at 64 pixels.
_FIRST = """
    apple butterfly car cat crab dog fish fox frog ghost hat house mushroom owl penguin pizza pumpkin robot
    rocket strawberry sunflower tree turtle whale
"""
_SAYS_A = {"unicorn"}  # it begins with a vowel letter but not with a vowel

NOUNS: Final[dict[str, Noun]] = {
    noun.word: noun
    for noun in sorted(
        [Noun(word, word) for word in _SAME_NAME.split()]
        + [Noun(*pair.split(":")) for pair in _OTHER_NAME.split()]
        + [Noun(word, word, plural=True) for word in _PLURAL.split()]
        + [Noun(word, word, held_out=True) for word in _HELD_OUT.split()],
        key=lambda noun: noun.word,
    )
}
NAMED: Final = tuple(word for word, noun in NOUNS.items() if not noun.held_out)
HELD_OUT: Final = tuple(word for word, noun in NOUNS.items() if noun.held_out)
FIRST: Final = tuple(_FIRST.split())


def article(word: str) -> str:
    """Return "a" or "an", whichever goes before `word`."""
    return "an" if word[0] in "aeiou" and word not in _SAYS_A else "a"
