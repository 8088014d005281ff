"""What the notebook's side of a widget wants: the built front end (see `hatch_build.py`), and clicks in a busy cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ipywidgets.widgets import widget

_STATIC = Path(__file__).parent / "static"
_UNBUILT = """export default { render({ el }) {
  el.textContent = "guidewidgets: the front end is not built: npm ci && npm run build in js/, then restart.";
} };"""


def asset(name: str, otherwise: str = _UNBUILT) -> str:
    """A file of the built front end, or what stands for it until it is built.

    Its text, not its path: what anywidget makes of a path holds every widget for ever.
    """
    path = _STATIC / name
    return path.read_text(encoding="utf-8") if path.is_file() else otherwise


def registry() -> dict[str, Any]:
    """All widgets of this kernel that are not closed, by model id; ipywidgets has no public name for it any more."""
    return getattr(widget, "_instances", {})


def allow_clicks_while_busy(comm: Any) -> None:
    """Let the page's messages in while a cell runs.

    ipykernel 7.4 sends clicks to the loop that last published on this comm: the main one, busy with a cell. With None
    here it leaves them to the subshell that the front end chose.
    """
    if hasattr(comm, "_reply_subshell_for"):
        setattr(comm, "_reply_subshell_for", None)  # noqa: B010 - private, and absent elsewhere
