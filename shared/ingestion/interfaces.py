"""What ingestion needs from the outside, and the values that cross over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from shared.models import Chunk, FileState

Vector = list[float]


@dataclass(frozen=True, slots=True)
class Collection:
    """A Drive folder whose files are answered from."""

    id: str
    name: str
    folder_id: str


@dataclass(frozen=True, slots=True)
class DriveFile:
    """A file as Drive describes it to the connector.

    `content` changes exactly when the bytes do; `folders` are the ids of the folders above it, from the
    collection's own down; `principals` are the index restricts that its permissions come to.
    """

    id: str
    name: str
    mime_type: str
    content: str
    size: int
    modified: str
    link: str
    trashed: bool = False
    folders: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What Docent knows of one file. A reader trusts `chunks` alone: what is not in it is not shown.

    `staged` and `stale` name chunks that an attempt was writing or has yet to delete, so that whoever
    comes next can finish after a kill.
    """

    id: str
    collection: str
    name: str
    state: FileState
    mime_type: str = ""
    link: str = ""
    modified: str = ""
    reason: str = ""
    content: str = ""
    rights: str = ""
    wanted: str = ""
    attempt: int = 0
    queued_at: datetime | None = None
    next_try: datetime | None = None
    folders: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    lease: str = ""
    leased_until: datetime | None = None
    chunks: tuple[str, ...] = ()
    staged: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    pages: int = 0
    characters: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One entry of the vector index."""

    id: str
    vector: Vector
    restricts: dict[str, tuple[str, ...]]
    crowding: str


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the chunk store keeps it; `id` is the file's id, a dot, and the chunk's key."""

    id: str
    file_id: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of one collection, in numbers of files."""

    id: str
    collection: str
    state: str
    started_at: datetime
    ended_at: datetime | None = None
    listed: int = 0
    queued: int = 0
    removed: int = 0
    dry_run: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of queued work. The same name is queued once."""

    name: str
    path: str
    body: dict[str, object] = field(default_factory=dict)


class Drive(Protocol):
    """Google Drive, seen by the connector."""

    async def listing(self, folder_id: str) -> Sequence[DriveFile]:
        """Every file below a folder, trashed ones left out. Raises NotFound, Unavailable, Upstream."""
        ...

    async def file(self, file_id: str, folder_id: str) -> DriveFile | None:
        """One file, or None when it is gone, out of sight, or no longer below the folder."""
        ...

    async def folder(self, folder_id: str) -> str:
        """The folder's own id, for an id or the alias "root". Raises NotFound."""
        ...

    async def download(self, file: DriveFile, target: Path, limit: int) -> None:
        """Write the content (exported, for Google's own types) to `target`.

        Raises TooLarge over `limit` bytes, NotFound, NotAllowed, Unavailable, Upstream.
        """
        ...


class Directory(Protocol):
    """The organisation's groups."""

    async def members(self, group: str) -> Sequence[str] | None:
        """E-mail addresses of a group's members, nested ones too; None when the connector may not know."""
        ...


class MembershipStore(Protocol):
    """Which people are in which group, as last read."""

    async def save(self, group: str, members: Sequence[str] | None) -> None:
        """Replace what is known of one group."""
        ...


class CollectionStore(Protocol):
    """The collections."""

    async def get(self, collection_id: str) -> Collection:
        """Raises NotFound."""
        ...

    async def put(self, collection: Collection) -> None:
        """Create or replace."""
        ...

    async def all(self) -> Sequence[Collection]:
        """Every collection, by id."""
        ...


Change = Callable[[FileRecord | None], FileRecord | None]
"""From the record as it stands to the record as it should be; None means that there is none.

It may run several times for one change, so it has no effects of its own. What it raises ends the change.
"""


class RecordStore(Protocol):
    """The ledger of files."""

    async def get(self, file_id: str) -> FileRecord | None:
        """The record, or None."""
        ...

    async def list(self, collection: str) -> Sequence[FileRecord]:
        """Every record of a collection."""
        ...

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        """Apply `change` and write the chunks `moved`, all in one transaction; returns the new record.

        Raises what `change` raises, Unavailable, Timeout.
        """
        ...

    async def counts(self, collection: str) -> dict[FileState, int]:
        """The number of records in each state."""
        ...


class ChunkStore(Protocol):
    """The texts of chunks."""

    async def get(self, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Those that exist."""
        ...

    async def put(self, chunks: Sequence[StoredChunk]) -> None:
        """Write, replacing."""
        ...

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete; what is absent is no error."""
        ...


class Index(Protocol):
    """The vector index, the side that writes."""

    async def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Write, replacing."""
        ...

    async def restrict(self, ids: Sequence[str], restricts: dict[str, tuple[str, ...]]) -> None:
        """Replace the restricts of existing datapoints, leaving the vectors."""
        ...

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove; what is absent is no error."""
        ...


class Embedder(Protocol):
    """Text to vectors."""

    async def documents(self, texts: Sequence[str]) -> list[Vector]:
        """One unit-length vector a text, in order."""
        ...


class Transcriber(Protocol):
    """Reads the text in an image."""

    async def transcribe(self, image: bytes, mime_type: str) -> str:
        """The text as it stands there, nothing added; empty when there is none."""
        ...


class Queue(Protocol):
    """Cloud Tasks."""

    async def enqueue(self, task: Task) -> None:
        """Queue a task; one of the same name already queued or done is success."""
        ...


class RunStore(Protocol):
    """The history of syncs."""

    async def put(self, run: Run) -> None:
        """Create or replace."""
        ...

    async def get(self, run_id: str) -> Run | None:
        """One run, or None."""
        ...

    async def latest(self, collection: str) -> Run | None:
        """The newest run of a collection."""
        ...


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...
