"""The composer in JupyterLab: drag a weight and see the picture follow, mute and solo, by mouse and by keyboard."""

from __future__ import annotations

from lab import Notebook
from playwright.sync_api import Locator

START = """import guidewidgets as gw
s = gw.Session("a fox AND a beach", seed=3)
s.steps = 8
s.composer"""


class Composer:
    """The composer as a user sees it."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root: Locator = self.page.locator(".jp-Notebook:visible .gw-composer[data-state='live']")
        self.root.wait_for()

    def painted(self, prompt: str, *, full: bool = True) -> str:
        """Wait until the picture of a prompt is on the screen (… at its end: of one that begins so); its pixels."""
        self.page.wait_for_function(
            """([root, prompt, full]) => {
                const previewed = root.dataset.previewed ?? '';
                const fits = prompt.endsWith('…') ? previewed.startsWith(prompt.slice(0, -1)) : previewed === prompt;
                return fits && ('full' in root.dataset) === full;
            }""",
            arg=[self.root.element_handle(), prompt, full],
        )
        return self.root.locator(".gw-composer-picture").evaluate(
            """async img => { await img.decode(); const c = document.createElement('canvas');
                c.width = c.height = 32; c.getContext('2d').drawImage(img, 0, 0, 32, 32);
                return c.toDataURL(); }"""
        )

    def weight(self, index: int) -> Locator:
        return self.root.locator(".gw-composer-weight").nth(index)


def test_the_picture_follows_the_hand(notebook: Notebook):
    notebook.open(START)
    composer = Composer(notebook)
    first = composer.painted("a fox AND a beach")
    box = composer.weight(0).bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    composer.page.mouse.move(box["x"] + box["width"] / 2, y)
    composer.page.mouse.down()
    composer.page.mouse.move(box["x"] + 0.1 * box["width"], y, steps=8)
    dragged = composer.painted("a fox ::0.…", full=False)
    assert notebook.py("print(s.prompt)").strip() == "a fox AND a beach"  # nothing is set yet
    composer.page.mouse.up()
    let_go = composer.painted("a fox ::0.…")
    assert len({first, dragged, let_go}) == 3
    assert notebook.py("print(s.prompt)").strip().startswith("a fox ::0.")
    assert (
        notebook.py("print(s.undo(), s.prompt)").strip() == "True a fox AND a beach"
    )  # one step, not a hundred
    assert composer.painted("a fox AND a beach") == first


def test_mute_solo_and_weights_by_keyboard_alone(notebook: Notebook):
    notebook.open(START)
    composer = Composer(notebook)
    both = composer.painted("a fox AND a beach")
    composer.root.locator(".gw-composer-mute").first.focus()
    composer.page.keyboard.press("Space")
    beach = composer.painted("a beach")
    composer.page.keyboard.press("Space")
    assert composer.painted("a fox AND a beach") == both
    composer.page.keyboard.press("Tab")  # from mute to solo
    composer.page.keyboard.press("Enter")
    fox = composer.painted("a fox")
    assert notebook.py("print(s.prompt)").strip() == "a fox"
    assert len({both, beach, fox}) == 3
    composer.page.keyboard.press("Enter")
    composer.painted("a fox AND a beach")
    composer.weight(1).focus()
    for _ in range(3):
        composer.page.keyboard.press("ArrowLeft")
    composer.painted("a fox AND a beach ::0.85")
    assert notebook.py("print(s.prompt)").strip() == "a fox AND a beach ::0.85"
