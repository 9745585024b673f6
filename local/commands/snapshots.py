"""`python -m local snapshot | restore | snapshots | reset`: the whole state of a running block, by name."""

import argparse
import asyncio
import time
from typing import Any

import httpx

from local.commands import running
from local.outgoing import loopback_client

EPILOG = "exit codes: 0 done, 1 failed (nothing runs there), 4 refused (no such snapshot)"


async def _asked(port: int, method: str, path: str, body: object = None) -> dict[str, Any]:
    """What the gateway's control answers. Raises Failure."""
    address = f"{running.base_url(port)}/local/control{path}"
    try:
        async with loopback_client(timeout=running.TIMEOUT) as client:
            answer = await client.request(method, address, json=body)
    except httpx.TransportError as error:
        running.unreachable(port, error)
    if answer.is_error:
        told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        raise running.refused(
            {"title": told.get("error", answer.reason_phrase), "status": answer.status_code}, "Not done"
        )
    found: dict[str, Any] = answer.json()
    return found


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m local {command}", description=description, epilog=EPILOG
    )
    running.add_port(parser)
    return parser


def _done(wanted: argparse.Namespace, method: str, path: str, body: object = None) -> dict[str, Any] | int:
    try:
        return asyncio.run(_asked(wanted.port, method, path, body))
    except running.Failure as failure:
        return running.end(failure)


def save(argv: list[str]) -> int:
    """Copy all state. Returns the exit code."""
    parser = _parser("snapshot", "Copies the state of all services, in the place of a copy of this name.")
    parser.add_argument("name", metavar="NAME")
    wanted = parser.parse_args(argv)
    done = _done(wanted, "POST", "/snapshots", {"name": wanted.name})
    if isinstance(done, int):
        return done
    _show(done["snapshots"])
    return running.ANSWERED


def restore(argv: list[str]) -> int:
    """Go back to a snapshot. Returns the exit code."""
    parser = _parser("restore", "Puts the copy of this name in the place of all state.")
    parser.add_argument("name", metavar="NAME")
    wanted = parser.parse_args(argv)
    done = _done(wanted, "POST", f"/snapshots/{wanted.name}/restore")
    return done if isinstance(done, int) else running.ANSWERED


def show(argv: list[str]) -> int:
    """List the snapshots. Returns the exit code."""
    parser = _parser("snapshots", "Lists the copies there are, or deletes one.")
    parser.add_argument("--delete", metavar="NAME", help="forget this one")
    wanted = parser.parse_args(argv)
    method, path = ("DELETE", f"/snapshots/{wanted.delete}") if wanted.delete else ("GET", "/snapshots")
    done = _done(wanted, method, path)
    if isinstance(done, int):
        return done
    _show(done["snapshots"])
    return running.ANSWERED


def reset(argv: list[str]) -> int:
    """Empty all services. Returns the exit code."""
    wanted = _parser("reset", "Empties all services: as before the Drive was first read in.").parse_args(argv)
    done = _done(wanted, "DELETE", "/state")
    return done if isinstance(done, int) else running.ANSWERED


def _show(snapshots: list[dict[str, Any]]) -> None:
    for one in snapshots:
        saved = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one["saved"]))
        print(f"{one['name']:<24} {saved}  {one['bytes'] / 1e6:8.1f} MB")
