"""Where sessions are kept: a folder of one's own, a temporary one, the working folder of a `.gw` file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from guidewidgets.session.events import START, Notice
from guidewidgets.session.journal import Journal
from guidewidgets.session.storage import archive, disk, left
from guidewidgets.session.storage.database import PREFIX
from guidewidgets.session.storage.store import Store
from guidewidgets.untrusted import bad


@dataclass(frozen=True, slots=True)
class Kept:
    """A journal and what to tell the user of it.

    Attributes:
        journal: the session's.
        notice: how it is kept.
        offers: sessions that may be gone on with instead.
        unpacked: see `settle`.
    """

    journal: Journal
    notice: Notice | None = None
    offers: tuple[left.LeftSession, ...] = ()
    unpacked: tuple[Path, str] | None = None  # from this file with this fingerprint, just now

    def settle(self) -> None:
        """All is well with what was unpacked: the next one to open the file goes on in its working folder."""
        if self.unpacked is not None:
            archive.write_note(self.unpacked[0], self.store.folder, self.unpacked[1])

    def discard(self) -> None:
        """Something is wrong with it: leave nothing behind."""
        self.journal.close()
        if self.unpacked is not None:
            shutil.rmtree(self.store.folder, ignore_errors=True)

    @property
    def store(self) -> Store:
        """The journal, where it is a store."""
        if not isinstance(self.journal, Store):
            raise OSError("this session is not saved anywhere: there was no place to write to")
        return self.journal


def begin(path: str | Path | None, meta: Mapping[str, Any]) -> Kept:
    """Where a new session is kept.

    Args:
        path: of a new or empty folder; None: a temporary one, whose files outlive the process, not a power cut.
        meta: JSON data of the session.

    Raises:
        ValueError: a session or something else is in the folder.
        OSError: the folder cannot be written to.
    """
    if path is not None:
        return Kept(Store.create(Path(path).expanduser(), meta))
    left.sweep()
    offers = left.offered()
    try:
        folder = Path(tempfile.mkdtemp(prefix=left.prefix()))
        store = Store.create(folder, meta, durable=False)
    except OSError as error:  # no place to write to: the session works, and says so
        return Kept(Journal(), Notice("warning", f"not saved anywhere: {error}"), offers)
    store.working = True
    text = f"Saved as you go in {folder}; s.save('name.gw') makes a file of it."
    return Kept(store, Notice("info", text, about=START), offers)


def reopen(path: str | os.PathLike[str]) -> Kept:
    """A session that exists: a folder, or a `.gw` file.

    Raises:
        SessionFileError: it cannot be read.
    """
    place = Path(path).expanduser()
    if place.is_dir():
        kept = _opened(place)
        kept.store.working = place.name.startswith(PREFIX)
        return kept
    if not place.is_file():
        raise bad(f"{place.name}: no such file or folder")
    return _unpacked(place)


def copy(store: Store, path: str | Path) -> tuple[Path, str]:
    """Write a session as a `.gw` file, and nothing else; returns where, and its fingerprint."""
    file = Path(path).expanduser()
    if file.is_dir():
        raise ValueError(f"{str(path)!r} is a folder: expected the name of a file, such as 'trip.gw'")
    with disk.destination(path):
        return file, archive.pack(store.folder, store.copy_database, file)


def save(store: Store, path: str | Path) -> None:
    """Write a session as a `.gw` file, and let it stand behind that; see `Session.save`."""
    before = store.file
    file, fingerprint = copy(store, path)
    if (
        store.working and not store.readonly
    ):  # a folder of the user's own stays what it is: the file is a copy of it
        archive.write_note(file, store.folder, fingerprint)
        if before is not None and before != file.absolute():
            disk.remove(archive.note_of(before))
        store.file = file.absolute()


def _opened(folder: Path, notice: Notice | None = None) -> Kept:
    store = Store.open(folder)
    if store.readonly:
        notice = Notice("warning", f"{folder.name} {store.readonly}: read-only here")
    return Kept(store, notice)


def _unpacked(file: Path) -> Kept:
    fingerprint, known, notice = archive.check(file), archive.working_folder(file), None
    if known is not None and known[1] == fingerprint:
        kept = _opened(known[0], Notice("info", f"goes on where it was left, in {known[0]}", about=START))
    else:
        folder = archive.new_working_folder(file)
        try:
            archive.unpack(file, folder)
            if known is not None:
                notice = Notice("warning", f"{file.name} was replaced; the work before it is in {known[0]}")
            kept = replace(_opened(folder, notice), unpacked=(file, fingerprint))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    kept.store.working, kept.store.file = True, file.absolute()
    return kept
