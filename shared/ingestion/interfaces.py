"""What ingestion needs from the outside, and the values that cross over."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.ingestion.drive import Grant, Item
from shared.models import Chunk, FileState, SparseVector, Transcript

Vector = list[float]


@dataclass(frozen=True, slots=True)
class Collection:
    """A Drive folder whose files are answered from: an id, or EVERYTHING or SHARED_WITH_ME."""

    id: str
    name: str
    folder_id: str
    leaving: bool = False
    """It is being removed: nothing is in it any more, and what only it held is on its way out."""


@dataclass(frozen=True, slots=True)
class DriveFile:
    """A file as Drive describes it to the connector, with its place among the collections.

    `content` changes exactly when the bytes do, `sharing` when the permissions do; `folders` are the ids
    of the folders above it, outermost first; `principals` are the index restricts that its permissions
    come to. `via` are the permissions of the shortcut that led here, None where there is none.
    """

    id: str
    name: str
    mime_type: str
    content: str
    size: int
    modified: str
    link: str
    source: Item
    collections: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    sharing: str = ""
    grants: tuple[Grant, ...] | None = None
    via: tuple[Grant, ...] | None = None
    principals: tuple[str, ...] = ()
    expires_at: datetime | None = None
    around: tuple[str, ...] | None = None
    """The principals to whom the folder around it is shown; None: not known, or a collection begins there."""
    obstacle: str = ""
    """A sentence that says why its content is not to be read, where it is not."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What Docent knows of one file. A reader trusts `chunks` alone: what is not in it is not shown.

    `staged` and `stale` name chunks that an attempt was writing or has yet to delete, so that whoever
    comes next can finish after a kill.
    """

    id: str
    collections: tuple[str, ...]
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
    confidence: Mapping[str, float] = field(default_factory=dict)
    """How sure the reader of pictures was, 0 to 1, by page, as far as it says."""
    grants: tuple[Grant, ...] | None = None
    via: tuple[Grant, ...] | None = None
    expires_at: datetime | None = None
    """When the next of its permissions runs out, of which Drive's feed says nothing."""
    read_at: datetime | None = None
    """When Drive was last asked what the file is and who may read it."""
    target: str = ""
    """What a shortcut points to."""
    resource_key: str = ""
    around: tuple[str, ...] | None = None
    """As of DriveFile: to the others the file is shown beside the folders, not in them."""
    embedded_characters: int = 0
    """Characters sent to the embedding model so far, all versions together: what the file has cost."""
    indexes: tuple[str, ...] = ()
    """The keys of the indexes that hold all its chunks; none: the one that was there first."""
    texts: str = ""
    """A mark that changes with the document of any of its chunks: text, place or names."""

    @property
    def collection(self) -> str:
        """The first of its collections, or nothing."""
        return self.collections[0] if self.collections else ""


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One entry of the vector index."""

    id: str
    vector: Vector
    restricts: dict[str, tuple[str, ...]]
    crowding: str
    sparse: SparseVector = field(default_factory=SparseVector)


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the chunk store keeps it; `id` is the file's id, a dot, and the chunk's key."""

    id: str
    file_id: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of queued work, done not before `after`. The same name is queued once."""

    name: str
    path: str
    body: dict[str, object] = field(default_factory=dict)
    after: datetime | None = None


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

    async def read_times(self) -> Mapping[str, datetime]:
        """When each group was last read."""
        ...


class CollectionStore(Protocol):
    """The collections."""

    async def get(self, collection_id: str) -> Collection:
        """Raises NotFound, also for one that is leaving."""
        ...

    async def put(self, collection: Collection) -> None:
        """Create or replace."""
        ...

    async def delete(self, collection_id: str) -> None:
        """Forget; what is absent is no error."""
        ...

    async def all(self) -> Sequence[Collection]:
        """Every collection but those that are leaving, by id."""
        ...

    async def leaving(self) -> Sequence[Collection]:
        """Those that are being removed, by id."""
        ...


Change = Callable[[FileRecord | None], FileRecord | None]
"""From the record as it stands to the record as it should be; None means that there is none.

It may run several times for one change, so it has no effects of its own. What it raises ends the change.
"""


NOTHING_MOVED: Mapping[str, Sequence[StoredChunk]] = {}


class RecordChanges(Protocol):
    """The ledger of files, as one changes it who knows which file is meant."""

    async def change(
        self, file_id: str, change: Change, moved: Sequence[StoredChunk] = ()
    ) -> FileRecord | None:
        """Apply `change` and write the chunks `moved`, all or nothing; returns the new record.

        Raises what `change` raises, Unavailable, Timeout.
        """
        ...


class RecordStore(RecordChanges, Protocol):
    """The ledger of files."""

    async def get(self, file_id: str) -> FileRecord | None:
        """The record, or None."""
        ...

    async def get_many(self, ids: Sequence[str]) -> Mapping[str, FileRecord]:
        """Those that exist; their lists of chunks may be left out."""
        ...

    async def ids(self, collection: str) -> Sequence[str]:
        """The id of every record of a collection."""
        ...

    async def below(self, folder_id: str, since: datetime | None = None) -> Sequence[str]:
        """The ids of the records of files that were below a folder when last looked at.

        With `since`, of those that were looked at then or later.
        """
        ...

    async def shortcuts(self) -> Sequence[str]:
        """The ids of all records of shortcuts."""
        ...

    async def due(self, collection: str, now: datetime, tries: datetime, lost: datetime) -> Sequence[str]:
        """Records to look at again.

        Those of which a permission has run out by `now`, failed ones whose next try comes before `tries`,
        and pending ones that were queued before `lost`.
        """
        ...

    async def page(self, collection: str, state: str, after: str, limit: int) -> Sequence[FileRecord]:
        """Records in the order of their ids, those after `after`; empty arguments do not narrow."""
        ...

    async def change_each(
        self, changes: Mapping[str, Change], moved: Mapping[str, Sequence[StoredChunk]] = NOTHING_MOVED
    ) -> Mapping[str, FileRecord | None]:
        """Apply each change with the chunks `moved` of that name, each of the pairs all or nothing.

        Chunks whose record is left as it was are not written. Returns the new records. Raises as `change`;
        some may be done then.
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


class IndexReader(Protocol):
    """The vector index, what is in it."""

    async def read(self, ids: Sequence[str]) -> Mapping[str, Datapoint]:
        """Those of the datapoints that exist, with their vectors."""
        ...


class Lexicon(Protocol):
    """The words of chunks: what they weigh, and how often they occur."""

    def sparse(self, text: str) -> SparseVector:
        """What the index keeps of a text beside its vector."""
        ...

    def working(self) -> AbstractAsyncContextManager[None]:
        """The work on one file; counts may be written at the end of the last of those that are under way."""
        ...

    async def count(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Note that chunks with these texts came and went. Raises Conflict, Timeout, Unavailable."""
        ...


class Embedder(Protocol):
    """Text to vectors."""

    async def documents(self, texts: Sequence[str]) -> list[Vector]:
        """One unit-length vector a text, in order."""
        ...


class Transcriber(Protocol):
    """Reads the text in an image."""

    async def transcribe(self, image: bytes, mime_type: str) -> Transcript:
        """The text as it stands there, nothing added; empty when there is none."""
        ...


class Queue(Protocol):
    """Cloud Tasks."""

    async def enqueue(self, task: Task) -> None:
        """Queue a task; one of the same name already queued or done is success."""
        ...


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...
