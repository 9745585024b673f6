"""Which index answers, and the work on the other one: index_state/current and index_builds/{id} in Firestore.

Every question reads the state, beside what it reads anyway, so a switch holds for all instances at once. In
the same transaction the mark of cache_state/current changes, and answers that were kept are void.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from shared.errors import NotFound
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.ingestion.builds import Build
from shared.ingestion.indexes import IndexState, Slot

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference, AsyncDocumentReference, AsyncTransaction

_STATE = {field.name for field in fields(IndexState)}
_BUILD = {field.name for field in fields(Build)} - {"id"}


class FirestoreIndexStates:
    """IndexStateStore, and what search asks. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout
        self._wire = Wire.of(db)

    @property
    def _state(self) -> "AsyncDocumentReference":
        return self._db.client.collection("index_state").document("current")

    @property
    def _caches(self) -> "AsyncDocumentReference":
        return self._db.client.collection("cache_state").document("current")

    async def get(self) -> IndexState | None:
        """The state; None before another index was ever built."""
        path = self._wire.path("index_state", "current")
        async with translated("Firestore"):
            return _state((await self._wire.read([path], self._timeout))[path].document)

    async def answering(self) -> str:
        """The space of the index that answers; "" before another was ever built."""
        state = await self.get()
        return state.active.space if state else ""

    async def change(self, change: Callable[[IndexState | None], IndexState]) -> IndexState:
        """Apply `change` in a transaction; what it raises comes through."""

        async def work(transaction: "AsyncTransaction") -> IndexState:
            snapshot = await self._state.get(transaction=transaction, **patience(self._timeout))
            before = _state(snapshot.to_dict())
            after = change(before)
            if after != before:
                transaction.set(self._state, asdict(after))
            if before is not None and after.active != before.active:
                transaction.set(self._caches, {"index": secrets.token_hex(8)}, merge=True)
            return after

        return await run_transaction(self._db.client, work)


class FirestoreBuilds:
    """BuildStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _builds(self) -> "AsyncCollectionReference":
        return self._db.client.collection("index_builds")

    async def get(self, build_id: str) -> Build | None:
        """One build, or None."""
        async with translated("Firestore"):
            snapshot = await self._builds.document(build_id).get(**patience(self._timeout))
        return _build(snapshot.id, snapshot.to_dict() or {}) if snapshot.exists else None

    async def put(self, build: Build) -> None:
        """Create or replace."""
        async with translated("Firestore"):
            await self._builds.document(build.id).set(_to_doc(build), **patience(self._timeout))

    async def change(self, build_id: str, change: Callable[[Build], Build]) -> Build:
        """Apply `change` in a transaction; what it raises comes through. Raises NotFound."""
        reference = self._builds.document(build_id)

        async def work(transaction: "AsyncTransaction") -> Build:
            snapshot = await reference.get(transaction=transaction, **patience(self._timeout))
            if not snapshot.exists:
                raise NotFound("There is no such build of an index.")
            after = change(_build(snapshot.id, snapshot.to_dict() or {}))
            transaction.set(reference, _to_doc(after))
            return after

        return await run_transaction(self._db.client, work)


def _state(document: Mapping[str, Any] | None) -> IndexState | None:
    if document is None:
        return None
    values = {key: value for key, value in document.items() if key in _STATE}
    values["active"] = Slot(**values["active"])
    values["other"] = Slot(**values["other"]) if values.get("other") else None
    return IndexState(**values)


def _to_doc(build: Build) -> dict[str, Any]:
    document = asdict(build)
    del document["id"]
    return {**document, "missed": list(build.missed)}


def _build(build_id: str, document: dict[str, Any]) -> Build:
    values: dict[str, Any] = {key: value for key, value in document.items() if key in _BUILD}
    values["missed"] = tuple(values.get("missed", ()))
    return Build(id=build_id, **values)
