"""`python -m local`: the local Google Cloud, the four functions, and commands to ask them."""

import sys

from local.commands import ask, drive, extract, index, snapshots, stand_in, start, status, token
from local.runner.catalog import STAND_INS

COMMANDS = {
    "ask": ask.main,
    "extract": extract.main,
    "status": status.main,
    "index": index.main,
    "token": token.main,
    "drive": drive.main,
    "snapshot": snapshots.save,
    "restore": snapshots.restore,
    "snapshots": snapshots.show,
    "reset": snapshots.reset,
}


def main(argv: list[str]) -> int:
    """Run the command that the first word names; without one, start everything. Returns the exit code."""
    first = argv[0] if argv else ""
    if first in STAND_INS and not (first == "drive" and drive.is_command(argv[1:])):
        return stand_in.main(first, argv[1:])
    if first in COMMANDS:
        return COMMANDS[first](argv[1:])
    return start.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
