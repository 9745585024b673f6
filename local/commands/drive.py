"""`python -m local drive VERB`: changes the Drive that a running block serves."""

import argparse
import asyncio
import os

from local.commands import running
from local.drive import commands
from local.runner.ports import DEFAULT


def is_command(argv: list[str]) -> bool:
    """Whether a verb is given, or help is wanted; else `python -m local drive` starts the stand-in alone."""
    return bool(argv) and (not argv[0].startswith("-") or argv[0] in {"-h", "--help"})


def main(argv: list[str]) -> int:
    """Pass the verb on, with the port at which the block's Drive listens. Returns the exit code."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    running.add_port(parser)
    parser.set_defaults(port=None)
    wanted, verb = parser.parse_known_args(argv)
    named = {"-h", "--help", "--drive-port"} & set(verb) or (
        wanted.port is None and "DRIVE_URL" in os.environ
    )
    if not named:
        try:
            block = asyncio.run(running.stack(wanted.port or DEFAULT))
        except running.Failure as failure:
            return running.end(failure)
        verb += ["--drive-port", str(block["ports"]["drive"])]
    return commands.main(verb)
