"""Every recipe of docs/extending.md, followed to the letter in a copy of the package, then run and checked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fresh import Interpreters
from recipes import Recipe, read

ROOT = Path(__file__).parents[2]
RECIPES = read((ROOT / "docs" / "extending.md").read_text(encoding="utf-8"))
MOST = {
    "A render setting": 4,
    "A sampler": 2,
    "An objective": 2,
    "An operator": 2,
    "A button for an operator": 6,
    "A model family": 3,
    "A saliency source": 3,
    "A panel": 6,
}
"""Files that one idea may touch."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout to write into: the package, whose models are lent, the front end, and the messages' examples."""
    package = ROOT / "guidewidgets"
    no = shutil.ignore_patterns("models", "node_modules", "__pycache__")
    shutil.copytree(package, tmp_path / "guidewidgets", ignore=no)
    (tmp_path / "guidewidgets" / "models").symlink_to(package / "models")
    shutil.copytree(ROOT / "js", tmp_path / "js", ignore=no, symlinks=True)
    (tmp_path / "js" / "node_modules").symlink_to(ROOT / "js" / "node_modules")
    (tmp_path / "tests" / "widgets").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "widgets" / "fixture.json", tmp_path / "tests" / "widgets")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(*command: str | Path, cwd: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(cwd)}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def check_python(recipe: Recipe, copy: Path) -> None:
    files = [path for path in recipe.paths if path.endswith(".py")]
    run(sys.executable, "-m", "ruff", "check", "--no-cache", *files, cwd=copy)
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", *files, cwd=copy)


def check_page(copy: Path) -> None:
    """What `make lint` does with the front end, its tests of the messages, and the bundles."""
    tools = ROOT / "js" / "node_modules" / ".bin"
    if not (tools / "tsc").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no front end's tools here: npm ci in js/")
    js = copy / "js"
    run(tools / "tsc", "--noEmit", cwd=js)
    run(tools / "biome", "check", ".", cwd=js)
    run(tools / "vitest", "run", "test/protocol.test.ts", cwd=js)
    run("node", "build.mjs", cwd=js)


@pytest.mark.parametrize("recipe", [pytest.param(r, id=title) for title, r in RECIPES.items()])
def test_a_recipe_does_what_it_says(recipe: Recipe, copy: Path, fresh: Interpreters):
    chain = [recipe]
    while chain[0].base:
        chain.insert(0, RECIPES[chain[0].base])
    for one in chain:
        one.follow(copy)
        check_python(one, copy)
    touched = set[str]().union(*(one.paths for one in chain))
    assert recipe.count == len(touched) <= MOST[recipe.title], touched
    assert recipe.program
    fresh(
        f"import sys; sys.path.insert(0, {str(copy)!r})\n"
        f"{recipe.program}\n"
        f"assert gw.__file__.startswith({str(copy)!r})"
    )


@pytest.mark.slow
def test_all_recipes_together_pass_the_checks_of_types_imports_and_the_page(copy: Path):
    for recipe in RECIPES.values():
        recipe.follow(copy)
    paths = sorted(path for recipe in RECIPES.values() for path in recipe.paths if path.endswith(".py"))
    settings = (copy / "pyproject.toml").read_text(encoding="utf-8")
    everything = 'include = ["guidewidgets"]'
    assert settings.count(everything) == 1
    (copy / "pyproject.toml").write_text(settings.replace(everything, f"include = {json.dumps(paths)}"))
    run(sys.executable, "-m", "pyright", "--pythonpath", sys.executable, cwd=copy)
    run(Path(sys.executable).with_name("lint-imports"), cwd=copy)
    check_page(copy)


def test_there_is_a_recipe_for_everything():
    assert set(RECIPES) == set(MOST)


def test_a_recipe_that_has_gone_stale_is_noticed(copy: Path):
    stale = Recipe("A test", edits=[("guidewidgets/settings.py", "After", "a line of yesterday\n", "x\n")])
    with pytest.raises(AssertionError, match="has not exactly one line"):
        stale.follow(copy)
