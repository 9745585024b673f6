"""The wire of the ingest function."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.ingestion.build_cost import BuildCost
from shared.ingestion.builds import Build
from shared.ingestion.choosing import PlacePage
from shared.ingestion.estimate import Estimate
from shared.ingestion.indexes import IndexState
from shared.ingestion.interfaces import FileRecord
from shared.ingestion.ledger import FilePage, Progress, cost
from shared.ingestion.runs import Run
from shared.ingestion.transfers import Transfer
from shared.web.described import WireModel

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_~-]{1,300}$")]
Feed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class _Strict(WireModel):
    model_config = ConfigDict(extra="forbid")


class PutCollection(_Strict):
    """A collection: a name for people, and the Drive folder whose files it answers from.

    Instead of an id: "root", "everything" (all that the connector sees) or "shared-with-me".
    """

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    folder_id: Name


class ListPlaces(_Strict):
    """Which folders to choose from: those in one, or at the top; `cursor` is of the answer before."""

    folder_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,128}$")] = ""
    cursor: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,1000}$")] = ""


class StartSync(_Strict):
    """Which collection to bring up to date, every one when none is named; a dry run only counts.

    With `full`, Drive is listed and compared even where the change feed would do.
    """

    collection: Name | None = None
    dry_run: bool = False
    full: bool = False


class Reconcile(_Strict):
    """Which collection to compare with Drive's listing; every one when none is named."""

    collection: Name | None = None


class SyncTask(_Strict):
    """The body of a sync task."""

    run: Name


class FileTask(_Strict):
    """The body of a file task: one file, or several small ones that share it."""

    file_ids: list[RecordId] = Field(min_length=1, max_length=100)


class HurryTask(_Strict):
    """The body of a task that a push notification queued: the feed that moved."""

    feed: Feed


class StartEstimate(_Strict):
    """What to estimate: a folder as in PutCollection; about `sample` of its files are read."""

    folder_id: Name
    sample: Annotated[int, Field(ge=1, le=100)] = 20


class StartExport(_Strict):
    """Which collection to write to Cloud Storage."""

    collection: Name = "main"


class StartImport(_Strict):
    """Which export to read, as gs://bucket/path, and under which id; by default the one it had."""

    source: Annotated[str, StringConstraints(pattern=r"^gs://[a-z0-9._-]{3,222}/\S{1,900}$")]
    collection: Name | None = None


class TransferTask(_Strict):
    """The body of a task of an export or import."""

    transfer: Name


class StartBuild(_Strict):
    """Build the index of the NEXT_ settings; with `hold` it does not answer before it is switched to.

    A dry run only counts, and says what it would cost.
    """

    hold: bool = False
    dry_run: bool = False


class IndexTask(_Strict):
    """The body of a task of the work on another index."""

    build: Name


class ListFiles(_Strict):
    """Which part of the ledger: a collection, one state or all, a page."""

    collection: Name = "main"
    state: Literal["", "pending", "indexed", "partial", "skipped", "failed"] = ""
    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_~-]{0,300}$")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ListRuns(_Strict):
    """Which runs: the newest of a collection."""

    collection: Name = "main"
    limit: Annotated[int, Field(ge=1, le=100)] = 20


def run_json(run: Run | None) -> dict[str, object] | None:
    """A run as JSON; times in RFC 3339."""
    if run is None:
        return None
    return {
        "id": run.id,
        "collection": run.collection,
        "kind": run.kind,
        "state": run.state,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "listed": run.listed,
        "queued": run.queued,
        "removed": run.removed,
        "drift": run.drift,
        "dry_run": run.dry_run,
        "error": run.error,
    }


def estimate_json(found: Estimate) -> dict[str, object]:
    """What POST /ingest/estimate found; quantities are projected from the files that were read."""
    return {
        "files": found.files,
        "up_to_date": found.up_to_date,
        "complete": found.complete,
        "bytes": sum(kind.size for kind in found.kinds),
        "pages": found.total(lambda kind: kind.pages),
        "ocr_pages": found.total(lambda kind: kind.ocr_pages),
        "characters": found.total(lambda kind: kind.characters),
        "chunks": found.total(lambda kind: kind.chunks),
        "kinds": [
            {
                "mime_type": kind.mime_type,
                "files": len(kind.files),
                "bytes": kind.size,
                "read": kind.read,
                "unreadable": kind.unreadable,
                "characters": kind.projected(kind.characters),
                "ocr_pages": kind.projected(kind.ocr_pages),
            }
            for kind in found.kinds
        ],
        "items": [
            {"item": item.thing, "quantity": item.quantity, "usd": _usd(item.nano)} for item in found.items
        ],
        "usd": _usd(found.nano),
        "unpriced": [item.thing for item in found.items if item.nano is None],
        "fixed_per_month_usd": _usd(found.monthly),
        "prices_dated": found.dated,
    }


