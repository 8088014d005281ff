"""Sessions: jobs on a worker thread, history with undo, what widgets show."""

from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.job import Job
from guidewidgets.session.replay import Replay
from guidewidgets.session.session import Session

__all__ = ["Candidate", "Generation", "Job", "Replay", "Session"]
