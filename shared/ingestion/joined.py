"""Several files worked on side by side by one task, whose calls of a kind become one call.

Each file goes its own way through the protocol, with its own lease and its own record; only the calls are
shared. What one of them fails at, fails for it alone, unless the call as a whole failed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Collection as Names
from typing import TypeVar

from shared.errors import AppError
from shared.ingestion.drive import Grant, Item, Items
from shared.ingestion.indexes import IndexState, IndexStateStore
from shared.ingestion.interfaces import (
    Change,
    ChunkStore,
    Collection,
    CollectionStore,
    Datapoint,
    Embedder,
    FileRecord,
    Index,
    RecordStore,
    StoredChunk,
    Vector,
)
from shared.ingestion.runs import Folder, FolderStore
from shared.together import Joined

Answer = TypeVar("Answer")


class Company:
    """Files that wait for one another at one point of their way, so that what follows is done together."""

    def __init__(self, members: Sequence[str]) -> None:
        self._missing = set(members)
        self._all_here = asyncio.Event()

    async def meet(self, member: str) -> None:
        """Go on when every other one is here too, or has left."""
        self.leave(member)
        await self._all_here.wait()

    def leave(self, member: str) -> None:
        """Have the others not wait for this one."""
        self._missing.discard(member)
        if not self._missing:
            self._all_here.set()


class JoinedItems:
    """Items of Drive, looked up at the same time."""

    def __init__(self, drive: Items) -> None:
        self._drive = drive
        self._items = Joined(self._look_up)

    async def item(self, item_id: str, resource_key: str = "") -> Item | None:
        """One item, or None when it is gone or out of sight."""
        return await self._items.ask((item_id, resource_key))

    async def grants(self, item: Item) -> tuple[Grant, ...] | None:
        """Who may read the item; None when the connector may not know."""
        return await self._drive.grants(item)

    async def _look_up(self, asked: Sequence[tuple[str, str]]) -> list[Item | BaseException | None]:
        names = list(dict.fromkeys(asked))
        found = await asyncio.gather(*(self._drive.item(*one) for one in names), return_exceptions=True)
        outcome = dict(zip(names, found, strict=True))
        return [outcome[one] for one in asked]


class JoinedRecords:
    """Changes of records, as one change of each."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._changes = Joined(self._change)

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        """As RecordStore's."""
        return await self._changes.ask((file_id, change, moved))

    async def _change(
        self, asked: Sequence[tuple[str, Change, Sequence[StoredChunk]]]
    ) -> list[FileRecord | BaseException | None]:
        if len(asked) == 1:
            return [await self._records.change(*asked[0])]
        refused: dict[str, AppError] = {}
        first = {name: at for at, (name, _, _) in reversed(list(enumerate(asked)))}
        changes = {name: _noting(name, asked[at][1], refused) for name, at in first.items()}
        moved = {name: asked[at][2] for name, at in first.items() if asked[at][2]}
        after = await self._records.change_each(changes, moved)
        # the second change of a record, a sign of life beside a step: by itself, after the first
        return [
            refused.get(one[0]) or after[one[0]] if first[one[0]] == at else await self._alone(one)
            for at, one in enumerate(asked)
        ]

    async def _alone(
        self, one: tuple[str, Change, Sequence[StoredChunk]]
    ) -> FileRecord | BaseException | None:
        try:
            return await self._records.change(*one)
        except AppError as error:
            return error


