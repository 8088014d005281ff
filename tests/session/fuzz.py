"""Hostile files: mutations of real ones, at every depth, and what may happen to whoever opens them."""

from __future__ import annotations

import io
import json
import random
import shutil
import sqlite3
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from containers_written import COMMENT, Made, comment, exif, png, with_exif
from stored import attempt, content

from guidewidgets import Candidate
from guidewidgets.prompt import Prompt
from guidewidgets.session import Session
from guidewidgets.session.actions import restore_picture
from guidewidgets.session.picture import containers

LIMIT_SECONDS = 2.0
JUNK = [
    None, 0, -1, 1, 2**31, 2**63 - 1, -(2**63), 1e308, "", "x", "\0", "../../etc/passwd", "/etc/passwd", "{}", "[]",
    "<script>alert(1)</script>", "9" * 5000, "[" * 100_000, '{"a":' * 20_000, "NaN", '{"value":NaN}', b"\x80\x04K\x01.",
    '{"value":[1]}', '{"value":"x"}', '{"value":-5}', "NOT " * 3000,
    "{" * 60 + "a" + "}" * 60, "\ud7ff\u202e", "a" * 2_000_000,
]  # fmt: skip


def flip(data: bytes, rng: random.Random) -> bytes:
    """A few bits, a cut, a doubled, blanked or foreign stretch."""
    changed = bytearray(data)
    at, length = rng.randrange(len(data)), rng.choice([1, 4, 16, 300])
    match rng.randrange(6):
        case 0 | 1:
            for _ in range(rng.choice([1, 3, 30])):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        case 2:
            del changed[at:]
        case 3:
            changed[at:at] = changed[at : at + length]
        case 4:
            changed[at : at + length] = bytes([rng.choice([0, 255])]) * length
        case _:
            changed[at : at + length] = rng.randbytes(length)
    return bytes(changed)


def mutate_png(data: bytes, rng: random.Random) -> bytes:
    """Anywhere, or inside one chunk whose checksum is then made right."""
    if rng.random() < 0.4:
        return flip(data, rng)
    parts, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        parts.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    i = rng.randrange(len(parts))
    kind, body = parts[i]
    if kind == b"iTXt" and b"guidewidgets" in body and rng.random() < 0.7:
        key, _, text = body.partition(b"\0\0\0\0\0")
        ours = json.loads(text)
        _spoil(ours, rng)
        body = key + b"\0\0\0\0\0" + json.dumps(ours, default=str).encode()
    elif body:
        body = flip(body, rng)
    parts[i] = (kind, body)
    if rng.random() < 0.1:
        parts.insert(i, parts[rng.randrange(len(parts))])
    return data[:8] + b"".join(
        struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in parts
    )


def _spoil(data: dict, rng: random.Random) -> None:
    """Put junk in place of some value, however deep."""
    key = rng.choice(list(data))
    if isinstance(data[key], dict) and data[key] and rng.random() < 0.8:
        _spoil(data[key], rng)
    else:
        junk = rng.choice(JUNK)
        data[key] = rng.choice([junk, [junk], {"x": junk}, [], {}, True, 1e400, 2**200])


def mutate_gw(data: bytes, rng: random.Random, scratch: Path) -> bytes:
    """Anywhere, or inside one file of the zip, or in one cell of its database; the zip is then made whole again."""
    if rng.random() < 0.3:
        return flip(data, rng)
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    name = rng.choice(list(files))
    if rng.random() < 0.6:
        files["session.sqlite"] = _mutate_database(files["session.sqlite"], rng, scratch)
    elif rng.random() < 0.8:
        files[name] = flip(files[name], rng)
    else:
        new = rng.choice(
            ["../evil", "/tmp/evil", "images/../../evil", "images\\..\\evil", "C:evil", "images/1.exe", ""]
        )
        files[new or "images/"] = files.pop(name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as zipped:
        for key, body in files.items():
            zipped.writestr(key, body)
    return buffer.getvalue()


def _mutate_database(data: bytes, rng: random.Random, scratch: Path) -> bytes:
    path = scratch / "mutated.sqlite"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as db, db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = rng.choice(tables)
        column = rng.choice([row[1] for row in db.execute(f"PRAGMA table_info({table})")])
        try:
            db.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = "  # noqa: S608
                f"(SELECT rowid FROM {table} ORDER BY random() LIMIT 1)",
                (rng.choice(JUNK),),
            )
        except (sqlite3.Error, UnicodeError):
            db.execute("DELETE FROM events WHERE number = (SELECT min(number) FROM events)")
    return path.read_bytes()


