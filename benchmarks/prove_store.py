"""Nothing is ever lost, in full counts: kill -9, full disks, cut files, hostile files, long sessions.

The same checks as tests/session/storage, which make some of each:
`python -m benchmarks.prove_store --kills 10 --files 200 …`.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import write

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "session")]

import fuzz  # noqa: E402 - the tests' own modules
import programs_written  # noqa: E402
import tiny  # noqa: E402
from fresh import interpreters  # noqa: E402
from killing import check, kill_one, victims  # noqa: E402
from stored import attempt, content  # noqa: E402

from guidewidgets import Engine, Session  # noqa: E402
from guidewidgets.session.picture import png  # noqa: E402

MOST_MB = 1_000  # of the whole process, torch's 490 included


def kills(engine: Engine, folder: Path, count: int) -> dict[str, Any]:
    """`kill -9` at random moments of sampling, crossing, mutating, marking, undoing and saving."""
    rng = random.Random(0)  # noqa: S311 - for moments, not secrets
    looked = 0
    with interpreters() as fresh, victims(fresh) as process:
        for i in range(count):
            trip = folder / f"trip{i // 20}"  # one session is killed twenty times in a row
            kill_one(process, trip, rng, longest=1.5)
            looked += check(trip, engine)
    return {"kills": count, "candidates_looked_for": looked, "missing_or_different": 0}


def full_disk(engine: Engine, folder: Path) -> dict[str, Any]:
    """Sample and mark on a small file system until nothing fits any more; then open what is there."""
    disk = folder / "small"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        return {"skipped": "no right to mount a small disk"}
    try:
        session = Session("a fox", model=engine, store=disk / "trip")
        finished: dict[int, Any] = {}
        errors: list[str] = []
        while len(errors) < 5:
            try:
                finished |= {c.id: content(c) for c in session.sample(6, steps=1).wait()}
                session.star(max(finished))
            except OSError as error:
                errors.append(str(error).replace(str(disk), "…"))
        with attempt_save(session, disk) as error:
            errors.append(error)
        session.close()
        again = Session.open(disk / "trip", model=engine)
        lost = [i for i, before in finished.items() if content(again[i]) != before]
        again.close()
        assert not lost, lost
        return {"finished": len(finished), "lost": 0, "errors": sorted(set(errors))[:4]}
    finally:
        subprocess.run(["umount", disk], check=True)


class attempt_save:  # noqa: N801 - reads as what it does
    """Try to save on the full disk; gives the error's text."""

    def __init__(self, session: Session, disk: Path) -> None:
        try:
            session.save(disk / "trip.gw")
            self.error = "saving worked: the disk was not full"
        except OSError as error:
            self.error = f"save: {error}"

    def __enter__(self) -> str:
        return self.error

    def __exit__(self, *_: object) -> None: ...


def cut_files(engine: Engine, folder: Path, count: int) -> dict[str, Any]:
    """Cut a random file of a session at a random place; what is not in that file comes back whole."""
    rng = random.Random(1)  # noqa: S311
    session = Session("a fox", model=engine, store=folder / "whole")
    for _ in range(3):
        session.sample(4, steps=1).wait()
    contents = {c.id: content(c) for g in session.history for c in g}
    session.close()
    refused = 0
    for _ in range(count):
        shutil.rmtree(folder / "cut", ignore_errors=True)
        shutil.copytree(folder / "whole", folder / "cut")
        path = rng.choice(sorted(p for p in (folder / "cut").rglob("*") if p.is_file()))
        os.truncate(path, rng.randrange(path.stat().st_size + 1))
        again = attempt(lambda: Session.open(folder / "cut", model=engine))
        if again is None:
            assert path.name == "session.sqlite", path
            refused += 1
            continue
        for number, before in contents.items():
            found = attempt(lambda again=again, number=number: content(again[number]))
            assert found == before or path.stem == str(number) or path.name == "session.sqlite", path
        again.close()
    return {"cuts": count, "refused_with_one_line": refused}


