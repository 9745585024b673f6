"""`python -m local index`: another index beside the one that answers: build, switch, go back, discard."""

import argparse
import asyncio
import json
from typing import Any

import httpx
from rich.console import Console

from local.commands import running
from local.commands.token import token_of
from local.outgoing import loopback_client
from local.runner.progress import index_display

ACTIONS = ("build", "switch", "rollback", "discard")
POLL = 0.25
ENDED = ("done", "failed", "cancelled")


async def asked(wanted: argparse.Namespace) -> dict[str, Any]:
    """Do what is wanted and follow the work; what GET /ingest/index says then. Raises Failure."""
    asker = wanted.person or str((await running.stack(wanted.port))["admin"])
    headers = {"Authorization": f"Bearer {await token_of(wanted.port, asker)}"}
    base = running.base_url(wanted.port)
    try:
        async with loopback_client(base_url=base, headers=headers, timeout=running.TIMEOUT) as client:
            if wanted.action == "build":
                body = {"hold": wanted.hold, "dry_run": wanted.dry_run}
                found = await _call(client, "POST", "/build", body)
            elif wanted.action:
                found = await _call(client, "POST", f"/{wanted.action}")
            if not (wanted.action == "build" and wanted.dry_run):
                found = await _followed(client, wait=wanted.action in ("build", "discard"))
            await client.post("/auth/logout")
    except httpx.TransportError as error:
        running.unreachable(wanted.port, error)
    return found


async def _call(client: httpx.AsyncClient, method: str, path: str, body: object = None) -> dict[str, Any]:
    answer = await client.request(method, f"/ingest/index{path}", json=body)
    if answer.is_error:
        raise running.refusal(answer, "Not done")
    found: dict[str, Any] = answer.json()
    return found


async def _followed(client: httpx.AsyncClient, *, wait: bool) -> dict[str, Any]:
    """The state, shown until the work has ended or sleeps."""
    with index_display(Console(stderr=True)) as show:
        while True:
            found = await _call(client, "GET", "")
            work = found["index"]["work"]
            if not wait or work is None or work["state"] in (*ENDED, "waiting"):
                return found
            show(work)
            await asyncio.sleep(POLL)


def _show(found: dict[str, Any]) -> None:
    if "estimate" in found:
        cost = found["estimate"]
        price = "no price known" if cost["usd"] is None else f"{cost['usd']:.6f} USD"
        print(f"{cost['files']} files, {cost['chunks']} chunks, {cost['characters']} characters: {price}")
        return
    index = found["index"]
    for name in ("answering", "other"):
        one = index[name]
        if one:
            print(f"{name}: {one['model']}, {one['dimensions']} dimensions ({one['place']})")
    print(f"state: {index['state']}")
    work = index["work"]
    if work:
        print(f"{work['kind']}: {work['state']}, {work['chunks']} of {work['total_chunks']} chunks")
        if work["error"]:
            print(work["error"])


def main(argv: list[str]) -> int:
    """Show or change which index answers. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local index",
        description="Builds the index of NEXT_EMBEDDING_MODEL beside the one that answers, and switches.",
        epilog="exit codes: 0 done, 1 failed or not possible now, 4 refused (not an admin)",
    )
    parser.add_argument("action", nargs="?", choices=ACTIONS, help="without one: which index answers")
    parser.add_argument("--hold", action="store_true", help="build: do not switch when it is complete")
    parser.add_argument("--dry-run", action="store_true", help="build: only count, and say what it costs")
    parser.add_argument("--json", action="store_true", help="what the ingest function says")
    parser.add_argument("--as", dest="person", metavar="EMAIL", help="who asks (default: the admin)")
    running.add_port(parser)
    wanted = parser.parse_args(argv)
    try:
        found = asyncio.run(asked(wanted))
    except running.Failure as failure:
        return running.end(failure)
    if wanted.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)
    return running.ANSWERED
