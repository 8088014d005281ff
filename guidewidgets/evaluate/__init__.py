"""How good is it? Score sheets with intervals, the questions they ask, metrics, tables of pairs, and blind studies."""

from guidewidgets.evaluate.asks import Ask, emoji_asks
from guidewidgets.evaluate.atoms import atom_rows
from guidewidgets.evaluate.clip_metrics import AestheticScore, ClipScore, Hps, PickScore
from guidewidgets.evaluate.geneval import Wanted
from guidewidgets.evaluate.image_reward import ImageReward
from guidewidgets.evaluate.metric import Metric
from guidewidgets.evaluate.paired import PairedTable, paired_table
from guidewidgets.evaluate.paired_row import PairedRow
from guidewidgets.evaluate.prompt_files import Entry, PromptFileError, load_prompts
from guidewidgets.evaluate.row import Row
from guidewidgets.evaluate.scores import Scorer, Truth, score_sheet
from guidewidgets.evaluate.sheet import ScoreSheet
from guidewidgets.evaluate.study import Study, StudyResult, bradley_terry
from guidewidgets.vision.scorer import CosineScorer

__all__ = [
    "AestheticScore",
    "Ask",
    "ClipScore",
    "CosineScorer",
    "Entry",
    "Hps",
    "ImageReward",
    "Metric",
    "PairedRow",
    "PairedTable",
    "PickScore",
    "PromptFileError",
    "Row",
    "ScoreSheet",
    "Scorer",
    "Study",
    "StudyResult",
    "Truth",
    "Wanted",
    "atom_rows",
    "bradley_terry",
    "emoji_asks",
    "load_prompts",
    "paired_table",
    "score_sheet",
]
