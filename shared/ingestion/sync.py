"""One sync of a collection: list Drive, compare with the ledger, queue a task for each difference."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.errors import AppError, NotFound
from shared.ingestion.identifiers import content_version, rights_version, task_name
from shared.ingestion.interfaces import (
    Clock,
    Collection,
    CollectionStore,
    Directory,
    Drive,
    DriveFile,
    FileRecord,
    MembershipStore,
    Queue,
    RecordStore,
    Run,
    RunStore,
    Task,
)
from shared.log import get_logger

FILE_TASK = "/ingest/tasks/file"
SYNC_TASK = "/ingest/tasks/sync"
LOST_AFTER = timedelta(minutes=15)
"""A file still pending this long after it was queued is queued again under a new name."""

_log = get_logger("ingestion.sync")


@dataclass(frozen=True)
class Sync:
    """Keeps the ledger in step with Drive."""

    drive: Drive
    directory: Directory
    memberships: MembershipStore
    collections: CollectionStore
    records: RecordStore
    runs: RunStore
    queue: Queue
    clock: Clock

    async def start(self, collection_id: str, *, dry_run: bool = False) -> Run:
        """Begin a run and return it; the work is done by a task. Raises NotFound.

        A dry run only counts, so it is done here and returned complete.
        """
        collection = await self.collections.get(collection_id)
        run = Run(uuid.uuid4().hex, collection.id, "queued", self.clock.now(), dry_run=dry_run)
        if dry_run:
            return await self._counted(run, collection)
        await self.runs.put(run)
        body: dict[str, object] = {"collection": collection.id, "run": run.id}
        await self.queue.enqueue(Task(task_name("sync", run.id), SYNC_TASK, body))
        return run

    async def work(self, collection_id: str, run_id: str) -> Run:
        """Do a run. Every step can be repeated, so a run that was cut off is simply done again."""
        collection = await self.collections.get(collection_id)
        run = await self.runs.get(run_id)
        if run is None:
            raise NotFound("There is no such run.")
        if run.ended_at is not None:
            return run
        await self.runs.put(replace(run, state="listing"))
        try:
            done = await self._reconcile(run, collection)
        except AppError as error:
            await self.runs.put(replace(run, state="failed", error=error.detail))
            raise
        _log.info("sync.finished", run=run.id, listed=done.listed, queued=done.queued, removed=done.removed)
        return done

    async def _reconcile(self, run: Run, collection: Collection) -> Run:
        files = await self.drive.listing(collection.folder_id)
        known = {record.id: record for record in await self.records.list(collection.id)}
        await self._save_groups(files)
        queued = 0
        for file in files:
            queued += await self._queue_if_changed(file, known.get(file.id), collection)
        gone = _gone(files, known)
        for record in gone:
            await self._queue_removal(record)
        done = replace(
            run, state="done", ended_at=self.clock.now(), listed=len(files), queued=queued, removed=len(gone)
        )
        await self.runs.put(done)
        return done

    async def _counted(self, run: Run, collection: Collection) -> Run:
        files = await self.drive.listing(collection.folder_id)
        known = {record.id: record for record in await self.records.list(collection.id)}
        changed = sum(_wanted(file, collection.id) != _indexed(known.get(file.id)) for file in files)
        return replace(
            run,
            state="done",
            ended_at=self.clock.now(),
            listed=len(files),
            queued=changed,
            removed=len(_gone(files, known)),
        )

    async def _save_groups(self, files: Sequence[DriveFile]) -> None:
        for group in sorted({group for file in files for group in file.groups}):
            await self.memberships.save(group, await self.directory.members(group))

    async def _queue_if_changed(
        self, file: DriveFile, record: FileRecord | None, collection: Collection
    ) -> bool:
        """Queue the file unless the ledger is up to date or the same work is already queued."""
        wanted = _wanted(file, collection.id)
        if wanted == _indexed(record):
            return False
        fresh = FileRecord(file.id, collection.id, file.name, "pending")
        await self._enqueue(await self._marked(record or fresh, collection.id, wanted))
        return True

    async def _queue_removal(self, record: FileRecord) -> None:
        await self._enqueue(await self._marked(record, record.collection, "removed"))

    async def _marked(self, seen: FileRecord, collection: str, wanted: str) -> FileRecord:
        """The record set to pending, with a new attempt unless this very work is already queued."""
        now = self.clock.now()

        def change(stored: FileRecord | None) -> FileRecord:
            current = stored or seen
            queued = current.state == "pending" and current.wanted == wanted and current.queued_at
            if queued and now - queued <= LOST_AFTER:
                return current
            return replace(
                current,
                collection=collection,
                state="pending",
                wanted=wanted,
                attempt=current.attempt + 1,
                queued_at=now,
            )

        return await self.records.change(seen.id, change) or seen

    async def _enqueue(self, record: FileRecord) -> None:
        name = task_name("file", record.id, record.wanted, record.attempt)
        await self.queue.enqueue(
            Task(name, FILE_TASK, {"collection": record.collection, "file_id": record.id})
        )


def _wanted(file: DriveFile, collection: str) -> str:
    return f"{content_version(file)}/{rights_version(file, collection)}"


def _indexed(record: FileRecord | None) -> str:
    """What the ledger has done; failed files are always worth another look."""
    if record is None or record.state in ("pending", "failed"):
        return ""
    return f"{record.content}/{record.rights}"


def _gone(files: Sequence[DriveFile], known: Mapping[str, FileRecord]) -> list[FileRecord]:
    listed = {file.id for file in files}
    return [record for record in known.values() if record.id not in listed]
