"""The widget as a user sees it, found by the hooks that js/README.md names."""

from __future__ import annotations

import time
from typing import Any

from lab import TIMEOUT_S, Notebook
from playwright.sync_api import Locator


def until(root: Locator, condition: str, arg: Any = None) -> None:
    """Wait until a JavaScript condition on the element `root` and on `arg` holds.

    The element is looked up every time: JupyterLab may draw an output anew, and a handle that is kept would keep a
    closed view in memory.
    """
    end = time.monotonic() + TIMEOUT_S
    while not root.evaluate(f"(root, arg) => Boolean({condition})", arg):
        if time.monotonic() > end:
            raise AssertionError(
                f"never true: {condition}, {arg}\n{root.evaluate('e => e.outerHTML')[:3000]}"
            )
        root.page.wait_for_timeout(50)


PAINTED = """root.querySelectorAll('.gw-tile').length === arg[1]
    && [...root.querySelectorAll('.gw-tile')].every(tile => {
        const img = tile.querySelector('img');
        return 'final' in tile.dataset && img.complete && img.naturalWidth > 0;
    })"""


class Workbench:
    """One view of a session; the first of the notebook unless told."""

    def __init__(self, notebook: Notebook, nth: int = 0) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".jp-Notebook:visible .gw-root").nth(nth)
        self.root.and_(self.page.locator("[data-state='live']")).wait_for()
        self.tiles: Locator = self.root.locator(".gw-tile")

    def press(self, name: str) -> None:
        """Click generate, evolve, undo, redo or cancel, once it can be pressed."""
        self.root.locator(f".gw-{name}:not([aria-disabled='true'])").click()

    def fill(self, name: str, value: str) -> None:
        """Type into prompt, n, steps or guidance, and leave the field."""
        field = self.root.locator(f".gw-{name}")
        field.fill(value)
        field.blur()

    def star(self, index: int) -> None:
        """Click a tile and see its star."""
        tile = self.tiles.nth(index)
        tile.click()  # in the middle: the corners have buttons of their own
        tile.and_(self.page.locator("[data-mark='star']")).wait_for()

    def painted(self, n: int) -> None:
        """Wait until the newest state of the session is on show, and exactly n tiles with finished pictures."""
        version = int(self.notebook.py("print(s.view().version)"))
        until(self.root, f"Number(root.dataset.version) >= arg[0] && {PAINTED}", [version, n])

    def job(self, state: str) -> None:
        """Wait for the state of the newest job: idle, queued, running or paused."""
        self.root.and_(self.page.locator(f"[data-job='{state}']")).wait_for()

    def says(self, text: str, level: str) -> None:
        """Wait for a message of that level in the status line."""
        self.root.locator(f".gw-status[data-level='{level}'] .gw-status-text").filter(
            has_text=text
        ).wait_for()

    def slots(self) -> list[int]:
        """Numbers of the candidates on show."""
        return [int(slot) for slot in self.tiles.evaluate_all("tiles => tiles.map(t => t.dataset.slot)")]

    def starred(self) -> list[int]:
        """Numbers of the starred candidates on show."""
        script = "tiles => tiles.filter(t => t.dataset.mark === 'star').map(t => t.dataset.slot)"
        return [int(slot) for slot in self.tiles.evaluate_all(script)]
