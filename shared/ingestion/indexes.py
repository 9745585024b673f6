"""The indexes that files are written to: the one that answers, and one that is built or kept beside it.

`IndexState` says which they are, for all instances at once. A record names the indexes that hold all of its
chunks; a chunk's document is the proof of its datapoints in exactly those. While two indexes are written to,
the other one may fail without stopping the one that answers: it is then left out of the file's record, and
the build that is resumed makes it good.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from shared.errors import AppError, Unavailable
from shared.ingestion.identifiers import task_name
from shared.ingestion.interfaces import (
    Datapoint,
    Embedder,
    FileRecord,
    Index,
    IndexReader,
    Lexicon,
    Queue,
    StoredChunk,
    Task,
    Vector,
)
from shared.ingestion.parts import Embedding
from shared.log import get_logger
from shared.models import Chunk

Phase = Literal["single", "building", "complete", "discarding"]
Note = Callable[[tuple[str, ...]], Awaitable[None]]
INDEX_TASK = "/ingest/tasks/index"
FIRST = ""
"""The key of the index that was there before any other was built."""
_log = get_logger("ingestion.indexes")


@dataclass(frozen=True, slots=True)
class Slot:
    """An index in use. `key` is of this use of it alone; `space` says which of the configured ones it is."""

    key: str
    space: str


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which index answers, and what is done with the other one.

    It is `building` until it holds every file, then `complete`; `discarding` while it is emptied. `wanted` is
    the key of the one that answers as soon as it is complete, `newest` the one that was built last.
    """

    active: Slot
    other: Slot | None = None
    phase: Phase = "single"
    wanted: str = ""
    newest: str = ""
    build: str = ""
    """The id of the work on the other index."""
    behind: int = 0
    """How often a file had to be left out of the other index."""

    @property
    def live(self) -> tuple[Slot, ...]:
        """Those that files are written to, the one that answers first."""
        both = self.other is not None and self.phase in ("building", "complete")
        return (self.active, self.other) if both and self.other else (self.active,)


@dataclass(frozen=True)
class Target:
    """One configured index, and the model that makes its vectors."""

    space: str
    embedding: Embedding
    embedder: Embedder
    index: Index
    reader: IndexReader


class IndexStateStore(Protocol):
    """Which index answers, the same for all instances."""

    async def get(self) -> IndexState | None:
        """The state; None before another index was ever built."""
        ...

    async def change(self, change: Callable[[IndexState | None], IndexState]) -> IndexState:
        """Apply `change` in a transaction; answers that were kept are void when another index answers then.

        What `change` raises comes through. Raises Conflict, Timeout, Unavailable.
        """
        ...


@dataclass(frozen=True)
class Indexes:
    """The configured indexes by space, the first of the settings first, and which are in use."""

    targets: Mapping[str, Target]
    states: IndexStateStore
    lexicon: Lexicon
    queue: Queue

    async def state(self) -> IndexState:
        """As stored; without anything stored, the first of the settings answers."""
        return await self.states.get() or self.initial

    @property
    def initial(self) -> IndexState:
        """What holds before another index was ever built."""
        return IndexState(Slot(FIRST, next(iter(self.targets))))

    def target(self, slot: Slot) -> Target:
        """The index of a slot. Raises Unavailable when the settings do not have it."""
        if slot.space not in self.targets:
            raise Unavailable("An index that is in use is not among the settings of this function.")
        return self.targets[slot.space]

    async def active(self) -> tuple[IndexState, Target]:
        """The index that answers. Raises Unavailable when the settings do not have it."""
        state = await self.state()
        return state, self.target(state.active)

    async def writers(self, record: FileRecord, note: Note) -> "Writers":
        """What writes a file's chunks; `note` puts keys into its record, by whoever has its lease."""
        state = await self.state()
        self.target(state.active)
        keys = keys_for(record, state)
        if state.other and state.other in state.live and state.other.key not in keys:
            await self.fell_behind(state.other.key)  # whoever left it out may have died before saying so
        return Writers(self, state, keys, note)

    async def fell_behind(self, key: str) -> None:
        """A file is not in the other index, which is then not complete any more; its build goes on."""
        was: list[Phase] = []

        def behind(stored: IndexState | None) -> IndexState:
            state = stored or self.initial
            was.append(state.phase)
            if state.other is None or state.other.key != key or state.other not in state.live:
                return state
            return replace(state, phase="building", behind=state.behind + 1)

        state = await self.states.change(behind)
        if was[-1] == "complete" and state.phase == "building":
            await self.resume(state)

    async def resume(self, state: IndexState) -> None:
        """Queue the work on the other index. A task that is lost here is queued again by the next sync."""
        name = task_name("index", state.build, "behind", state.behind)
        await self.queue.enqueue(Task(name, INDEX_TASK, {"build": state.build}))


