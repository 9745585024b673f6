"""Caches in Firestore: cache_answers/{id}, cache_embeddings/{id}, and cache_state/current.

An entry holds `value`, `bytes`, `created_at`, `expire_at`, and `subject` where it belongs to a person.
`cache_state/current` holds what entries are valid for: `index`, a random mark that changes with each change
of the index, and `cleared_{layer}`, how often a layer was cleared. Entry and state are read together.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_swaps import Changed
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.ingestion.interfaces import FileRecord
from shared.limits.interfaces import Entry, Generation, Layer
from shared.limits.questions import normalised
from shared.together import Together

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference, AsyncDocumentReference

COLLECTIONS = {"answers": "cache_answers", "embeddings": "cache_embeddings"}
LAYERS = tuple(COLLECTIONS)
_AWAITED = frozenset({"answers"})
"""Layers whose entries somebody may be waiting for."""
_STEP = 300
"""Entries that one commit deletes."""
_CLEARED = "cleared_"


class FirestoreCaches:
    """CacheStore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout
        self._wire = Wire.of(db)

    @property
    def _state(self) -> "AsyncDocumentReference":
        return self._db.client.collection("cache_state").document("current")

    async def get(self, layer: str, entry_id: str) -> tuple[Entry | None, Generation]:
        """One BatchGetDocuments; only the generation for an empty id."""
        state = self._wire.path("cache_state", "current")
        path = self._wire.path(COLLECTIONS[layer], entry_id) if entry_id else state
        async with translated("Firestore"):
            found = await self._wire.read([state, path], self._timeout)
        generation, kept = _generation(found[state].document or {}), found[path].document
        if not entry_id or kept is None or kept["expire_at"] <= datetime.now(UTC):
            return None, generation
        return _entry(entry_id, kept), generation

    async def put(self, layer: str, entry: Entry, release: str = "") -> None:
        """One commit; of what nobody waits for, along with the next."""
        document: dict[str, Any] = {
            "value": entry.value,
            "bytes": len(entry.value),
            "created_at": entry.created_at,
            "expire_at": entry.expire_at,
        }
        if entry.subject:
            document["subject"] = entry.subject
        writes = [self._wire.put(self._wire.path(COLLECTIONS[layer], entry.id), document)]
        if release:
            writes.append(self._wire.delete(self._wire.path("claims", release)))
        hurry = layer in _AWAITED
        async with translated("Firestore"):
            await self._wire.add(writes, self._timeout, again=True, hurry=hurry)

    async def clear(self, layers: Collection[str]) -> int:
        """The state first, so that nothing is used from then on; then the entries, in steps."""
        from google.cloud.firestore import Increment

        counted = {f"{_CLEARED}{layer}": Increment(1) for layer in layers}
        async with translated("Firestore"):
            await self._state.set(counted, merge=True, **patience(self._timeout))
        return sum([await self._empty(layer) for layer in layers])

    async def measure(self, layer: str) -> Layer:
        """Two aggregations and the oldest entry."""
        collection = self._layer(layer)
        totals: Any = collection.count(alias="entries")  # type: ignore[no-untyped-call]
        totals = totals.sum("bytes", alias="bytes")
        async with translated("Firestore"):
            (summed,) = await totals.get(**patience(self._timeout))
            found = {one.alias: int(one.value or 0) for one in summed}
            oldest = [
                (snapshot.to_dict() or {})["created_at"]
                async for snapshot in collection.order_by("created_at")
                .select(["created_at"])
                .limit(1)
                .stream(**patience(self._timeout))
            ]
        return Layer(found["entries"], found["bytes"], oldest[0] if oldest else None)

    def _layer(self, layer: str) -> "AsyncCollectionReference":
        return self._db.client.collection(COLLECTIONS[layer])

    async def _empty(self, layer: str) -> int:
        deleted = 0
        async with translated("Firestore"):
            while True:
                found = self._layer(layer).select([]).limit(_STEP).stream(**patience(self._timeout))
                names = [one.reference async for one in found]
                if not names:
                    return deleted
                batch = self._db.client.batch()
                for name in names:
                    batch.delete(name)
                await batch.commit(**patience(self._timeout))
                deleted += len(names)


class VersionedFiles(FirestoreFiles):
    """The ledger of files, which tells caches when anything changed that an answer could rest on."""

    def __init__(self, db: Database, timeout: float) -> None:
        super().__init__(db, timeout)
        self._marks = Together(self._mark)

    @property
    def _cache_state(self) -> "AsyncDocumentReference":
        return self._db.client.collection("cache_state").document("current")

    async def _seen(self, changes: Sequence[Changed[FileRecord]]) -> None:
        """What readers see may be different, and then so is the state of the index."""
        if any(_visible(before) != _visible(after) for before, after in changes):
            await self._marks.done()

    async def _mark(self) -> None:
        async with translated("Firestore"):
            await self._cache_state.set(
                {"index": secrets.token_hex(8)}, merge=True, **patience(self._timeout)
            )


class FirestorePastQuestions:
    """QuestionSource over the messages of all conversations."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    async def recent(self, limit: int) -> Sequence[str]:
        """One query over the collection group `messages`, newest first."""
        from google.cloud.firestore import Query

        query = (
            self._db.client.collection_group("messages")
            .order_by("asked_at", direction=Query.DESCENDING)
            .select(["question"])
            .limit(limit)
        )
        async with translated("Firestore"):
            found = [
                str((snapshot.to_dict() or {}).get("question", ""))
                async for snapshot in query.stream(**patience(self._timeout))
            ]
        return list({normalised(question): question for question in found if question}.values())


def _visible(record: FileRecord | None) -> tuple[object, ...]:
    """What of a file's record decides who is answered what."""
    if record is None or not record.chunks:
        return ()
    return (
        record.name, record.link, record.modified, record.chunks, record.texts, record.principals,
        record.collections, record.folders, record.grants, record.via, record.expires_at,
    )  # fmt: skip


def _generation(document: dict[str, Any]) -> Generation:
    cleared = {
        name.removeprefix(_CLEARED): int(times)
        for name, times in document.items()
        if name.startswith(_CLEARED)
    }
    return Generation(str(document.get("index", "")), cleared)


def _entry(entry_id: str, document: dict[str, Any]) -> Entry:
    return Entry(
        entry_id,
        document["value"],
        document["created_at"],
        document["expire_at"],
        document.get("subject", ""),
    )
