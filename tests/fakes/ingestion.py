"""Stateful fakes at ingestion's interfaces. Each can be told to die at its n-th call, as a kill would."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.errors import NotFound
from shared.ingestion.file import FileIngest
from shared.ingestion.interfaces import (
    Change,
    Collection,
    Datapoint,
    DriveFile,
    FileRecord,
    Run,
    StoredChunk,
    Task,
)
from shared.ingestion.sync import Sync
from shared.models import FileState


class Killed(BaseException):
    """The process died here: not an Exception, so that no handler of the product's sees it."""


@dataclass
class Fuse:
    """Counts calls of all fakes; dies at the one it is set to and stays dead until set to 0."""

    blows_at: int = 0
    calls: int = 0

    def burn(self) -> None:
        """One call."""
        self.calls += 1
        if 0 < self.blows_at <= self.calls:
            raise Killed


@dataclass
class FakeClock:
    """A clock that a test moves."""

    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class FakeDrive:
    """Files by id, with their bytes."""

    fuse: Fuse
    files: dict[str, tuple[DriveFile, bytes]] = field(default_factory=dict)
    downloads: int = 0

    def put(self, file_id: str, content: bytes, **values: object) -> DriveFile:
        """Create or edit a text file; its id is its name."""
        fields: dict[str, object] = {
            "id": file_id,
            "name": f"{file_id}.txt",
            "mime_type": "text/plain",
            "size": len(content),
        }
        fields |= {
            "content": str(hash(content)),
            "modified": "2026-01-01T00:00:00Z",
            "link": f"https://d/{file_id}",
        }
        fields |= {"folders": ("root",), "principals": ("user:alice@example.com",), **values}
        file = DriveFile(**fields)  # type: ignore[arg-type]
        self.files[file_id] = (file, content)
        return file

    async def listing(self, folder_id: str) -> Sequence[DriveFile]:
        self.fuse.burn()
        return [file for file, _ in self.files.values() if folder_id in file.folders]

    async def file(self, file_id: str, folder_id: str) -> DriveFile | None:
        self.fuse.burn()
        file, _ = self.files.get(file_id, (None, b""))
        return file if file and folder_id in file.folders else None

    async def folder(self, folder_id: str) -> str:
        return folder_id

    async def download(self, file: DriveFile, target: Path, limit: int) -> None:
        self.fuse.burn()
        self.downloads += 1
        target.write_bytes(self.files[file.id][1][: limit + 1])


@dataclass
class FakeDirectory:
    """Groups and their members; a group that is absent may not be looked into."""

    groups: dict[str, list[str]] = field(default_factory=dict)

    async def members(self, group: str) -> Sequence[str] | None:
        return self.groups.get(group)


@dataclass
class FakeMemberships:
    """What was saved of each group."""

    saved: dict[str, Sequence[str] | None] = field(default_factory=dict)

    async def save(self, group: str, members: Sequence[str] | None) -> None:
        self.saved[group] = members


@dataclass
class FakeCollections:
    """Collections by id."""

    known: dict[str, Collection] = field(default_factory=dict)

    async def get(self, collection_id: str) -> Collection:
        if collection_id not in self.known:
            raise NotFound
        return self.known[collection_id]

    async def put(self, collection: Collection) -> None:
        self.known[collection.id] = collection

    async def all(self) -> Sequence[Collection]:
        return sorted(self.known.values(), key=lambda one: one.id)


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

    async def get(self, file_id: str) -> FileRecord | None:
        return self.stored.get(file_id)

    async def list(self, collection: str) -> Sequence[FileRecord]:
        return [record for record in self.stored.values() if record.collection == collection]

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        after = change(self.stored.get(file_id))
        self.fuse.burn()
        if after is None:
            self.stored.pop(file_id, None)
        else:
            self.stored[file_id] = after
        for chunk in moved:
            self.chunks.stored[chunk.id] = chunk
        return after

    async def counts(self, collection: str) -> dict[FileState, int]:
        counts: dict[FileState, int] = dict.fromkeys(
            ("pending", "indexed", "partial", "skipped", "failed"), 0
        )
        for record in await self.list(collection):
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
    """Counts the texts it was given."""

    fuse: Fuse
    texts: list[str] = field(default_factory=list)

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        self.fuse.burn()
        self.texts += texts
        return [[1.0, 0.0] for _ in texts]


class FakeTranscriber:
    """Reads the same words in every image."""

    async def transcribe(self, image: bytes, mime_type: str) -> str:
        return f"{len(image)} bytes of {mime_type}"


@dataclass
class FakeQueue:
    """Tasks in order; a name is taken once."""

    tasks: list[Task] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    async def enqueue(self, task: Task) -> None:
        if task.name not in self.names:
            self.names.add(task.name)
            self.tasks.append(task)


@dataclass
class FakeRuns:
    """Runs by id."""

    stored: dict[str, Run] = field(default_factory=dict)

    async def put(self, run: Run) -> None:
        self.stored[run.id] = run

    async def get(self, run_id: str) -> Run | None:
        return self.stored.get(run_id)

    async def latest(self, collection: str) -> Run | None:
        mine = [run for run in self.stored.values() if run.collection == collection]
        return max(mine, key=lambda run: run.started_at, default=None)


class World:
    """A Drive, its ledger and its index, with Docent's ingestion between them."""

    def __init__(self) -> None:
        self.fuse = Fuse()
        self.clock = FakeClock()
        self.drive = FakeDrive(self.fuse)
        self.directory = FakeDirectory()
        self.memberships = FakeMemberships()
        self.collections = FakeCollections({"main": Collection("main", "Main", "root")})
        self.chunks = FakeChunks(self.fuse)
        self.records = FakeRecords(self.fuse, self.chunks)
        self.index = FakeIndex(self.fuse)
        self.embedder = FakeEmbedder(self.fuse)
        self.queue = FakeQueue()
        self.runs = FakeRuns()
        self.sync = Sync(
            self.drive,
            self.directory,
            self.memberships,
            self.collections,
            self.records,
            self.runs,
            self.queue,
            self.clock,
        )
        self.files = FileIngest(
            self.drive,
            self.collections,
            self.records,
            self.chunks,
            self.index,
            self.embedder,
            FakeTranscriber(),
            self.clock,
            max_bytes=1_000_000,
        )

    async def settle(self) -> Run:
        """Sync, and do every task that comes of it."""
        run = await self.sync.start("main")
        while self.queue.tasks:
            await self.do(self.queue.tasks[0])
            self.queue.tasks.pop(0)
        return self.runs.stored[run.id]

    async def do(self, task: Task) -> None:
        """One delivery of a task."""
        if "run" in task.body:
            await self.sync.work(str(task.body["collection"]), str(task.body["run"]))
        else:
            await self.files.process(str(task.body["collection"]), str(task.body["file_id"]))

    def consistent(self) -> None:
        """Records, chunks and index say the same: every chunk once, none that no record names."""
        named = [name for record in self.records.stored.values() for name in record.chunks]
        assert len(named) == len(set(named))
        assert set(named) == set(self.chunks.stored) == set(self.index.points)
        for record in self.records.stored.values():
            assert not record.staged
            assert not record.stale
            assert not record.lease
