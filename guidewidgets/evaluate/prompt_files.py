"""Prompt sets that the user has, as their authors ship them, or one prompt per line; none comes with us.

PartiPrompts, DrawBench, GenEval and T2I-CompBench as files of their own; DailyDallE and CommonSyntacticProcesses (CSP)
in HELM's sources.

The files are strangers': their size, their lines and every field are checked before anything is made of them.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from guidewidgets.evaluate.geneval import Wanted, objects, phrase
from guidewidgets.evaluate.scenario_file import scenario_prompts
from guidewidgets.prompt import And, Prompt

MOST_BYTES = 16 << 20
MOST_PROMPTS = 100_000
MOST_CHARACTERS = 2_000
COLUMNS = ("prompt", "prompts")


class PromptFileError(ValueError):
    """A file of prompts that cannot be read; one line names the file, the line and what was expected."""


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt of a set.

    Args:
        text: the sentence, literal.
        category: as the set names it; may be empty.
        wanted: objects it must show, where the set tells; those of count 0 need not be there.
        unwanted: objects it must not show.
    """

    text: str
    category: str = ""
    wanted: tuple[Wanted, ...] = ()
    unwanted: tuple[str, ...] = ()

    @property
    def sentence(self) -> Prompt:
        """The prompt as one literal concept."""
        return Prompt(self.text)

    @property
    def conjunction(self) -> Prompt:
        """Its objects joined by AND, as far as the set tells them; else the sentence."""
        parts = [Prompt(phrase(w)) for w in self.wanted if w.count]
        return And(*parts) if len(parts) > 1 else self.sentence


def load_prompts(path: str | Path, style: str | None = None) -> list[Entry]:
    """Read a file of prompts.

    Args:
        path: the file.
        style: "parti" (tab-separated with a column Prompt), "drawbench" (comma-separated with a column Prompts),
            "geneval" (JSON lines with a field prompt), "helm" (a scenario of HELM in Python, which is parsed and never
            run: `daily_dalle_scenario.py`, `common_syntactic_processes_scenario.py` of the wheel crfm-helm),
            "lines" (one prompt per line, as T2I-CompBench has them; its category is the file's name); None tells by
            the file.

    Raises:
        PromptFileError: the file is missing, too large or not of this style.
        ValueError: there is no such style.
    """
    file = Path(path).expanduser()
    text = _read(file)
    if style is None:
        style = _guess(file, text)
    if style not in _STYLES:
        raise ValueError(f"style={style!r}: expected None or one of {', '.join(_STYLES)}")
    entries: list[Entry] = []
    for entry in _STYLES[style](file, text):
        if len(entries) == MOST_PROMPTS:
            raise _bad(file, None, f"more than {MOST_PROMPTS:,} prompts")
        entries.append(entry)
    if not entries:
        raise _bad(file, None, "no prompts in it")
    return entries


def _read(file: Path) -> str:
    try:
        if not file.is_file():
            raise _bad(file, None, "no such file")
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > MOST_BYTES:
                raise _bad(file, None, f"{size:,} bytes: at most {MOST_BYTES:,} are read")
            data = stream.read(MOST_BYTES + 1)
        return data[:MOST_BYTES].decode("utf-8-sig")
    except OSError as error:
        raise _bad(file, None, f"cannot be read: {error.strerror or type(error).__name__}") from error
    except UnicodeDecodeError as error:
        raise _bad(file, None, f"no UTF-8 text, from byte {error.start}") from error


def _guess(file: Path, text: str) -> str:
    if file.suffix == ".py":
        return "helm"
    start = text.lstrip()[:1]
    if file.suffix in (".jsonl", ".json") or start == "{":
        return "geneval"
    first = text.split("\n", 1)[0].lower()
    head = first.split("\t")
    if file.suffix == ".tsv" or (len(head) > 1 and "prompt" in head):
        return "parti"
    head = [name.strip(' "\r') for name in first.split(",")]
    return "drawbench" if file.suffix == ".csv" or (len(head) > 1 and set(COLUMNS) & set(head)) else "lines"


def _parti(file: Path, text: str) -> Iterator[Entry]:
    # Quotation marks in it are text.
    yield from _table(file, csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE), "tab")


def _drawbench(file: Path, text: str) -> Iterator[Entry]:
    yield from _table(file, csv.reader(io.StringIO(text, newline=""), strict=True), "comma")


def _table(file: Path, rows: Any, separator: str) -> Iterator[Entry]:
    """Entries of a table with a head; `rows` is a csv reader."""
    try:
        head = [name.strip().lower() for name in next(rows, [])]
        at = next((head.index(name) for name in COLUMNS if name in head), None)
        if at is None:
            raise _bad(
                file,
                1,
                f'expected a {separator}-separated head with a column Prompt or Prompts, or style="lines"',
            )
        kind = head.index("category") if "category" in head else None
        for row in rows:
            if not any(row):
                continue
            if len(row) <= at:
                raise _bad(file, rows.line_num, f"{len(row)} columns: expected {len(head)}")
            category = row[kind].strip() if kind is not None and kind < len(row) else ""
            yield Entry(_prompt(file, rows.line_num, row[at]), category[:MOST_CHARACTERS])
    except csv.Error as error:
        raise _bad(file, rows.line_num, str(error)) from error


def _geneval(file: Path, text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(file, number, f"no JSON: {type(error).__name__}") from error
        if not isinstance(data, dict) or not isinstance(data.get("prompt"), str):
            raise _bad(file, number, "expected an object with a field prompt")
        try:
            wanted, unwanted = objects(data)
        except ValueError as error:
            raise _bad(file, number, str(error)) from error
        tag = data.get("tag", "")
        category = tag[:MOST_CHARACTERS] if isinstance(tag, str) else ""
        yield Entry(_prompt(file, number, data["prompt"]), category, wanted, unwanted)


def _helm(file: Path, text: str) -> Iterator[Entry]:
    own = file.stem.removesuffix("_scenario")
    try:
        for number, prompt, category in scenario_prompts(text):
            yield Entry(_prompt(file, number, prompt), (category or own)[:MOST_CHARACTERS])
    except PromptFileError:
        raise
    except ValueError as error:
        raise _bad(file, None, str(error)) from error


def _lines(file: Path, text: str) -> Iterator[Entry]:
    category = file.stem.removesuffix("_val").removesuffix("_train")
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield Entry(_prompt(file, number, line), category)


_STYLES: dict[str, Callable[[Path, str], Iterator[Entry]]] = {
    "parti": _parti,
    "drawbench": _drawbench,
    "geneval": _geneval,
    "helm": _helm,
    "lines": _lines,
}


def _prompt(file: Path, line: int, text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > MOST_CHARACTERS or not text.isprintable():
        raise _bad(file, line, f"a prompt of 1 to {MOST_CHARACTERS:,} printable characters is expected")
    return text


def _bad(file: Path, line: int | None, what: str) -> PromptFileError:
    place = file.name if line is None else f"{file.name}, line {line}"
    return PromptFileError("".join(c if c.isprintable() else " " for c in f"{place}: {what}")[:300])
