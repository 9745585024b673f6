"""Leases, of files above all: who has it writes the file's chunks and record, and nobody else.

A worker that lives renews its lease; one that was silent for longer than the lease loses it to whoever comes
next, and finds that out at its next write.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import anyio

from shared.errors import AppError, Conflict
from shared.ingestion.interfaces import Change, Clock, FileRecord, RecordChanges
from shared.log import get_logger

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before another takes the file over: below the time over which Cloud
Tasks repeats an attempt, so that a task whose first worker was killed does not run out of tries."""
HEARTBEAT = LEASE.total_seconds() / 3
"""Seconds between two signs of life of a working worker."""
_log = get_logger("ingestion.leases")


@dataclass(frozen=True)
class FileLeases:
    """Gives out leases on files."""

    records: RecordChanges
    clock: Clock

    @asynccontextmanager
    async def hold(self, file_id: str) -> AsyncIterator[tuple[FileRecord | None, str]]:
        """The file's record and the name of the lease, None when there is no record.

        Whoever is through gives the lease back with its last write; after an error it is given back here.
        Raises Conflict while another worker has the file.
        """
        owner = uuid.uuid4().hex
        record = await self._take(file_id, owner)
        if record is None:
            yield None, owner
            return

        def renew(stored: FileRecord) -> FileRecord:
            return replace(stored, leased_until=self.clock.now() + LEASE)

        async with kept_alive(lambda: self.records.change(file_id, held(owner, renew))):
            try:
                yield record, owner
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await self._release(file_id, owner)
                raise

    async def _take(self, file_id: str, owner: str) -> FileRecord | None:
        now = self.clock.now()

        def take(record: FileRecord | None) -> FileRecord | None:
            if record is None:
                return record
            alive = record.leased_until is not None and record.leased_until > now
            if record.lease not in ("", owner) and alive:
                raise Conflict("Another worker has this file.", retry_after=10)
            return replace(record, lease=owner, leased_until=now + LEASE)

        record = await self.records.change(file_id, take)
        return record if record is not None and record.lease == owner else None

    async def _release(self, file_id: str, owner: str) -> None:
        try:
            await self.records.change(file_id, held(owner, released))
        except AppError:
            _log.warning("lease.not_released")


@asynccontextmanager
async def kept_alive(renew: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Renew a lease while the block runs; one that was lost is noticed by the next write."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with contextlib.suppress(AppError):
                await renew()

    alive = asyncio.create_task(beat())
    try:
        yield
    finally:
        alive.cancel()


def held(owner: str, change: Callable[[FileRecord], FileRecord | None]) -> Change:
    """`change`, but only while `owner` still has the lease."""

    def checked(stored: FileRecord | None) -> FileRecord | None:
        if stored is None or stored.lease != owner:
            raise Conflict("Another worker took this file over.")
        return change(stored)

    return checked


def released(stored: FileRecord) -> FileRecord:
    """The record without its lease."""
    return replace(stored, lease="", leased_until=None)
