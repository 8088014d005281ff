"""A blind two-sided study: which of two pictures do people prefer, and how sure is that?"""

from guidewidgets.evaluate.study.bradley_terry import bradley_terry
from guidewidgets.evaluate.study.result import StudyResult
from guidewidgets.evaluate.study.study import Study

__all__ = ["Study", "StudyResult", "bradley_terry"]
