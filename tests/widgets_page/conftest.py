"""The built bundle in a plain Chromium page, with a fake model or with a real session behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bridge import ORIGIN, SECONDS, STATIC, Bridge, serve
from playwright.sync_api import Browser, Page

from guidewidgets.engine import Engine
from guidewidgets.session import Session
from guidewidgets.widgets import GridWidget


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page with the fake host; it must end without an error in it."""
    assert (STATIC / "widget.js").is_file(), "the front end is not built: npm ci && npm run build in js/"
    context = chromium.new_context(viewport={"width": 760, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    serve(page)
    page.goto(ORIGIN)
    page.wait_for_function("window.host")
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def fixture() -> dict:
    path = Path(__file__).parents[1] / "widgets" / "fixture.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def session(engine: Engine) -> Session:
    session = Session("a fox on a beach", model=engine, seed=0)
    session.set(steps=3)
    return session


@pytest.fixture
def bridge(page: Page, session: Session) -> Iterator[Bridge]:
    """A workbench of the session, open in the page."""
    widget = GridWidget(session)
    bridge = Bridge(page, widget)
    bridge.until("document.querySelector('.gw-root').dataset.state === 'live'")
    yield bridge
    session.cancel()
    widget.close()


Show = Callable[..., None]


@pytest.fixture
def show(page: Page, fixture: dict) -> Show:
    """Put a finished generation of n images (12) on the page, `w` × `h`, with changes to the state."""

    def run(
        n: int = 12,
        w: int = 64,
        h: int = 64,
        pictures: int | None = None,
        compare: str = "none",
        **changes: object,
    ) -> None:
        example = fixture["from_kernel"]["snapshot"]
        cell = example["state"]["cells"][0] | {"mark": "none", "w": w, "h": h, "compare": compare}
        done = n if pictures is None else pictures
        cells = [cell | {"slot": i, "phase": "done" if i < done else "pending"} for i in range(n)]
        calm = {"job": None, "parents": [], "notices": [], "generations": [], "at": None, "family": []}
        tile = example["tiles"][0] | {"media_type": "image/png", "w": w, "h": h}
        tiles = [tile | {"slot": i} for i in range(done)]
        content = {
            "kind": "snapshot",
            "state": example["state"] | calm | {"cells": cells} | changes,
            "tiles": tiles,
        }
        if not page.evaluate("() => Boolean(host.model)"):
            page.evaluate("() => host.start({ mode: 'workbench' })")
            page.evaluate("() => host.view()")
        page.evaluate(
            "([c, n]) => host.deliver(c, Array(n).fill(host.png(c.tiles[0]?.w, c.tiles[0]?.h)))",
            [content, done],
        )

    return run
