"""Errors in notebooks: shown as far as the reader's own code, what is inside of this package folded away.

A wrong argument is the caller's, and a dozen frames of ours hide the one line that says so. `%tb` brings all back, as
IPython users know it. An error that arises elsewhere, in torch or in a function that was handed in, is shown whole.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

PACKAGE = f"{Path(__file__).parent}{os.sep}"


def fold_in_notebooks() -> None:
    """Fold from now on, where this is IPython and nobody has a handler of their own."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), _show)


def folded(trace: TracebackType | None) -> tuple[TracebackType, int] | None:
    """The frames before ours, and how many follow; None where the error is not ours, or was not called for."""
    links: list[TracebackType] = []
    while trace is not None:
        links.append(trace)
        trace = trace.tb_next
    inside = [_ours(link) for link in links]
    if not links or not inside[-1] or True not in inside[1:]:
        return None
    first = inside.index(True)
    kept: TracebackType | None = None
    for link in reversed(links[:first]):
        kept = TracebackType(kept, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return None if kept is None else (kept, len(links) - first)


def _ours(link: TracebackType) -> bool:
    return link.tb_frame.f_code.co_filename.startswith(PACKAGE)


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: Any = None
) -> None:
    """IPython's handler of errors in cells."""
    short = folded(trace)
    if short is None:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    chain = error.__cause__, error.__suppress_context__
    error.__cause__, error.__suppress_context__ = None, True
    try:
        shell.showtraceback((kind, error, short[0]), tb_offset=tb_offset)
    finally:
        error.__cause__, error.__suppress_context__ = chain
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace  # what %tb shows
    sys.stderr.write(f"{short[1]} frames inside guidewidgets are folded away: %tb shows them\n")
