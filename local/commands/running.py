"""What the commands share: finding the block that runs, and saying what went wrong."""

import argparse
import sys
from typing import Any, NoReturn

import httpx

from local.outgoing import loopback_client
from local.runner.ports import DEFAULT

ANSWERED, FAILED, USAGE, DECLINED, REFUSED = 0, 1, 2, 3, 4
"""Exit codes; 2 is argparse's own for a command line it cannot read."""

_REFUSALS = {401, 403, 404, 429}
TIMEOUT = httpx.Timeout(300, connect=5)


class Failure(Exception):
    """The command ends here: a sentence, an exit code, and the problem+json if there was one."""

    def __init__(self, sentence: str, code: int = FAILED, problem: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.problem = problem or {"title": sentence}


def add_port(parser: argparse.ArgumentParser) -> None:
    """The option that says which block is meant."""
    parser.add_argument(
        "--port", type=int, default=DEFAULT, help="the block's first port (default %(default)s)"
    )


def base_url(port: int) -> str:
    """The address of the block's gateway."""
    return f"http://127.0.0.1:{port}"


async def stack(port: int) -> dict[str, Any]:
    """What runs at this port: its people, admin, ports and state. Raises Failure when it is not Docent."""
    try:
        async with loopback_client(timeout=5) as client:
            answer = await client.get(f"{base_url(port)}/local/stack")
            found: dict[str, Any] = answer.raise_for_status().json()
            return found
    except (httpx.HTTPError, ValueError):
        raise nothing_there(port) from None


def nothing_there(port: int) -> Failure:
    """Say that nothing answers, and how to start it."""
    return Failure(
        f"Docent does not run at port {port}. Start it with `make run`, or name its port with --port."
    )


def refusal(response: httpx.Response, what: str) -> Failure:
    """The failure that an error response means: 401, 403, 404 and 429 are refusals, the rest failures."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or not problem:
        problem = {"title": response.reason_phrase}
    return refused(problem | {"status": response.status_code}, what)


def refused(problem: dict[str, Any], what: str) -> Failure:
    """The same for a problem that came inside a stream."""
    status = int(problem.get("status", 0))
    sentence = f"{what}: {problem.get('detail') or problem.get('title')} ({status})"
    return Failure(sentence, REFUSED if status in _REFUSALS else FAILED, problem)


def end(failure: Failure) -> int:
    """Say the sentence on standard error; returns the exit code."""
    print(failure, file=sys.stderr)
    return failure.code


def unreachable(port: int, error: httpx.TransportError) -> NoReturn:
    """Raise what a broken connection to the gateway means."""
    if isinstance(error, httpx.ConnectError):
        raise nothing_there(port) from None
    raise Failure(f"The connection to port {port} broke: {type(error).__name__}") from None
