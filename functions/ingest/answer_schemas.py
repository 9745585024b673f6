"""What the ingest function answers; schemas.py fills it."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict

from shared.ingestion.builds import BuildKind, BuildState
from shared.ingestion.choosing import PlaceKind
from shared.ingestion.indexes import Phase
from shared.ingestion.runs import RunKind, RunState
from shared.ingestion.transfers import TransferKind, TransferState
from shared.models import FileState
from shared.web.described import WireModel


class Wire(WireModel):
    """What is sent has exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class CollectionPut(Wire):
    """A collection as it is kept: `folder_id` is an id, "everything" or "shared-with-me"."""

    id: str
    name: str
    folder_id: str


class PlaceEntry(Wire):
    """A folder that a collection can be made of."""

    kind: PlaceKind
    id: str
    name: str


class PlaceList(Wire):
    """Some of the folders in one, by name, or at the top where no folder is named."""

    folders: list[PlaceEntry]
    next_cursor: str | None


class RunEntry(Wire):
    """One sync of one collection, in numbers of files."""

    id: str
    collection: str
    kind: RunKind
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    listed: int
    queued: int
    removed: int
    drift: int
    dry_run: bool
    error: str


class RunProgress(RunEntry):
    """A run with the number of files that are done."""

    done: int


class RunStarted(Wire):
    """The run of one collection."""

    run: RunEntry


class RunsStarted(Wire):
    """The runs of several collections."""

    runs: list[RunEntry]


class RunPage(RunsStarted):
    """The newest runs of a collection."""

    next_cursor: None


class CollectionProgress(Wire):
    """How far a collection is: its files by state, and its newest run."""

    id: str
    name: str
    folder_id: str
    state: Literal["syncing", "idle", "removing"]
    counts: dict[FileState, int]
    total: int
    files_per_second: float
    seconds_left: int | None
    run: RunProgress | None


class ProgressList(Wire):
    """How far every collection is."""

    collections: list[CollectionProgress]


class FileEntry(Wire):
    """One file of the ledger."""

    file_id: str
    file: str
    link: str
    mime_type: str
    modified: str
    state: FileState
    reason: str
    next_try: datetime | None
    attempts: int
    chunks: int
    pages: int
    confidence: dict[str, float]
    characters: int
    cost_usd: float
    principals: list[str]
    collections: list[str]
    folders: list[str]
    warnings: list[str]


class FileList(Wire):
    """A page of the ledger; the counts are of the whole collection."""

    files: list[FileEntry]
    next_cursor: str | None
    counts: dict[FileState, int]
    total: int


class FileAsked(Wire):
    """The file that is to be read anew."""

    file: FileEntry


class EstimateKind(Wire):
    """The files of one type; quantities are projected from those of which `read` were read."""

    mime_type: str
    files: int
    bytes: int
    read: int
    unreadable: int
    characters: int
    ocr_pages: int


class EstimateItem(Wire):
    """One thing that is paid for; `usd` is null where the price file has no price."""

    item: str
    quantity: float
    usd: float | None


class Estimate(Wire):
    """What reading a folder would take and cost."""

    files: int
    up_to_date: int
    complete: bool
    bytes: int
    pages: int
    ocr_pages: int
    characters: int
    chunks: int
    kinds: list[EstimateKind]
    items: list[EstimateItem]
    usd: float | None
    unpriced: list[str]
    fixed_per_month_usd: float | None
    prices_dated: str


class Estimated(Wire):
    """The answer of POST /ingest/estimate."""

    estimate: Estimate


class TransferEntry(Wire):
    """An export or import, and how far it has come."""

    id: str
    kind: TransferKind
    collection: str
    location: str
    state: TransferState
    started_at: datetime
    ended_at: datetime | None
    parts: int
    files: int
    chunks: int
    skipped: int
    error: str


class Transferred(Wire):
    """An export or import."""

    transfer: TransferEntry


class IndexPlace(Wire):
    """An index: where its vectors are, and the model that made them."""

    place: str
    model: str
    dimensions: int


class IndexWork(Wire):
    """The building or emptying of another index: `chunks` of `total_chunks` are done."""

    id: str
    kind: BuildKind
    state: BuildState
    started_at: datetime
    ended_at: datetime | None
    resumes_at: datetime | None
    files: int
    total_files: int
    chunks: int
    total_chunks: int
    embedded_characters: int
    chunks_per_second: float
    seconds_left: int | None
    error: str


class IndexEntry(Wire):
    """Which index answers, the other one, and the work on it."""

    answering: IndexPlace
    other: IndexPlace | None
    state: Phase
    newest_answers: bool
    switches_when_complete: bool
    work: IndexWork | None


class IndexNow(Wire):
    """The answer of GET /ingest/index."""

    index: IndexEntry


class IndexWorkStarted(Wire):
    """Work on another index that has begun."""

    work: IndexWork


class IndexCost(Wire):
    """What building another index would cost; `usd` is null where its model has no price."""

    model: str
    dimensions: int
    files: int
    chunks: int
    characters: int
    usd: float | None
    complete: bool


class IndexCounted(Wire):
    """The answer to a dry run."""

    estimate: IndexCost
