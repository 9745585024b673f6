"""How far ingestion is, and what is known of every file: by state, adding up to what Drive lists."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.errors import NotFound
from shared.ingestion.identifiers import REINDEX
from shared.ingestion.interfaces import Clock, Collection, CollectionStore, FileRecord, RecordStore
from shared.ingestion.queueing import Ask, Queueing
from shared.ingestion.runs import Run, RunStore
from shared.models import FileState

USD_PER_CHARACTER = 0.15 / 1_000_000 / 4
"""List price of gemini-embedding-001, 0.15 USD a million tokens, at four characters a token."""


@dataclass(frozen=True)
class Progress:
    """One collection's numbers of files by state, and its newest run."""

    collection: Collection
    counts: Mapping[FileState, int]
    run: Run | None
    now: datetime

    @property
    def total(self) -> int:
        """Every file that Drive listed."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Files that are in a state to stay in."""
        return self.total - self.counts["pending"]

    @property
    def busy(self) -> bool:
        """Whether there is work left; a run that failed is tried again until it has ended."""
        return self.done < self.total or (self.run is not None and self.run.ended_at is None)

    @property
    def rate(self) -> float:
        """Files a second that the newest run has brought to a state to stay in, so far."""
        if self.run is None or not self.busy:
            return 0.0
        seconds = (self.now - self.run.started_at).total_seconds()
        finished = max(0, self.run.queued + self.run.removed - self.counts["pending"])
        return finished / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until nothing is pending, at that rate; None while nobody can tell."""
        return self.counts["pending"] / self.rate if self.rate > 0 else None


@dataclass(frozen=True)
class FilePage:
    """A page of the ledger; `cursor` is empty on the last. The counts are of the whole collection."""

    files: Sequence[FileRecord]
    cursor: str
    counts: Mapping[FileState, int]


@dataclass(frozen=True)
class Ledger:
    """Reads how far ingestion is, and asks for single files anew."""

    collections: CollectionStore
    records: RecordStore
    runs: RunStore
    queueing: Queueing
    clock: Clock

    async def progress(self) -> Sequence[Progress]:
        """Of every collection, by id, also of those that are leaving. Raises Unavailable, Timeout."""
        known = [*await self.collections.all(), *await self.collections.leaving()]
        known.sort(key=lambda one: one.id)
        return await asyncio.gather(*map(self._progress_of, known))

    async def files(self, collection: str, state: str, after: str, limit: int) -> FilePage:
        """A page of the files of a collection, in one state or any. Raises NotFound."""
        await self._require(collection)
        found, counts = await asyncio.gather(
            self.records.page(collection, state, after, limit + 1), self.records.counts(collection)
        )
        more = len(found) > limit
        return FilePage(found[:limit], found[limit - 1].id if more else "", counts)

    async def history(self, collection: str, limit: int) -> Sequence[Run]:
        """The newest runs of a collection. Raises NotFound."""
        await self._require(collection)
        return await self.runs.recent(collection, limit)

    async def reindex(self, file_id: str) -> FileRecord:
        """Have a file read anew although it did not change. Raises NotFound."""
        if not await self.queueing.ask(Ask(file_id, f"{REINDEX}{uuid.uuid4().hex}")):
            raise NotFound("There is no such file in the ledger.")
        record = await self.records.get(file_id)
        if record is None:
            raise NotFound("There is no such file in the ledger.")
        return record

    async def _require(self, collection: str) -> None:
        """Raise NotFound unless the page of collections shows it, which one that is leaving is."""
        if all(one.id != collection for one in await self.collections.leaving()):
            await self.collections.get(collection)

    async def _progress_of(self, collection: Collection) -> Progress:
        counts, run = await asyncio.gather(
            self.records.counts(collection.id), self.runs.latest(collection.id)
        )
        return Progress(collection, counts, run, self.clock.now())


def cost(record: FileRecord) -> float:
    """What embedding the file has cost so far, in USD, at list price."""
    return record.embedded_characters * USD_PER_CHARACTER
