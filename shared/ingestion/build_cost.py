"""What building another index would cost, from the records and the texts of some files."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.ingestion.estimate import CHARACTERS_A_TOKEN, PriceList
from shared.ingestion.indexes import Target, embedded_text
from shared.ingestion.interfaces import ChunkStore, FileRecord, RecordStore

PAGE, SAMPLE, CHUNKS_OF_ONE = 300, 20, 50
SECONDS = 25.0
"""Of one request; past these the numbers are of what was seen, and `complete` says so."""


@dataclass(frozen=True, slots=True)
class BuildCost:
    """Numbers of what would be embedded; `nano` is nano-dollars, None where the model has no price."""

    model: str
    dimensions: int
    files: int
    chunks: int
    characters: int
    nano: int | None
    complete: bool


@dataclass(frozen=True)
class BuildEstimator:
    """Counts the records, and projects the characters of some files' texts onto all."""

    records: RecordStore
    chunks: ChunkStore
    prices: PriceList
    monotonic: Callable[[], float] = time.monotonic

    async def estimate(self, target: Target, answering: Target) -> BuildCost:
        """Of filling `target`. Vectors of the same model are copied and cost nothing."""
        files, chunks, sample, complete = await self._counted()
        characters = round(chunks * await self._characters_a_chunk(sample))
        embedded = 0 if target.embedding == answering.embedding else characters
        price = self.prices.units.get(f"{target.embedding.model}:token")
        nano = None if price is None else price * (embedded // CHARACTERS_A_TOKEN)
        model, dimensions = target.embedding.model, target.embedding.dimensions
        return BuildCost(model, dimensions, files, chunks, embedded, nano, complete)

    async def _counted(self) -> tuple[int, int, list[FileRecord], bool]:
        """Files, chunks, files evenly over all of them, and whether all were seen in time."""
        deadline, after = self.monotonic() + SECONDS, ""
        files, chunks, step = 0, 0, 1
        sample: list[FileRecord] = []
        while records := await self.records.page("", "", after, PAGE):
            after = records[-1].id
            for record in records:
                if record.chunks:
                    files, chunks = files + 1, chunks + len(record.chunks)
                    if files % step == 0:
                        sample.append(record)
                    if len(sample) == 2 * SAMPLE:
                        sample, step = sample[::2], 2 * step
            if self.monotonic() > deadline:
                return files, chunks, sample, False
        return files, chunks, sample, True

    async def _characters_a_chunk(self, sample: list[FileRecord]) -> float:
        """In the mean over some chunks of each file of the sample."""
        names = [name for record in sample for name in record.chunks[:CHUNKS_OF_ONE]]
        found = await self.chunks.get(names)
        lengths = [len(embedded_text(one.chunk)) for one in found.values()]
        return sum(lengths) / len(lengths) if lengths else 0.0
