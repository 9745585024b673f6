"""`python -m local`: starts everything and stays until it is asked to end."""

import argparse
import asyncio
import sys
from pathlib import Path

from rich.console import Console

from local.runner.child import Crash
from local.runner.environment import CHECKOUT
from local.runner.lock import InUse, acquire, sweep
from local.runner.people import served_drive
from local.runner.ports import DEFAULT, Ports, PortTaken
from local.runner.stack import Stack
from local.runner.supervisor import Supervisor, supervise
from local.runner.whole_state import NotDone

EPILOG = """\
commands (each has --help):
  ask       ask one question as one person
  status    how far the ingest is
  token     a bearer token for scripts
  drive     change the Drive that is served: share, move, trash, play an event script, ...
  snapshot  copy the state of all services under a name; restore goes back to it, snapshots lists them
  reset     empty all services

one stand-in alone, for other projects' tests:
  firestore, tasks, secrets, vertex, drive, signin   --port N [--state DIR] [--control-port M]

exit codes: 0 asked to end, 1 a process crashed, 2 could not start (a port or the state folder is taken)
"""


def main(argv: list[str]) -> int:
    """Start everything. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="Starts the local Google Cloud and the four functions behind one address.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--drive", type=Path, metavar="PATH", help="serve this folder (default: the sample)")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep state there (default: below .docent/)"
    )
    parser.add_argument("--port", type=int, default=DEFAULT, help="the first port (default %(default)s)")
    parser.add_argument(
        "--snapshot",
        metavar="NAME",
        default="",
        help="begin with this copy of the state, not with what is there",
    )
    parser.add_argument("--verbose", action="store_true", help="show what every process logs")
    wanted = parser.parse_args(argv)
    try:
        return _start(wanted)
    except (ValueError, InUse, PortTaken) as error:
        print(error, file=sys.stderr)
        return 2
    except (Crash, NotDone, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _start(wanted: argparse.Namespace) -> int:
    drive = served_drive(wanted.drive)
    state = (wanted.state or CHECKOUT / ".docent" / drive.state_name).resolve()
    with acquire(state):
        sweep(state)
        ports = Ports(wanted.port)
        ports.check()
        stack = Stack(ports, state, drive, Console(), wanted.verbose, wanted.snapshot)
        asyncio.run(_run(stack))
    return 0


async def _run(stack: Stack) -> None:
    supervisor = Supervisor()
    await supervise(supervisor, lambda: stack.work(supervisor))
