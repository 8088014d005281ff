"""What a user sees of the package: `dir`, Tab in a kernel, `help`, and where classes that messages name are found."""

from __future__ import annotations

import pydoc
import re
import subprocess
import sys

import pytest
from jupyter_client.manager import start_new_kernel

import guidewidgets as gw

NAMES = sorted(gw.__all__)


def test_dir_is_the_public_names():
    assert dir(gw) == NAMES
    assert all(getattr(gw, name) is not None for name in NAMES)
    assert not [name for name in NAMES if name.startswith("_")]


def test_asking_for_the_names_loads_nothing_heavy():
    script = (
        "import sys, guidewidgets as gw; dir(gw); print(sorted({'torch', 'diffusers'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_objective_is_found_where_one_looks():
    for name in gw.OBJECTIVES:
        assert getattr(gw, name) is getattr(gw.guide, name)
        assert issubclass(getattr(gw, name), gw.vision.Objective)
    for name in ("AestheticHead", "CosineScorer"):
        assert getattr(gw, name) is getattr(gw.vision, name) is getattr(gw.guide, name)
    assert gw.evaluate.CosineScorer is gw.CosineScorer
    assert gw.evaluate.load_prompts.__name__ == "load_prompts"
    assert {"Study", "StudyResult", "bradley_terry"} <= set(gw.evaluate.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        gw.Nope  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        gw.guide.Nope  # noqa: B018


def test_help_documents_the_public_classes_and_no_others():
    text = pydoc.plain(pydoc.render_doc(gw))
    classes = text[text.index("\nCLASSES\n") : text.index("\nVERSION\n")]
    documented = re.findall(r"^    class (\w+)", classes, re.MULTILINE)
    assert sorted(documented) == [name for name in NAMES if isinstance(getattr(gw, name), type)]
    functions = re.findall(
        r"^    (\w+)\(\)", text[text.index("\nFUNCTIONS\n") : text.index("\nVERSION\n")], re.MULTILINE
    )
    assert functions == ["doctor"]
    assert "\nDATA\n" not in text


def test_tab_in_a_live_kernel():
    manager, client = start_new_kernel()
    try:
        client.execute_interactive("import guidewidgets as gw", timeout=120)

        def tab(code: str) -> list[str]:
            asked = client.complete(code, len(code))
            while (reply := client.get_shell_msg(timeout=120))["parent_header"]["msg_id"] != asked:
                pass
            return reply["content"]["matches"]

        assert sorted(tab("gw.")) == NAMES
        assert sorted(tab("gw.Cl")) == ["Classify", "ClipImage", "ClipText"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
