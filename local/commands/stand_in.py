"""`python -m local firestore` and its like: one stand-in by itself, for other people's tests."""

import argparse
import asyncio
import sys
from pathlib import Path

from local.generated import leave_out_clients
from local.runner.catalog import make
from local.runner.host import Plan, run
from local.standin import Options


def main(name: str, argv: list[str]) -> int:
    """Run the stand-in until it is asked to end. Returns the exit code."""
    wanted = _parser(name).parse_args(argv)
    leave_out_clients()
    try:
        options = Options(
            port=wanted.port,
            state=wanted.state.resolve() if wanted.state else None,
            signin=wanted.signin,
            drive=wanted.drive.resolve() if wanted.drive else None,
            settings=dict(_pair(text) for text in wanted.set),
        )
        if options.state:
            options.state.mkdir(parents=True, exist_ok=True)
        plan = Plan({name: options}, wanted.control_port)
        asyncio.run(run({name: make(name, options)}, plan, announce=True))
    except (OSError, ValueError) as error:
        print(f"{name} did not start: {error}", file=sys.stderr)
        return 1
    return 0


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m local {name}",
        description=f"Runs the {name} stand-in alone and prints the variables that point real clients at it.",
    )
    parser.add_argument("--port", type=int, default=0, help="where it listens (default: any free port)")
    parser.add_argument(
        "--control-port", type=int, default=0, help="where faults and counts are (default: any)"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep its state there (default: in memory)")
    parser.add_argument("--signin", default="", metavar="URL", help="the sign-in stand-in that mints tokens")
    parser.add_argument("--drive", type=Path, metavar="PATH", help="the folder served as the Drive")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of its README"
    )
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set takes NAME=VALUE, not {text}")
    return name, value
