"""The ledger of files in Firestore: files/{id}."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast, get_args

from shared.gcp.browsing_keys import FIELD, TITLE, keys, strays
from shared.gcp.browsing_names import title
from shared.gcp.failures import translated
from shared.gcp.firestore_chunks import chunk_to_doc
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import matching
from shared.gcp.firestore_swaps import Changed, Swaps
from shared.gcp.patience import patience
from shared.ingestion.drive import Grant
from shared.ingestion.interfaces import NOTHING_MOVED, Change, FileRecord, StoredChunk
from shared.models import FileState

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

_TUPLES = {"collections", "folders", "principals", "chunks", "staged", "stale", "warnings", "indexes"}
_GRANTS = {"grants", "via"}
_FIELDS = {field.name for field in fields(FileRecord)} - {"id"}
_LIGHT = sorted(_FIELDS - {"chunks", "staged", "stale", "warnings", "grants", "via"})
_READ_BATCH = 300


class FirestoreFiles:
    """RecordStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout
        self._swaps = Swaps(db, "files", timeout, record_from_doc, _to_doc)

    @property
    def _files(self) -> "AsyncCollectionReference":
        return self._db.client.collection("files")

    async def get(self, file_id: str) -> FileRecord | None:
        """The record, or None."""
        async with translated("Firestore"):
            snapshot = await self._files.document(file_id).get(**patience(self._timeout))
        return record_from_doc(snapshot.id, snapshot.to_dict()) if snapshot.exists else None

    async def get_many(self, ids: Sequence[str]) -> Mapping[str, FileRecord]:
        """Those that exist, without their lists of chunks and permissions."""
        found: dict[str, FileRecord] = {}
        for start in range(0, len(ids), _READ_BATCH):
            references = [self._files.document(name) for name in ids[start : start + _READ_BATCH]]
            async with translated("Firestore"):
                async for snapshot in self._db.client.get_all(
                    references, field_paths=_LIGHT, **patience(self._timeout)
                ):
                    if snapshot.exists:
                        found[snapshot.id] = record_from_doc(snapshot.id, snapshot.to_dict())
        return found

    async def ids(self, collection: str) -> Sequence[str]:
        """The id of every record of a collection."""
        return await self._names(self._of(collection))

    async def below(self, folder_id: str, since: datetime | None = None) -> Sequence[str]:
        """The ids of the records of files that were below a folder when last looked at, then or later."""
        from google.cloud.firestore import FieldFilter

        query = self._files.where(filter=FieldFilter("folders", "array_contains", folder_id))
        if since is not None:
            query = query.where(filter=FieldFilter("read_at", ">=", since))
        return await self._names(query)

    async def shortcuts(self) -> Sequence[str]:
        """The ids of all records of shortcuts."""
        from google.cloud.firestore import FieldFilter

        return await self._names(self._files.where(filter=FieldFilter("target", ">", "")))

    async def due(self, collection: str, now: datetime, tries: datetime, lost: datetime) -> Sequence[str]:
        """Records with a permission run out, with a try to come, or whose task was lost."""
        from google.cloud.firestore import FieldFilter

        of = self._of(collection)
        failed = of.where(filter=FieldFilter("state", "==", "failed"))
        pending = of.where(filter=FieldFilter("state", "==", "pending"))
        found = await asyncio.gather(
            self._names(of.where(filter=FieldFilter("expires_at", "<=", now))),
            self._names(failed.where(filter=FieldFilter("next_try", "<=", tries))),
            self._names(pending.where(filter=FieldFilter("queued_at", "<=", lost))),
        )
        return sorted({name for names in found for name in names})

    async def page(self, collection: str, state: str, after: str, limit: int) -> Sequence[FileRecord]:
        """Records in the order of their ids, those after `after`; empty arguments do not narrow."""
        from google.cloud.firestore import FieldFilter

        query = self._of(collection) if collection else self._files
        if state:
            query = query.where(filter=FieldFilter("state", "==", state))
        query = query.order_by("__name__").limit(limit)
        if after:
            query = query.start_after({"__name__": self._files.document(after)})
        async with translated("Firestore"):
            return [
                record_from_doc(snapshot.id, snapshot.to_dict())
                async for snapshot in query.stream(**patience(self._timeout * 2))
            ]

    def _of(self, collection: str) -> Any:
        from google.cloud.firestore import FieldFilter

        if not collection:
            return self._files
        return self._files.where(filter=FieldFilter("collections", "array_contains", collection))

    async def _names(self, query: Any) -> Sequence[str]:
        """The ids of what a query finds; nothing else of the documents travels."""
        async with translated("Firestore"):
            found = query.select([]).stream(**patience(self._timeout * 12))
            return [snapshot.id async for snapshot in found]

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        """Apply `change` and write the chunks `moved`, all or nothing; returns the new record."""
        before, after = await self._swaps.change(file_id, change, self._writes(moved))
        await self._seen([(before, after)])
        return after

    async def change_each(
        self, changes: Mapping[str, Change], moved: Mapping[str, Sequence[StoredChunk]] = NOTHING_MOVED
    ) -> dict[str, FileRecord | None]:
        """Apply each change by itself, a hundred with two requests; the new records."""
        others = {name: self._writes(chunks) for name, chunks in moved.items()}
        done = await self._swaps.change_each(changes, others)
        await self._seen(list(done.values()))
        return {name: after for name, (_, after) in done.items()}

    def _writes(self, chunks: Sequence[StoredChunk]) -> list[Any]:
        wire = self._swaps.wire
        return [wire.put(wire.path("chunks", chunk.id), chunk_to_doc(chunk)) for chunk in chunks]

    async def _seen(self, changes: Sequence[Changed[FileRecord]]) -> None:
        """Called with what was changed, before and after."""

    async def counts(self, collection: str) -> dict[FileState, int]:
        """The number of records in each state, by aggregation: nothing is read but the index."""
        of = [("collections", "array_contains", collection)] if collection else []

        async def count(state: FileState) -> int:
            async with translated("Firestore"):
                return await self._swaps.wire.count(
                    matching("files", *of, ("state", "==", state)), self._timeout
                )

        states: tuple[FileState, ...] = get_args(FileState)
        return dict(zip(states, await asyncio.gather(*map(count, states)), strict=True))


