"""Processes in stages: a crash is named, and nothing is ever left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.runner.ports import free_block

pytestmark = pytest.mark.source("local/README.md: processes and exit codes")

CHECKOUT = Path(__file__).resolve().parents[3]


class Run:
    """A running dummy stack."""

    def __init__(self, folder: Path, mode: str = "") -> None:
        self.folder = folder
        script = Path(__file__).with_name("dummy_stack.py")
        self.process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, str(script), str(folder), str(free_block()), mode],
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def groups(self) -> list[int]:
        """The process groups, once all serve."""
        eventually((self.folder / "pids").exists)
        groups: list[int] = json.loads((self.folder / "pids").read_text())
        return groups

    def output(self) -> str:
        """What it printed until it ended."""
        return self.process.communicate(timeout=20)[0]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Run]]:
    """Starts dummy stacks that are gone after the test."""
    runs: list[Run] = []

    def make(mode: str) -> Run:
        runs.append(Run(tmp_path, mode))
        return runs[-1]

    yield make
    for run in runs:
        run.process.kill()
        run.process.communicate()


def eventually(is_true: Callable[[], bool], limit: float = 20) -> None:
    """Wait until it is true."""
    end = time.monotonic() + limit
    while not is_true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def members(groups: list[int]) -> list[int]:
    """The living processes of the groups."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) in groups and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asking_ends_all(start: Callable[[str], Run], wanted: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and a closed terminal end every process, and the exit code is 0."""
    run = start("")
    groups = run.groups()
    run.process.send_signal(wanted)
    assert run.output() == ""
    assert run.process.returncode == 0
    assert members(groups) == []


def test_a_stubborn_process_is_killed(start: Callable[[str], Run]) -> None:
    """A process that does not end when asked is killed after its grace."""
    run = start("stubborn")
    groups = run.groups()
    run.process.send_signal(signal.SIGTERM)
    run.output()
    assert members(groups) == []


def test_workers_of_a_process_end_with_it(start: Callable[[str], Run]) -> None:
    """What a process has forked ends too, as gunicorn's workers must."""
    run = start("fork")
    groups = run.groups()
    assert len(members(groups)) == 3
    run.process.send_signal(signal.SIGINT)
    run.output()
    assert members(groups) == []


def test_kill_9_of_the_supervisor_leaves_nothing(start: Callable[[str], Run]) -> None:
    """When the supervisor itself is killed, the watchdog ends what it had started."""
    run = start("fork")
    groups = run.groups()
    run.process.kill()
    run.process.wait()
    eventually(lambda: members(groups) == [])


def test_a_crash_is_named(start: Callable[[str], Run]) -> None:
    """A process that ends while starting is named, with its exit code and its last words."""
    run = start("crash")
    said = run.output()
    assert "second ended with exit code 7" in said
    assert "the reason it gave" in said
    assert run.process.returncode == 1


def test_a_later_crash_ends_all(start: Callable[[str], Run]) -> None:
    """A process that dies while all run is named with its signal, and the others end."""
    run = start("")
    groups = run.groups()
    os.kill(groups[0], signal.SIGKILL)
    assert "first was ended by SIGKILL" in run.output()
    assert run.process.returncode == 1
    assert members(groups) == []
