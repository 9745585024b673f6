"""The wire of the ingest function."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.ingestion.interfaces import FileRecord
from shared.ingestion.ledger import FilePage, Progress, cost
from shared.ingestion.runs import Run

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_~-]{1,300}$")]
Feed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PutCollection(_Strict):
    """A collection: a name for people, and the Drive folder whose files it answers from.

    Instead of an id: "root", "everything" (all that the connector sees) or "shared-with-me".
    """

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    folder_id: Name


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
    """The body of a file task."""

    file_id: RecordId


class HurryTask(_Strict):
    """The body of a task that a push notification queued: the feed that moved."""

    feed: Feed


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


def progress_json(progress: Progress) -> dict[str, object]:
    """One collection of GET /ingest/status; its run also says how many files are done."""
    run = run_json(progress.run)
    left = progress.seconds_left
    return {
        "id": progress.collection.id,
        "name": progress.collection.name,
        "state": "syncing" if progress.busy else "idle",
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
