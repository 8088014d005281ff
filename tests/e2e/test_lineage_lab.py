"""The lineage in a real JupyterLab: it lives beside the grid, on the bundle of its own."""

from __future__ import annotations

from lab import Notebook


def test_walk_star_and_branch(notebook: Notebook):
    page = notebook.open(
        'import guidewidgets as gw\ns = gw.Session("a fox")\ns.steps = 2\ns.sample(4).wait()\ns.star(1, 2)\n'
        "s.cross(n=3).wait()\ns.lineage"
    )
    root = page.locator(".jp-Notebook:visible .gw-lineage[data-state='live'][data-nodes='7']")
    root.wait_for()
    node = root.locator(".gw-lineage-node")
    node.focus()
    page.keyboard.press("p")
    root.and_(page.locator("[data-current='1']")).wait_for()
    page.keyboard.press("b")  # must not add a cell
    page.keyboard.press("Space")
    notebook.until("not s[1].starred")
    page.keyboard.press("v")
    notebook.until("len(s.history) == 3 and not s.view().jobs")
    assert notebook.py("print({c.recipe.parent_ids for c in s.history[-1]})") == "{(1,)}"
    page.locator(".jp-Notebook:visible .gw-lineage[data-nodes='19']").wait_for()
    assert notebook.page.locator(".jp-Notebook:visible .jp-CodeCell").count() == 1
