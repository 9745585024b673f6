"""One file into another index, from its stored texts: nothing is downloaded or extracted.

Under the file's lease, so that a task of the file's never runs at the same time: what is written has the
rights of the record, and the record says so only when all of it is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.errors import Conflict
from shared.ingestion.indexes import (
    Indexes,
    IndexState,
    Slot,
    Target,
    embedded,
    embedded_text,
    has_chunks,
    held_in,
    noted,
    points,
)
from shared.ingestion.interfaces import ChunkStore, Clock, FileRecord, RecordStore, StoredChunk, Vector
from shared.ingestion.leases import LEASE, FileLeases, held, released
from shared.ingestion.rights import restricts

BATCH = 32
"""Chunks embedded and written together: what a killed attempt can lose."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written of a file, and the characters that were embedded for it."""

    chunks: int = 0
    characters: int = 0
    done: bool = True
    """Whether there was nothing to do, or it is done; not so while somebody else works on the file."""


@dataclass(frozen=True)
class Filler:
    """Writes files into the other index of `state`."""

    indexes: Indexes
    records: RecordStore
    chunks: ChunkStore
    clock: Clock
    state: IndexState
    slot: Slot
    target: Target

    async def fill(self, record: FileRecord) -> Filled | None:
        """Bring a file into the index; None when it is there, or holds nothing and nobody works on it.

        Raises whatever the stores, the model and the index raise.
        """
        if self.slot.key in held_in(record) if has_chunks(record) else not record.lease:
            return None
        written = Filled()
        try:
            async with FileLeases(self.records, self.clock).hold(record.id) as (current, owner):
                if current is not None:
                    for batch in await self._batches(current):
                        await self.records.change(current.id, held(owner, self._renewed))
                        written = await self._write(batch, current, written)
                    await self.records.change(current.id, held(owner, self._noting(written)))
        except Conflict:
            if written.chunks:  # another worker took over, and may have changed what was just written over
                await self._mend(record.id)
            return replace(written, done=False)
        return written

    async def _batches(self, record: FileRecord) -> list[list[StoredChunk]]:
        """All that has a text, and so a datapoint in the index that answers."""
        names = sorted({*record.chunks, *record.staged, *record.stale})
        texts = await self.chunks.get(names)
        stored = [texts[name] for name in names if name in texts]
        return [stored[start : start + BATCH] for start in range(0, len(stored), BATCH)]

    def _noting(self, written: Filled) -> Callable[[FileRecord], FileRecord]:
        def note(current: FileRecord) -> FileRecord:
            return replace(
                released(current),
                indexes=self._keys(current, also=True) if written.chunks else current.indexes,
                embedded_characters=current.embedded_characters + written.characters,
            )

        return note

    async def _mend(self, file_id: str) -> None:
        def without(current: FileRecord | None) -> FileRecord | None:
            return current and replace(current, indexes=self._keys(current, also=False))

        await self.records.change(file_id, without)
        await self.indexes.fell_behind(self.slot.key)

    def _keys(self, record: FileRecord, *, also: bool) -> tuple[str, ...]:
        """The indexes in use that hold the file, with or without this one."""
        live = {slot.key for slot in self.state.live} - {self.slot.key}
        kept = [key for key in held_in(record) if key in live]
        return noted((*kept, self.slot.key) if also else kept)

    async def _write(self, batch: Sequence[StoredChunk], record: FileRecord, before: Filled) -> Filled:
        """Write some of a file's chunks; returns what was written by then."""
        known = await self._known(batch)
        new = [one for one in batch if one.id not in known]
        made = await embedded(self.target, new) if new else []
        vectors = {**known, **{one.id: vector for one, vector in zip(new, made, strict=True)}}
        rights = restricts(record.collections, record.id, record.folders, record.principals)
        ordered = [vectors[one.id] for one in batch]
        await self.target.index.upsert(points(batch, ordered, rights, self.indexes.lexicon))
        characters = sum(len(embedded_text(one.chunk)) for one in new)
        return Filled(before.chunks + len(batch), before.characters + characters)

    async def _known(self, batch: Sequence[StoredChunk]) -> dict[str, Vector]:
        """The vectors that the answering index has, where they are of the same model."""
        source = self.indexes.target(self.state.active)
        if source.embedding != self.target.embedding:
            return {}
        found = await source.reader.read([one.id for one in batch])
        return {name: point.vector for name, point in found.items()}

    def _renewed(self, record: FileRecord) -> FileRecord:
        return replace(record, leased_until=self.clock.now() + LEASE)
