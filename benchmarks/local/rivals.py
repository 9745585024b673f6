"""The other Firestore emulators: installed into a folder of the benchmark's own, and started."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.local.versions import NPM, PYPI

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS = 600
START_SECONDS = 60


class NotInstalled(Exception):
    """A rival cannot be had here; the sentence says why."""


def install(folder: Path) -> tuple[Path, Path]:
    """The rivals' Python and node_modules, installed when they are not. Raises NotInstalled."""
    wanted = json.dumps([PYPI, NPM], indent=1)
    stamp, python, node = folder / "versions.json", folder / "venv" / "bin" / "python", folder / "node"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        print("installing the rivals", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        node.mkdir(parents=True)
        _run([sys.executable, "-m", "venv", str(folder / "venv")])
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYPI])
        package = {"name": "rivals", "private": True, "dependencies": NPM}
        (node / "package.json").write_text(json.dumps(package), encoding="utf-8")
        _run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(node)])
        stamp.write_text(wanted, encoding="utf-8")
    return python, node / "node_modules"


def _run(command: Sequence[str]) -> None:
    """Run to the end. Raises NotInstalled with the command's last words."""
    name = shutil.which(command[0])
    if name is None:
        raise NotInstalled(f"{command[0]} is not installed")
    try:
        subprocess.run(  # noqa: S603 - our own words
            [name, *command[1:]], check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{' '.join(command[:4])} took more than {INSTALL_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "").strip().splitlines()[-1:] or ["no reason given"]
        raise NotInstalled(
            f"{' '.join(command[:4])} failed; is the registry reachable? It said: {last[0]}"
        ) from None


@contextlib.contextmanager
def drongo(python: Path) -> Iterator[str]:
    """A running drongo; its host:port."""
    with serving([str(python), str(HERE / "drongo_server.py")]) as address:
        yield address


@contextlib.contextmanager
def npm_emulator(modules: Path) -> Iterator[str]:
    """A running @firestore-emulator/server; its host:port."""
    command = ["node", str(HERE / "npm_server.cjs"), str(modules), str(free_port())]
    with serving(command) as address:
        yield address


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[str]:
    """Our stand-in with its state on disk; its host:port."""
    port = free_port()
    command = [sys.executable, "-m", "local", "firestore", "--port", str(port), "--state", str(folder)]
    with serving(command):
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def serving(command: Sequence[str]) -> Iterator[str]:
    """A server until the block ends; yields the first line that it prints."""
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline().strip()
        try:
            if not line:
                raise NotInstalled(f"{Path(command[0]).name} {Path(command[1]).name} ended before it served")
            yield line
        finally:
            server.terminate()
            server.communicate(timeout=START_SECONDS)


def free_port() -> int:
    """A port that nobody has just now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
