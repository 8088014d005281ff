"""The documentation as a site: it builds without a warning, leads nowhere that is not there, and its code runs."""

from __future__ import annotations

import inspect
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from fresh import Interpreters
from PIL import Image, ImageOps

import guidewidgets as gw
from guidewidgets.guide.pictures import fitted
from guidewidgets.vision import saliency

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = {"page", "_build"}
PAGES = sorted(path for path in DOCS.rglob("*.md") if not MADE & {*path.relative_to(DOCS).parts})
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Each has a test of its own.
ELSEWHERE = {"extending.md"}
# Where a page says nothing of steps the small model takes three instead of ten: every line runs all the same.
FEW = """
from dataclasses import replace
from guidewidgets.engine.model.defaults import Vocabulary

beside = Vocabulary.beside
Vocabulary.beside = lambda *given: replace(beside(*given), steps=3, sampler=("dpmpp-2m", 3))
"""
ABROAD = ("https://", "http://", "mailto:")
PAINTS = ("page/index.html", "page/paint-offline.html")  # `make page` makes them, in docs/page/


class Links(HTMLParser):
    """What a page refers to, what it loads, and the anchors it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.hrefs.append(given["href"])
        elif "src" in given or (tag == "link" and given.get("rel") in ("stylesheet", "icon")):
            self.loads.append(given.get("src") or given.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, fresh: Interpreters) -> Path:
    out: Path = tmp_path_factory.mktemp("site")
    quiet = "import sys, warnings; warnings.simplefilter('ignore')"
    fresh(
        f"{quiet}\nfrom sphinx.cmd.build import main\nsys.exit(main())",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        DOCS,
        out,
    )
    return out


@pytest.mark.slow
def test_no_link_is_dead_and_nothing_comes_from_elsewhere(site: Path):
    pages = {path: Links(path) for path in site.rglob("*.html")}
    assert len(pages) >= len(PAGES)
    dead: list[str] = []
    for path, links in pages.items():
        assert not [url for url in links.loads if url.startswith((*ABROAD, "//"))], path
        for href in links.hrefs + links.loads:
            name, _, anchor = href.partition("#")
            target = (path.parent / name.partition("?")[0]).resolve() if name else path
            if href.startswith((*ABROAD, "data:")) or str(target).endswith(PAINTS):
                continue
            known = anchor in pages[target].anchors if target in pages and anchor else target.exists()
            dead += [] if known else [f"{path.relative_to(site)}: {href}"]
    assert dead == []


@pytest.mark.slow
def test_every_public_name_has_its_reference(site: Path):
    anchors = Links(site / "api.html").anchors
    rooms = {room: getattr(gw, room).__all__ for room in ("evolve", "guide", "evaluate")}
    wanted = {name: {f"guidewidgets.{name}"} for name in gw.__all__ if name not in (*rooms, "vision")}
    for room, names in rooms.items():
        wanted |= {n: {f"guidewidgets.{room}.{n}", f"guidewidgets.{n}"} for n in names}
    ends = {anchor.rpartition(".")[2] for anchor in anchors}
    assert [name for name, ids in wanted.items() if not ids & anchors and name not in ends] == []
    for method in ("sample", "cross", "mutate", "recombine", "blend", "suggest", "optimize", "edit", "undo"):
        assert f"guidewidgets.Session.{method}" in anchors


@pytest.mark.slow
def test_every_page_is_there_as_markdown_too(site: Path):
    told = re.findall(
        r"^- \[.+?\]\((.+?)\): (.+)$", (site / "llms.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(name for name, _ in told) == [str(path.relative_to(DOCS)) for path in PAGES]
    assert [name for name, _ in told][:2] == ["index.md", "start.md"]
    assert [name for name, said in told if len(said) < 20] == []
    pages = {name: (site / name).read_text(encoding="utf-8") for name, _ in told}
    assert [name for name, text in pages.items() if re.search(r"^```\{(?!math)", text, re.MULTILINE)] == []
    assert "Voronoi" in pages["api.md"]  # docstrings, not the directives that fetch them
    links = [
        (name, link)
        for name, text in pages.items()
        for link in re.findall(
            r"\]\(([^)\s#]+)", re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
        )
        if not link.startswith(ABROAD)
    ]
    assert len(links) > 150
    assert [one for one in links if not (site / one[0]).parent.joinpath(one[1]).is_file()] == []


def test_no_first_line_of_a_property_is_taken_for_a_type():
    """Napoleon reads "word: text" so."""
    rooms = [gw, gw.evolve, gw.guide, gw.evaluate, gw.vision, saliency]
    classes = {getattr(room, name) for room in rooms for name in room.__all__}
    properties = {
        f"{one.__name__}.{name}": str(member.__doc__).strip().partition("\n")[0]
        for one in classes
        if inspect.isclass(one)
        for name, member in inspect.getmembers(one, lambda m: isinstance(m, property))
        if not name.startswith("_")
    }
    assert len(properties) > 50
    assert {name: line for name, line in properties.items() if re.search(r"(?<!:):(?!:)", line)} == {}


def told(page: str, heading: str) -> list[list[str]]:
    """The rows of the tables under a heading, without their heads."""
    section = (
        (DOCS / page).read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    )
    tables = re.findall(r"^\|[-:| ]+\|\n((?:\|.*\n)+)", section, re.MULTILINE)
    return [row.strip("| ").split(" | ") for table in tables for row in table.splitlines()]


def test_the_keys_and_tabs_of_the_workbench_are_those_it_has():
    source = (ROOT / "js" / "src" / "keys.ts").read_text(encoding="utf-8").partition("export const ARROWS")[0]
    assert told("guides/workbench.md", "Keys") == [
        list(row) for row in re.findall(r'\["(.+?)", "(.+?)"\]', source)
    ]
    tabs = (ROOT / "js" / "src" / "grid" / "tabs.ts").read_text(encoding="utf-8")
    labels = re.findall(r'^  \["\w+", "(\w+)", ".+", \w+.*\],$', tabs, re.MULTILINE)
    assert [row[0] for row in told("guides/workbench.md", "The tabs")] == labels
    menu = (ROOT / "js" / "src" / "grid" / "menu.ts").read_text(encoding="utf-8")
    entries = " ".join(row[0] for row in told("guides/workbench.md", "The menu of a picture"))
    assert [one for one in re.findall(r'\["([A-Z][^"]+)", "', menu) if one not in entries] == []


def test_every_result_is_on_the_page_of_evidence():
    page = (DOCS / "evidence.md").read_text(encoding="utf-8")
    results = {path.name for path in (ROOT / "benchmarks" / "results").glob("*.json")} - {"costs.json"}
    assert results == set(re.findall(r"/results/(\w+\.json)\)", page))


def test_a_mask_that_is_cut_as_the_guide_cuts_it_lies_on_the_photograph():
    photo = Image.new("L", (96, 64))
    photo.paste(255, (10, 10, 40, 54))
    seen = np.asarray(fitted(photo, (64, 64))) > 127
    mask = gw.Region.bitmap(np.asarray(ImageOps.fit(photo, (64, 64))) > 127).mask(64, 64)
    assert (mask == seen).all()
    assert (
        gw.Region.bitmap(np.asarray(photo) > 127).mask(64, 64) != seen
    ).mean() > 0.1  # uncut, it lies elsewhere


def test_files_that_are_named_exist():
    named = {
        (page.name, name)
        for page in PAGES
        if page.name not in ELSEWHERE
        for name in re.findall(
            r"`((?:benchmarks|notebooks|docs|training|js|tests)/[\w./-]+)`", page.read_text()
        )
    }
    assert named
    assert [one for one in sorted(named) if not (ROOT / one[1]).exists() and one[1] != "docs/page/"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name not in ELSEWHERE and CODE.search(p.read_text())], ids=lambda p: p.stem
)
def test_the_code_of_a_page_runs(page: Path, fresh: Interpreters, tmp_path: Path):
    code = "\n".join(CODE.findall(page.read_text(encoding="utf-8")))
    fresh(f"{FEW}\n{code}", folder=tmp_path)


def test_the_words_of_the_small_model_are_all_named():
    page = (DOCS / "guides" / "prompts.md").read_text()
    table = page.partition("## Which words")[2].partition("\n## ")[0]
    assert [
        word
        for words in gw.Engine.load().words.values()
        for word in words
        if not re.search(rf"\b{word}\b", table)
    ] == []
