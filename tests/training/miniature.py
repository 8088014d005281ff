"""The training in miniature, in this process: what it imports is imported once."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from unittest.mock import patch

from training import run_all


def train(work: Path, *options: str) -> None:
    """Do what `python -m training.run_all --smoke --work …` does."""
    argv = ["run_all", "--smoke", "--work", str(work), *options]
    with patch.object(sys, "argv", argv), patch.dict(os.environ), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run_all.main()
