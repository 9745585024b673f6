"""One supervisor a state folder, and nothing left of an earlier one."""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO

import psutil

MARK = "DOCENT_LOCAL_RUN"
"""The environment variable that all processes of a run carry: its state folder and supervisor."""


class InUse(Exception):
    """Another supervisor runs on this state folder; the sentence names it."""


def acquire(state: Path) -> IO[str]:
    """Hold the state folder until the returned file is closed, or the process ends in whatever way.

    Raises InUse.
    """
    state.mkdir(parents=True, exist_ok=True)
    file = (state / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise InUse(
            f"process {holder} runs on {state} already; end it, or choose another with --state"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def mark(state: Path) -> str:
    """The value of MARK for processes started by this one."""
    return f"{os.getpid()}:{state.resolve()}"


def sweep(state: Path) -> int:
    """Kill what a supervisor of this state, now dead, left behind; returns how many processes.

    To be called with the lock held: whoever carries the mark then belongs to nobody.
    """
    tail = f":{state.resolve()}"
    found = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK, "").endswith(tail):
                process.kill()
                process.wait(2)
                found += 1
    return found
