"""Ends the processes of a supervisor that died without ending them itself (kill -9).

A process of its own, with nothing but the standard library, so that it costs little and outlives
its parent. It reads process groups from standard input, one a line, "-" before one that has ended;
the end of the input means that the supervisor is gone.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 2.0
"""Seconds between asking and killing."""


def lives(group: int) -> bool:
    """Whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


def end(groups: set[int]) -> None:
    """Ask every process of the groups to end; kill those that have not after GRACE."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, wanted)
        limit = time.monotonic() + GRACE
        while any(lives(group) for group in groups) and time.monotonic() < limit:
            time.sleep(0.05)


def main() -> None:
    """Watch until the supervisor is gone, then end what it left."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line)
        if group < 0:
            groups.discard(-group)
        else:
            groups.add(group)
    end(groups)


if __name__ == "__main__":
    main()
