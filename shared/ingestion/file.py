"""One file, from Drive to the index: the unit of work that a task does.

The order of writes is the protocol. New datapoints and chunks first, invisible because no record names
them; then the record, in one transaction, which is the moment readers change over; then the deletion of
what nobody names any more. An attempt that is killed anywhere leaves `staged` or `stale` behind in the
record, and the next one finishes.
"""

import tempfile
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.from_thread
import anyio.to_thread

from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.errors import AppError, Conflict, NotAllowed, TooLarge
from shared.ingestion.drive import Contents
from shared.ingestion.groups import Groups
from shared.ingestion.identifiers import REINDEX, chunk_id, content_version, rights_version
from shared.ingestion.indexes import Indexes, Note, Writers, embedded_text, noted
from shared.ingestion.interfaces import (
    Change,
    ChunkStore,
    Clock,
    DriveFile,
    FileRecord,
    Lexicon,
    RecordChanges,
    StoredChunk,
    Transcriber,
)
from shared.ingestion.leases import LEASE, FileLeases, held, released
from shared.ingestion.queueing import LOST_AFTER
from shared.ingestion.resolve import Resolver
from shared.ingestion.rights import groups, restricts, why_partial
from shared.log import get_logger
from shared.models import Extraction, FileState, Transcript

BATCH = 32
"""Chunks embedded and written together: what a killed attempt can lose."""
READERS = 4
"""Files whose content is read at the same time; more would only take memory and each other's time."""
NEXT_TRY = timedelta(hours=1)
"""How long a failed file rests before a sync takes it up again."""

_log = get_logger("ingestion.file")


async def _at_once() -> None:
    """Nobody is waited for."""


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a file: the name of its lease, and what writes the file's chunks."""

    owner: str
    writers: Writers


