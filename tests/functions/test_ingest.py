"""The ingest function over HTTP, with fakes behind its services."""

from collections.abc import AsyncIterator, Collection

import httpx
import pytest

from functions.ingest.routes import ROUTES
from functions.ingest.wiring import Services
from shared.errors import NotSignedIn, Unavailable
from shared.ingestion.ledger import Ledger
from shared.models import Person
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.ingestion import World

HOME = "http://127.0.0.1:8080"
TASKS, SCHEDULER = "tasks@p.iam.gserviceaccount.com", "scheduler@p.iam.gserviceaccount.com"


class FakePeople:
    """An administrator and a person."""

    async def person(self, token: str) -> Person:
        """The person of a known token."""
        if token not in ("admin", "alice"):
            raise NotSignedIn("Your session has ended.")
        return Person(token, f"{token}@example.com", "example.com", admin=token == "admin")


class FakeCallers:
    """Tokens that are the account's own address."""

    async def verify(self, token: str, audience: str, allowed: Collection[str]) -> str:
        """The account, if it is allowed here."""
        if token not in allowed or audience != HOME:
            raise NotSignedIn("Not one of ours.")
        return token


class Plant:
    """The function's app over a world of fakes."""

    def __init__(self) -> None:
        self.world = World()
        guard = Guard(
            FakePeople(),
            frozenset([HOME]),
            FakeCallers(),
            HOME,
            frozenset([TASKS]),
            frozenset([SCHEDULER]),
        )
        world = self.world
        services = Services(
            world.sync,
            world.files,
            world.drive,
            world.collections,
            Ledger(world.collections, world.records, world.runs),
            8,
            guard,
        )
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(ROUTES, services, guard)), base_url=HOME
        )

    async def call(
        self, method: str, path: str, token: str, body: object = None, **headers: str
    ) -> httpx.Response:
        """One request with a token."""
        return await self.client.request(
            method, path, json=body, headers={"Authorization": f"Bearer {token}", **headers}
        )


@pytest.fixture
async def plant() -> AsyncIterator[Plant]:
    """A fresh plant."""
    one = Plant()
    async with one.client:
        yield one


FILE_TASK = {"collection": "main", "file_id": "handbook"}


@pytest.mark.parametrize(
    ("method", "path", "body", "admitted"),
    [
        ("PUT", "/collections/main", {"name": "Main", "folder_id": "root"}, {"admin"}),
        ("POST", "/ingest/sync", {"collection": "main"}, {"admin", SCHEDULER}),
        ("GET", "/ingest/status", None, {"admin"}),
        ("POST", "/ingest/tasks/file", FILE_TASK, {TASKS}),
        ("POST", "/ingest/tasks/sync", {"collection": "main", "run": "r"}, {TASKS}),
    ],
)
async def test_who_may_call_what(
    plant: Plant, method: str, path: str, body: object, admitted: set[str]
) -> None:
    """Each route is for its own callers; everybody else is turned away before anything happens."""
    for token in ("admin", "alice", TASKS, SCHEDULER, "mallory", ""):
        answer = await plant.call(method, path, token, body)
        assert (answer.status_code not in (401, 403)) == (token in admitted), (token, answer.text)


async def test_a_sync_goes_from_request_to_status(plant: Plant) -> None:
    """Started, worked off by its tasks, and counted by state."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    plant.world.drive.put("blank", b"")
    started = await plant.call("POST", "/ingest/sync", "admin", {"collection": "main"})
    assert started.status_code == 202
    before = (await plant.call("GET", "/ingest/status", "admin")).json()["collections"][0]
    assert before["state"] == "syncing"
    while plant.world.queue.tasks:
        task = plant.world.queue.tasks.pop(0)
        done = await plant.call("POST", task.path, TASKS, task.body)
        assert done.status_code in (200, 204)
    after = (await plant.call("GET", "/ingest/status", "admin")).json()["collections"][0]
    assert after["state"] == "idle"
    assert after["counts"] == {"pending": 0, "indexed": 1, "partial": 0, "skipped": 1, "failed": 0}
    assert (after["total"], after["run"]["listed"], after["run"]["done"]) == (2, 2, 2)


async def test_a_dry_run_is_answered_at_once(plant: Plant) -> None:
    """Counts, and no task."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    body = {"collection": "main", "dry_run": True}
    answer = await plant.call("POST", "/ingest/sync", "admin", body)
    assert (answer.status_code, answer.json()["run"]["queued"]) == (200, 1)
    assert not plant.world.queue.tasks


async def _queued(plant: Plant) -> dict[str, object]:
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    run = await plant.world.sync.start("main")
    await plant.world.sync.work("main", run.id)
    return plant.world.queue.tasks[-1].body


async def test_a_failure_that_may_pass_is_tried_again(plant: Plant) -> None:
    """Drive is down: not a 2xx, so that Cloud Tasks comes back; the file stays pending."""
    body = await _queued(plant)

    async def down(*_: object) -> None:
        raise Unavailable("Google Drive cannot be reached.", retry_after=5)

    plant.world.drive.file = down  # type: ignore[method-assign, assignment]
    answer = await plant.call("POST", "/ingest/tasks/file", TASKS, body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert plant.world.records.stored["handbook"].state == "pending"
    last = {"X-CloudTasks-TaskRetryCount": "7"}
    answer = await plant.call("POST", "/ingest/tasks/file", TASKS, body, **last)
    assert answer.status_code == 204
    record = plant.world.records.stored["handbook"]
    assert (record.state, record.reason) == ("failed", "Google Drive cannot be reached.")


async def test_a_collection_needs_a_folder_that_is_there(plant: Plant) -> None:
    """Created with the folder's own id; unknown fields and empty names are refused."""
    answer = await plant.call("PUT", "/collections/hr", "admin", {"name": "HR", "folder_id": "root"})
    assert answer.json() == {"id": "hr", "name": "HR", "folder_id": "root"}
    for body in ({"name": "", "folder_id": "root"}, {"name": "x"}, {"name": "x", "folder_id": "a b"}):
        assert (await plant.call("PUT", "/collections/hr", "admin", body)).status_code == 422


async def test_a_sync_of_nothing_is_not_found(plant: Plant) -> None:
    """A collection that does not exist."""
    answer = await plant.call("POST", "/ingest/sync", "admin", {"collection": "absent"})
    assert answer.status_code == 404
