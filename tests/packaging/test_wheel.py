"""What users install: the wheel made from the sdist, in an empty environment on a machine without Node."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
BUNDLE = {f"guidewidgets/widgets/static/{name}" for name in ("widget.js", "widget.css")}
WEIGHTS = "guidewidgets/models/emoji/"
MIB = 2**20


def run(*command: object, path: str | None = None, cwd: Path | None = None) -> str:
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1"} | ({"PATH": path} if path is not None else {})
    done = subprocess.run([*map(str, command)], env=env, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", folder, ROOT)
    (made,) = folder.glob("*.tar.gz")
    return made


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from the unpacked sdist with nothing on the PATH, so without Node."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python before 3.11.4 has none
        archive.extractall(folder, **safe)  # noqa: S202 - made here
    (source,) = (entry for entry in folder.iterdir() if entry.is_dir())
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder, source, path=str(folder))
    (made,) = folder.glob("*.whl")
    return made


def test_the_sdist_holds_the_bundle_and_what_it_is_made_of(sdist: Path):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= BUNDLE
    assert {"js/package-lock.json", "js/src/index.ts", "hatch_build.py", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name]


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    assert set(sizes) >= BUNDLE
    budget = {"widget.js": 135_000, "widget.css": 36_000}  # bytes; a copy goes with every widget
    assert all(sizes[part] <= budget[Path(part).name] for part in BUNDLE)
    weights = [name for name in sizes if name.startswith(WEIGHTS) and name.endswith(".safetensors")]
    assert f"{WEIGHTS}model_index.json" in sizes
    assert {Path(name).parent.name for name in weights} >= {"unet", "vae", "text_encoder"}
    for net in ("guide", "judge", "reader", "classifier", "saliency", "aesthetic"):
        assert {
            f"guidewidgets/models/{net}/{file}" for file in ("model.safetensors", "config.json", "NOTICE")
        } <= set(sizes)
    assert sum(sizes.values()) < 40 * MIB
    strangers = [name for name in sizes if not name.startswith(("guidewidgets/", "guidewidgets-"))]
    assert strangers == []
    assert not [
        name for name in sizes if name.endswith((".ts", ".ipynb", ".pyc", ".pt", ".bin", ".pth", ".pkl"))
    ]


def asked_for(package: importlib.metadata.Distribution, extra: str) -> list[Requirement]:
    """What a package needs here, with one of its extras."""
    needs = map(Requirement, package.requires or ())
    return [one for one in needs if one.marker is None or one.marker.evaluate({"extra": extra})]


def lend(site: Path, name: str) -> None:
    """Link into an environment what an installed wheel says it needs, and what that needs, and nothing else."""
    (wheel,) = importlib.metadata.distributions(name=name, path=[str(site)])
    wanted = asked_for(wheel, "")
    lent: set[tuple[str, str]] = set()
    while wanted:
        need = wanted.pop()
        for extra in ("", *need.extras):
            if (need.name, extra) in lent:
                continue
            lent.add((need.name, extra))
            other = importlib.metadata.distribution(need.name)
            for top in {Path(file).parts[0] for file in other.files or ()} - {"..", "__pycache__"}:
                if not (site / top).exists():
                    (site / top).symlink_to(other.locate_file(top))
            wanted += asked_for(other, extra)


def test_the_wheel_works_in_an_empty_environment_without_node(wheel: Path, tmp_path: Path):
    """Of the packages in this environment it has those that it asks for: `make release-check` fetches them instead."""
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (nothing := tmp_path / "nothing").mkdir()
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--quiet", "--no-compile", "--no-deps", wheel, path=str(nothing))
    lend(Path(run(python, "-c", "import site; print(site.getsitepackages()[0])").strip()), "guidewidgets")
    run(*pip, "check")  # of the versions, too
    script = """
import shutil, sys, time
assert shutil.which("node") is None and shutil.which("npm") is None
start = time.perf_counter()
import guidewidgets as gw
assert "torch" not in sys.modules
assert "site-packages" in gw.__file__
s = gw.Session("a fox on a beach")
g = s.sample(2, steps=2).wait()
assert [c.image.size for c in g] == [s.size] * 2
from guidewidgets.widgets import GridWidget
assert "export" in GridWidget(s)._esm
print("painted")
"""
    assert run(python, "-c", script, path=str(nothing), cwd=nothing).endswith("painted\n")