class Took(NamedTuple):
    """Seconds of an attempt: by the clock, and of computing, which other work on the machine doesn't lengthen."""

    wall: float
    cpu: float


def timed(call: Callable[[], object]) -> Took:
    """How long an attempt takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    attempt(call)
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def look_at_session(path: Path, engine: object) -> None:
    """Open a session and look at everything in it; refusals of single candidates are fine."""
    session = Session.open(path, model=engine)
    try:
        for candidate in list(session._state.candidates.values())[:50]:
            attempt(lambda candidate=candidate: content(candidate))
        session.view()
        attempt(session.kinship)
        attempt(session.code)
        attempt(lambda: session.to_html(path.with_suffix(".html")))
        for job in session.unfinished:
            attempt(lambda job=job: session.resume(job.number) and session.cancel())
        while session.undo():
            pass
    finally:
        session.close()


def try_gw(data: bytes, folder: Path, engine: object) -> Took:
    """Open a `.gw` file in a folder of its own.

    Returns:
        How long it took.
    """
    box = folder / "box"
    shutil.rmtree(box, ignore_errors=True)
    box.mkdir()
    (box / "trip.gw").write_bytes(data)
    before = {p.name for p in folder.iterdir()}
    took = timed(lambda: look_at_session(box / "trip.gw", engine))
    assert {p.name for p in folder.iterdir()} == before, "a file outside of the session's folder"
    for path in box.rglob("*"):
        assert not path.is_symlink()
        assert (
            path.name.startswith((".trip.gw", "trip.", "session."))
            or path.parent.name in ("images", "latents")
            or (path.name in ("images", "latents"))
        ), path
    return took


def try_png(data: bytes, folder: Path) -> Took:
    """Load a PNG; see `try_gw`."""
    (folder / "fox.png").write_bytes(data)
    return timed(lambda: Candidate.load(folder / "fox.png"))


def mutate_foreign(made: Made, rng: random.Random) -> Made:
    """Another program's picture, changed anywhere, or within one of its texts, which is then written whole again."""
    if rng.random() < 0.5:
        return Made(flip(made.data, rng), made.suffix)
    texts = dict(containers.read(made.data, "theirs").texts)
    if not texts:
        return Made(flip(made.data, rng), made.suffix)
    key = rng.choice(list(texts))
    texts[key] = _mutate_text(texts[key], rng)
    if len(texts[key]) < 15_000 and rng.random() < 0.3:
        block = exif({COMMENT: comment(texts[key], rng.choice(["big", "little", "utf-8"]))}, rng.choice("<>"))
        return with_exif(block, rng.choice(["JPEG", "WEBP"]))
    return png(texts, rng.choice(["tEXt", "zTXt", "iTXt"]))


def _mutate_text(text: str, rng: random.Random) -> str:
    """Junk in place of some value of a JSON text, or of a stretch."""
    if text.startswith("{") and rng.random() < 0.7:
        data = json.loads(text)
        for _ in range(rng.choice([1, 3])):
            _spoil(data, rng)
        return json.dumps(data, default=str)
    changed = flip(text.encode() or b"x", rng).decode("utf-8", "replace")
    junk = rng.choice(JUNK)
    at = rng.randrange(len(changed) + 1)
    return changed[:at] + str(junk) + changed[at:] if rng.random() < 0.3 else changed


def try_foreign(made: Made, folder: Path) -> Took:
    """Read another program's picture: it is refused, or nothing that it tells is empty or out of range."""
    path = folder / f"theirs{made.suffix}"
    path.write_bytes(made.data)

    def look() -> None:
        found = restore_picture.read(path)
        for name, value in found.settings.items():
            kind = {"prompt": Prompt, "steps": int, "guidance": float, "size": tuple}.get(name, str)
            assert isinstance(value, kind), (name, value)
            assert str(value), name
        assert all(found.missing)

    return timed(look)
