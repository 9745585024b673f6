"""Collections, group memberships and the history of syncs in Firestore."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from shared.errors import NotFound
from shared.gcp.failures import translated
from shared.gcp.patience import patience
from shared.ingestion.interfaces import Collection, Run

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient


class FirestoreCollections:
    """CollectionStore on Firestore: collections/{id}."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._timeout = timeout
        self._collections = client.collection("collections")

    async def get(self, collection_id: str) -> Collection:
        """Raises NotFound."""
        async with translated("Firestore"):
            snapshot = await self._collections.document(collection_id).get(**patience(self._timeout))
        if not snapshot.exists:
            raise NotFound("There is no such collection.")
        return Collection(id=snapshot.id, **(snapshot.to_dict() or {}))

    async def put(self, collection: Collection) -> None:
        """Create or replace."""
        document = {"name": collection.name, "folder_id": collection.folder_id}
        async with translated("Firestore"):
            await self._collections.document(collection.id).set(document, **patience(self._timeout))

    async def all(self) -> Sequence[Collection]:
        """Every collection, by id."""
        async with translated("Firestore"):
            return [
                Collection(id=snapshot.id, **(snapshot.to_dict() or {}))
                async for snapshot in self._collections.order_by("__name__").stream(**patience(self._timeout))
            ]


class FirestoreMemberships:
    """MembershipStore, and its reader, on Firestore: groups/{e-mail}."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._timeout = timeout
        self._groups = client.collection("groups")

    async def save(self, group: str, members: Sequence[str] | None) -> None:
        """Replace what is known of one group."""
        document = {"members": sorted(members or ()), "known": members is not None}
        async with translated("Firestore"):
            await self._groups.document(group).set(document, **patience(self._timeout))

    async def groups_of(self, email: str) -> tuple[str, ...]:
        """The groups an address may be in: those that list it, and those nobody could look into.

        The latter only widen the search; the check of each file's rights decides.
        """
        from google.cloud.firestore import FieldFilter, Or

        either = Or([FieldFilter("members", "array_contains", email), FieldFilter("known", "==", False)])
        query = self._groups.where(filter=either).select([])
        async with translated("Firestore"):
            return tuple([snapshot.id async for snapshot in query.stream(**patience(self._timeout))])


class FirestoreRuns:
    """RunStore on Firestore: sync_runs/{id}."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._timeout = timeout
        self._runs = client.collection("sync_runs")

    async def put(self, run: Run) -> None:
        """Create or replace."""
        document = asdict(run)
        del document["id"]
        async with translated("Firestore"):
            await self._runs.document(run.id).set(document, **patience(self._timeout))

    async def get(self, run_id: str) -> Run | None:
        """One run, or None."""
        async with translated("Firestore"):
            snapshot = await self._runs.document(run_id).get(**patience(self._timeout))
        return Run(id=snapshot.id, **(snapshot.to_dict() or {})) if snapshot.exists else None

    async def latest(self, collection: str) -> Run | None:
        """The newest run of a collection."""
        from google.cloud.firestore import FieldFilter, Query

        query = (
            self._runs.where(filter=FieldFilter("collection", "==", collection))
            .order_by("started_at", direction=Query.DESCENDING)
            .limit(1)
        )
        async with translated("Firestore"):
            async for snapshot in query.stream(**patience(self._timeout)):
                return Run(id=snapshot.id, **(snapshot.to_dict() or {}))
        return None
