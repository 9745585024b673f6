"""The ledger of files in Firestore: files/{id}."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast, get_args

from shared.gcp.failures import translated
from shared.gcp.firestore_chunks import chunk_to_doc
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.patience import patience
from shared.ingestion.interfaces import Change, FileRecord, StoredChunk
from shared.models import FileState

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, AsyncTransaction

_TUPLES = {"folders", "principals", "chunks", "staged", "stale", "warnings"}
_FIELDS = {field.name for field in fields(FileRecord)} - {"id"}


class FirestoreFiles:
    """RecordStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout
        self._files = client.collection("files")

    async def get(self, file_id: str) -> FileRecord | None:
        """The record, or None."""
        async with translated("Firestore"):
            snapshot = await self._files.document(file_id).get(**patience(self._timeout))
        return record_from_doc(snapshot.id, snapshot.to_dict()) if snapshot.exists else None

    async def list(self, collection: str) -> Sequence[FileRecord]:
        """Every record of a collection."""
        from google.cloud.firestore import FieldFilter

        query = self._files.where(filter=FieldFilter("collection", "==", collection))
        async with translated("Firestore"):
            return [
                record_from_doc(snapshot.id, snapshot.to_dict())
                async for snapshot in query.stream(**patience(self._timeout * 12))
            ]

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        """Apply `change` and write the chunks `moved`, in one transaction; returns the new record."""
        reference = self._files.document(file_id)

        async def work(transaction: "AsyncTransaction") -> FileRecord | None:
            snapshot = await reference.get(transaction=transaction, **patience(self._timeout))
            before = record_from_doc(file_id, snapshot.to_dict()) if snapshot.exists else None
            after = change(before)
            if after is None and before is not None:
                transaction.delete(reference)
            elif after is not None and after != before:
                transaction.set(reference, _to_doc(after))
            for chunk in moved:
                transaction.set(self._client.collection("chunks").document(chunk.id), chunk_to_doc(chunk))
            return after

        return await run_transaction(self._client, work)

    async def counts(self, collection: str) -> dict[FileState, int]:
        """The number of records in each state, by aggregation: nothing is read but the index."""
        from google.cloud.firestore import FieldFilter

        async def count(state: FileState) -> int:
            query = self._files.where(filter=FieldFilter("collection", "==", collection)).where(
                filter=FieldFilter("state", "==", state)
            )
            async with translated("Firestore"):
                rows = await query.count().get(**patience(self._timeout))
            return int(rows[0][0].value)  # a zero comes back as 0.0

        states: tuple[FileState, ...] = get_args(FileState)
        return dict(zip(states, await asyncio.gather(*map(count, states)), strict=True))


def _to_doc(record: FileRecord) -> dict[str, Any]:
    document = asdict(record)
    del document["id"]
    return {key: list(value) if key in _TUPLES else value for key, value in document.items()}


def record_from_doc(file_id: str, document: dict[str, Any] | None) -> FileRecord:
    """The record that a document of files/ holds; fields of other versions are ignored."""
    values = {
        key: tuple(value) if key in _TUPLES else value
        for key, value in (document or {}).items()
        if key in _FIELDS
    }
    return FileRecord(id=file_id, **cast("dict[str, Any]", values))
