"""A JupyterLab server for tests, and notebooks opened in it."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fresh import KERNEL_PROGRAM, Interpreters, write_kernelspec
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLate

ROOT = Path(__file__).parents[2]
TIMEOUT_S = float(os.environ.get("E2E_TIMEOUT_S", "150"))  # one generous limit for every wait
TOKEN = "e2e"

# What `make test` puts beside the environment's own ipykernel: the last without subshells, the last before 7.4.
OLDER_KERNELS = ("6.31.0", "7.3.0")
LATEST = "latest"
KERNELS = (*OLDER_KERNELS, LATEST)
FRESH = "fresh"  # the latest, with all its imports before it: a user's first minute

SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # keep every cell in the page
}
OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--expose-app-in-browser",  # window.jupyterapp: run commands and await states instead of guessing
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port=0",
    f"--IdentityProvider.token={TOKEN}",
    "--ServerApp.terminals_enabled=False",
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=",
    "--LanguageServerManager.autodetect=False",
]
SESSION = "window.jupyterapp?.shell?.currentWidget?.context?.sessionContext"
KERNEL = f"{SESSION}?.session?.kernel"
KERNEL_READY = (
    f"() => {SESSION}?.isReady && {KERNEL}?.connectionStatus === 'connected' && {KERNEL}.status === 'idle'"
)
# Now and then JupyterLab misses that a new kernel is idle. What is tried then, one after the other, and for how long.
REMEDIES = (("", 40), ("reconnect", 40), ("reconnect", 60), ("restart", 60), ("reconnect", TIMEOUT_S))


class Lab:
    """A running server: where it is, where its notebooks lie, what it said."""

    def __init__(self, url: str, root: Path, log: Path) -> None:
        self.url, self.root, self.log = url, root, log


def _die_with_parent() -> None:
    if sys.platform == "linux":  # no server stays behind if the test run is killed
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


@contextmanager
def serve(
    folder: Path, kernels: Mapping[str, Path | None], forks: Interpreters | None = None
) -> Iterator[Lab]:
    """Start JupyterLab with nothing of the user's own, on a free port of this machine.

    Args:
        folder: for all its files.
        kernels: their names, and where an older ipykernel lies.
        forks: forks them all but `FRESH`; without, all import for themselves what they need.
    """
    (root := folder / "notebooks").mkdir()
    for name, values in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    for name, packages in kernels.items():
        program = forks.kernel if forks and name != FRESH else KERNEL_PROGRAM
        write_kernelspec(folder / "data" / "kernels" / name, program, packages)
    own = {f"JUPYTER_{k.upper()}_DIR": str(folder / k) for k in ("config", "data", "runtime")}
    env = os.environ | own | {"IPYTHONDIR": str(folder / "ipython")}
    places = [f"--ServerApp.root_dir={root}", f"--LabApp.user_settings_dir={folder / 'settings'}"]
    places += [f"--LabApp.workspaces_dir={folder / 'workspaces'}"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, *places],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 (no thread runs yet that could hold a lock)
        )
    try:
        yield Lab(_await_url(server, folder), root, folder / "server.log")
    finally:
        server.terminate()  # an interrupt would ask for confirmation
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _await_url(server: subprocess.Popen[bytes], folder: Path) -> str:
    end = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end and server.poll() is None:
        for info in (folder / "runtime").glob("jpserver-*.json"):
            try:
                url = json.loads(info.read_text())["url"].rstrip("/")
                with urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=5):
                    return url
            except (OSError, ValueError, urllib.error.URLError):
                pass  # not up yet, or the file is half written
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{(folder / 'server.log').read_text()[-3000:]}")


class Notebook:
    """A notebook in JupyterLab, and the kernel beneath it."""

    def __init__(self, page: Page, lab: Lab, name: str, kernel: str) -> None:
        self.page, self.lab, self.kernel = page, lab, kernel
        self.path = f"{name}.ipynb"

    def open(self, *cells: str, run: bool = True) -> Page:
        """Make a notebook of code cells, open it and by default run it all."""
        return self.open_document(
            nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)]), run=run
        )

    def open_document(self, document: Any, *, run: bool = True) -> Page:
        """Open a notebook on this test's kernel and by default run it all."""
        document.metadata.kernelspec = {
            "name": self.kernel,
            "display_name": self.kernel,
            "language": "python",
        }
        nbformat.write(document, self.lab.root / self.path)
        self._show()
        self.await_kernel()
        if run:
            self.command("notebook:run-all-cells")
        return self.page

    def _show(self) -> None:
        """Open the document and make it the current one.

        A dialog keeps what is opened behind it from becoming that: that of a test before, whose kernel has died, may
        appear at any moment.
        """
        # Playwright waits for a promise without end, and JupyterLab has failed to keep this one.
        command = """([path, ms]) => Promise.race([
            jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'}).then(made => made.revealed),
            new Promise((_, no) => setTimeout(no, ms, new Error('JupyterLab never opened the notebook'))),
        ])"""
        shown = "path => jupyterapp.shell.currentWidget?.context?.path === path"
        for seconds in (10, 10, 20, TIMEOUT_S):
            self.page.evaluate(
                "() => document.querySelectorAll('.jp-Dialog .jp-mod-accept').forEach(b => b.click())"
            )
            self.page.evaluate(command, [self.path, 60_000])
            try:
                self.page.wait_for_function(shown, arg=self.path, timeout=seconds * 1000)
            except TooLate:
                continue
            return
        pytest.fail(f"{self.path} never became the current document")

    def await_kernel(self, remedies: Sequence[tuple[str, float]] = REMEDIES) -> None:
        """Wait until a kernel that has nothing to lose yet is connected and idle, whatever JupyterLab misses."""
        for remedy, seconds in remedies:
            if remedy:
                # What comes of it shows in the state: a promise that fails must not be an error of the page.
                self.page.evaluate(f"() => {{ {KERNEL}?.{remedy}().catch(() => 0) }}")
            try:
                self.page.wait_for_function(KERNEL_READY, timeout=seconds * 1000)
            except TooLate:
                continue
            return
        state = f"() => JSON.stringify([{SESSION}?.isReady, {KERNEL}?.connectionStatus, {KERNEL}?.status])"
        pytest.fail(f"no idle kernel (ready, connection, status): {self.page.evaluate(state)}")

    def command(self, name: str) -> None:
        """Begin a command of JupyterLab's, without waiting for what it begins."""
        self.page.evaluate("name => { jupyterapp.commands.execute(name) }", name)

    def py(self, code: str) -> str:
        """Run code in the kernel beside the notebook; what it printed, errors included."""
        script = f"""async ([code, ms]) => {{
            let out = '';
            const future = {KERNEL}.requestExecute({{code, store_history: false}});
            future.onIOPub = ({{header, content}}) => {{
                if (header.msg_type === 'stream') out += content.text;
                if (header.msg_type === 'error') out += content.traceback.join('\\n');
            }};
            const late = new Promise((_, no) => setTimeout(no, ms, new Error('the kernel never answered: ' + code)));
            await Promise.race([future.done, late]);
            return out;
        }}"""
        return self.page.evaluate(script, [code, 4 * TIMEOUT_S * 1000]).strip()

    def until(self, expression: str) -> None:
        """Wait until a Python expression holds in the kernel."""
        end = time.monotonic() + TIMEOUT_S
        while (last := self.py(f"print(bool({expression}))")) != "True":
            assert time.monotonic() < end, f"never true in the kernel: {expression}\n{last}"
            time.sleep(0.1)

    def ran(self) -> None:
        """Wait until every cell has run."""
        prompts = "document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputArea-prompt')"
        self.page.wait_for_function(f"() => [...{prompts}].every(e => /\\[\\d+\\]/.test(e.textContent))")

    def reload(self) -> None:
        """Save and load the page again: outputs come from the file, the widget's state from the live kernel."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        url = f"{self.lab.url}/lab/tree/{self.path}?reset&token={TOKEN}"
        self.page.goto(url, wait_until="domcontentloaded")
        self.await_kernel([step for step in REMEDIES if step[0] != "restart"])  # its state is what is tested

    def close(self) -> None:
        """Shut the kernel down and close the tab."""
        script = """async () => {
            const tab = window.jupyterapp?.shell?.currentWidget;
            if (!tab?.context?.sessionContext) return;
            const late = new Promise(over => setTimeout(over, 20000));
            await Promise.race([tab.context.sessionContext.shutdown().catch(() => 0), late]);
            tab.dispose();
        }"""
        self.page.evaluate(script)
