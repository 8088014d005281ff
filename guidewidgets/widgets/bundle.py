"""Where the built front end lies; see `hatch_build.py`."""

from __future__ import annotations

from pathlib import Path

_STATIC = Path(__file__).parent / "static"
_UNBUILT = """export default { render({ el }) {
  el.textContent = "guidewidgets: the front end is not built: npm ci && npm run build in js/, then restart.";
} };"""


def asset(name: str, otherwise: str = _UNBUILT) -> Path | str:
    """A file of the built front end, or what stands for it until it is built."""
    path = _STATIC / name
    return path if path.is_file() else otherwise