class Writers:
    """Writes one file's chunks to the indexes of `keys`. What the other index refuses, it is left out of."""

    def __init__(self, indexes: Indexes, state: IndexState, keys: tuple[str, ...], note: Note) -> None:
        self._indexes, self._state, self._note = indexes, state, note
        self.keys = keys

    async def write(self, chunks: Sequence[StoredChunk], restricts: dict[str, tuple[str, ...]]) -> None:
        """Embed and write, replacing; vectors of the same model are made once."""
        made: dict[Embedding, list[Vector]] = {}

        async def write(target: Target) -> None:
            if target.embedding not in made:
                made[target.embedding] = await embedded(target, chunks)
            vectors = made[target.embedding]
            await target.index.upsert(points(chunks, vectors, restricts, self._indexes.lexicon))

        await self._each(write)

    async def restrict(self, ids: Sequence[str], restricts: dict[str, tuple[str, ...]]) -> None:
        """Replace the restricts of what the file has in them."""
        await self._each(lambda target: target.index.restrict(ids, restricts))

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove from every index, those too that hold only a part of the file or are being emptied."""
        for slot in filter(None, (self._state.active, self._state.other)):
            try:
                await self._indexes.target(slot).index.remove(ids)
            except AppError:
                if slot == self._state.active:
                    raise
                _log.warning("index.not_removed")  # a chunk that no record names is shown to nobody

    async def _each(self, work: Callable[[Target], Awaitable[None]]) -> None:
        for slot in self._state.live:
            if slot.key not in self.keys:
                continue
            try:
                await work(self._indexes.target(slot))
            except AppError as error:
                if slot == self._state.active:
                    raise
                _log.warning("index.left_out", error=error.code)
                self.keys = tuple(key for key in self.keys if key != slot.key)
                await self._note(self.keys)
                await self._indexes.fell_behind(slot.key)


def held_in(record: FileRecord) -> tuple[str, ...]:
    """The keys of the indexes that hold a file's chunks."""
    return record.indexes or (FIRST,)


def noted(keys: Sequence[str]) -> tuple[str, ...]:
    """Keys as a record notes them: nothing where there never was but one index."""
    return () if tuple(keys) == (FIRST,) else tuple(keys)


def has_chunks(record: FileRecord) -> bool:
    """Whether an index may hold anything of the file."""
    return bool(record.chunks or record.staged or record.stale)


def keys_for(record: FileRecord, state: IndexState) -> tuple[str, ...]:
    """The indexes that a file's changes are written to: those that hold it all; of a new file, every one."""
    held = held_in(record)
    return tuple(
        slot.key for slot in state.live if slot == state.active or slot.key in held or not has_chunks(record)
    )


def embedded_text(chunk: Chunk) -> str:
    """What of a chunk is embedded, and its words counted: its context and its text."""
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


async def embedded(target: Target, chunks: Sequence[StoredChunk]) -> list[Vector]:
    """The vectors of chunks, by the model of an index."""
    return await target.embedder.documents([embedded_text(one.chunk) for one in chunks])


def points(
    chunks: Sequence[StoredChunk],
    vectors: Sequence[Vector],
    restricts: dict[str, tuple[str, ...]],
    lexicon: Lexicon,
) -> list[Datapoint]:
    """What an index holds of chunks."""
    return [
        Datapoint(one.id, vector, restricts, one.file_id, lexicon.sparse(embedded_text(one.chunk)))
        for one, vector in zip(chunks, vectors, strict=True)
    ]