def _to_doc(record: FileRecord) -> dict[str, Any]:
    # dataclasses.asdict copies every value of every list, which takes longer than the call
    document = {name: getattr(record, name) for name in _FIELDS}
    for key in _GRANTS:
        granted = document[key]
        document[key] = None if granted is None else [_grant_to_doc(one) for one in granted]
    found_by = _found_by(
        record.name, record.folders[-1:], record.principals, record.collections, record.around
    )
    return {**document, TITLE: title(record.name), FIELD: found_by}


@lru_cache(maxsize=4_096)
def _grant_to_doc(grant: Grant) -> Mapping[str, Any]:
    return asdict(grant)


@lru_cache(maxsize=256)
def _found_by(
    name: str,
    parents: tuple[str, ...],
    principals: tuple[str, ...],
    collections: tuple[str, ...],
    around: tuple[str, ...] | None,
) -> tuple[str, ...]:
    """Where and by what people meet the file when they browse; the same for each step of a file's way."""
    found = keys(name, [parent for parent in parents if parent], principals)
    return (*found, *strays(collections, principals, around))


def record_from_doc(file_id: str, document: dict[str, Any] | None) -> FileRecord:
    """The record that a document of files/ holds; fields of other versions are ignored."""
    values = {
        key: tuple(value) if key in _TUPLES else value
        for key, value in (document or {}).items()
        if key in _FIELDS
    }
    if values.get("around") is not None:
        values["around"] = tuple(values["around"])
    for key in _GRANTS & values.keys():
        values[key] = grants_from_doc(values[key])
    return FileRecord(
        id=file_id, **cast("dict[str, Any]", {"collections": (), "name": "", "state": "pending", **values})
    )


def grants_from_doc(stored: Any) -> tuple[Grant, ...] | None:
    """The permissions that a record holds; None where they could not be read."""
    return None if stored is None else tuple(Grant(**one) for one in stored)
