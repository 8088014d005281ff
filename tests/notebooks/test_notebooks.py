"""Every notebook that comes with the package runs from top to bottom, quietly."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import pytest
from fresh import KERNEL_PROGRAM, write_kernelspec
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

pytestmark = pytest.mark.slow
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
):
    # Nothing of the user's own, and this environment's kernel whatever the notebook was saved with: a new user's, with
    # nothing imported, for the tour. What others have imported already is what that one imports without a word.
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = nbformat.read(path, as_version=4)
    program = KERNEL_PROGRAM if path.stem == "00_tour" else request.getfixturevalue("fresh").kernel
    write_kernelspec(tmp_path / "JUPYTER_DATA_DIR" / "kernels" / "here", program)
    client = NotebookClient(
        notebook, timeout=1200, kernel_name="here", resources={"metadata": {"path": tmp_path}}
    )
    asyncio.run(client.async_execute())
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    # A new user's first minute shows pictures, no loading bars and no other packages' warnings.
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []
    assert any("image/png" in o.get("data", {}) for o in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_kept_without_outputs(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [None] * len(code)
    assert not any(cell.outputs for cell in code)


def test_your_model_is_safe_in_colab(monkeypatch: pytest.MonkeyPatch):
    """It installs and asks for widgets there and nowhere else; free Colab ends notebooks that speak of servers."""
    (path,) = (path for path in NOTEBOOKS if path.stem == "05_your_model")
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells).lower()
    assert not [word for word in ("://", "localhost", "server", "ssh", "tunnel", "port=") if word in text]
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    done: list[str] = []
    shell = SimpleNamespace(system=done.append)
    run = {"get_ipython": lambda: shell}
    exec(TransformerManager().transform_cell(first), dict(run))  # noqa: S102 - our own cell
    assert done == []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: done.append("widgets"))
    colab = ModuleType("google.colab")
    colab.output = output
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    exec(TransformerManager().transform_cell(first), dict(run))  # noqa: S102
    assert done == ["pip install -q guidewidgets-*.whl bitsandbytes", "widgets"]