class JoinedChunks:
    """Texts of chunks."""

    def __init__(self, chunks: ChunkStore) -> None:
        self._get = Joined(_answered_from(chunks.get))
        self._put = Joined(_for_all(chunks.put))
        self._delete = Joined(_for_all(chunks.delete))

    async def get(self, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Those that exist."""
        return dict(await self._get.ask(ids))

    async def put(self, chunks: Sequence[StoredChunk]) -> None:
        """Write, replacing."""
        await self._put.ask(chunks)

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete; what is absent is no error."""
        await self._delete.ask(ids)


class JoinedIndex:
    """A vector index, the side that writes."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._upsert = Joined(_for_all(index.upsert))
        self._remove = Joined(_for_all(index.remove))

    async def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Write, replacing."""
        await self._upsert.ask(datapoints)

    async def restrict(self, ids: Sequence[str], restricts: dict[str, tuple[str, ...]]) -> None:
        """Replace the restricts of existing datapoints; those of each file are its own."""
        await self._index.restrict(ids, restricts)

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove; what is absent is no error."""
        await self._remove.ask(ids)


class JoinedEmbedder:
    """Text to vectors, requests filled with the texts of several files."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._texts = Joined(self._embed)

    async def documents(self, texts: Sequence[str]) -> list[Vector]:
        """One unit-length vector a text, in order."""
        return await self._texts.ask(texts)

    async def _embed(self, asked: Sequence[Sequence[str]]) -> list[list[Vector]]:
        vectors = iter(await self._embedder.documents([text for texts in asked for text in texts]))
        return [[next(vectors) for _ in texts] for texts in asked]


class JoinedFolders:
    """Folders of Drive, as last seen."""

    def __init__(self, folders: FolderStore) -> None:
        self._folders = folders
        self._get = Joined(_answered_from(folders.get))

    async def get(self, ids: Names[str]) -> Mapping[str, Folder]:
        """Those that are known."""
        return await self._get.ask(tuple(ids))

    async def put(self, folders: Sequence[Folder]) -> None:
        """Create or replace."""
        await self._folders.put(folders)

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget; what is absent is no error."""
        await self._folders.delete(ids)


class JoinedCollections:
    """The collections, read once for all who ask."""

    def __init__(self, collections: CollectionStore) -> None:
        self._collections = collections
        self._all = Joined(_same_for_all(collections.all))

    async def get(self, collection_id: str) -> Collection:
        """Raises NotFound."""
        return await self._collections.get(collection_id)

    async def put(self, collection: Collection) -> None:
        """Create or replace."""
        await self._collections.put(collection)

    async def delete(self, collection_id: str) -> None:
        """Forget; what is absent is no error."""
        await self._collections.delete(collection_id)

    async def all(self) -> Sequence[Collection]:
        """Every collection but those that are leaving, by id."""
        return await self._all.ask(None)

    async def leaving(self) -> Sequence[Collection]:
        """Those that are being removed, by id."""
        return await self._collections.leaving()


class JoinedStates:
    """Which index answers, read once for all who ask."""

    def __init__(self, states: IndexStateStore) -> None:
        self._states = states
        self._get = Joined(_same_for_all(states.get))

    async def get(self) -> IndexState | None:
        """The state; None before another index was ever built."""
        return await self._get.ask(None)

    async def change(self, change: Callable[[IndexState | None], IndexState]) -> IndexState:
        """As IndexStateStore's."""
        return await self._states.change(change)


def _noting(name: str, change: Change, refused: dict[str, AppError]) -> Change:
    """A change that leaves its record alone where it would raise, and notes what it would have raised."""

    def noted(stored: FileRecord | None) -> FileRecord | None:
        refused.pop(name, None)
        try:
            return change(stored)
        except AppError as error:
            refused[name] = error
            return stored

    return noted


def _for_all(
    work: Callable[[Sequence[Answer]], Awaitable[None]],
) -> Callable[[Sequence[Sequence[Answer]]], Awaitable[Sequence[None]]]:
    """`work` on all that was asked, at once."""

    async def act(asked: Sequence[Sequence[Answer]]) -> Sequence[None]:
        await work([one for part in asked for one in part])
        return [None] * len(asked)

    return act


def _answered_from(
    work: Callable[[Sequence[str]], Awaitable[Mapping[str, Answer]]],
) -> Callable[[Sequence[Sequence[str]]], Awaitable[Sequence[Mapping[str, Answer]]]]:
    """`work` on all names that were asked for, each once; to each what of it was asked."""

    async def act(asked: Sequence[Sequence[str]]) -> Sequence[Mapping[str, Answer]]:
        found = await work(list(dict.fromkeys(name for names in asked for name in names)))
        return [{name: found[name] for name in names if name in found} for names in asked]

    return act


def _same_for_all(
    work: Callable[[], Awaitable[Answer]],
) -> Callable[[Sequence[None]], Awaitable[Sequence[Answer]]]:
    """The same answer to all."""

    async def act(asked: Sequence[None]) -> Sequence[Answer]:
        answer = await work()
        return [answer] * len(asked)

    return act
