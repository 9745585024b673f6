"""The texts of chunks in Firestore: chunks/{id}."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.patience import patience
from shared.ingestion.interfaces import StoredChunk
from shared.models import Chunk, Locator

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

READ_BATCH, WRITE_BATCH = 300, 200
"""Documents a request; with chunks of about 1 kB far below the 10 MiB of one request."""


class FirestoreChunks:
    """ChunkStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _chunks(self) -> "AsyncCollectionReference":
        return self._db.client.collection("chunks")

    async def get(self, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Those that exist."""
        found: dict[str, StoredChunk] = {}
        for start in range(0, len(ids), READ_BATCH):
            references = [self._chunks.document(name) for name in ids[start : start + READ_BATCH]]
            async with translated("Firestore"):
                async for snapshot in self._db.client.get_all(references, **patience(self._timeout)):
                    if snapshot.exists:
                        found[snapshot.id] = chunk_from_doc(snapshot.id, snapshot.to_dict() or {})
        return found

    async def put(self, chunks: Sequence[StoredChunk]) -> None:
        """Write, replacing."""
        for start in range(0, len(chunks), WRITE_BATCH):
            batch = self._db.client.batch()
            for chunk in chunks[start : start + WRITE_BATCH]:
                batch.set(self._chunks.document(chunk.id), chunk_to_doc(chunk))
            async with translated("Firestore"):
                await batch.commit(**patience(self._timeout))

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete; what is absent is no error."""

        async def delete(part: Sequence[str]) -> None:
            batch = self._db.client.batch()
            for name in part:
                batch.delete(self._chunks.document(name))
            async with translated("Firestore"):
                await batch.commit(**patience(self._timeout))

        parts = [ids[start : start + WRITE_BATCH] for start in range(0, len(ids), WRITE_BATCH)]
        await asyncio.gather(*(delete(part) for part in parts))


def chunk_to_doc(chunk: StoredChunk) -> dict[str, Any]:
    """The document of chunks/ for a chunk."""
    document = asdict(chunk.chunk)
    place = {key: value for key, value in document.pop("locator").items() if value not in (None, ())}
    place = {key: list(value) if isinstance(value, tuple) else value for key, value in place.items()}
    return {**document, "locator": place, "file_id": chunk.file_id}


def chunk_from_doc(chunk_id: str, document: dict[str, Any]) -> StoredChunk:
    """The chunk that a document of chunks/ holds."""
    place = dict(document["locator"])
    place["heading"] = tuple(place.get("heading", ()))
    if "box" in place:
        place["box"] = tuple(place["box"])
    return StoredChunk(
        chunk_id,
        document["file_id"],
        Chunk(
            key=document["key"],
            text=document["text"],
            context=document["context"],
            locator=Locator(**place),
            ordinal=document["ordinal"],
        ),
    )
