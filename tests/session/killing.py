"""Kill working processes at random moments and look at what they leave behind."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from fresh import Interpreters
from victim import digest

from guidewidgets.session import Session

TESTS = Path(__file__).parent


class Victims:
    """A process that forks those to be killed; see `victim.py`."""

    def __init__(self, pid: int, orders: TextIO, answers: TextIO) -> None:
        self.pid, self.stdin, self.stdout = pid, orders, answers


@contextmanager
def victims(fresh: Interpreters, *model: Path) -> Iterator[Victims]:
    """Start it; with the folder of a model, each of those to be killed has two workers of its own."""
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    script = f"import sys; sys.path.append({str(TESTS)!r}); import victim; victim.main()"
    with os.fdopen(ours_out, "w") as orders, os.fdopen(ours_in) as answers:
        files = (theirs_in, theirs_out, 2)
        process = fresh.start(script, *model, files=files)
        for one in files[:2]:
            os.close(one)
        assert answers.readline() == "ready\n"
        yield Victims(process.pid, orders, answers)
        orders.close()
        process.wait()


def kill_one(process: Victims, folder: Path, rng: random.Random, longest: float) -> None:
    """Let a worker work on the session in `folder` for a random time, or until it tells something, and kill it."""
    report = folder.with_suffix(".report")
    before = report.stat().st_size if report.exists() else 0
    print(folder, rng.randrange(1 << 30), file=process.stdin, flush=True)
    child = int(process.stdout.readline())
    end = time.monotonic() + rng.random() * longest
    if rng.random() < 0.5:  # right after it told of candidates: these have to be there
        end += 10 * longest
        while time.monotonic() < end and (report.stat().st_size if report.exists() else 0) == before:
            pass
    else:
        time.sleep(end - time.monotonic())
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(int(process.stdout.readline())) == -signal.SIGKILL, "it ended by itself"


def check(folder: Path, engine: object) -> int:
    """Everything that was reported is there, bit for bit.

    Returns:
        How many candidates were looked at.
    """
    if not (folder / "session.sqlite").exists():
        return 0
    with closing(sqlite3.connect(folder / "session.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    report = folder.with_suffix(".report")
    lines = report.read_text().splitlines(keepends=True) if report.exists() else []
    said = [line.split() for line in lines if line.endswith("\n") and line != "saved\n"]
    assert len(said) == len({number for number, _ in said}), "a number was given twice"
    session = Session.open(folder, model=engine)
    try:
        for number, content in said:
            assert digest(session[int(number)]) == content
        shown = {c.id for g in session.history for c in g}
        assert shown <= set(session._state.candidates)
    finally:
        session.close()
    archive = folder.with_suffix(".gw")
    if "saved\n" in lines:
        with closing(sqlite3.connect(":memory:")):
            opened = Session.open(archive, model=engine)
            opened.close()
    return len(said)
