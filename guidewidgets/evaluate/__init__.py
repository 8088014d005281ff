"""How good is it? Score sheets with intervals, and the questions they ask."""

from guidewidgets.evaluate.asks import Ask, emoji_asks
from guidewidgets.evaluate.scores import Scorer, Truth, score_sheet
from guidewidgets.evaluate.sheet import Row, ScoreSheet

__all__ = ["Ask", "Row", "ScoreSheet", "Scorer", "Truth", "emoji_asks", "score_sheet"]
