"""The wire of the ingest function."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.ingestion.interfaces import Run
from shared.ingestion.ledger import Progress

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PutCollection(_Strict):
    """A collection: a name for people, and the Drive folder whose files it answers from."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    folder_id: Name


class StartSync(_Strict):
    """Which collection to bring up to date; a dry run only counts."""

    collection: Name
    dry_run: bool = False


class SyncTask(_Strict):
    """The body of a sync task."""

    collection: Name
    run: Name


class FileTask(_Strict):
    """The body of a file task."""

    collection: Name
    file_id: Name


def run_json(run: Run | None) -> dict[str, object] | None:
    """A run as JSON; times in RFC 3339."""
    if run is None:
        return None
    return {
        "id": run.id,
        "collection": run.collection,
        "state": run.state,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "listed": run.listed,
        "queued": run.queued,
        "removed": run.removed,
        "dry_run": run.dry_run,
        "error": run.error,
    }


def progress_json(progress: Progress) -> dict[str, object]:
    """One collection of GET /ingest/status; its run also says how many files are done."""
    run = run_json(progress.run)
    return {
        "id": progress.collection.id,
        "name": progress.collection.name,
        "state": "syncing" if progress.busy else "idle",
        "counts": dict(progress.counts),
        "total": progress.total,
        "run": run and {**run, "done": progress.done},
    }
