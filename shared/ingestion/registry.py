"""The collections as a whole: made and changed, and synced together."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.errors import Conflict
from shared.ingestion.drive import USER_FEED
from shared.ingestion.interfaces import Collection, CollectionStore
from shared.ingestion.push import Push
from shared.ingestion.runs import Run, RunKind, StateStore, SyncState
from shared.ingestion.sync import Sync


@dataclass(frozen=True)
class Registry:
    """Starts syncs of several collections, and keeps the push channels that hurry them."""

    collections: CollectionStore
    states: StateStore
    sync: Sync
    push: Push

    async def put(self, collection: Collection) -> None:
        """Create or replace; with another folder, the next sync lists anew.

        Raises Conflict while a collection of this id is being removed.
        """
        if any(one.id == collection.id for one in await self.collections.leaving()):
            raise Conflict("This collection is being removed; try again in a minute.", retry_after=30)
        known = {one.id: one for one in await self.collections.all()}.get(collection.id)
        await self.collections.put(collection)
        if known is not None and known.folder_id != collection.folder_id:
            await self.states.change(collection.id, _without_tokens)

    async def remove(self, collection_id: str) -> Run:
        """Begin to remove a collection; what Drive holds stays as it is. Raises NotFound, Conflict."""
        leaving = {one.id: one for one in await self.collections.leaving()}
        return await self.sync.remove(leaving.get(collection_id) or await self.collections.get(collection_id))

    async def start_all(
        self, chosen: Sequence[str] | None = None, *, by_person: bool, kind: RunKind = "changes"
    ) -> list[Run]:
        """Start a run of each collection, or of those chosen, and renew the push channels.

        A removal that failed is begun again. Raises NotFound for one that is chosen and not there.
        """
        names = chosen if chosen is not None else [one.id for one in await self.collections.all()]
        started = [await self.sync.start(name, by_person=by_person, kind=kind) for name in names]
        for one in await self.collections.leaving():
            with contextlib.suppress(Conflict):  # by now another one has begun
                await self.sync.remove(one)
        await self.renew()
        return [run for run in started if run is not None]

    async def renew(self) -> None:
        """Have a push channel open for each feed that is read. Never fails for Drive's sake."""
        tokens: dict[str, str] = {}
        for one in await self.collections.all():
            tokens |= (await self.states.get(one.id)).tokens
        await self.push.renew(tokens)

    async def start_for(self, feed: str) -> None:
        """Start a run of each collection that a feed tells of."""
        for one in await self.collections.all():
            state = await self.states.get(one.id)
            if feed in (state.tokens or {USER_FEED: ""}):
                await self.sync.start(one.id, by_person=False)


def _without_tokens(state: SyncState) -> SyncState:
    """Anew: a run for the folder of before may end, but keeps nothing."""
    return replace(state, run="", tokens={}, relist=False)
