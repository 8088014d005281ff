"""Results show themselves: generations, candidates, recipes and jobs, in a notebook and in a terminal."""

from __future__ import annotations

import base64
import io
import re
import threading

import nbformat
import pytest
from fresh import write_kernelspec
from IPython.core.formatters import DisplayFormatter
from nbclient import NotebookClient
from PIL import Image
from stored import SECONDS

from guidewidgets import Candidate
from guidewidgets.session import live_output
from guidewidgets.session.events import StepDone


def shown(thing):
    bundle, _ = DisplayFormatter().format(thing)
    return bundle


def pictures(page):
    data = re.findall(r'src="data:image/(?:png|jpeg);base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(one))) for one in data]


def test_a_generation_is_a_sheet(begun):
    generation = begun.history[0]
    page = shown(generation)["text/html"]
    assert len(pictures(page)) == len(generation)
    assert "1 ★" in page
    assert f"Generation 0 by sample: {len(generation)} candidates" in page
    assert len(page) <= 150_000


def test_a_candidate_is_enlarged_with_what_made_it(begun):
    page = shown(begun[1])["text/html"]
    (picture,) = pictures(page)
    assert picture.convert("RGB").tobytes() == begun[1].image.tobytes()  # every pixel of it
    assert 'width="256"' in page
    assert "pixelated" in page
    assert all(words in page for words in ("1 ★ · a fox on a beach", "guidance", "sample"))


def test_words_of_a_prompt_are_no_markup(begun):
    begun.prompt = "<b>fox</b>"
    made = begun.sample(1).wait(SECONDS)
    assert "<b>" not in shown(made)["text/html"] + shown(made[0])["text/html"]


def test_a_damaged_candidate_says_so(begun):
    folder = begun.folder
    number = begun.history[0][0].id
    begun.close()
    for file in folder.glob(f"*/{number:08d}.*"):
        file.write_bytes(b"broken")
    again = type(begun).open(folder)
    page = shown(again.history[0])["text/html"]
    again.close()
    assert len(pictures(page)) == len(again.history[0])


def test_a_recipe_names_parents_by_their_numbers(begun):
    child = begun.cross([1, 4], n=1).wait(SECONDS)[0]
    assert str(child.recipe).startswith("cross of 1, 4 (")
    assert child.recipe.parents[0] not in repr(child.recipe)


def test_a_candidate_of_a_file_has_no_number(begun, tmp_path):
    begun[1].save(tmp_path / "fox.png")
    loaded = Candidate.load(tmp_path / "fox.png")
    assert "-1" not in repr(loaded) + shown(loaded)["text/html"]


def test_a_job_shows_how_far_it_is_and_then_its_pictures(begun):
    held = threading.Event()
    # Its worker waits after the first step; this thread, which hears that the job began, does not.
    begun.subscribe(lambda event: isinstance(event, StepDone) and held.wait(SECONDS))
    job = begun.sample(2, steps=3)
    while not job.previews():
        assert job.state != "done"
    page = live_output.page(job)
    held.set()
    assert "<progress" in page
    assert len(pictures(page)) == len(job.previews())
    job.wait(SECONDS)
    assert len(pictures(live_output.page(job))) == 2


CELLS = (
    "import guidewidgets as gw\ns = gw.Session('an owl')\ns.steps = 8",
    "job = s.sample(3)\njob",
    "import time\njob.wait()\ntime.sleep(2)",
    "s[0].recipe",
)


@pytest.mark.slow
def test_in_a_notebook_the_cell_of_a_job_ends_with_its_pictures(fresh, tmp_path, monkeypatch):
    """A real kernel, run as nbconvert and papermill do."""
    write_kernelspec(tmp_path / "kernels" / "forked", fresh.kernel)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=SECONDS * 5, kernel_name="forked").execute()
    _, job, waited, recipe = notebook.cells
    (output,) = job.outputs
    assert len(pictures(output["data"]["text/html"])) == 3
    assert "widget" not in str(
        (waited, notebook.metadata)
    )  # JupyterLab misses one when it opens the notebook again
    assert all(output.get("data") == {"text/plain": ""} for output in waited.outputs)
    assert "sample (index=0)" in recipe.outputs[0]["data"]["text/plain"]
