"""Stateful fakes of what syncs remember: collections, runs, states, folders, channels."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.errors import NotFound
from shared.ingestion.interfaces import Collection as DriveCollection
from shared.ingestion.runs import Channel, Folder, Run, SyncState
from tests.fakes.drive import Fuse


@dataclass
class FakeCollections:
    """Collections by id."""

    known: dict[str, DriveCollection] = field(default_factory=dict)

    async def get(self, collection_id: str) -> DriveCollection:
        if collection_id not in self.known or self.known[collection_id].leaving:
            raise NotFound
        return self.known[collection_id]

    async def put(self, collection: DriveCollection) -> None:
        self.known[collection.id] = collection

    async def delete(self, collection_id: str) -> None:
        self.known.pop(collection_id, None)

    async def all(self) -> Sequence[DriveCollection]:
        return sorted((one for one in self.known.values() if not one.leaving), key=lambda one: one.id)

    async def leaving(self) -> Sequence[DriveCollection]:
        return [one for one in self.known.values() if one.leaving]


@dataclass
class FakeFolders:
    """Folders by id."""

    fuse: Fuse
    stored: dict[str, Folder] = field(default_factory=dict)

    async def get(self, ids: Collection[str]) -> Mapping[str, Folder]:
        return {name: self.stored[name] for name in ids if name in self.stored}

    async def put(self, folders: Sequence[Folder]) -> None:
        self.fuse.burn()
        self.stored |= {one.id: one for one in folders}

    async def delete(self, ids: Sequence[str]) -> None:
        self.fuse.burn()
        for name in ids:
            self.stored.pop(name, None)


@dataclass
class FakeRuns:
    """Runs by id, and what their steps found."""

    fuse: Fuse = field(default_factory=Fuse)
    stored: dict[str, Run] = field(default_factory=dict)
    notes: dict[tuple[str, int], Sequence[str]] = field(default_factory=dict)

    async def put(self, run: Run) -> None:
        self.fuse.burn()
        self.stored[run.id] = run

    async def get(self, run_id: str) -> Run | None:
        return self.stored.get(run_id)

    async def change(self, run_id: str, change: Callable[[Run], Run]) -> Run:
        if run_id not in self.stored:
            raise NotFound
        after = change(self.stored[run_id])
        self.fuse.burn()
        self.stored[run_id] = after
        return after

    async def latest(self, collection: str) -> Run | None:
        return next(iter(await self.recent(collection, 1)), None)

    async def recent(self, collection: str, limit: int) -> Sequence[Run]:
        mine = [run for run in self.stored.values() if run.collection == collection]
        return sorted(mine, key=lambda run: run.started_at, reverse=True)[:limit]

    async def note(self, run_id: str, step: int, ids: Sequence[str]) -> None:
        self.fuse.burn()
        self.notes[run_id, step] = ids

    async def noted(self, run_id: str, first: int, end: int) -> Sequence[str]:
        return [
            name
            for (run, step), names in self.notes.items()
            if run == run_id and first <= step < end
            for name in names
        ]


@dataclass
class FakeStates:
    """The state of each collection."""

    fuse: Fuse = field(default_factory=Fuse)
    stored: dict[str, SyncState] = field(default_factory=dict)

    async def get(self, collection: str) -> SyncState:
        return self.stored.get(collection, SyncState(collection))

    async def change(self, collection: str, change: Callable[[SyncState], SyncState]) -> SyncState:
        after = change(await self.get(collection))
        self.fuse.burn()
        self.stored[collection] = after
        return after


@dataclass
class FakeChannels:
    """Channels by id."""

    stored: dict[str, Channel] = field(default_factory=dict)

    async def get(self, channel_id: str) -> Channel | None:
        return self.stored.get(channel_id)

    async def all(self) -> Sequence[Channel]:
        return list(self.stored.values())

    async def put(self, channel: Channel) -> None:
        self.stored[channel.id] = channel

    async def delete(self, channel_id: str) -> None:
        self.stored.pop(channel_id, None)
