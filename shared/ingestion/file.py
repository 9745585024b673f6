"""One file, from Drive to the index: the unit of work that a task does.

The order of writes is the protocol. New datapoints and chunks first, invisible because no record names
them; then the record, in one transaction, which is the moment readers change over; then the deletion of
what nobody names any more. An attempt that is killed anywhere leaves `staged` or `stale` behind in the
record, and the next one finishes.
"""

import asyncio
import contextlib
import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.from_thread
import anyio.to_thread

from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.errors import AppError, Conflict, NotAllowed, TooLarge
from shared.ingestion.identifiers import chunk_id, content_version, rights_version
from shared.ingestion.interfaces import (
    Change,
    ChunkStore,
    Clock,
    CollectionStore,
    Datapoint,
    Drive,
    DriveFile,
    Embedder,
    FileRecord,
    Index,
    RecordStore,
    StoredChunk,
    Transcriber,
)
from shared.log import get_logger
from shared.models import Chunk, Extraction, FileState

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before another takes the file over: below the time over which Cloud
Tasks repeats an attempt, so that a task whose first worker was killed does not run out of tries."""
HEARTBEAT = LEASE.total_seconds() / 3
"""Seconds between two signs of life of a working worker."""
BATCH = 32
"""Chunks embedded and written together: what a killed attempt can lose."""

_log = get_logger("ingestion.file")


@dataclass(frozen=True)
class FileIngest:
    """Brings the index to what Drive says of one file."""

    drive: Drive
    collections: CollectionStore
    records: RecordStore
    chunks: ChunkStore
    index: Index
    embedder: Embedder
    transcriber: Transcriber
    clock: Clock
    max_bytes: int

    async def process(self, collection: str, file_id: str) -> None:
        """Make the file's chunks, rights and record what Drive says now; nothing is done twice.

        Raises Conflict while another worker has the file, and whatever transient failure should make
        Cloud Tasks try again. What will not get better by trying is recorded, not raised.
        """
        owner = uuid.uuid4().hex
        record = await self._lease(collection, file_id, owner)
        if record is None:
            return
        alive = asyncio.create_task(self._stay_alive(file_id, owner))
        try:
            folder = (await self.collections.get(collection)).folder_id
            file = await self.drive.file(file_id, folder)
            if file is None or file.trashed:
                await self._remove(record, owner)
            else:
                await self._bring_up(record, file, owner)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._release(file_id, owner)
            raise
        finally:
            alive.cancel()

    async def give_up(self, file_id: str, detail: str) -> None:
        """Record that the last attempt failed, so that the file is `failed` and not pending for ever."""
        now = self.clock.now()

        def failed(record: FileRecord | None) -> FileRecord | None:
            if record is None or record.state != "pending":
                return record
            return replace(record, state="failed", reason=detail, next_try=now + timedelta(hours=1), lease="")

        await self.records.change(file_id, failed)

    async def _bring_up(self, record: FileRecord, file: DriveFile, owner: str) -> None:
        content = content_version(file)
        if content == record.content:
            await self._refresh_rights(record, file, owner)
            return
        try:
            extraction = await self._extracted(file)
        except (Unreadable, TooLarge, NotAllowed) as error:
            _log.info("file.unreadable", error=type(error).__name__, cause=type(error.__cause__).__name__)
            await self._skip(record, file, owner, _sentence(error))
            return
        pieces = cut(extraction, file.name)
        stored = [StoredChunk(chunk_id(file.id, piece), file.id, piece) for piece in pieces]
        await self._replace_content(record, file, stored, extraction, owner)

    async def _replace_content(
        self,
        record: FileRecord,
        file: DriveFile,
        stored: Sequence[StoredChunk],
        extraction: Extraction,
        owner: str,
    ) -> None:
        ids = tuple(chunk.id for chunk in stored)
        leftovers = set(record.chunks) | set(record.staged) | set(record.stale)
        await self._update(replace(record, staged=_ordered({*record.staged, *ids})), owner)
        present = await self.chunks.get(ids)
        await self._write_new([chunk for chunk in stored if chunk.id not in present], record, file)
        kept = [chunk for chunk in stored if chunk.id in present]
        if kept and self._restricts(record, file) != _restricts_of(record):
            await self.index.restrict([chunk.id for chunk in kept], self._restricts(record, file))
        moved = [chunk for chunk in kept if present[chunk.id].chunk != chunk.chunk]
        flipped = replace(
            self._settled(record, file),
            state="partial" if extraction.warnings else "indexed",
            reason=" ".join(extraction.warnings[:5]),
            chunks=ids,
            stale=_ordered(leftovers - set(ids)),
            pages=extraction.pages,
            characters=extraction.characters,
            warnings=extraction.warnings[:20],
        )
        await self._flip(flipped, owner, moved)
        _log.info("file.indexed", chunks=len(ids), embedded=len(ids) - len(kept), state=flipped.state)

    async def _write_new(self, new: Sequence[StoredChunk], record: FileRecord, file: DriveFile) -> None:
        """Embed and write in batches; a chunk's document is written last, as the proof of its datapoint."""
        restricts = self._restricts(record, file)
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            vectors = await self.embedder.documents([_embedded_text(chunk.chunk) for chunk in batch])
            points = [
                Datapoint(chunk.id, vector, restricts, file.id)
                for chunk, vector in zip(batch, vectors, strict=True)
            ]
            await self.index.upsert(points)
            await self.chunks.put(batch)

    async def _refresh_rights(self, record: FileRecord, file: DriveFile, owner: str) -> None:
        """Rights, name or place changed, the content did not: no download, no embedding."""
        settled = self._settled(record, file)
        if record.chunks and self._restricts(record, file) != _restricts_of(record):
            await self.index.restrict(record.chunks, self._restricts(record, file))
        leftovers = (set(record.staged) | set(record.stale)) - set(record.chunks)
        state: FileState = "indexed"
        if not record.chunks or record.warnings:
            state = "partial" if record.chunks else "skipped"
        await self._flip(replace(settled, state=state, stale=_ordered(leftovers)), owner)

    async def _skip(self, record: FileRecord, file: DriveFile, owner: str, reason: str) -> None:
        leftovers = {*record.chunks, *record.staged, *record.stale}
        settled = replace(
            self._settled(record, file), state="skipped", reason=reason, chunks=(), pages=0, characters=0
        )
        await self._flip(replace(settled, warnings=(), stale=_ordered(leftovers)), owner)
        _log.info("file.skipped")

    async def _remove(self, record: FileRecord, owner: str) -> None:
        """Out of sight first (the record names no chunk), then out of the stores, then forgotten."""
        doomed = _ordered({*record.chunks, *record.staged, *record.stale})
        await self._update(replace(record, chunks=(), staged=(), stale=doomed), owner)
        await self._delete(doomed)
        await self.records.change(record.id, _held(owner, lambda _: None))
        _log.info("file.removed", chunks=len(doomed))

    async def _flip(self, record: FileRecord, owner: str, moved: Sequence[StoredChunk] = ()) -> None:
        """The moment readers change over; then the clean-up, and the lease is given back."""
        await self._update(record, owner, moved)
        await self._delete(record.stale)

        def clean(stored: FileRecord) -> FileRecord:
            return replace(stored, stale=(), lease="", leased_until=None)

        await self.records.change(record.id, _held(owner, clean))

    async def _delete(self, ids: Sequence[str]) -> None:
        if ids:
            await self.index.remove(ids)
            await self.chunks.delete(ids)

    async def _extracted(self, file: DriveFile) -> Extraction:
        with tempfile.TemporaryDirectory(prefix="docent-") as folder:
            path = Path(folder) / "content"
            await self.drive.download(file, path, self.max_bytes)

            def read_image(image: bytes, mime_type: str) -> str:
                return anyio.from_thread.run(self.transcriber.transcribe, image, mime_type)

            return await anyio.to_thread.run_sync(extract, path, file.mime_type, file.name, read_image)

    async def _lease(self, collection: str, file_id: str, owner: str) -> FileRecord | None:
        now = self.clock.now()

        def take(record: FileRecord | None) -> FileRecord | None:
            if record is None or record.collection != collection:
                return record
            if record.lease and record.leased_until and record.leased_until > now:
                raise Conflict("Another worker has this file.", retry_after=10)
            return replace(record, lease=owner, leased_until=now + LEASE)

        record = await self.records.change(file_id, take)
        return record if record is not None and record.lease == owner else None

    async def _update(self, record: FileRecord, owner: str, moved: Sequence[StoredChunk] = ()) -> None:
        """Replace the record, except what a sync may have asked for meanwhile."""

        def change(stored: FileRecord) -> FileRecord:
            newer = stored.wanted != record.wanted
            return replace(
                record,
                wanted=stored.wanted,
                attempt=stored.attempt,
                queued_at=stored.queued_at,
                state="pending" if newer else record.state,
                lease=owner,
                leased_until=self.clock.now() + LEASE,
            )

        await self.records.change(record.id, _held(owner, change), moved)

    async def _stay_alive(self, file_id: str, owner: str) -> None:
        """Renew the lease until cancelled; a lease that was lost is noticed by the next write."""

        def renew(stored: FileRecord) -> FileRecord:
            return replace(stored, leased_until=self.clock.now() + LEASE)

        while True:
            await asyncio.sleep(HEARTBEAT)
            with contextlib.suppress(AppError):
                await self.records.change(file_id, _held(owner, renew))

    async def _release(self, file_id: str, owner: str) -> None:
        def free(stored: FileRecord) -> FileRecord:
            return replace(stored, lease="", leased_until=None)

        try:
            await self.records.change(file_id, _held(owner, free))
        except AppError:
            _log.warning("lease.not_released")

    def _settled(self, record: FileRecord, file: DriveFile) -> FileRecord:
        """The record with everything Drive says of the file, and nothing left to do."""
        return replace(
            record,
            name=file.name,
            mime_type=file.mime_type,
            link=file.link,
            modified=file.modified,
            content=content_version(file),
            rights=rights_version(file, record.collection),
            folders=file.folders,
            principals=file.principals,
            staged=(),
            next_try=None,
        )

    def _restricts(self, record: FileRecord, file: DriveFile) -> dict[str, tuple[str, ...]]:
        return restricts(record.collection, file.id, file.folders, file.principals)


def restricts(
    collection: str, file_id: str, folders: Sequence[str], principals: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The index restricts of a file's chunks: namespace to tokens.

    A file nobody could be named for carries the token "nobody", because a datapoint without the
    namespace would be a matter of how the index reads its absence.
    """
    return {
        "collection": (collection,),
        "file": (file_id,),
        "folder": _ordered(folders) or ("none",),
        "principal": _ordered(principals) or ("nobody",),
    }


def _restricts_of(record: FileRecord) -> dict[str, tuple[str, ...]]:
    return restricts(record.collection, record.id, record.folders, record.principals)


def _held(owner: str, change: Callable[[FileRecord], FileRecord | None]) -> Change:
    """`change`, but only while `owner` still has the lease."""

    def checked(stored: FileRecord | None) -> FileRecord | None:
        if stored is None or stored.lease != owner:
            raise Conflict("Another worker took this file over.")
        return change(stored)

    return checked


def _ordered(values: Sequence[str] | set[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _embedded_text(chunk: Chunk) -> str:
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


def _sentence(error: Unreadable | AppError) -> str:
    return error.detail if isinstance(error, AppError) else error.sentence