def _usd(nano: int | None) -> float | None:
    return None if nano is None else round(nano / 1e9, 6)


def places_json(page: PlacePage) -> dict[str, object]:
    """A page of GET /ingest/folders."""
    return {
        "folders": [{"kind": one.kind, "id": one.id, "name": one.name} for one in page.places],
        "next_cursor": page.token or None,
    }


def transfer_json(transfer: Transfer) -> dict[str, object]:
    """An export or import as JSON."""
    return {
        "id": transfer.id,
        "kind": transfer.kind,
        "collection": transfer.collection,
        "location": transfer.folder,
        "state": transfer.state,
        "started_at": transfer.started_at.isoformat(),
        "ended_at": transfer.ended_at.isoformat() if transfer.ended_at else None,
        "parts": transfer.part,
        "files": transfer.files,
        "chunks": transfer.chunks,
        "skipped": transfer.skipped,
        "error": transfer.error,
    }


def build_cost_json(cost: BuildCost) -> dict[str, object]:
    """What building another index would cost."""
    return {
        "model": cost.model,
        "dimensions": cost.dimensions,
        "files": cost.files,
        "chunks": cost.chunks,
        "characters": cost.characters,
        "usd": _usd(cost.nano),
        "complete": cost.complete,
    }


def index_json(state: IndexState, build: Build | None, now: datetime) -> dict[str, object]:
    """Which index answers, the other one, and how far the work on it is."""
    return {
        "answering": _space_json(state.active.space),
        "other": state.other and _space_json(state.other.space),
        "state": state.phase,
        "newest_answers": state.active.key == state.newest,
        "switches_when_complete": bool(state.wanted),
        "work": build and build_json(build, now),
    }


def build_json(build: Build, now: datetime) -> dict[str, object]:
    """The work on an index; `chunks` of `total_chunks` are done."""
    left = build.left(now)
    return {
        "id": build.id,
        "kind": build.kind,
        "state": build.state,
        "started_at": build.started_at.isoformat(),
        "ended_at": build.ended_at.isoformat() if build.ended_at else None,
        "resumes_at": build.resumes_at.isoformat() if build.resumes_at else None,
        "files": build.files,
        "total_files": build.total_files,
        "chunks": build.chunks,
        "total_chunks": build.total_chunks,
        "embedded_characters": build.characters,
        "chunks_per_second": round(build.rate(now), 2),
        "seconds_left": None if left is None else round(left.total_seconds()),
        "error": build.error,
    }


def _space_json(space: str) -> dict[str, object]:
    place, model, dimensions = space.rsplit(" ", 2)
    return {"place": place, "model": model, "dimensions": int(dimensions)}


def progress_json(progress: Progress) -> dict[str, object]:
    """One collection of GET /ingest/status; its run also says how many files are done."""
    run = run_json(progress.run)
    left = progress.seconds_left
    return {
        "id": progress.collection.id,
        "name": progress.collection.name,
        "folder_id": progress.collection.folder_id,
        "state": "removing" if progress.collection.leaving else "syncing" if progress.busy else "idle",
        "counts": dict(progress.counts),
        "total": progress.total,
        "files_per_second": round(progress.rate, 2),
        "seconds_left": None if left is None else round(left),
        "run": run and {**run, "done": progress.done},
    }


def file_json(record: FileRecord) -> dict[str, object]:
    """One file of the ledger."""
    return {
        "file_id": record.id,
        "file": record.name,
        "link": record.link,
        "mime_type": record.mime_type,
        "modified": record.modified,
        "state": record.state,
        "reason": record.reason,
        "next_try": record.next_try.isoformat() if record.next_try else None,
        "attempts": record.attempt,
        "chunks": len(record.chunks),
        "pages": record.pages,
        "confidence": dict(record.confidence),
        "characters": record.characters,
        "cost_usd": round(cost(record), 8),
        "principals": list(record.principals),
        "collections": list(record.collections),
        "folders": list(record.folders),
        "warnings": list(record.warnings),
    }


def files_json(page: FilePage) -> dict[str, object]:
    """A page of GET /ingest/files, with the sums of the whole collection."""
    return {
        "files": [file_json(one) for one in page.files],
        "next_cursor": page.cursor or None,
        "counts": dict(page.counts),
        "total": sum(page.counts.values()),
    }
