"""What is to be done to a file becomes a pending record and a task, the same ask only once."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.ingestion.identifiers import REINDEX, task_name
from shared.ingestion.interfaces import Change, Clock, FileRecord, Queue, RecordStore, Task

FILE_TASK = "/ingest/tasks/file"
LOST_AFTER = timedelta(minutes=15)
"""A file still pending this long after it was queued is queued again under a new name."""
AT_ONCE = 16
"""Tasks queued at the same time."""
SMALL = 512 * 1024
"""Bytes of a file that is read beside others; a larger one takes long enough to be worth a task."""
TASKS, BESIDE = 32, 16
"""Up to so many files have a task each; of more, at most so many share one."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A file, and the version of it that is wanted; `fresh` is its record if it has none yet."""

    id: str
    wanted: str
    fresh: FileRecord | None = None
    size: int = 0
    """Its bytes, as far as they are known."""


@dataclass(frozen=True)
class Queueing:
    """Marks records as pending and queues their tasks."""

    records: RecordStore
    queue: Queue
    clock: Clock
    tasks: int = TASKS
    beside: int = BESIDE

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
        changes = {name: self._pending(ask) for name, ask in asks.items()}
        records = [record for record in (await self.records.change_each(changes)).values() if record]

        # queued even when the mark was there: whoever set it may have died before this line
        small = [record for record in records if asks[record.id].size <= SMALL]
        size = min(self.beside, -(-len(small) // self.tasks))
        shared = [small[start : start + size] for start in range(0, len(small), size or 1)]
        await self._enqueue([*shared, *([one] for one in records if asks[one.id].size > SMALL)])
        return len(records)

    async def each_alone(self, ids: Sequence[str]) -> None:
        """Queue a task for each of these files, whose task they shared until now."""
        records = await self.records.get_many(ids) if ids else {}
        await self._enqueue([[record] for record in records.values()])

    async def _enqueue(self, parts: Sequence[Sequence[FileRecord]]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def enqueue(records: Sequence[FileRecord]) -> None:
            async with gate:
                body: dict[str, object] = {"file_ids": [one.id for one in records]}
                await self.queue.enqueue(Task(_name(records), FILE_TASK, body))

        await asyncio.gather(*map(enqueue, parts))

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


def _name(records: Sequence[FileRecord]) -> str:
    """Of the marks that the records bear, so that a repeat has it again.

    The time is among them for files that come back, whose records begin anew: Cloud Tasks remembers names.
    """
    marks = [value for one in records for value in (one.id, one.wanted, one.attempt, one.queued_at)]
    return task_name("file", *marks)
