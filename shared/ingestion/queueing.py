"""What is to be done to a file becomes a pending record and a task, the same ask only once."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.ingestion.identifiers import REINDEX, task_name
from shared.ingestion.interfaces import Clock, FileRecord, Queue, RecordStore, Task

FILE_TASK = "/ingest/tasks/file"
LOST_AFTER = timedelta(minutes=15)
"""A file still pending this long after it was queued is queued again under a new name."""
AT_ONCE = 16
"""Files queued at the same time: two round trips each."""


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
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(ask: Ask) -> bool:
            async with gate:
                return await self.ask(ask)

        return sum(await asyncio.gather(*map(one, asks)))

    async def ask(self, ask: Ask) -> bool:
        """Set the record to pending and queue its task, unless the file is unknown and not to be made."""
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

        record = await self.records.change(ask.id, change)
        if record is None:
            return False
        # queued even when the mark was there: whoever set it may have died before this line
        name = task_name("file", record.id, record.wanted, record.attempt)
        await self.queue.enqueue(Task(name, FILE_TASK, {"file_id": record.id}))
        return True
