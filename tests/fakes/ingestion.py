"""Stateful fakes at ingestion's interfaces. Each can be told to die at its n-th call, as a kill would."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import Conflict
from shared.ingestion.building import Building
from shared.ingestion.file import FileIngest
from shared.ingestion.file_tasks import FileTasks
from shared.ingestion.groups import Groups
from shared.ingestion.indexes import INDEX_TASK, Indexes, Target
from shared.ingestion.interfaces import (
    NOTHING_MOVED,
    Change,
    Datapoint,
    FileRecord,
    StoredChunk,
    Task,
)
from shared.ingestion.interfaces import Collection as DriveCollection
from shared.ingestion.ledger import Ledger
from shared.ingestion.parts import Embedding
from shared.ingestion.push import HURRY_TASK, Push
from shared.ingestion.queueing import Queueing
from shared.ingestion.registry import Registry
from shared.ingestion.resolve import Resolver
from shared.ingestion.runs import Run
from shared.ingestion.steps import Stores
from shared.ingestion.sync import SYNC_TASK, Sync
from shared.models import FileState, SparseVector, Transcript
from tests.fakes.building import FakeBuilds, FakeIndexStates
from tests.fakes.drive import FakeDrive, Fuse, Killed
from tests.fakes.queue import FakeQueue, files_of
from tests.fakes.runs import FakeChannels, FakeCollections, FakeFolders, FakeRuns, FakeStates

__all__ = ["Fuse", "Killed"]


@dataclass
class FakeClock:
    """A clock that a test moves."""

    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class FakeDirectory:
    """Groups and their members; a group that is absent may not be looked into."""

    groups: dict[str, list[str]] = field(default_factory=dict)

    async def members(self, group: str) -> Sequence[str] | None:
        return self.groups.get(group)


@dataclass
class FakeMemberships:
    """What was saved of each group, and when."""

    clock: FakeClock = field(default_factory=FakeClock)
    saved: dict[str, Sequence[str] | None] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    async def save(self, group: str, members: Sequence[str] | None) -> None:
        self.saved[group] = members
        self.times[group] = self.clock.now()

    async def read_times(self) -> Mapping[str, datetime]:
        return dict(self.times)


@dataclass
class FakeChunks:
    """Chunk texts by id; counts what is written."""

    fuse: Fuse
    stored: dict[str, StoredChunk] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    async def get(self, ids: Sequence[str]) -> dict[str, StoredChunk]:
        self.fuse.burn()
        return {name: self.stored[name] for name in ids if name in self.stored}

    async def put(self, chunks: Sequence[StoredChunk]) -> None:
        self.fuse.burn()
        for chunk in chunks:
            self.stored[chunk.id] = chunk
            self.written.append(chunk.id)

    async def delete(self, ids: Sequence[str]) -> None:
        self.fuse.burn()
        for name in ids:
            self.stored.pop(name, None)


@dataclass
class FakeRecords:
    """The ledger; a change and its moved chunks happen at once."""

    fuse: Fuse
    chunks: FakeChunks
    stored: dict[str, FileRecord] = field(default_factory=dict)
    aborts: Callable[[], bool] | None = None
    """Whether a transaction loses every time it is tried."""

    async def get(self, file_id: str) -> FileRecord | None:
        return self.stored.get(file_id)

    async def get_many(self, ids: Sequence[str]) -> Mapping[str, FileRecord]:
        return {name: self.stored[name] for name in ids if name in self.stored}

    def of(self, collection: str) -> list[FileRecord]:
        """The records of a collection; of all for none."""
        return [one for one in self.stored.values() if not collection or collection in one.collections]

    async def ids(self, collection: str) -> Sequence[str]:
        return [record.id for record in self.of(collection)]

    async def below(self, folder_id: str, since: datetime | None = None) -> Sequence[str]:
        return [
            record.id
            for record in self.stored.values()
            if folder_id in record.folders and (since is None or (record.read_at and record.read_at >= since))
        ]

    async def shortcuts(self) -> Sequence[str]:
        return [record.id for record in self.stored.values() if record.target]

    async def due(self, collection: str, now: datetime, tries: datetime, lost: datetime) -> Sequence[str]:
        return [
            record.id
            for record in self.of(collection)
            if (record.expires_at and record.expires_at <= now)
            or (record.state == "failed" and record.next_try and record.next_try <= tries)
            or (record.state == "pending" and record.queued_at and record.queued_at <= lost)
        ]

    async def page(self, collection: str, state: str, after: str, limit: int) -> Sequence[FileRecord]:
        all_of = self.of(collection) if collection else list(self.stored.values())
        found = [record for record in all_of if record.id > after]
        found = [record for record in found if not state or record.state == state]
        return sorted(found, key=lambda record: record.id)[:limit]

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        if self.aborts and self.aborts():
            raise Conflict("Too many changes at the same moment; try again.", retry_after=1)
        after = change(self.stored.get(file_id))
        self.fuse.burn()
        if after is None:
            self.stored.pop(file_id, None)
        else:
            self.stored[file_id] = after
        for chunk in moved:
            if chunk.id not in self.chunks.stored:
                self.chunks.written.append(chunk.id)
            self.chunks.stored[chunk.id] = chunk
        return after

    async def change_each(
        self, changes: Mapping[str, Change], moved: Mapping[str, Sequence[StoredChunk]] = NOTHING_MOVED
    ) -> Mapping[str, FileRecord | None]:
        done: dict[str, FileRecord | None] = {}
        for name, change in changes.items():
            before = self.stored.get(name)
            left = change(before) == before
            done[name] = await self.change(name, change, () if left else moved.get(name, ()))
        return done

    async def counts(self, collection: str) -> dict[FileState, int]:
        counts: dict[FileState, int] = dict.fromkeys(
            ("pending", "indexed", "partial", "skipped", "failed"), 0
        )
        for record in self.of(collection):
            counts[record.state] += 1
        return counts


@dataclass
class FakeIndex:
    """Datapoints by id."""

    fuse: Fuse
    points: dict[str, Datapoint] = field(default_factory=dict)

    async def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        self.fuse.burn()
        self.points |= {point.id: point for point in datapoints}

    async def read(self, ids: Sequence[str]) -> Mapping[str, Datapoint]:
        return {name: self.points[name] for name in ids if name in self.points}

    async def restrict(self, ids: Sequence[str], restricts: dict[str, tuple[str, ...]]) -> None:
        self.fuse.burn()
        for name in ids:
            self.points[name] = replace(self.points[name], restricts=restricts)

    async def remove(self, ids: Sequence[str]) -> None:
        self.fuse.burn()
        for name in ids:
            self.points.pop(name, None)


@dataclass
class FakeEmbedder:
    """Counts the texts it was given; `vector` is that of each."""

    fuse: Fuse
    texts: list[str] = field(default_factory=list)
    vector: tuple[float, ...] = (1.0, 0.0)

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        self.fuse.burn()
        self.texts += texts
        return [list(self.vector) for _ in texts]


@dataclass
class FakeLexicon:
    """Weighs a text by its length; keeps the texts that are counted."""

    texts: list[str] = field(default_factory=list)

    def sparse(self, text: str) -> SparseVector:
        return SparseVector((1,), (float(len(text)),))

    def working(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def count(self, added: Sequence[str], removed: Sequence[str]) -> None:
        self.texts.extend(added)
        for text in removed:
            if text in self.texts:
                self.texts.remove(text)


class FakeTranscriber:
    """Reads the same words in every image."""

    async def transcribe(self, image: bytes, mime_type: str) -> Transcript:
        return Transcript(f"{len(image)} bytes of {mime_type}", 0.9)


class World:
    """A Drive, its ledger and its index, with Docent's ingestion between them."""

    def __init__(
        self,
        fuse: Fuse | None = None,
        seen: Callable[[Any], Any] = lambda fake: fake,
        drive: FakeDrive | None = None,
        beside: int = 1,
    ) -> None:
        """`seen` is how the product sees a fake: itself, or something that lets others run meanwhile.

        As many files as `beside` share a task.
        """
        self.fuse = fuse or Fuse()
        self.clock = FakeClock()
        self.drive = drive or FakeDrive(self.fuse)
        self.directory = FakeDirectory()
        self.memberships = FakeMemberships(self.clock)
        self.folders = FakeFolders(self.fuse)
        self.collections = FakeCollections({"main": DriveCollection("main", "Main", "root")})
        self.chunks = FakeChunks(self.fuse)
        self.records = FakeRecords(self.fuse, self.chunks)
        self.index = FakeIndex(self.fuse)
        self.embedder = FakeEmbedder(self.fuse)
        self.queue = FakeQueue()
        self.runs, self.states = FakeRuns(self.fuse), FakeStates(self.fuse)
        self.channels = FakeChannels()
        records, folders = seen(self.records), seen(self.folders)
        drive = seen(self.drive)
        self.queueing = Queueing(records, seen(self.queue), self.clock, tasks=1, beside=beside)
        self.groups = Groups(self.directory, seen(self.memberships), self.clock)
        stores = Stores(drive, folders, self.collections, records, seen(self.runs), self.queueing)
        self.sync = Sync(stores, seen(self.states), self.groups)
        self.push = Push(self.drive, self.channels, self.queue, self.clock, "https://docent.example")
        self.registry = Registry(self.collections, self.states, self.sync, self.push)
        self.ledger = Ledger(self.collections, self.records, self.runs, self.queueing, self.clock)
        self.lexicon = FakeLexicon()
        self.index_states = FakeIndexStates(self.fuse)
        first = self.target("first", "model-a", self.index, self.embedder, seen)
        self.targets = {first.space: first}
        self.indexes = Indexes(self.targets, seen(self.index_states), self.lexicon, seen(self.queue))
        self.builds = FakeBuilds(self.fuse)
        self.building = Building(
            self.indexes, seen(self.builds), records, seen(self.chunks), seen(self.queue), self.clock
        )
        self.files = FileIngest(
            drive,
            Resolver(drive, folders, self.collections, self.clock),
            self.groups,
            records,
            seen(self.chunks),
            self.indexes,
            FakeTranscriber(),
            self.lexicon,
            self.clock,
            max_bytes=1_000_000,
        )
        self.file_tasks = FileTasks(self.files, self.queueing)
        self._marked: dict[tuple[str, str], dict[str, Any]] = {}

    def second(
        self, model: str = "model-b", seen: Callable[[Any], Any] = lambda fake: fake
    ) -> tuple[FakeIndex, FakeEmbedder]:
        """Name another index in the settings; its vectors are longer."""
        index = FakeIndex(self.fuse)
        vector = self.embedder.vector if model == "model-a" else (0.0, 1.0, 0.0)
        embedder = FakeEmbedder(self.fuse, vector=vector)
        target = self.target("second", model, index, embedder, seen)
        self.targets[target.space] = target
        return index, embedder

    @staticmethod
    def target(
        name: str,
        model: str,
        index: FakeIndex,
        embedder: FakeEmbedder,
        seen: Callable[[Any], Any] = lambda fake: fake,
    ) -> Target:
        """An index of the settings."""
        length = len(embedder.vector)
        space = f"fake {name} {model} {length}"
        return Target(space, Embedding(model, length), seen(embedder), seen(index), seen(index))

    async def settle(self, collection: str = "main", **how: object) -> Run:
        """Sync, and do every task that comes of it."""
        run = await self.sync.start(collection, **how)  # type: ignore[arg-type]
        assert run is not None
        await self.drain()
        return self.runs.stored[run.id]

    async def drain(self) -> None:
        """Do every task there is."""
        while self.queue.tasks:
            await self.do(self.queue.tasks[0])
            self.queue.tasks.pop(0)

    async def do(self, task: Task) -> None:
        """One delivery of a task."""
        if task.path == SYNC_TASK:
            await self.sync.work(str(task.body["run"]))
        elif task.path == INDEX_TASK:
            await self.building.work(str(task.body["build"]))
        elif task.path == HURRY_TASK:
            await self.registry.start_for(str(task.body["feed"]))
        else:
            await self.file_tasks.work(files_of(task))

    def consistent(self, index: FakeIndex | None = None) -> None:
        """Records, chunks and index say the same: every chunk once, none that no record names.

        And what a reader kept of a file is still true under the same mark of its texts.
        """
        index = index or self.index
        named = [name for record in self.records.stored.values() for name in record.chunks]
        assert len(named) == len(set(named))
        assert set(named) == set(self.chunks.stored) == set(index.points)
        for record in self.records.stored.values():
            assert not record.staged
            assert not record.stale
            assert not record.lease
            kept = self._marked.setdefault((record.id, record.texts), {})
            now = {name: self.chunks.stored[name].chunk for name in record.chunks}
            assert all(kept.get(name, chunk) == chunk for name, chunk in now.items())
            kept |= now
