"""How good is it? Score sheets with intervals, and the questions they ask."""

from guidewidgets.evaluate.asks import Ask, emoji_asks
from guidewidgets.evaluate.geneval import Wanted
from guidewidgets.evaluate.prompt_files import Entry, PromptFileError, load_prompts
from guidewidgets.evaluate.row import Row
from guidewidgets.evaluate.scores import Scorer, Truth, score_sheet
from guidewidgets.evaluate.sheet import ScoreSheet
from guidewidgets.evaluate.study import Study, StudyResult, bradley_terry
from guidewidgets.vision.scorer import CosineScorer

__all__ = [
    "Ask",
    "CosineScorer",
    "Entry",
    "PromptFileError",
    "Row",
    "ScoreSheet",
    "Scorer",
    "Study",
    "StudyResult",
    "Truth",
    "Wanted",
    "bradley_terry",
    "emoji_asks",
    "load_prompts",
    "score_sheet",
]
