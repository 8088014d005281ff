"""One metric of two settings, prompt by prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from guidewidgets.evaluate.interval import Interval, over_prompts


@final
@dataclass(frozen=True, slots=True)
class PairedRow:
    """One metric of two settings.

    Args:
        metric: its name.
        higher_is_better: which way is better.
        range: see `Metric`; the interval's width where no prompt differs rests on it.
        first: prompt → the scores of its pictures, of the first setting.
        second: the same of the second setting, picture by picture.
    """

    metric: str
    higher_is_better: bool
    range: tuple[float, float]
    first: dict[str, tuple[float, ...]]
    second: dict[str, tuple[float, ...]]

    @property
    def differences(self) -> dict[str, float]:
        """Prompt → mean of second - first."""
        return {p: float(np.mean(self.second[p]) - np.mean(scores)) for p, scores in self.first.items()}

    @property
    def difference(self) -> Interval:
        """Mean of second - first over all pictures, with its 95 % interval over prompts."""
        width = self.range[1] - self.range[0]
        gaps = [np.subtract(self.second[prompt], scores).tolist() for prompt, scores in self.first.items()]
        return over_prompts(gaps, (-width, width))

    @property
    def means(self) -> tuple[float, float]:
        """Over all pictures, of the first and of the second setting."""
        first, second = (np.concatenate([*one.values()]) for one in (self.first, self.second))
        return float(first.mean()), float(second.mean())

    @property
    def wins(self) -> float:
        """Share of prompts whose pictures are better in the second setting; ties count half."""
        gaps = np.array([*self.differences.values()]) * (1 if self.higher_is_better else -1)
        return float(((gaps > 0) + 0.5 * (gaps == 0)).mean())
