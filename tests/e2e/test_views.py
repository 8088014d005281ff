"""Views come and go: they agree, survive the page, leave nothing behind, and show what went wrong."""

from __future__ import annotations

import pytest
from lab import Notebook
from workbench import Workbench

ROUNDS = 12

# Run twice it shows the same session again.
START = """import guidewidgets as gw
s = globals().get("s") or gw.Session("a fox on a beach")
s.steps = 2
s.history or s.sample(4).wait()
s"""


def test_a_second_view_shows_the_same(notebook: Notebook):
    notebook.open(START, "s")
    first, second = Workbench(notebook), Workbench(notebook, 1)
    second.painted(4)
    first.star(2)
    second.tiles.nth(2).and_(notebook.page.locator("[data-mark='star']")).wait_for()
    second.fill("n", "3")
    second.press("generate")
    for view in (first, second):
        view.painted(3)
    assert first.slots() == second.slots()
    first.press("undo")
    for view in (first, second):
        view.painted(4)
        assert view.slots() == [0, 1, 2, 3]
        assert view.starred() == [2]


def test_a_page_reload_restores_the_state(notebook: Notebook):
    notebook.open(START)
    bench = Workbench(notebook)
    bench.painted(4)
    bench.star(0)
    bench.fill("prompt", "a cat on a beach")
    notebook.until("str(s.prompt) == 'a cat on a beach'")
    notebook.ran()

    notebook.reload()
    bench = Workbench(notebook)
    bench.painted(4)
    assert bench.starred() == [0]
    assert bench.root.locator(".gw-prompt").input_value() == "a cat on a beach"
    bench.star(3)
    notebook.until("[c.id for c in s.history[0].starred] == [0, 3]")


def test_closed_views_leave_no_blob_urls_and_no_listeners(notebook: Notebook):
    page = notebook.page
    tools = page.context.new_cdp_session(page)
    notebook.open(START, "s", run=False)
    blobs = page.evaluate("blobUrls()")

    def opened_and_closed() -> tuple[int, int]:
        """Show two views and clear them away; the listeners and the nodes that are alive then."""
        notebook.command("notebook:run-all-cells")
        for nth in (0, 1):
            Workbench(notebook, nth).painted(4)
        assert page.evaluate("blobUrls()") > blobs
        notebook.command("notebook:clear-all-cell-outputs")
        page.wait_for_function("() => !document.querySelector('.gw-root')")
        page.wait_for_function("n => blobUrls() <= n", arg=blobs)
        tools.send("HeapProfiler.collectGarbage")
        alive = tools.send("Memory.getDOMCounters")
        return alive["jsEventListeners"], alive["nodes"]

    # What JupyterLab or the browser still holds of a round is let go in a later one. What leaks is never given back
    # and grows with each: a view has about 130 listeners and 390 nodes, and JupyterLab keeps a few nodes per run.
    seen = [opened_and_closed() for _ in range(3)]
    while len(seen) < ROUNDS:
        seen.append(opened_and_closed())
        if seen[-1][0] - seen[0][0] < 60 and seen[-1][1] - seen[0][1] < 190:
            return
    pytest.fail(f"closed views are still there (listeners, nodes): {seen}")


@pytest.mark.parametrize(
    ("field", "value", "place", "says"),
    [
        ("prompt", "a fox AND", ".gw-prompt-error", "missing"),
        ("n", "0", ".gw-status[data-level='error']", "Images"),
    ],
)
def test_bad_input_is_refused_in_place(notebook: Notebook, field: str, value: str, place: str, says: str):
    notebook.open(START)
    bench = Workbench(notebook)
    good = bench.root.locator(f".gw-{field}").input_value()
    bench.fill(field, value)
    bench.press("generate")
    bench.root.locator(place).filter(has_text=says).wait_for()
    bench.fill(field, good)
    bench.fill("n", "2")
    bench.press("generate")
    bench.painted(2)
    notebook.until("len(s.history) == 2")


def test_a_failure_in_the_worker_is_shown_and_survived(notebook: Notebook):
    notebook.open(START)
    bench = Workbench(notebook)
    bench.painted(4)
    notebook.py("finish = s.engine.finish\ndef broken(latents): raise RuntimeError('the decoder is on fire')")
    notebook.py("type(s.engine).finish = lambda self, latents: broken(latents); original = finish.__func__")
    bench.press("generate")
    bench.says("the decoder is on fire", "error")
    bench.root.locator(".gw-more").click()
    bench.root.locator(".gw-detail").filter(has_text="Traceback").wait_for()
    notebook.py("type(s.engine).finish = original")
    bench.press("generate")
    notebook.until("len(s.history) == 2")


def test_unknown_words_are_warned_about(notebook: Notebook):
    notebook.open(START)
    bench = Workbench(notebook)
    bench.fill("prompt", "a xylophone on a beach")
    bench.says("xylophone", "warning")
    bench.press("generate")
    bench.painted(12)
    bench.says("xylophone", "warning")
    bench.fill("prompt", "a fox on a beach")
    bench.root.locator(".gw-status:not([data-level])").wait_for()
