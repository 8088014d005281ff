"""The page that paints, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import build_page


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make page` makes; the exported model is kept between runs."""
    folder = tmp_path_factory.mktemp("site") / "page"
    build_page.main(folder)
    return folder
