"""Collections, the history of syncs and where each stands, in Firestore."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast

from shared.errors import NotFound
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import matching
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.ingestion.interfaces import Collection
from shared.ingestion.runs import Run, SyncState, Walk

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference, AsyncTransaction

_TUPLES = {"unread", "recheck"}
_RUN_FIELDS = {field.name for field in fields(Run)} - {"id"}
_STATE_FIELDS = {field.name for field in fields(SyncState)} - {"collection"}


class FirestoreCollections:
    """CollectionStore on Firestore: collections/{id}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout

    async def get(self, collection_id: str) -> Collection:
        """Raises NotFound, also for one that is leaving."""
        path = self._wire.path("collections", collection_id)
        async with translated("Firestore"):
            document = (await self._wire.read([path], self._timeout))[path].document
        found = None if document is None else Collection(id=collection_id, **document)
        if found is None or found.leaving:
            raise NotFound("There is no such collection.")
        return found

    async def put(self, collection: Collection) -> None:
        """Create or replace."""
        document = asdict(collection)
        del document["id"]
        await self._commit(self._wire.put(self._wire.path("collections", collection.id), document))

    async def delete(self, collection_id: str) -> None:
        """Forget; what is absent is no error."""
        await self._commit(self._wire.delete(self._wire.path("collections", collection_id)))

    async def all(self) -> Sequence[Collection]:
        """Every collection but those that are leaving, by id."""
        return [one for one in await self._known() if not one.leaving]

    async def leaving(self) -> Sequence[Collection]:
        """Those that are being removed, by id."""
        return [one for one in await self._known() if one.leaving]

    async def _known(self) -> Sequence[Collection]:
        async with translated("Firestore"):
            found = await self._wire.query(matching("collections"), self._timeout)
        return [Collection(id=name, **document) for name, document in found.items()]

    async def _commit(self, write: Any) -> None:
        async with translated("Firestore"):
            await self._wire.commit([write], self._timeout, again=True)


class FirestoreRuns:
    """RunStore on Firestore: sync_runs/{id}, and what each step of a listing found below it."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _runs(self) -> "AsyncCollectionReference":
        return self._db.client.collection("sync_runs")

    async def put(self, run: Run) -> None:
        """Create or replace."""
        async with translated("Firestore"):
            await self._runs.document(run.id).set(_to_doc(run), **patience(self._timeout))

    async def get(self, run_id: str) -> Run | None:
        """One run, or None."""
        async with translated("Firestore"):
            snapshot = await self._runs.document(run_id).get(**patience(self._timeout))
        return _from_doc(snapshot.id, snapshot.to_dict() or {}) if snapshot.exists else None

    async def change(self, run_id: str, change: Callable[[Run], Run]) -> Run:
        """Apply `change` in a transaction. Raises NotFound, and what `change` raises."""
        reference = self._runs.document(run_id)

        async def work(transaction: "AsyncTransaction") -> Run:
            snapshot = await reference.get(transaction=transaction, **patience(self._timeout))
            if not snapshot.exists:
                raise NotFound("There is no such run.")
            before = _from_doc(run_id, snapshot.to_dict() or {})
            after = change(before)
            if after != before:
                transaction.set(reference, _to_doc(after))
            return after

        return await run_transaction(self._db.client, work)

    async def latest(self, collection: str) -> Run | None:
        """The newest run of a collection."""
        return next(iter(await self.recent(collection, 1)), None)

    async def recent(self, collection: str, limit: int) -> Sequence[Run]:
        """The newest runs of a collection, newest first."""
        from google.cloud.firestore import FieldFilter, Query

        query = (
            self._runs.where(filter=FieldFilter("collection", "==", collection))
            .order_by("started_at", direction=Query.DESCENDING)
            .limit(limit)
        )
        async with translated("Firestore"):
            return [
                _from_doc(snapshot.id, snapshot.to_dict() or {})
                async for snapshot in query.stream(**patience(self._timeout))
            ]

    async def note(self, run_id: str, step: int, ids: Sequence[str]) -> None:
        """Remember what one step of a listing found: at most 1,000 ids, about 60 kB."""
        document = self._pages(run_id).document(f"{step:08d}")
        async with translated("Firestore"):
            await document.set({"step": step, "ids": list(ids)}, **patience(self._timeout))

    async def noted(self, run_id: str, first: int, end: int) -> Sequence[str]:
        """All that the steps from `first` to before `end` found."""
        from google.cloud.firestore import FieldFilter

        query = (
            self._pages(run_id)
            .where(filter=FieldFilter("step", ">=", first))
            .where(filter=FieldFilter("step", "<", end))
        )
        async with translated("Firestore"):
            return [
                name
                async for snapshot in query.stream(**patience(self._timeout * 12))
                for name in cast("dict[str, Any]", snapshot.to_dict() or {})["ids"]
            ]

    def _pages(self, run_id: str) -> Any:
        return self._runs.document(run_id).collection("pages")


class FirestoreStates:
    """StateStore on Firestore: sync_state/{collection}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _states(self) -> "AsyncCollectionReference":
        return self._db.client.collection("sync_state")

    async def get(self, collection: str) -> SyncState:
        """The state; an empty one before the first sync."""
        async with translated("Firestore"):
            snapshot = await self._states.document(collection).get(**patience(self._timeout))
        return _state(collection, snapshot.to_dict())

    async def change(self, collection: str, change: Callable[[SyncState], SyncState]) -> SyncState:
        """Apply `change` in a transaction; what it raises comes through."""
        reference = self._states.document(collection)

        async def work(transaction: "AsyncTransaction") -> SyncState:
            snapshot = await reference.get(transaction=transaction, **patience(self._timeout))
            after = change(_state(collection, snapshot.to_dict()))
            document = asdict(after)
            del document["collection"]
            transaction.set(reference, document)
            return after

        return await run_transaction(self._db.client, work)


def _to_doc(run: Run) -> dict[str, Any]:
    document = asdict(run)
    del document["id"]
    document["walk"] = {
        key: value if key == "token" else list(value) for key, value in document["walk"].items()
    }
    return {key: list(value) if key in _TUPLES else value for key, value in document.items()}


def _from_doc(run_id: str, document: dict[str, Any]) -> Run:
    values = {
        key: tuple(value) if key in _TUPLES else value
        for key, value in document.items()
        if key in _RUN_FIELDS
    }
    walk = cast("dict[str, Any]", values.pop("walk", None) or {})
    placed = Walk(tuple(walk.get("batch", ())), walk.get("token", ""), tuple(walk.get("frontier", ())))
    return Run(id=run_id, walk=placed, **cast("dict[str, Any]", values))


def _state(collection: str, document: dict[str, Any] | None) -> SyncState:
    values = {key: value for key, value in (document or {}).items() if key in _STATE_FIELDS}
    return SyncState(collection, **values)
