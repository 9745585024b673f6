"""The whole of Docent, started once, as `python -m local` starts it."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from local.runner.ports import free_block

CHECKOUT = Path(__file__).resolve().parents[2]
CHAT_APP = CHECKOUT / "chat-app"
START_LIMIT = 300.0
SNAPSHOT = "read-in"
"""The sample Drive as it stands when it has been read in."""


@dataclass(frozen=True)
class Answer:
    """What `ask --json` printed, and how it ended: 0 answered, 1 failed, 3 declined, 4 refused."""

    code: int
    body: dict[str, Any]
    stderr: str

    @property
    def files(self) -> list[str]:
        """The names of the sources' files, in their order."""
        return [source["file"] for source in self.body.get("sources", [])]


class Stack:
    """A running Docent: `base` is its address, `state` its folder."""

    def __init__(
        self,
        state: Path,
        drive: Path | None = None,
        port: int = 0,
        snapshot: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.state, self.drive = state, drive
        self.environment = {**os.environ, **(environment or {})}
        self.snapshot = snapshot
        """The folder of a stack's state that is begun with; it has a snapshot of SNAPSHOT's name."""
        self.port = port or free_block()
        self.base = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it and return what it printed until it was ready."""
        self.launch()
        return self.ready()

    def launch(self) -> None:
        """Start it and do not wait."""
        words = [sys.executable, "-m", "local", "--port", str(self.port), "--state", str(self.state)]
        words += ["--drive", str(self.drive)] if self.drive else []
        self.state.mkdir(parents=True, exist_ok=True)
        if self.snapshot is not None:
            shutil.copytree(self.snapshot, self.state, dirs_exist_ok=True)
            words += ["--snapshot", SNAPSHOT]
            self.snapshot = None
        with (self.state / "printed").open("w") as out:
            self._process = subprocess.Popen(  # noqa: S603 - ours
                words, cwd=CHECKOUT, env=self.environment, stdout=out, stderr=subprocess.STDOUT, text=True
            )

    def ready(self) -> str:
        """Wait until it is ready and return what it printed."""
        self.wait_for(f"ready at {self.base}")
        return self.printed()

    def printed(self) -> str:
        """What it printed so far."""
        return (self.state / "printed").read_text()

    def wait_for(self, pattern: str) -> None:
        """Wait until it has printed what the pattern matches."""
        end = time.monotonic() + START_LIMIT
        while not re.search(pattern, self.printed()):
            if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                pytest.fail(f"it did not print {pattern!r}:\n{self.printed()}")
            time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and all that it started, the watchdog too."""
        if self._process is None:
            return []
        supervisor = psutil.Process(self._process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def save(self, folder: Path) -> None:
        """Save all state as a snapshot and copy it, with the operator's secrets that belong to it."""
        ended = self.run("snapshot", SNAPSHOT)
        assert ended.returncode == 0, ended.stderr
        shutil.copytree(self.state / "snapshots" / SNAPSHOT, folder / "snapshots" / SNAPSHOT)
        shutil.copy(self.state / "operator.json", folder)

    def kill(self) -> None:
        """Send every process SIGKILL."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process is not None:
            self._process.wait()

    def stop(self) -> int:
        """End it as Ctrl-C does and return its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def about(self) -> dict[str, Any]:
        """People, ports, processes and state folder, as GET /local/stack tells them."""
        found: dict[str, Any] = httpx.get(f"{self.base}/local/stack", timeout=10, trust_env=False).json()
        return found

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `python -m local` against it."""
        command = [sys.executable, "-m", "local", *words, "--port", str(self.port)]
        return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603

    def ask(self, person: str, question: str, *options: str) -> Answer:
        """Ask as this person with `ask --json`; options: "--file-id", ID, "--conversation", ID."""
        ended = self.run("ask", "--as", person, "--json", *options, question)
        return Answer(ended.returncode, json.loads(ended.stdout or "{}"), ended.stderr)

    def token(self, person: str) -> str:
        """A bearer token of this person's."""
        ended = self.run("token", "--as", person)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def client(self, person: str) -> httpx.Client:
        """An HTTP client that is signed in as this person."""
        headers = {"Authorization": f"Bearer {self.token(person)}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=60, trust_env=False)

    def calls(self) -> dict[str, dict[str, int]]:
        """How often each method of each service was called since the start or the last reset."""
        found: dict[str, dict[str, int]] = httpx.get(
            f"{self.base}/local/control/calls", trust_env=False
        ).json()
        return found


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Makes stacks of one's own, to be started, killed and started again; they are gone after the test.

    `snapshot` is a folder to begin with, as `read_in` gives it.
    """
    made: list[Stack] = []

    def make(drive: Path | None = None, snapshot: Path | None = None) -> Stack:
        made.append(Stack(tmp_path / f"state{len(made)}", drive, snapshot=snapshot))
        return made[-1]

    yield make
    for one in made:
        one.stop()


class Home:
    """A snapshot of the sample Drive read in, and the stack that read it, if that was this worker's."""

    def __init__(self, shared: Path) -> None:
        self.folder = shared / SNAPSHOT
        self.stack: Stack | None = None

    def prepare(self, state: Path) -> None:
        """Read the Drive in unless another worker has; while one does, wait for it."""
        with self.folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.folder.exists():
                self.stack = Stack(state)
                self.stack.start()
                draft = self.folder.with_suffix(".draft")
                self.stack.save(draft)
                draft.rename(self.folder)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The sample Drive is read in once, however many workers there are."""
    shared = tmp_path_factory.getbasetemp()
    made = Home(shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared)
    with tempfile.TemporaryDirectory(prefix="docent-") as state:
        try:
            made.prepare(Path(state))
            yield made
        finally:
            if made.stack is not None:
                made.stack.stop()


@pytest.fixture(scope="session")
def read_in(home: Home) -> Path:
    """A folder to begin a stack with: the sample Drive read in, and the operator's secrets."""
    return home.folder


@pytest.fixture(scope="session")
def stack(home: Home) -> Iterator[Stack]:
    """One Docent over the sample Drive for the whole session, on free ports."""
    if home.stack is not None:
        yield home.stack
        return
    with tempfile.TemporaryDirectory(prefix="docent-") as state:
        running = Stack(Path(state), snapshot=home.folder)
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; where there is none and apt may, it is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (("update", "-qq"), ("install", "-y", "-qq", "chromium")):
            subprocess.run(["apt-get", *words], check=False, capture_output=True, timeout=600)  # noqa: S603, S607 - fixed words
        found = shutil.which("chromium")
    if found is None:
        pytest.fail(
            "These tests need Chromium: install it (apt-get install chromium), or name it in CHROMIUM."
        )
    return found
