"""What is to be done to a file becomes a pending record and a task, the same ask only once."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.ingestion.identifiers import REINDEX, task_name
from shared.ingestion.interfaces import Change, Clock, FileRecord, Queue, RecordStore, Task

FILE_TASK = "/ingest/tasks/file"
LOST_AFTER = timedelta(minutes=15)
"""A file still pending this long after it was queued is queued again under a new name."""
AT_ONCE = 16
"""Tasks queued at the same time."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A file, and the version of it that is wanted; `fresh` is its record if it has none yet."""

    id: str
    wanted: str
    fresh: FileRecord | None = None


@dataclass(frozen=True)
class Queueing:
    """Marks records as pending and queues their tasks."""

    records: RecordStore
    queue: Queue
    clock: Clock

    async def ask_all(self, asks: Iterable[Ask]) -> int:
        """Queue each; returns how many there were to do anything about."""
        queued, waiting = 0, list(asks)
        while waiting:
            now: dict[str, Ask] = {}
            later = [ask for ask in waiting if now.setdefault(ask.id, ask) is not ask]
            queued += await self._ask_each(now)
            waiting = later
        return queued

    async def ask(self, ask: Ask) -> bool:
        """Set the record to pending and queue its task, unless the file is unknown and not to be made."""
        return await self.ask_all([ask]) > 0

    async def _ask_each(self, asks: Mapping[str, Ask]) -> int:
        """The same for many files at once, each of them once."""
        gate = asyncio.Semaphore(AT_ONCE)
        changes = {name: self._pending(ask) for name, ask in asks.items()}
        records = [record for record in (await self.records.change_each(changes)).values() if record]

        async def enqueue(record: FileRecord) -> None:
            # queued even when the mark was there: whoever set it may have died before this line
            async with gate:
                name = task_name("file", record.id, record.wanted, record.attempt)
                await self.queue.enqueue(Task(name, FILE_TASK, {"file_id": record.id}))

        await asyncio.gather(*map(enqueue, records))
        return len(records)

    def _pending(self, ask: Ask) -> Change:
        now = self.clock.now()

        def change(stored: FileRecord | None) -> FileRecord | None:
            current = stored or ask.fresh
            if current is None:
                return None
            pending = current.state == "pending"
            anew = pending and current.wanted.startswith(REINDEX) and not ask.wanted.startswith(REINDEX)
            wanted = f"{REINDEX}{ask.wanted}" if anew else ask.wanted  # an ask does not undo a stronger one
            queued = pending and current.wanted == wanted and current.queued_at
            if queued and now - queued <= LOST_AFTER:
                return current
            return replace(
                current, state="pending", wanted=wanted, attempt=current.attempt + 1, queued_at=now
            )

        return change
