"""The documentation as a site: it builds without a warning, leads nowhere that is not there, and its code runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fresh import Interpreters

import guidewidgets as gw

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "page" not in path.relative_to(DOCS).parts)
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Each has a test of its own.
ELSEWHERE = {"extending.md"}
ABROAD = ("https://", "http://", "mailto:")
PAINTS = "page/index.html"  # `make page` makes it, in docs/page/


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
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(out)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
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
    listed = re.findall(r"\]\((.+?)\)", (site / "llms.txt").read_text(encoding="utf-8"))
    assert sorted(listed) == [str(path.relative_to(DOCS)) for path in PAGES]
    assert all((site / name).read_text() == (DOCS / name).read_text() for name in listed)


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
    fresh(f"import os; os.chdir({str(tmp_path)!r})\n{code}")


def test_the_words_of_the_small_model_are_all_named():
    page = (DOCS / "guides" / "prompts.md").read_text()
    table = page.partition("## Which words")[2].partition("\n## ")[0]
    assert [
        word
        for words in gw.Engine.load().words.values()
        for word in words
        if not re.search(rf"\b{word}\b", table)
    ] == []
