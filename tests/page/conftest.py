"""The page that paints, built once, served as plain files, and opened in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from serving import SECONDS, served

from docs import build_page


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make page` makes; the exported model is kept between runs."""
    folder = tmp_path_factory.mktemp("site") / "page"
    build_page.main(folder)
    return folder


@pytest.fixture(scope="session")
def origin(built):
    with served(built) as url:
        yield url


@pytest.fixture
def visit(chromium, origin):
    """Open the page at a fragment; it must end without an error, and ask for nothing from elsewhere."""
    contexts, errors, asked = [], [], []

    def to(fragment="", **how):
        context = chromium.new_context(**how)
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{origin}/{fragment}")
        page.wait_for_selector(".tile")
        return page

    yield to
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in asked if not url.startswith((f"{origin}/", "data:", "blob:"))] == []
