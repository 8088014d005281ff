"""What candidates are made of, as files: written before their rows, read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, final

from PIL import Image

from guidewidgets.genome import Genome, Recipe
from guidewidgets.genome_data import genome_from_data, genome_to_data, recipe_from_data, recipe_to_data
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.storage import disk
from guidewidgets.session.storage.lru_cache import LruCache
from guidewidgets.tensors import pack, unpack
from guidewidgets.untrusted import SessionFileError, bad, dump_json, parse_json

KEPT_COUNT = 512  # pictures and genomes that stay in memory,
KEPT_BYTES = 256 << 20  # as long as each kind takes no more than this
WRITERS = 4
FILM_BYTES = 64 << 10  # of a film that is believed
FILES = """SELECT id, image, image_bytes, latent_bytes, json_valid(genome) AND json_valid(recipe)
    FROM candidates ORDER BY id"""

Genes = tuple[Genome, Recipe]


@final
class Contents:
    """Genomes, recipes and pictures by candidate; the newest used stay in memory."""

    def __init__(self, folder: Path, rows: Callable[..., list[Any]], *, durable: bool) -> None:
        """Look after a folder's files.

        Args:
            folder: of the session.
            rows: gives the rows of a query on its database.
            durable: files outlive a power cut before `write` returns.
        """
        self.folder, self._rows, self._durable = folder, rows, durable
        self.genes: LruCache[Genes] = LruCache(self._read_genes, _size_of_genes, KEPT_COUNT, KEPT_BYTES)
        self.images: LruCache[Image.Image] = LruCache(
            self._read_image, _size_of_image, KEPT_COUNT, KEPT_BYTES
        )

    def write(self, candidates: Sequence[Candidate]) -> list[tuple[Any, ...]]:
        """Write the files of candidates.

        Returns:
            Their rows: id, hash, filtered, genome, recipe, name of the picture, its bytes, the latent's bytes.

        Raises:
            OSError: the disk takes no more.
        """
        with ThreadPoolExecutor(WRITERS) as pool:
            rows = list(pool.map(self._write, candidates))
        if self._durable:
            for name in disk.FOLDERS:
                disk.sync_folder(self.folder / name)
        return rows

    def put(self, candidate: Candidate) -> None:
        """Take over what a candidate holds, now that its files are there."""
        self.genes.put(candidate.id, (candidate.genome, candidate.recipe))
        self.images.put(candidate.id, candidate.image)
        candidate.shelve(self)

    def film(self, number: int) -> bytes | None:
        """Frames of a picture's making, checked to be a JPEG of sensible size; None where there are none."""
        path = self.folder / disk.film_name(number)
        if disk.length(path) < 0:
            return None
        try:
            data = disk.read(path, FILM_BYTES)
            disk.decode_image(data, f"the film of candidate {number}", ("JPEG",))
        except SessionFileError:  # it is an extra: what is damaged of it is left out
            return None
        return data

    def damaged(self) -> list[int]:
        """Candidates whose files are missing or of the wrong length; their content is checked when it is read."""
        rows = self._rows(FILES)
        return [
            number
            for number, image, image_bytes, latent_bytes, whole in rows
            if not whole
            or image not in disk.image_names(number)
            or disk.length(self.folder / image) != image_bytes
            or disk.length(self.folder / disk.latent_name(number)) != latent_bytes
        ]

    def numbers(self) -> Iterator[int]:
        """Numbers of the candidates that there are files of."""
        for name in disk.FOLDERS:
            for path in (self.folder / name).iterdir():
                if disk.NAMES.fullmatch(f"{name}/{path.name}"):
                    yield int(path.name.partition(".")[0])

    def _picture(self, number: int, name: Any) -> Path:
        if name not in disk.image_names(number):
            raise bad(f"candidate {number} has its picture in {name!r:.80}")
        return self.folder / name

    def _write(self, candidate: Candidate) -> tuple[Any, ...]:
        data, tensors = genome_to_data(candidate.genome, self._known)
        name, picture = (
            disk.image_name(candidate.id, candidate.image.size),
            disk.encode_image(candidate.image),
        )
        latent = pack(tensors)
        disk.write(self.folder / name, picture, durable=self._durable)
        disk.write(self.folder / disk.latent_name(candidate.id), latent, durable=self._durable)
        if (film := candidate.film) is not None:
            disk.write(self.folder / disk.film_name(candidate.id), film, durable=False)
        texts = dump_json(data), dump_json(recipe_to_data(candidate.recipe))
        flag = int(candidate.filtered)
        return candidate.id, candidate.hash, flag, *texts, name, len(picture), len(latent)

    def _read_genes(self, number: int) -> Genes:
        rows = self._rows("SELECT hash, genome, recipe FROM candidates WHERE id = ?", number)
        if not rows:
            raise bad(f"candidate {number} is not in the store")
        try:
            tensors = unpack(disk.read(self.folder / disk.latent_name(number)))
            genome = genome_from_data(parse_json(rows[0][1], "its genome"), tensors, self._find)
            recipe = recipe_from_data(parse_json(rows[0][2], "its recipe"))
        except SessionFileError as error:
            raise bad(f"candidate {number}: {error}") from error
        if genome.hash != rows[0][0]:
            raise bad(f"candidate {number}: its latent is not the one that was saved")
        return genome, recipe

    def _known(self, content: str) -> bool:
        return bool(self._rows("SELECT 1 FROM candidates WHERE hash = ? LIMIT 1", content))

    def _find(self, content: str) -> Genome:
        """The genome of a hash, for children that are locked to it."""
        rows = self._rows("SELECT id FROM candidates WHERE hash = ? LIMIT 1", content)
        if not rows:
            raise bad(f"the locked parent {content[:12]} is not in the session")
        return self.genes.get(rows[0][0])[0]

    def _read_image(self, number: int) -> Image.Image:
        rows = self._rows("SELECT image FROM candidates WHERE id = ?", number)
        if not rows:
            raise bad(f"candidate {number} is not in the store")
        path = self._picture(number, rows[0][0])
        return disk.decode_image(disk.read(path), f"the picture of candidate {number}")


def _size_of_genes(genes: Genes) -> int:
    return sum(t.nelement() * t.element_size() for t in genes[0].tensors().values())


def _size_of_image(image: Image.Image) -> int:
    return image.width * image.height * 3
