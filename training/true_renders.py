"""Paint exactly what the score sheet asks for, and measure it as a model's pictures are measured: the ceilings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import torch

from guidewidgets.evaluate.asks import Ask, emoji_asks
from guidewidgets.evaluate.scores import ReaderScorer, Truth, score
from guidewidgets.vision import embedded
from training.world.colours import COLOURS
from training.world.paint import paint
from training.world.places import PLACES
from training.world.scene import SECOND_STAGE, Scene, make, rng_of
from training.world.styles import COLOURLESS

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

_SEED: Final = 9100
# What no prompt names is not painted either: no tints, sizes, styles.
_PLAIN: Final = replace(SECOND_STAGE, tinted=0.0, styled=0.0, sized=0.0, held_out=0.0, apart=False)


def scene_for(ask: Ask, number: int) -> Scene:
    """Return scene number `number` of those that show what is asked."""
    count = (0.0, 0.0, 1.0, 0.0) if len(ask.nouns) == 2 else (0.0, 1.0, 0.0, 0.0)
    world = replace(_PLAIN, count=count)
    for index in range(10000 * number, 10000 * (number + 1)):
        scene = make(world, _SEED, index)
        if ask.relation is not None and scene.relation != ask.relation:
            continue
        rng = rng_of(_SEED, index, 9)
        ground = ask.ground or scene.ground
        if ask.style in COLOURLESS and ground in COLOURS and ask.ground is None:
            ground = str(rng.choice(list(PLACES)))
        things = tuple(
            replace(thing, noun=noun, colour=ask.colour if k == 0 else None)
            for k, (thing, noun) in enumerate(zip(scene.things, ask.nouns, strict=True))
        )
        return replace(scene, things=things, ground=ground, style=ask.style)
    message = f"no scene for {ask}"
    raise ValueError(message)


def paint_ask(ask: Ask, n: int) -> Tensor:
    """Return n different true renders of an ask, (n, 3, 64, 64) in [0, 1]."""
    images = [torch.from_numpy(paint(scene_for(ask, k)).image.copy()) for k in range(n)]
    return torch.stack(images).permute(0, 3, 1, 2).float() / 255


def measure(models: Path, vocabulary: Path, seeds: int = 8, most: int | None = None) -> dict[str, Any]:
    """Return what `Truth.embedded` reads: the scores of true renders, as many as of a model's pictures.

    Args:
        models: holds the folders of reader and judge.
        vocabulary: whose words the prompts take; the nouns are those of the generator's last stage.
        seeds: true renders per single noun; a quarter of it, at least 1, elsewhere.
        most: asks of each category; None is all of them.
    """
    asks: dict[str, list[Ask]] = {}
    for ask in emoji_asks(vocabulary, nouns=SECOND_STAGE.nouns):
        asks.setdefault(ask.category, []).append(ask)
    with embedded.at(models):
        sheet = score(
            lambda ask: paint_ask(ask, seeds if ask.category == "noun" else max(1, seeds // 4)),
            [ask for of in asks.values() for ask in of[:most]],
            ReaderScorer(),
            embedded.judge(),
            Truth(),
            "true renders",
            f"{seeds} per noun",
        )
    found = {row.category: round(row.score, 4) for row in sheet.rows}
    return {"spread": found.pop("diversity", None), "ceilings": found}
