"""Where a file cannot be written, one line says why, and nothing is left behind."""

from __future__ import annotations

import pytest

WAYS = {
    "save": lambda s, folder: s.save(folder / "t.gw"),
    "to_replay": lambda s, folder: s.to_replay(folder / "t.gw"),
    "to_html": lambda s, folder: s.to_html(folder / "t.html"),
    "to_zip": lambda s, folder: s.to_zip(folder / "t.zip"),
    "png": lambda s, folder: s[0].save(folder / "t.png"),
    "latent": lambda s, folder: s[0].save(folder / "t.latent"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_folder_that_is_not_there(begun, tmp_path, way):
    with pytest.raises(
        OSError, match=r"nodir/t\.\w+ cannot be saved: there is no folder '.*nodir'$"
    ) as caught:
        way(begun, tmp_path / "nodir")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "nodir").exists()


UNICODE = """
import sys, pathlib, tiny
import guidewidgets as gw
folder = pathlib.Path(sys.argv[1])
assert sys.getfilesystemencoding() == "ascii"
e = gw.Engine.load(tiny.stable_diffusion(folder))
s = gw.Session("a fox", model=e, store=folder / "trip")
s.sample(1, steps=1).wait()
before = sorted(p.name for p in folder.rglob("*"))
name = "f\\u00fcchse"
for way in (
    lambda: s.save(folder / f"{name}.gw"),
    lambda: s[0].save(folder / f"{name}.png"),
    lambda: s[0].save(folder / f"{name}.latent"),
    lambda: s.to_html(folder / f"{name}.html"),
    lambda: s.to_zip(folder / f"{name}.zip"),
    lambda: gw.Session("x", model=e, store=folder / name),
    lambda: gw.Session.open(folder / f"{name}.gw"),
    lambda: gw.Candidate.load(folder / f"{name}.png"),
):
    try:
        way()
    except (OSError, gw.SessionFileError) as error:
        print(ascii(str(error)))
assert sorted(p.name for p in folder.rglob("*")) == before
s.close()
"""


@pytest.mark.slow
def test_names_that_this_systems_encoding_lacks(tmp_path):
    """LC_ALL=C without Python's UTF-8 mode: the clean-up of a draft that could not be made raised in its turn."""
    import os
    import subprocess
    import sys
    from pathlib import Path

    tests = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", UNICODE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C", "PYTHONPATH": f"{tests}:{tests.parent}"},
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert len(lines) == 8
    assert all("PYTHONUTF8=1 helps" in line for line in lines[:6])
    assert "Traceback" not in run.stderr
