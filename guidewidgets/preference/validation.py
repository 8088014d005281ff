"""How far a learned taste can be trusted: told by choices it has not seen, never by those it learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guidewidgets.preference.choice import Choice
from guidewidgets.preference.gp import Array, Batch, Preference, fit

ENOUGH = 0.6
"""Mean AUC on batches left out, above which a taste is used. Guessing has 0.5."""
TOP = 3


@dataclass(frozen=True, slots=True)
class Score:
    """How well the stars of one batch were foretold.

    Attributes:
        batch: its place among the batches.
        auc: the chance that a starred image was ranked above one that was not; ties count half.
        hits: how many of the three ranked first were starred.
        chance: how many that would be on average by guessing.
    """

    batch: int
    auc: float
    hits: int
    chance: float


def left_out(
    features: dict[str, Array],
    batches: Sequence[Batch],
    choices: Sequence[Choice] = (),
    since: int = 0,
) -> list[Score]:
    """Scores of all batches from `since` on, each foretold by a taste that learned from all others."""
    return [
        _score(i, batch, features, [b for j, b in enumerate(batches) if j != i], choices)
        for i, batch in enumerate(batches)
        if i >= since and _tells(batch)
    ]


def foretold(
    features: dict[str, Array], batches: Sequence[Batch], choices: Sequence[Choice] = ()
) -> list[Score]:
    """Scores of all batches but the first, each foretold by a taste that learned from those before it."""
    return [
        _score(i, batch, features, batches[:i], choices)
        for i, batch in enumerate(batches)
        if i > 0 and _tells(batch)
    ]


def trusted(scores: Sequence[Score]) -> bool:
    """Whether a taste with these scores on batches left out may choose: at least two batches, mean AUC above 0.6."""
    return len(scores) >= 2 and float(np.mean([score.auc for score in scores])) > ENOUGH


def auc(liked: Sequence[bool], values: Sequence[float]) -> float:
    """The share of (liked, other) pairs in which the liked one has the larger value; ties count half."""
    yes, value = np.array(liked, np.bool_), np.array(values, np.float64)
    mine, rest = value[yes], value[~yes]
    differences = mine[:, None] - rest[None]
    return float(((differences > 0) + 0.5 * (differences == 0)).mean())


def _tells(batch: Batch) -> bool:
    return 0 < int(batch.liked.sum()) < len(batch.items)


def _score(
    place: int,
    batch: Batch,
    features: dict[str, Array],
    others: Sequence[Batch],
    choices: Sequence[Choice],
) -> Score:
    # What is known of an image of this very batch would be a leak, favourites that are shown again included.
    seen = {item for other in others for item in other.items} | {
        item for choice in choices for item in choice.items
    }
    fresh = [i for i, item in enumerate(batch.items) if item not in seen]
    if len(fresh) >= 2 and 0 < int(batch.liked[fresh].sum()) < len(fresh):
        batch = Batch(tuple(batch.items[i] for i in fresh), tuple(batch.grades[i] for i in fresh))
    hidden = set(batch.items)
    taste = fit(
        features,
        [_without(other, hidden) for other in others],
        [choice for choice in choices if not hidden & set(choice.items)],
    )
    liked = [bool(x) for x in batch.liked]
    top = min(TOP, len(liked))
    values = _values(taste, features, batch)
    order = np.argsort(-values, kind="stable")[:top]
    hits = int(batch.liked[order].sum()) if taste else 0
    return Score(place, auc(liked, values.tolist()), hits, top * float(batch.liked.mean()))


def _without(batch: Batch, hidden: set[str]) -> Batch:
    kept = [i for i, item in enumerate(batch.items) if item not in hidden]
    return Batch(tuple(batch.items[i] for i in kept), tuple(batch.grades[i] for i in kept))


def _values(taste: Preference | None, features: dict[str, Array], batch: Batch) -> Array:
    if taste is None:
        return np.zeros(len(batch.items))
    return taste.predict(np.stack([features[item] for item in batch.items]))[0]
