"""A disk that is full or breaks: nothing is shown that is not kept, and the session goes on."""

from __future__ import annotations

import random
import shutil
import threading

import numpy as np
import pytest
from stored import SECONDS, attempt, content, told

from guidewidgets.session import Session
from guidewidgets.session.storage import disk
from guidewidgets.untrusted import SessionFileError


def full(*_, **__):
    raise OSError(28, "No space left on device")


def test_a_full_disk_fails_the_job_and_keeps_what_was_there(begun, engine, monkeypatch):
    finished = []
    begun.subscribe(lambda event: finished.append(event) if type(event).__name__ == "Finished" else None)
    before = [content(c) for c in begun.history[-1]]
    monkeypatch.setattr(disk, "write", full)
    job = begun.sample(3)
    with pytest.raises(OSError, match="candidates 6 to 8 cannot be saved: No space left on device"):
        job.wait(SECONDS)
    assert not finished
    assert "cannot be saved: No space left" in begun.view().notices[-1].text
    monkeypatch.undo()
    assert [c.id for c in begun.sample(2).wait(SECONDS)] == [9, 10]
    begun.close()
    again = Session.open(begun.folder, model=engine)
    assert [content(c) for c in again.history[0]] == before
    assert again.unfinished == ()
    again.close()


def test_a_job_that_ends_on_a_full_disk_is_noted_later(begun, engine):
    """The candidates' rows fit, the end of the job does not: undo and redo stay right all the same."""
    database = begun._state.journal._db
    begun.subscribe(
        lambda event: (
            database.execute("PRAGMA query_only = ON") if type(event).__name__ == "Finished" else None
        )
    )
    assert len(begun.sample(2).wait(SECONDS)) == 2
    assert "the end of sample was not saved" in begun.view().notices[-1].text
    with pytest.raises(OSError, match="cannot be saved"):
        begun.undo()
    while_full = begun.folder.with_name("while_full")
    shutil.copytree(begun.folder, while_full)
    database.execute("PRAGMA query_only = OFF")
    begun.star(7)
    begun.undo()  # the cursor now stands at the event that came late
    before = told(begun)
    begun.close()
    again = Session.open(begun.folder, model=engine)
    assert told(again) == before
    assert again.redo()
    assert again[7].starred
    again.close()
    recovered = Session.open(while_full, model=engine)
    assert [len(g) for g in recovered.history] == [6, 2]
    recovered.close()


def test_opening_on_a_full_disk(begun, engine, monkeypatch):
    from guidewidgets.session.storage import schema

    with begun._state.journal.writing() as db:
        db.execute("UPDATE jobs SET state = 'open'")
        db.execute("DELETE FROM events WHERE kind != 'set'")
        first = db.execute("SELECT number FROM events").fetchone()[0]
        db.execute(
            """UPDATE meta SET value = '{"value":' || ? || '}' WHERE key IN ('cursor', 'tip')""", (first,)
        )
    begun.close()
    connect = schema.connect

    def full(folder, *, readonly):
        db = connect(folder, readonly=readonly)
        db.execute("PRAGMA query_only = ON")
        return db

    monkeypatch.setattr(schema, "connect", full)
    again = Session.open(begun.folder, model=engine)
    assert [len(g) for g in again.history] == [6]
    with pytest.raises(OSError, match="cannot be saved"):
        again.star(0)
    again._state.journal._db.execute("PRAGMA query_only = OFF")
    again.star(0)
    before = told(again)
    again.close()
    monkeypatch.undo()
    third = Session.open(begun.folder, model=engine)
    assert told(third) == before
    third.close()


def test_a_mark_that_cannot_be_kept_is_not_made(begun):
    begun._state.journal._db.execute("PRAGMA query_only = ON")
    before = told(begun)
    for act in (lambda: begun.star(0), begun.undo, lambda: begun.set(steps=9), lambda: begun.sample(1)):
        with pytest.raises(OSError, match="cannot be saved"):
            act()
    assert told(begun) == before
    assert begun.view().jobs == ()
    begun._state.journal._db.execute("PRAGMA query_only = OFF")
    begun.star(0)
    assert begun[0].starred


def test_truncated_files_are_told_and_the_rest_stays(begun, engine):
    begun.sample(6).wait(SECONDS)
    contents = {c.id: content(c) for g in begun.history for c in g}
    folder = begun.folder
    begun.close()
    (folder / "images" / "3.webp").write_bytes(b"RIFF")
    (folder / "latents" / "4.safetensors").write_bytes(
        (folder / "latents" / "4.safetensors").read_bytes()[:99]
    )
    (folder / "latents" / "5.safetensors").unlink()
    changed = bytearray((folder / "latents" / "7.safetensors").read_bytes())
    changed[-1] ^= 1
    (folder / "latents" / "7.safetensors").write_bytes(changed)
    again = Session.open(folder, model=engine)
    assert again.view().notices[-1].text == "damaged or missing on the disk: candidates 3, 4, 5"
    with pytest.raises(SessionFileError, match="the picture of candidate 3 is no picture"):
        _ = again[3].image
    for number in (4, 5, 7):
        with pytest.raises(SessionFileError, match=f"candidate {number}: .*(latent|cannot be read)"):
            _ = again[number].genome
    for number in set(contents) - {3, 4, 5, 7}:
        assert content(again[number]) == contents[number]
    anew = np.asarray(again.render([3]).wait(SECONDS)[0].image).astype(int)
    lost = np.frombuffer(contents[3][3], np.uint8).reshape(anew.shape)
    assert abs(anew - lost).max() <= 1  # the promise for another batch layout
    again.close()


@pytest.mark.parametrize("seed", range(15))
def test_a_database_truncated_or_changed_at_random(begun, engine, seed):
    rng = random.Random(seed)
    folder = begun.folder
    begun.close()
    path = folder / "session.sqlite"
    data = bytearray(path.read_bytes())
    if seed % 2:
        del data[rng.randrange(len(data)) :]
    else:
        for _ in range(rng.choice([1, 10, 100])):
            data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data)
    again = attempt(lambda: Session.open(folder, model=engine))
    if again is None:
        return
    for generation in again.history:
        for candidate in generation:
            attempt(lambda candidate=candidate: content(candidate))
    again.close()


def test_old_pictures_leave_memory(engine, tmp_path, monkeypatch):
    from guidewidgets.session.storage import contents as files

    monkeypatch.setattr(files, "KEPT_COUNT", 5)
    session = Session("a fox", model=engine, store=tmp_path / "long")
    contents = []
    for _ in range(4):
        contents += [content(c) for c in session.sample(4, steps=1).wait(SECONDS)]
    kept = session._state.journal.contents
    assert (len(kept.images._values), len(kept.genes._values)) == (5, 5)
    assert all(c._genes is None and c._image is None for g in session.history for c in g)
    threads = [
        threading.Thread(target=lambda: [session[i].image.tobytes() for i in range(16)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [content(c) for g in session.history for c in g] == contents
    assert len(kept.images._values) == 5
    session.close()
