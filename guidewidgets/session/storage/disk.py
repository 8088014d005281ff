"""Files of a session: written whole or not at all, and read with their size checked first."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from PIL import Image

from guidewidgets.limits import MAX_PIXELS
from guidewidgets.untrusted import bad

T = TypeVar("T")
MAX_FILE = 256 << 20
FOLDERS = ("images", "latents")
NAMES = re.compile(r"images/\d{1,12}\.(webp|png|film\.jpg)|latents/\d{1,12}\.safetensors")
WEBP_SIDE = 16_383


def image_name(number: int, size: tuple[int, int]) -> str:
    """Where a picture lives in the session's folder: lossless WebP, PNG where it is too large for that."""
    return f"images/{number}.{'webp' if max(size) <= WEBP_SIDE else 'png'}"


def image_names(number: int) -> tuple[str, str]:
    """The names a picture may have."""
    return image_name(number, (1, 1)), image_name(number, (WEBP_SIDE + 1, 1))


def film_name(number: int) -> str:
    """Where the frames of a picture's making live; the file may be missing."""
    return f"images/{number}.film.jpg"


def latent_name(number: int) -> str:
    """Where a genome's tensors live in the session's folder."""
    return f"latents/{number}.safetensors"


@contextlib.contextmanager
def saving(what: str) -> Generator[None]:
    """Errors of the disk and the database become OSError with one line that names `what`."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(f"{what} cannot be saved: {error}") from error
    except UnicodeEncodeError as error:
        coded = (
            f"this system's names are written in {error.encoding}, which has no {error.object[error.start]!a}"
        )
        raise OSError(f"{what!a} cannot be saved: {coded}; PYTHONUTF8=1 helps") from None
    except OSError as error:
        raise OSError(f"{what} cannot be saved: {error.strerror or error}") from error


@contextlib.contextmanager
def destination(path: str | Path) -> Generator[Path]:
    """The path of a file that a user named, expanded; errors as `saving`, at once where its folder does not exist."""
    target = Path(path).expanduser()
    with saving(str(path)):
        if not target.parent.is_dir():
            raise OSError(f"there is no folder {str(target.parent)!r}")
        yield target


@contextlib.contextmanager
def draft(path: Path, *, durable: bool) -> Generator[BinaryIO]:
    """A file under another name, renamed at the end: it is there whole or not at all.

    Args:
        path: of the file, replaced if it exists.
        durable: wait until the disk has it, so that it outlives a power cut too.
    """
    new = path.with_name(f".{path.name}.draft")
    try:
        with new.open("wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        remove(new)
        raise


def write(path: Path, data: bytes, *, durable: bool) -> None:
    """Write a file's content as `draft` does."""
    with draft(path, durable=durable) as file:
        file.write(data)


def remove(path: Path) -> None:
    """Clean up a file that may not be there, or lie where nothing can be done: the reason is reported elsewhere."""
    with contextlib.suppress(OSError, UnicodeError):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's list of names; systems that cannot do this do it by themselves."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path, most: int = MAX_FILE) -> bytes:
    """A regular file of bounded size; links are not followed.

    Raises:
        SessionFileError: it is missing, too large or no regular file.
    """
    try:
        handle = os.open(
            path,
            os.O_RDONLY
            | getattr(os, "O_NOFOLLOW", 0)
            | getattr(os, "O_BINARY", 0)
            | getattr(os, "O_NONBLOCK", 0),
        )
    except (OSError, ValueError) as error:
        raise bad(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise bad(f"{path.name} is no regular file")
    with os.fdopen(handle, "rb") as file:
        if (size := os.fstat(handle).st_size) > most:
            raise bad(f"{path.name} has {size:,} bytes: at most {most:,} are read")
        return file.read(most)


def length(path: Path) -> int:
    """Bytes of a file, -1 where it is missing."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def encode_image(image: Image.Image) -> bytes:
    """Lossless bytes of an RGB picture."""
    buffer = io.BytesIO()
    if max(image.size) <= WEBP_SIDE:
        image.save(buffer, "WEBP", lossless=True, quality=0, method=0, exact=True)
    else:
        image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def decode_image(
    data: bytes, what: str, formats: tuple[str, ...] = ("WEBP", "PNG"), most: int = MAX_PIXELS
) -> Image.Image:
    """An RGB picture from untrusted bytes; its claimed size is checked before it is decoded.

    Args:
        data: the file.
        what: its name in an error.
        formats: those allowed, as Pillow names them.
        most: pixels that are decoded at most.

    Raises:
        SessionFileError: it is no such picture, or too large.
    """
    return _decode(data, what, formats, most, lambda picture: picture.convert("RGB"))


def decode_alpha(data: bytes, what: str, most: int) -> np.ndarray:
    """The alpha channel (H, W) of an untrusted PNG, uint8; see `decode_image`."""
    return _decode(data, what, ("PNG",), most, lambda picture: np.array(picture.getchannel("A")))


def _decode(
    data: bytes, what: str, formats: tuple[str, ...], most: int, take: Callable[[Image.Image], T]
) -> T:
    try:
        with Image.open(io.BytesIO(data), formats=formats) as picture:
            if picture.width * picture.height <= most:
                return take(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        pass  # Pillow's own limits, which are wider
    except Exception as error:
        name = type(error).__name__
        raise bad(f"{what} is no picture that can be read: {name} {str(error)[:80]}") from error
    raise bad(f"{what} claims more than {most:,} pixels")
