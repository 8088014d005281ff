"""A `.gw` file: a zip of a session's folder, checked as a whole before anything of it is written to the disk."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from guidewidgets.session.storage import disk, schema
from guidewidgets.untrusted import SessionFileError, bad, parse_json

MAX_DIRECTORY = 16 << 20  # of a zip's list of entries: some 200,000 of them
MAX_DATABASE = 4 << 30
MAX_RATIO = 200  # text packs to a tenth; only a bomb packs to a thousandth
SMALL = 1 << 20
END = 22
BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error)
"""What a damaged zip raises in Python's reader; ValueError also for names that are no text."""
CHUNK = 1 << 20


def check(file: Path) -> str:
    """Look through a `.gw` file without unpacking it.

    Returns:
        A fingerprint of its content.

    Raises:
        SessionFileError: it is no session, or larger than it should be.
    """
    fingerprint = _directory(file)
    with _opened(file) as zipped:
        _check_entries(zipped, file)
    return fingerprint


def unpack(file: Path, folder: Path) -> None:
    """Write a checked `.gw` file's content to an empty folder; see `check`."""
    try:
        with _opened(file) as zipped:
            entries = _check_entries(zipped, file)
            for name in disk.FOLDERS:
                (folder / name).mkdir()
            for entry in entries:
                # The names are ours, letter by letter: none leads out of the folder.
                with zipped.open(entry) as source, (folder / entry.filename).open("xb") as target:
                    left = entry.file_size
                    while chunk := source.read(min(CHUNK, left + 1)):
                        left -= len(chunk)
                        if left < 0:
                            raise bad(f"{file.name}: {entry.filename} is larger than it says")
                        target.write(chunk)
    except SessionFileError:
        raise
    except (*BROKEN, zlib.error) as error:
        raise bad(f"{file.name} is damaged: {str(error)[:100]}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a full disk, for instance, is no fault of the file's
            raise
        raise bad(f"{file.name} is damaged: it points outside of itself") from error


def pack(folder: Path, copy_database: Callable[[Path], None], file: Path) -> str:
    """Write a session's folder as a `.gw` file, whole or not at all.

    Args:
        folder: of the session.
        copy_database: writes a consistent copy of its database to a path.
        file: replaced if it exists.

    Returns:
        The file's fingerprint, as `check` gives it.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    copy = file.with_name(f".{file.name}.database.draft")  # the folder may take no writes
    try:
        copy.unlink(missing_ok=True)
        copy_database(copy)
        with (
            disk.draft(file, durable=True) as target,
            zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as zipped,
        ):
            zipped.write(copy, schema.NAME, zipfile.ZIP_DEFLATED)
            for name in disk.FOLDERS:
                for path in sorted((folder / name).iterdir()):
                    if disk.NAMES.fullmatch(f"{name}/{path.name}"):
                        zipped.write(path, f"{name}/{path.name}")
        disk.sync_folder(file.parent)
    finally:
        disk.remove(copy)
    return _directory(file)


# Where the working folder of a file is: a hidden note beside it says so.


def note_of(file: Path) -> Path:
    """The hidden file beside a `.gw` file that names its working folder."""
    return file.with_name(f".{file.name}.work")


def write_note(file: Path, folder: Path, fingerprint: str) -> None:
    """Note the working folder of a file with this content; where that cannot be written, the file stands alone."""
    data = json.dumps({"folder": str(folder.absolute()), "file": fingerprint})
    try:
        disk.write(note_of(file), data.encode(), durable=True)
    except OSError:
        return


def working_folder(file: Path) -> tuple[Path, str] | None:
    """A file's working folder, and the fingerprint the file had; None where there is none any more."""
    try:
        data = parse_json(disk.read(note_of(file), 1 << 16), "the note of the working folder")
        folder, fingerprint = Path(str(data["folder"])), str(data["file"])
        return (folder, fingerprint) if (folder / schema.NAME).is_file() else None
    except (SessionFileError, KeyError, OSError, ValueError):
        return None


def new_working_folder(file: Path) -> Path:
    """An empty folder beside a file, or among the temporary ones where that cannot be written to."""
    try:
        return Path(tempfile.mkdtemp(prefix=f".{file.name}.", dir=file.parent))
    except OSError:
        return Path(tempfile.mkdtemp(prefix="guidewidgets-"))


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except BROKEN as error:
        raise bad(f"{file.name} is no session file: {str(error)[:100]}") from error
    except OSError as error:
        raise bad(f"{file.name} cannot be read: {error.strerror or str(error)[:100]}") from error


def _directory(file: Path) -> str:
    """Fingerprint of a zip's list of entries, whose size is checked: the list is read as a whole."""
    size = file.stat().st_size
    with file.open("rb") as source:
        source.seek(max(0, size - END - (1 << 16)))
        tail = source.read(END + (1 << 16))
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + END:
            raise bad(f"{file.name} is no session file: no zip")
        length, start = struct.unpack("<LL", tail[at + 12 : at + 20])
        if 0xFFFFFFFF in (length, start):
            raise bad(f"{file.name}: larger than 4 GB, which this version does not read")
        if length > MAX_DIRECTORY:
            raise bad(f"{file.name} lists {length:,} bytes of entries: at most {MAX_DIRECTORY:,} are read")
        source.seek(max(0, size - len(tail) + at - length))
        return hashlib.sha256(source.read(length) + tail[at:]).hexdigest()


def _check_entries(zipped: zipfile.ZipFile, file: Path) -> list[zipfile.ZipInfo]:
    entries = zipped.infolist()
    names = {entry.filename for entry in entries}
    if len(names) < len(entries):
        raise bad(f"{file.name} holds one name twice")
    if schema.NAME not in names:
        raise bad(f"{file.name} is no session file: it has no {schema.NAME}")
    for entry in entries:
        _check_entry(entry, file)
    packed, total = sum(e.compress_size for e in entries), sum(e.file_size for e in entries)
    if packed > file.stat().st_size:
        raise bad(f"{file.name}: its entries overlap")
    if total > shutil.disk_usage(tempfile.gettempdir()).free // 2:
        raise bad(f"{file.name} unpacks to {total:,} bytes, for which the disk has no room")
    return entries


def _check_entry(entry: zipfile.ZipInfo, file: Path) -> None:
    most = MAX_DATABASE if entry.filename == schema.NAME else disk.MAX_FILE
    if entry.filename != schema.NAME and not disk.NAMES.fullmatch(entry.filename):
        raise bad(f"{file.name} holds {entry.filename!r:.80}, which is no part of a session")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise bad(f"{file.name}: {entry.filename} is no regular file")
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise bad(f"{file.name}: {entry.filename} is encrypted or packed in an unknown way")
    if entry.file_size > most or entry.file_size > max(SMALL, MAX_RATIO * entry.compress_size):
        raise bad(f"{file.name}: {entry.filename} unpacks to {entry.file_size:,} bytes")
