"""Snapshot and restore of all services at once, whatever process they run in."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from local.control.faults import Control
from local.control.snapshots import HOLD_LIMIT, checked

PATIENCE = 3.0
"""Seconds that requests under way get to finish before another state takes the place of theirs."""
_POLL = 0.005


class NotDone(Exception):
    """A control port refused; carries its HTTP status and its sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class WholeState:
    """The state behind several control ports. `functions` is the control that every request passes first.

    All that is new waits while copies are made or taken back, at the gateway and at each service, so no call
    can follow from what another copy lacks. What is under way when a snapshot is made goes on; the copy
    is what kill -9 would have left. Before a restore, requests under way get PATIENCE to finish; what still
    runs then goes on and writes into the restored state.
    """

    def __init__(self, client: httpx.AsyncClient, bases: Sequence[str], functions: Control) -> None:
        self._client, self._bases, self._functions = client, list(bases), functions
        self._turn = asyncio.Lock()

    async def snapshots(self) -> list[dict[str, Any]]:
        """The snapshots that every process has, the newest first: name, saved, bytes."""
        found: dict[str, list[dict[str, Any]]] = {}
        for reply in await self._all("GET", "/snapshots"):
            for one in reply["snapshots"]:
                found.setdefault(one["name"], []).append(one)
        whole = [_summed(parts) for parts in found.values() if len(parts) == len(self._bases)]
        return sorted(whole, key=lambda one: -float(one["saved"]))

    async def save(self, name: object) -> dict[str, Any]:
        """Copy all state; what snapshot it is. Raises BadName and NotDone."""
        wanted = {"name": checked(name)}
        async with self._turn, self._held():
            replies = await self._all("POST", "/snapshots", wanted)
        return _summed([reply["snapshots"][0] for reply in replies])

    async def restore(self, name: str) -> None:
        """Go back to a snapshot. Raises BadName, and NotDone (404) before anything is changed."""
        async with self._turn:
            if checked(name) not in {one["name"] for one in await self.snapshots()}:
                raise NotDone(404, f"there is no snapshot {name}")
            async with self._held(patience=PATIENCE):
                await self._all("POST", f"/snapshots/{name}/restore")

    async def delete(self, name: str) -> None:
        """Forget a snapshot, also one that not every process has. Raises BadName, and NotDone (404)."""
        async with self._turn:
            having = [base for base in self._bases if await self._has(base, checked(name))]
            if not having:
                raise NotDone(404, f"there is no snapshot {name}")
            for base in having:
                await self._client.delete(f"{base}/snapshots/{name}")

    async def _has(self, base: str, name: str) -> bool:
        reply = await self._client.get(f"{base}/snapshots")
        return any(one["name"] == name for one in reply.json()["snapshots"])

    async def reset(self) -> list[str]:
        """Go back to the state of a first start; the services that did. Raises NotDone."""
        async with self._turn, self._held(patience=PATIENCE):
            replies = await self._all("DELETE", "/state")
        return [service for reply in replies for service in reply["reset"]]

    @asynccontextmanager
    async def _held(self, *, patience: float = 0.0) -> AsyncIterator[None]:
        self._functions.hold(HOLD_LIMIT)
        try:
            await self._finished(patience)
            await self._all("PUT", "/hold", {"seconds": HOLD_LIMIT})
            yield
        finally:
            await self._all("DELETE", "/hold")
            self._functions.release()

    async def _finished(self, patience: float) -> None:
        """Wait until no request is under way but those that are held."""
        end = time.monotonic() + patience
        while time.monotonic() < end and self._functions.under_way:  # noqa: ASYNC110 - for at most PATIENCE
            await asyncio.sleep(_POLL)

    async def _all(self, method: str, path: str, body: object = None) -> list[dict[str, Any]]:
        asked = (self._client.request(method, base + path, json=body) for base in self._bases)
        replies = await asyncio.gather(*asked)
        for reply in replies:
            if reply.is_error:
                told = reply.json() if "json" in reply.headers.get("content-type", "") else {}
                raise NotDone(reply.status_code, str(told.get("error", reply.reason_phrase)))
        return [reply.json() for reply in replies]


def _summed(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": parts[0]["name"],
        "saved": max(part["saved"] for part in parts),
        "bytes": sum(part["bytes"] for part in parts),
    }
