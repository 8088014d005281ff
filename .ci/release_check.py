"""Could it go out today? Builds wheel and sdist and tries them as users would: `make release-check`.

Prints a line for everything that was checked; the first thing that does not hold ends it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
MODELS = ROOT / "guidewidgets" / "models"
MIB = 2**20
MOST = 55 * MIB  # of all models together
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PINS = ROOT / "constraints.txt"
SMOKE = """
import importlib.metadata, sys
import guidewidgets as gw
assert "site-packages" in gw.__file__, gw.__file__
assert "torch" not in sys.modules
s = gw.Session("a fox on a beach")
g = s.sample(2, steps=2).wait()
assert [c.image.size for c in g] == [s.size] * 2
s.star(g[0].id)
assert len(s.cross([c.id for c in g], n=1, steps=2).wait()) == 1
assert "export" in s.workbench._esm
names = ("torch", "diffusers", "transformers", "anywidget", "ipywidgets", "numpy", "pillow", "accelerate")
print(" ".join(f"{n} {importlib.metadata.version(n)}" for n in names))
"""


def run(*command: object, cwd: Path = ROOT) -> str:
    """What a command prints; it must succeed."""
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"}}
    done = subprocess.run([*map(str, command)], env=env, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"FAILED: {' '.join(map(str, command))[:200]}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def say(text: str) -> None:
    """Print it now."""
    print(text, flush=True)


def build() -> Path:
    """Wheel and sdist, with metadata that the index takes."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build")
    run(sys.executable, "-m", "twine", "check", "--strict", *DIST.iterdir())
    for made in sorted(DIST.iterdir()):
        say(f"built    {made.name}: {made.stat().st_size / MIB:.1f} MiB, its metadata is in order")
    (wheel,) = DIST.glob("*.whl")
    return wheel


def contents(wheel: Path) -> None:
    """What is in the wheel, and whether everything that others made has its licence beside it."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    rooms: dict[str, int] = {}
    for name, size in sizes.items():
        room = "/".join(name.split("/")[: 3 if name.startswith("guidewidgets/models") else 2])
        room = room if room.count("/") > 1 or "." not in room.rpartition("/")[2] else name.partition("/")[0]
        rooms[room] = rooms.get(room, 0) + size
    for room, size in sorted(rooms.items(), key=lambda item: -item[1]):
        say(f"in it    {size / MIB:6.2f} MiB {room}")
    models = sum(size for name, size in sizes.items() if name.startswith("guidewidgets/models/"))
    assert models <= MOST, f"models of {models / MIB:.1f} MiB: at most {MOST / MIB:.0f}"
    folders = [
        folder
        for folder in MODELS.iterdir()
        if (folder / "config.json").exists() or (folder / "model_index.json").exists()
    ]
    for folder in folders:
        notices = [n for n in ("NOTICE", "README.md") if f"guidewidgets/models/{folder.name}/{n}" in sizes]
        assert notices, f"{folder.name}: no NOTICE beside its weights"
    assert any(re.search(r"dist-info/licenses/LICENSE$", name) for name in sizes), "no LICENSE"
    with tempfile.TemporaryDirectory() as folder:
        made = (f"--metafile={folder}/meta.json", f"--outfile={folder}/widget.js")
        run("node_modules/.bin/esbuild", "src/index.ts", "--bundle", "--format=esm", *made, cwd=ROOT / "js")
        inputs = json.loads(Path(folder, "meta.json").read_text(encoding="utf-8"))["inputs"]
    others = [name for name in inputs if "node_modules" in name]
    assert not others, f"the bundle holds others' code, without their licences: {others[:3]}"
    say(f"licences LICENSE, and a notice for each of {len(folders)} models; the bundle is our own code alone")


def tried(name: str, python: str, wheel: Path, *options: str) -> None:
    """Install the wheel into an empty environment, and use it."""
    with tempfile.TemporaryDirectory() as folder:
        env = Path(folder) / "env"
        run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", python, env)
        install = (
            sys.executable,
            "-m",
            "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            env / "bin" / "python",
        )
        torch = next(
            line for line in PINS.read_text(encoding="utf-8").splitlines() if line.startswith("torch==")
        )
        run(*install, torch)  # alone first: the pinned build then satisfies everybody else's range
        run(*install, torch, *options, wheel)
        say(f"works    {name}: {run(env / 'bin' / 'python', '-c', SMOKE, cwd=Path(folder)).strip()}")


def main() -> None:
    """Check all of it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', (ROOT / "guidewidgets" / "__init__.py").read_text())
    assert version, "guidewidgets/__init__.py names no version"
    assert f"version: {version[1]}\n" in citation, f"CITATION.cff names another version than {version[1]}"
    wheel = build()
    contents(wheel)
    found = 0
    for python in PYTHONS:
        have = subprocess.run(
            [sys.executable, "-m", "uv", "python", "find", "--offline", python],
            capture_output=True,
            check=False,
        )
        if have.returncode:
            say(f"skipped  Python {python}: it is not on this machine")
            continue
        found += 1
        tried(f"Python {python}, newest", python, wheel)
    assert found, f"no Python of {', '.join(PYTHONS)} here"
    lowest = sys.version_info
    named = [one for one in project["dependencies"] if not one.startswith("torch")]
    tried("lowest versions", f"{lowest.major}.{lowest.minor}", wheel, "--resolution", "lowest-direct", *named)
    say(f"ready    {project['name']} {version[1]}")


if __name__ == "__main__":
    main()
