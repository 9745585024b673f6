"""How far ingestion is: every collection with its files by state, adding up, and its newest run."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.ingestion.interfaces import Collection, CollectionStore, RecordStore, Run, RunStore
from shared.models import FileState


@dataclass(frozen=True)
class Progress:
    """One collection's numbers of files by state, and its newest run."""

    collection: Collection
    counts: Mapping[FileState, int]
    run: Run | None

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
        """Whether a listing or a file is still to be worked on."""
        return self.done < self.total or (self.run is not None and self.run.state in ("queued", "listing"))


@dataclass(frozen=True)
class Ledger:
    """Reads how far ingestion is."""

    collections: CollectionStore
    records: RecordStore
    runs: RunStore

    async def progress(self) -> Sequence[Progress]:
        """Of every collection, by id. Raises Unavailable, Timeout."""
        return await asyncio.gather(*map(self._progress_of, await self.collections.all()))

    async def _progress_of(self, collection: Collection) -> Progress:
        counts, run = await asyncio.gather(
            self.records.counts(collection.id), self.runs.latest(collection.id)
        )
        return Progress(collection, counts, run)
