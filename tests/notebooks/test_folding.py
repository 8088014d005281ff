"""Errors in a real kernel: our frames are folded away, %tb brings them back, and other people's errors stay whole."""

from __future__ import annotations

import asyncio
import re

import nbformat
import pytest
from fresh import write_kernelspec
from nbclient import NotebookClient

from guidewidgets.folding import folded

CELLS = {
    "import": "import guidewidgets as gw",
    "prompt": "gw.Prompt.parse('a fox AND')",
    "tb": "%tb",
    "again": "gw.Region.box(0.5, 0, 0.1, 1)",
    "caused": "gw.Session.open('nothing.gw')",
    "foreign": "1/0",
    "handed in": "def mine(x):\n    raise KeyError(x)\nmine(3)",
    "after": "print('still here')",
}
OWN = "x = 1\nget_ipython().set_custom_exc((KeyError,), lambda *a, **k: None)\nimport guidewidgets as gw"


def run(cells, fresh, tmp_path, monkeypatch):
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    write_kernelspec(tmp_path / "JUPYTER_DATA_DIR" / "kernels" / "forked", fresh.kernel)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, allow_errors=True, timeout=300, kernel_name="forked")
    asyncio.run(client.async_execute())
    shown = []
    for cell in notebook.cells:
        texts = ["\n".join(o.get("traceback", [])) or o.get("text", "") for o in cell.outputs]
        shown.append(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(texts)))
    return shown


@pytest.mark.slow
def test_errors_of_ours_show_the_readers_own_lines(fresh, tmp_path, monkeypatch):
    shown = dict(zip(CELLS, run(CELLS.values(), fresh, tmp_path, monkeypatch), strict=True))
    errors = {
        "prompt": "PromptError: a concept is missing",
        "again": "ValueError: ",
        "caused": "SessionFileError",
    }
    for name, error in errors.items():
        assert error in shown[name]
        assert "----> 1" in shown[name]
        assert "guidewidgets/" not in shown[name]
        assert "During handling" not in shown[name]
        assert "frames inside guidewidgets are folded away: %tb shows them" in shown[name]
    assert "guidewidgets/prompt/parser.py" in shown["tb"]
    assert "folded" not in shown["tb"]
    assert "ZeroDivisionError" in shown["foreign"]
    assert shown["handed in"].count("---->") == 2
    assert "folded" not in shown["foreign"] + shown["handed in"]
    assert shown["after"] == "still here\n"


@pytest.mark.slow
def test_a_handler_of_the_readers_own_stays(fresh, tmp_path, monkeypatch):
    *_, shown = run([OWN, "gw.Prompt.parse('a AND')"], fresh, tmp_path, monkeypatch)
    assert "guidewidgets/prompt/parser.py" in shown
    assert "folded" not in shown


def trace_of(call):
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whichever it is
        return error.__traceback__
    raise AssertionError("no error")


def test_what_is_folded():
    from guidewidgets import Prompt
    from guidewidgets.untrusted import parse_json

    trace, frames = folded(trace_of(lambda: Prompt.parse("a AND")))
    assert frames >= 4
    assert trace.tb_next.tb_next is None  # this test and its lambda
    assert folded(trace_of(lambda: 1 / 0)) is None
    assert folded(None) is None

    class Text(str):
        __slots__ = ()

        def __len__(self):
            raise KeyError("the reader's own mistake")

    assert folded(trace_of(lambda: parse_json(Text("{}"), "it"))) is None
