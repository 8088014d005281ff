"""The tour's first cell run again and again: kernel and page let go of what it replaced; a closed session says so."""

from __future__ import annotations

import json

import nbformat
import pytest
from lab import KERNEL, ROOT, Notebook
from workbench import Workbench, until

ROUNDS = 20
TOUR = ROOT / "notebooks" / "00_tour.ipynb"
CENSUS = """
import gc, json, threading
from comm import get_comm_manager
from guidewidgets.engine import Engine
gc.collect()
there = gc.get_objects()
count = lambda kind: sum(issubclass(type(one), kind) for one in there)
senders = [t for t in threading.enumerate() if t.name == "guidewidgets-sender"]
print(json.dumps([count(gw.Session), count(Engine), len(senders), len(get_comm_manager().comms)]))
del there, senders
"""
# The manager of the notebook's widgets stands behind no public name: its renderers know it.
MODELS = """() => {
    const panel = jupyterapp.shell.currentWidget;
    const factories = panel.content.rendermime;
    const renderer = factories.createRenderer('application/vnd.jupyter.widget-view+json');
    return renderer._manager?.promise.then((manager) => Object.keys(manager._models).length);
}"""


def first_cells(notebook: Notebook) -> None:
    document = nbformat.read(TOUR, as_version=4)
    by_hand = next(i for i, cell in enumerate(document.cells) if "by_hand" in cell.metadata.get("tags", ()))
    del document.cells[by_hand + 1 :]
    notebook.open_document(document)


def test_the_first_cell_run_again_replaces_what_it_made(notebook: Notebook):
    first_cells(notebook)
    page, before = notebook.page, None
    for round_ in range(ROUNDS):
        Workbench(notebook).root.and_(page.locator("[data-state='live']")).wait_for()
        last = notebook.py("print(id(s))")
        if round_ == 1:
            before = json.loads(notebook.py(CENSUS)), page.evaluate(MODELS)
        notebook.command("notebook:run-all-cells")
        notebook.until(f"id(s) != {last}")
        page.wait_for_function("() => document.querySelectorAll('.gw-root').length === 1")
    Workbench(notebook).root.and_(page.locator("[data-state='live']")).wait_for()
    assert before is not None
    assert before[0] == [1, 1, 1, before[0][3]]
    assert before[1] > 0
    assert (json.loads(notebook.py(CENSUS)), page.evaluate(MODELS)) == before


def test_a_closed_session_says_so_and_goes_when_its_cell_runs_again(notebook: Notebook):
    first_cells(notebook)
    bench = Workbench(notebook)
    bench.press("generate")
    bench.painted(12)
    models = notebook.page.evaluate(MODELS)
    notebook.py("s.close()")
    bench.root.and_(notebook.page.locator("[data-state='closed']")).wait_for()
    assert "Closed: run its cell again" in bench.root.inner_text()
    assert bench.tiles.count() == 12
    notebook.command("notebook:run-all-cells")
    bench.root.and_(notebook.page.locator("[data-state='live']")).wait_for()
    assert notebook.page.evaluate(MODELS) == models
    bench.root.locator(".gw-offers").filter(
        has_text="Your last session: “a mushroom” 12 pictures, just now"
    ).wait_for()
    bench.press("reopen")
    bench.painted(12)  # in the widget that offered them, which is the variable's
    assert notebook.py("print(len(s.history[0]), s.workbench.comm is not None)") == "12 True"
    assert notebook.page.evaluate(MODELS) == models


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_a_widget_that_lost_its_kernel_says_so(notebook: Notebook, end: str):
    notebook.open("import guidewidgets as gw\ns = gw.Session('a fox', seed=0)\ns.steps = 200\ns")
    bench = Workbench(notebook)
    page = notebook.page
    bench.root.locator(".gw-help").click()
    widths = bench.root.locator(".gw-keys dt").evaluate_all(
        "all => all.map(t => t.getBoundingClientRect().width)"
    )
    assert min(widths) > 100  # JupyterLab's own rules would give them 36
    page.keyboard.press("Escape")
    bench.press("generate")
    bench.job("running")
    if end == "restart":
        page.evaluate(f"() => {{ {KERNEL}.restart().catch(() => 0) }}")
    else:
        notebook.py("import threading, os; threading.Timer(0.5, lambda: os.kill(os.getpid(), 9)).start()")
    bench.root.and_(page.locator("[data-state='gone']")).wait_for()
    assert "run its cell again" in bench.root.locator(".gw-banner").inner_text()
    assert "finished" in bench.root.locator(".gw-title").inner_text()
    until(bench.root, "root.dataset.job === 'idle' && !root.querySelector('.gw-cancel[data-on]')")
    until(bench.root, "root.querySelector('.gw-generate').closest('[inert]')")
