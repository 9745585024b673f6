"""`python -m local token`: a bearer token for scripts."""

import argparse
import asyncio

import httpx

from local.commands import running
from local.runner.sign_in import NotSignedIn, sign_in

_STATUSES_OF_REFUSAL = {401, 403, 404, 429}


async def token_of(port: int, person: str) -> str:
    """Sign the person in through the routes a browser takes. Raises Failure."""
    try:
        return await sign_in(running.base_url(port), person)
    except NotSignedIn as error:
        problem = {"title": "Not signed in", "status": error.status, "detail": str(error)}
        raise running.refused(problem, "Not signed in") from None
    except httpx.TransportError as error:
        running.unreachable(port, error)


def main(argv: list[str]) -> int:
    """Print a person's bearer token. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local token",
        description="Prints a bearer token, signed in through the same routes as a browser.",
        epilog="exit codes: 0 printed, 1 failed, 4 refused (this person cannot sign in)",
    )
    parser.add_argument("--as", dest="person", required=True, metavar="EMAIL", help="who signs in")
    running.add_port(parser)
    wanted = parser.parse_args(argv)
    try:
        print(asyncio.run(token_of(wanted.port, wanted.person)))
    except running.Failure as failure:
        return running.end(failure)
    return running.ANSWERED
