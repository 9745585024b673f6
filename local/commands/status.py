"""`python -m local status`: how far the ingest is."""

import argparse
import asyncio
import json
from collections import Counter
from typing import Any

import httpx

from local.commands import running
from local.commands.token import token_of
from local.outgoing import loopback_client


async def read_status(port: int, person: str | None) -> dict[str, Any]:
    """The ingest's status, with the counts of all collections added up. Raises Failure."""
    asker = person or str((await running.stack(port))["admin"])
    headers = {"Authorization": f"Bearer {await token_of(port, asker)}"}
    base = running.base_url(port)
    try:
        async with loopback_client(base_url=base, headers=headers, timeout=running.TIMEOUT) as client:
            answer = await client.get("/ingest/status")
            await client.post("/auth/logout")
    except httpx.TransportError as error:
        running.unreachable(port, error)
    if answer.is_error:
        raise running.refusal(answer, "The status was refused")
    return summed(answer.json())


def summed(status: dict[str, Any]) -> dict[str, Any]:
    """`counts`, `total` and `state` over all collections, before what the ingest function said."""
    counts: Counter[str] = Counter()
    collections = status.get("collections", [])
    for one in collections:
        counts.update(one.get("counts", {}))
    syncing = any(one.get("state") == "syncing" for one in collections)
    total = sum(int(one.get("total", 0)) for one in collections)
    return {"counts": dict(counts), "total": total, "state": "syncing" if syncing else "idle"} | status


def _show(status: dict[str, Any]) -> None:
    for one in status.get("collections", []):
        print(f"{one.get('name', one['id'])}: {one.get('state', '')}, {one.get('total', 0)} files")
        for state, count in one.get("counts", {}).items():
            print(f"  {state:<8} {count}")


def main(argv: list[str]) -> int:
    """Print the counts by state. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local status",
        description="Shows how many files of each collection are in which state.",
        epilog="exit codes: 0 shown, 1 failed, 4 refused (not an admin)",
    )
    parser.add_argument(
        "--json", action="store_true", help="as JSON, with the counts of all collections summed"
    )
    parser.add_argument("--as", dest="person", metavar="EMAIL", help="who asks (default: the admin)")
    running.add_port(parser)
    wanted = parser.parse_args(argv)
    try:
        status = asyncio.run(read_status(wanted.port, wanted.person))
    except running.Failure as failure:
        return running.end(failure)
    if wanted.json:
        print(json.dumps(status, ensure_ascii=False))
    else:
        _show(status)
    return running.ANSWERED
