"""Connects the served folder as the collection `main` and follows its ingest."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

COLLECTION = "main"
POLL = 0.25
STALLED = 120.0
"""Seconds without any change after which nobody is kept waiting."""


class IngestRefused(Exception):
    """The ingest function did not take the collection or the sync; says what it answered."""


@dataclass(frozen=True)
class Progress:
    """How far the collection is: files by state, how many there are, and whether a sync is under way."""

    counts: dict[str, int]
    total: int
    syncing: bool
    error: str = ""
    """Why the newest run failed, when it did."""

    @property
    def done(self) -> int:
        """Files whose state is final for now."""
        return self.total - self.counts.get("pending", 0)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to wait for."""
        return not self.syncing and self.counts.get("pending", 0) == 0


def progress_of(status: dict[str, Any]) -> Progress:
    """The progress of the collection in the answer of GET /ingest/status."""
    for found in status.get("collections", []):
        if found["id"] == COLLECTION:
            counts = {state: int(count) for state, count in found.get("counts", {}).items()}
            run = found.get("run") or {}
            error = str(run.get("error") or "no reason given") if run.get("state") == "failed" else ""
            return Progress(counts, int(found.get("total", 0)), found.get("state") == "syncing", error)
    return Progress({}, 0, syncing=False)


async def connect(client: httpx.AsyncClient, name: str) -> None:
    """Make the collection of the whole Drive, and start a sync. Raises IngestRefused."""
    wanted = {"name": name, "folder_id": "everything"}
    collection = await client.put(f"/collections/{COLLECTION}", json=wanted)
    _check(collection, "the collection")
    _check(await client.post("/ingest/sync", json={"collection": COLLECTION}), "the sync")


async def follow(client: httpx.AsyncClient, show: Callable[[Progress], None]) -> Progress:
    """Show the progress until nothing is pending, or nothing has moved for STALLED seconds."""
    last, moved = None, time.monotonic()
    while True:
        answer = await client.get("/ingest/status")
        _check(answer, "the ingest's status")
        now = progress_of(answer.json())
        if now != last:
            show(now)
            last, moved = now, time.monotonic()
        if now.finished or time.monotonic() - moved > STALLED:
            return now
        await asyncio.sleep(POLL)


def _check(response: httpx.Response, what: str) -> None:
    if response.is_error:
        raise IngestRefused(f"{what} was answered {response.status_code}: {response.text[:500]}")