@dataclass(frozen=True)
class FileIngest:
    """Brings the index to what Drive says of one file."""

    drive: Contents
    resolver: Resolver
    groups: Groups
    records: RecordChanges
    chunks: ChunkStore
    indexes: Indexes
    transcriber: Transcriber
    lexicon: Lexicon
    clock: Clock
    max_bytes: int
    ready: Callable[[], Awaitable[None]] = _at_once
    """Waited for before anything of a file is written, when it is read and known what to do."""
    readers: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(READERS))

    async def process(self, file_id: str) -> tuple[str, ...]:
        """Make the file's chunks, rights and record what Drive says now; nothing is done twice.

        Returns the collections that the work was for. Raises Conflict while another worker has the file,
        and whatever transient failure should make Cloud Tasks try again. What will not get better by trying
        is recorded, not raised.
        """
        async with self.lexicon.working():
            return await self._process(file_id)

    async def _process(self, file_id: str) -> tuple[str, ...]:
        async with FileLeases(self.records, self.clock).hold(file_id) as (record, owner):
            if record is None:
                return ()
            attempt = _Attempt(owner, await self.indexes.writers(record, self._noting(file_id, owner)))
            file = await self.resolver.file(file_id, record.resource_key, record.folders)
            if file is None:
                await self.ready()
                await self._remove(record, attempt)
                return record.collections
            await self.groups.ensure(groups(file.grants, file.via))
            read = await self._read(record, file)
            await self.ready()
            await self._bring_up(record, file, read, attempt)
            return file.collections

    async def give_up(self, file_id: str, detail: str) -> None:
        """Record that the last attempt failed, so that the file is `failed` and not pending for ever."""
        now = self.clock.now()

        def failed(record: FileRecord | None) -> FileRecord | None:
            if record is None or record.state != "pending":
                return record
            return replace(record, state="failed", reason=detail, next_try=now + NEXT_TRY, lease="")

        await self.records.change(file_id, failed)

    async def _read(self, record: FileRecord, file: DriveFile) -> Extraction | str | None:
        """What the file says; None when that is known, a sentence when it is not to be had."""
        if file.obstacle:
            return file.obstacle
        if content_version(file) == record.content and not record.wanted.startswith(REINDEX):
            return None
        try:
            return await self._extracted(file)
        except (Unreadable, TooLarge, NotAllowed) as error:
            _log.info("file.unreadable", error=type(error).__name__, cause=type(error.__cause__).__name__)
            return _sentence(error)

    async def _bring_up(
        self, record: FileRecord, file: DriveFile, read: Extraction | str | None, attempt: _Attempt
    ) -> None:
        if read is None:
            await self._refresh_rights(record, file, attempt)
        elif isinstance(read, str):
            await self._skip(record, replace(file, content="") if file.obstacle else file, attempt, read)
        else:
            await self._replace_content(record, file, read, attempt)

    async def _replace_content(
        self,
        record: FileRecord,
        file: DriveFile,
        extraction: Extraction,
        attempt: _Attempt,
    ) -> None:
        stored = [
            StoredChunk(chunk_id(file.id, piece), file.id, piece) for piece in cut(extraction, file.name)
        ]
        ids = tuple(chunk.id for chunk in stored)
        leftovers = set(record.chunks) | set(record.staged) | set(record.stale)
        await self._update(replace(record, staged=_ordered({*record.staged, *ids})), attempt)
        # what no record has ever named is nowhere: of a new file there is nothing to look for
        present = await self.chunks.get(ids) if leftovers else {}
        new = [chunk for chunk in stored if chunk.id not in present]
        unwritten = await self._write_new(new, file, attempt)
        kept = [chunk for chunk in stored if chunk.id in present]
        if kept and _restricts(file) != _restricts_of(record):
            await attempt.writers.restrict([chunk.id for chunk in kept], _restricts(file))
        moved = [chunk for chunk in kept if present[chunk.id].chunk != chunk.chunk]
        flipped = replace(
            self._settled(record, file),
            state="partial" if extraction.warnings or file.grants is None else "indexed",
            reason=why_partial(extraction.warnings, file.grants),
            chunks=ids,
            texts=uuid.uuid4().hex if new or moved else record.texts,
            stale=_ordered(leftovers - set(ids)),
            pages=extraction.pages,
            characters=extraction.characters,
            warnings=extraction.warnings[:20],
            confidence={str(page): sure for page, sure in extraction.confidence},
            embedded_characters=record.embedded_characters
            + sum(len(embedded_text(chunk.chunk)) for chunk in new),
        )
        await self._flip(flipped, attempt, [*moved, *unwritten])
        await self._count(new, ())
        _log.info("file.indexed", chunks=len(ids), embedded=len(ids) - len(kept), state=flipped.state)

    async def _write_new(
        self, new: Sequence[StoredChunk], file: DriveFile, attempt: _Attempt
    ) -> Sequence[StoredChunk]:
        """Embed and write in batches; a chunk's document is written last, as the proof of its datapoints.

        The documents of the last batch are returned, to be written with the record.
        """
        batch: Sequence[StoredChunk] = ()
        for start in range(0, len(new), BATCH):
            if batch:
                await self.chunks.put(batch)
            batch = new[start : start + BATCH]
            await attempt.writers.write(batch, _restricts(file))
        return batch

    async def _refresh_rights(self, record: FileRecord, file: DriveFile, attempt: _Attempt) -> None:
        """Rights, name or place changed, the content did not: no download, no embedding."""
        settled = self._settled(record, file)
        if record.chunks and _restricts(file) != _restricts_of(record):
            await attempt.writers.restrict(record.chunks, _restricts(file))
        leftovers = (set(record.staged) | set(record.stale)) - set(record.chunks)
        state: FileState = "skipped"
        if record.chunks:
            state = "partial" if record.warnings or file.grants is None else "indexed"
            settled = replace(settled, reason=why_partial(record.warnings, file.grants))
        await self._flip(replace(settled, state=state, stale=_ordered(leftovers)), attempt)

    async def _skip(self, record: FileRecord, file: DriveFile, attempt: _Attempt, reason: str) -> None:
        leftovers = {*record.chunks, *record.staged, *record.stale}
        settled = replace(self._settled(record, file), state="skipped", reason=reason, chunks=())
        settled = replace(settled, pages=0, characters=0)
        await self._flip(replace(settled, warnings=(), confidence={}, stale=_ordered(leftovers)), attempt)
        _log.info("file.skipped")

    async def _remove(self, record: FileRecord, attempt: _Attempt) -> None:
        """Out of sight first (the record names no chunk), then out of the stores, then forgotten.

        A file that is wanted again by now keeps its record, for the task that is on its way to it.
        """
        doomed = _ordered({*record.chunks, *record.staged, *record.stale})
        await self._update(replace(record, content="", chunks=(), staged=(), stale=doomed), attempt)
        await self._delete(doomed, attempt)

        def forget(stored: FileRecord) -> FileRecord | None:
            if stored.wanted == record.wanted:
                return None
            return released(replace(stored, content="", rights="", stale=()))

        await self._after_deleting(record.id, doomed, held(attempt.owner, forget))
        _log.info("file.removed", chunks=len(doomed))

    async def _flip(self, record: FileRecord, attempt: _Attempt, written: Sequence[StoredChunk] = ()) -> None:
        """The moment readers change over, `written` with it; then the clean-up, and no lease any more."""
        if not record.stale:
            await self._update(record, attempt, written, free=True)
            return
        await self._update(record, attempt, written)
        await self._delete(record.stale, attempt)

        def clean(stored: FileRecord) -> FileRecord:
            return released(replace(stored, stale=()))

        await self._after_deleting(record.id, record.stale, held(attempt.owner, clean))

    async def _after_deleting(self, file_id: str, deleted: Sequence[str], change: Change) -> None:
        """Note that the deletion is done; if another worker took over meanwhile, have it made good.

        A worker that was silent for longer than its lease may have deleted what the other one had found
        there and named. The file is then read anew, by the task that the next sync queues.
        """
        try:
            await self.records.change(file_id, change)
        except Conflict:
            await self.records.change(file_id, self._mended(deleted))
            raise

    def _mended(self, deleted: Sequence[str]) -> Change:
        def change(stored: FileRecord | None) -> FileRecord | None:
            if stored is None or not {*stored.chunks, *stored.staged}.intersection(deleted):
                return stored
            wanted = f"{REINDEX}{uuid.uuid4().hex}"
            return replace(stored, state="pending", wanted=wanted, queued_at=self.clock.now() - LOST_AFTER)

        return change

    async def _delete(self, ids: Sequence[str], attempt: _Attempt) -> None:
        """The documents first: as long as one is there, it is the proof of its datapoint."""
        if ids:
            gone = await self.chunks.get(ids)
            await self.chunks.delete(ids)
            await attempt.writers.remove(ids)
            await self._count((), tuple(gone.values()))

    async def _count(self, new: Sequence[StoredChunk], gone: Sequence[StoredChunk]) -> None:
        """Keep the statistics of terms. They may be a little wrong: a failure is no reason to try again."""
        added, removed = ([embedded_text(one.chunk) for one in chunks] for chunks in (new, gone))
        try:
            await self.lexicon.count(added, removed)
        except AppError:
            _log.warning("terms.not_counted")

    async def _extracted(self, file: DriveFile) -> Extraction:
        with tempfile.NamedTemporaryFile(prefix="docent-") as kept:
            path = Path(kept.name)
            await self.drive.download(file.source, path, self.max_bytes)

            def read_image(image: bytes, mime_type: str) -> Transcript:
                return anyio.from_thread.run(self.transcriber.transcribe, image, mime_type)

            return await anyio.to_thread.run_sync(
                extract, path, file.mime_type, file.name, read_image, limiter=self.readers
            )

    async def _update(
        self,
        record: FileRecord,
        attempt: _Attempt,
        written: Sequence[StoredChunk] = (),
        *,
        free: bool = False,
    ) -> None:
        """Replace the record, except what a sync may have asked for meanwhile; `free` ends the lease."""

        def change(stored: FileRecord) -> FileRecord:
            newer = stored.wanted != record.wanted
            return replace(
                record,
                wanted=stored.wanted,
                attempt=stored.attempt,
                queued_at=stored.queued_at,
                state="pending" if newer else record.state,
                indexes=noted(attempt.writers.keys),
                lease="" if free else attempt.owner,
                leased_until=None if free else self.clock.now() + LEASE,
            )

        await self.records.change(record.id, held(attempt.owner, change), written)

    def _noting(self, file_id: str, owner: str) -> Note:
        async def note(keys: tuple[str, ...]) -> None:
            await self.records.change(
                file_id, held(owner, lambda stored: replace(stored, indexes=noted(keys)))
            )

        return note

    def _settled(self, record: FileRecord, file: DriveFile) -> FileRecord:
        """The record with everything Drive says of the file, and nothing left to do."""
        return replace(
            record,
            name=file.name,
            mime_type=file.mime_type,
            link=file.link,
            modified=file.modified,
            content=content_version(file),
            rights=rights_version(file),
            collections=file.collections,
            folders=file.folders,
            principals=file.principals,
            grants=file.grants,
            via=file.via,
            expires_at=file.expires_at,
            resource_key=file.source.resource_key,
            around=file.around,
            staged=(),
            next_try=None,
            read_at=self.clock.now(),
        )


def _restricts(file: DriveFile) -> dict[str, tuple[str, ...]]:
    return restricts(file.collections, file.id, file.folders, file.principals)


def _restricts_of(record: FileRecord) -> dict[str, tuple[str, ...]]:
    return restricts(record.collections, record.id, record.folders, record.principals)


def _ordered(values: Sequence[str] | set[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _sentence(error: Unreadable | AppError) -> str:
    return error.detail if isinstance(error, AppError) else error.sentence