def hostile(engine: Engine, folder: Path, count: int) -> dict[str, Any]:
    """Mutated `.gw` files, and PNGs of ours, half of each, and as many pictures of other programs."""
    rng = random.Random(2)  # noqa: S311
    session = Session("a fox", model=engine, store=folder / "good")
    session.sample(4, steps=2).wait()
    session.star(1)
    session.mutate(1, at=[(0.5, 0.5)], n=1, lock=True).wait()
    session.save(folder / "good.gw")
    picture, archive = png.encode(session[4]), (folder / "good.gw").read_bytes()
    session.close()
    warnings.simplefilter("ignore")
    others = [sample.made for sample in programs_written.samples()]
    seconds: list[fuzz.Took] = []
    fuzz.try_gw(archive, folder, engine)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for i in range(count):
        if i % 2:
            seconds.append(fuzz.try_gw(fuzz.mutate_gw(archive, rng, folder), folder, engine))
        else:
            seconds.append(fuzz.try_png(fuzz.mutate_png(picture, rng), folder))
        seconds.append(fuzz.try_foreign(fuzz.mutate_foreign(rng.choice(others), rng), folder))
    return {
        "files": 2 * count,
        "seconds_median": round(statistics.median(t.wall for t in seconds), 4),
        "seconds_max": round(max(t.wall for t in seconds), 3),
        "cpu_seconds_max": round(max(t.cpu for t in seconds), 3),
        "memory_mb_at_most": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "memory_grew_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
    }


def long_session(engine: Engine, folder: Path, generations: int) -> dict[str, Any]:
    """Generations of twelve in one process: memory and open handles, and how the whole opens again."""
    session = Session("a fox", model=engine, store=folder / "long")
    process = psutil.Process()
    marks: dict[int, tuple[float, int]] = {}
    for i in range(1, generations + 1):
        made = session.sample(12, steps=1).wait()
        session.star(made[0].id)
        if i in (50, 100, 200, 300, 400, generations):
            gc.collect()
            marks[i] = (process.memory_info().rss / 1e6, process.num_fds())
    session.close()
    start = time.perf_counter()
    again = Session.open(folder / "long", model=engine)
    opened = time.perf_counter() - start
    assert sum(len(g) for g in again.history) == 12 * generations
    rng, start = random.Random(3), time.perf_counter()  # noqa: S311
    for _ in range(200):
        _ = again[rng.randrange(12 * generations)].image
    read = (time.perf_counter() - start) / 200
    start = time.perf_counter()
    again.star(5)
    marked = time.perf_counter() - start
    again.close()
    return {
        "candidates": 12 * generations,
        "memory_mb_and_handles_after_generations": {i: [round(m, 1), h] for i, (m, h) in marks.items()},
        "open_s": round(opened, 3),
        "picture_from_disk_ms": round(read * 1e3, 2),
        "star_ms": round(marked * 1e3, 2),
    }


def main() -> None:
    """Run what was asked for and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, count in {"kills": 200, "cuts": 200, "files": 10_000, "generations": 500}.items():
        parser.add_argument(f"--{name}", type=int, default=count, help=f"how many (default {count})")
    parser.add_argument("--name", default="store", help="of the file of results")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tempfile.tempdir = name  # temporary sessions go there too
        engine = Engine.load(tiny.stable_diffusion(folder))
        figures: dict[str, Any] = {}
        for part, run in {
            "kill_9": lambda f: kills(engine, f, asked.kills),
            "full_disk": lambda f: full_disk(engine, f),
            "cut_files": lambda f: cut_files(engine, f, asked.cuts),
            "hostile_files": lambda f: hostile(engine, f, asked.files),
            "long_session": lambda f: long_session(engine, f, asked.generations),
        }.items():
            place = folder / part
            place.mkdir()
            start = time.perf_counter()
            figures[part] = run(place) | {"took_s": round(time.perf_counter() - start, 1)}
            print(part, figures[part], flush=True)
        write(asked.name, figures)
        held = figures["hostile_files"]
        assert held["memory_mb_at_most"] < MOST_MB, held
        assert held["cpu_seconds_max"] < fuzz.LIMIT_SECONDS, held


if __name__ == "__main__":
    main()
