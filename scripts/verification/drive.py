"""What comes from outside to ingest: Drive's notifications, the tokens of tasks, and Drive's quota."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from google.cloud.firestore import FieldFilter

from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding, assumed, not_seen, otherwise
from shared.gcp import clients
from shared.gcp.firestore_folders import FirestoreChannels
from shared.gcp.firestore_runs import FirestoreCollections
from shared.settings import FirestoreSettings, ProjectSettings, TasksSettings

_UNITS_SINCE = datetime(2026, 5, 1, tzinfo=UTC)
_REFUSED = {7: "permission denied", 16: "not authenticated"}


async def push(there: Deployment) -> AsyncIterator[Finding]:
    """Whether Drive accepts the address for its notifications: a channel is open, and for how long."""
    store = FirestoreSettings()
    db = clients.firestore(ProjectSettings(), store)
    if not await FirestoreCollections(db, store.timeout).all():
        yield not_seen("Drive's notifications", "no collection is connected yet; run this again when one is")
        return
    channels = await FirestoreChannels(db, store.timeout).all()
    now = datetime.now(UTC)
    good = [one for one in channels if one.expires > now]
    if good:
        left = max(one.expires for one in good) - now
        days = left / timedelta(days=1)
        yield assumed("Drive's notifications", f"{len(good)} channels open, the longest for {days:.1f} days")
    else:
        then = f"Register {there.address} in Search Console and sync again; or leave it."
        yield otherwise(
            "Drive's notifications", "Drive opens no channel to this address", then, DRIVE_PUSH_URL=""
        )


async def tokens(there: Deployment) -> AsyncIterator[Finding]:
    """Whether ingest believes the tokens of Cloud Tasks, as they arrive through Cloud Run."""
    del there
    about = "tokens of Cloud Tasks"
    store, settings = FirestoreSettings(), TasksSettings()
    db = clients.firestore(ProjectSettings(), store)
    indexed = db.client.collection("files").where(filter=FieldFilter("state", "==", "indexed")).limit(1)
    if [one async for one in indexed.stream(timeout=store.timeout)]:
        yield assumed(about, "a file is indexed, which only a task with a token can do")
        return
    client = clients.tasks(settings)
    pages = await client.list_tasks(request={"parent": settings.queue}, timeout=settings.timeout)
    codes = [one.last_attempt.response_status.code async for one in pages]
    refused = [_REFUSED[code] for code in codes if code in _REFUSED]
    if refused:
        then = "Cloud Run strips or refuses the token: look at ingest's log for caller.refused."
        yield otherwise(about, f"{len(refused)} tasks were answered: {refused[0]}", then)
    else:
        yield not_seen(about, "no file is indexed yet, and no task was refused; run this again after a sync")


async def quota(there: Deployment) -> AsyncIterator[Finding]:
    """Which of Drive's two kinds of quota the project has."""
    answer = there.cloud.get("cloudresourcemanager", f"v3/projects/{there.project}")
    if not answer.ok:
        yield not_seen("Drive's quota", answer.message)
        return
    made = datetime.fromisoformat(str(answer.body.get("createTime", "1970-01-01T00:00:00Z")))
    if made >= _UNITS_SINCE:
        yield assumed("Drive's quota", f"in units: the project is of {made:%Y-%m-%d}")
    else:
        yield assumed("Drive's quota", f"in requests: the project is of {made:%Y-%m-%d}")
