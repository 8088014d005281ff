"""The first minute of a new user, by clicks alone, on the tour notebook that comes with the package."""

from __future__ import annotations

import json

import nbformat
import pytest
from lab import FRESH, ROOT, Notebook
from workbench import Workbench

TOUR = ROOT / "notebooks" / "00_tour.ipynb"


@pytest.fixture
def kernel() -> str:
    """One that has nothing imported, as a user's."""
    return FRESH


def test_generate_star_evolve_undo(notebook: Notebook):
    document = nbformat.read(TOUR, as_version=4)
    by_hand = next(i for i, cell in enumerate(document.cells) if "by_hand" in cell.metadata.get("tags", ()))
    del document.cells[by_hand + 1 :]
    notebook.open_document(document)
    bench = Workbench(notebook)

    bench.press("generate")
    bench.painted(12)
    notebook.until("len(s.history) == 1 and len(s.history[0]) == 12")
    slots = bench.slots()
    for i in (0, 4, 7):
        bench.star(i)
    chosen = [slots[i] for i in (0, 4, 7)]
    notebook.until(f"[c.id for c in s.history[0].starred] == {chosen}")

    bench.press("evolve")
    notebook.until("len(s.history) == 2")
    bench.painted(12)
    assert not set(bench.slots()) & set(slots)
    parents = json.loads(
        notebook.py("import json; print(json.dumps([c.recipe.parent_ids for c in s.history[1]]))")
    )
    assert parents == [chosen] * 12
    assert notebook.py("print({c.recipe.operator for c in s.history[1]})") == "{'cross'}"
    hashes = "c.recipe.parents == tuple(s[i].hash for i in c.recipe.parent_ids)"
    notebook.until(f"all({hashes} for c in s.history[1])")

    bench.press("undo")
    notebook.until("len(s.history) == 1")
    bench.painted(12)
    assert bench.slots() == slots
    assert bench.starred() == chosen
    bench.press("redo")
    notebook.until("len(s.history) == 2")
