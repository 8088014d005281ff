"""The preference dataset: batches and their grades, choices of one among several, and what a model makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guidewidgets.preference.choice import Choice
from guidewidgets.preference.gp import Batch, Preference, fit
from guidewidgets.preference.validation import Score, foretold, left_out, trusted
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.preference.features import Vector, stacked
from guidewidgets.session.state import State

TESTED = 8  # newest batches that are left out in turn: a second's worth of fits at most


@dataclass(frozen=True, slots=True)
class PreferenceDataset:
    """Batches in which something was starred or rejected, oldest first; and choices of one among several.

    Attributes:
        batches: all images of each.
        grades: of each batch, see `Batch`.
        choices: (all that the choice was among, the best, or None where it could not be told).
    """

    batches: tuple[tuple[Candidate, ...], ...]
    grades: tuple[tuple[int, ...], ...]
    choices: tuple[tuple[tuple[Candidate, ...], Candidate | None], ...]

    @classmethod
    def of(cls, state: State) -> PreferenceDataset:
        """What is in force now. Images hidden by a safety checker were never seen, so nothing was said of them."""
        with state.lock:
            seen = [[c for c in g if not c.filtered] for g in state.history.generations]
            marked = [batch for batch in seen if any(c.starred or c.rejected for c in batch)]
            return cls(
                tuple(map(tuple, marked)),
                tuple(tuple(int(c.starred) - int(c.rejected) for c in batch) for batch in marked),
                tuple((choice.shown, choice.better) for choice in state.history.choices),
            )

    @property
    def candidates(self) -> list[Candidate]:
        """All that are named, each once."""
        named = [c for batch in self.batches for c in batch] + [c for shown, _ in self.choices for c in shown]
        return list({c.hash: c for c in named}.values())

    @property
    def lessons(self) -> list[Batch]:
        """The batches as a taste learns from them."""
        return [
            Batch(tuple(c.hash for c in batch), grades)
            for batch, grades in zip(self.batches, self.grades, strict=True)
        ]

    @property
    def chosen(self) -> list[Choice]:
        """The choices as a taste learns from them."""
        return [Choice(tuple(c.hash for c in shown), best and best.hash) for shown, best in self.choices]


@dataclass(frozen=True, slots=True)
class PreferenceReport:
    """What a session thinks you like, and how far that can be trusted.

    Attributes:
        sees: what images are compared by.
        stars: images starred, over all batches.
        comparisons: of two images that were learned from; a choice of one among n is n - 1 of them.
        auc: mean chance, over batches left out, that a starred image was ranked above another; None before there are
            two such batches. Guessing has 0.5.
        used: whether `suggest` goes by it: the AUC is above 0.6.
        foretold: how well each batch's stars were foretold by what was known before it, oldest first.
        ranking: (number, mean, standard deviation) of all images it learned from, most liked first; a difference of 1
            means that the better image wins three comparisons in four.
    """

    sees: str
    stars: int
    comparisons: int
    auc: float | None
    used: bool
    foretold: tuple[Score, ...]
    ranking: tuple[tuple[int, float, float], ...]


def learn(
    memory: PreferenceDataset, features: dict[str, Vector]
) -> tuple[Preference | None, bool, list[Score]]:
    """The taste, whether it may be used, and its scores on batches left out."""
    lessons, chosen = memory.lessons, memory.chosen
    taste = fit(features, lessons, chosen)
    early = len(lessons) - TESTED
    scores = left_out(features, lessons, chosen, since=max(0, early)) if taste else []
    return taste, taste is not None and trusted(scores), scores


def opinion(
    memory: PreferenceDataset, features: dict[str, Vector], sees: str
) -> tuple[PreferenceReport, Preference | None]:
    """What can be said of a taste now, and the taste."""
    taste, used, scores = learn(memory, features)
    ranked: list[tuple[int, float, float]] = []
    if taste is not None:
        everyone = memory.candidates
        mean, covariance = taste.predict(stacked(features, [c.hash for c in everyone]))
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0))
        rows = zip(everyone, mean.tolist(), deviation.tolist(), strict=True)
        ranked = sorted(((c.id, m, d) for c, m, d in rows), key=lambda row: -row[1])
    report = PreferenceReport(
        sees=sees,
        stars=sum(grade > 0 for grades in memory.grades for grade in grades),
        comparisons=0 if taste is None else taste.pairs,
        auc=float(np.mean([s.auc for s in scores])) if len(scores) >= 2 else None,
        used=used,
        foretold=tuple(foretold(features, memory.lessons, memory.chosen)),
        ranking=tuple(ranked),
    )
    return report, taste
