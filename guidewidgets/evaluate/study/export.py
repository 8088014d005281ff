"""Plan and votes as files, and votes read back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from guidewidgets.evaluate.study.plan import Plan
from guidewidgets.evaluate.study.result import preferred
from guidewidgets.evaluate.study.votes import Vote
from guidewidgets.untrusted import MAX_JSON, bad, field, items, parse_json

FORMAT = "guidewidgets study 1"
COLUMNS = (
    "trial", "kind", "pair", "prompt", "left", "choice", "preferred", "seconds", "withdrawn", "question", "plan",
)  # fmt: skip
MOST_VOTES = 100_000


def to_json(plan: Plan, votes: Sequence[Vote]) -> str:
    """Plan and votes as JSON, as `from_json` reads them."""
    data = {"format": FORMAT, "plan": plan.data(), "votes": [asdict(vote) for vote in votes]}
    return json.dumps(data, indent=1, ensure_ascii=False)


def to_csv(plan: Plan, votes: Sequence[Vote]) -> str:
    """A line for each vote, with what was shown."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    digest = plan.data()["hash"]
    for vote in votes:
        trial = plan.trials[vote.trial]
        seconds = "" if vote.seconds is None else round(vote.seconds, 3)
        shown = (vote.trial, trial.kind, trial.pair, _plain(plan.pairs[trial.pair].prompt), trial.left)
        chosen = (vote.choice, preferred(trial, vote), seconds, int(vote.withdrawn))
        lines.writerow((*shown, *chosen, _plain(plan.question), digest))
    return out.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def from_json(path: Path) -> tuple[dict[str, Any], list[Vote]]:
    """Plan (not looked at) and votes that `to_json` wrote.

    Raises:
        SessionFileError: it is missing, or something else.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_JSON + 1)
    except OSError as error:
        raise bad(f"{path.name}: {error.strerror or error}") from error
    data = parse_json(content, path.name)
    if data.get("format") != FORMAT:
        raise bad(f"{path.name} is no study that save() wrote as JSON")
    votes = items(data, "votes", MOST_VOTES)
    if not all(isinstance(vote, dict) for vote in votes):
        raise bad(f"{path.name}: a vote is no JSON object")
    return field(data, "plan", dict), [Vote.from_json(vote) for vote in votes]


def save(path: Path, plan: Plan, votes: Sequence[Vote]) -> None:
    """A file that ends in .json or .csv, whole or not at all.

    Raises:
        ValueError: it ends in something else.
        OSError: it cannot be written.
    """
    kinds = {".json": to_json, ".csv": to_csv}
    if path.suffix.lower() not in kinds:
        raise ValueError(f"{path.name}: expected a name that ends in .json or .csv")
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(kinds[path.suffix.lower()](plan, votes), encoding="utf-8", newline="")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
