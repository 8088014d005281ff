"""Kill working processes at random moments and look at what they leave behind."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from victim import digest

from guidewidgets.session import Session

TESTS = Path(__file__).parent


@contextmanager
def victims(*model: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that forks those to be killed; see `victim.py`."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": f"{TESTS.parent}:{TESTS.parent.parent}"}
    process = subprocess.Popen(
        [sys.executable, TESTS / "victim.py", *model],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def kill_one(process: subprocess.Popen[str], folder: Path, rng: random.Random, longest: float) -> None:
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
