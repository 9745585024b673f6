"""The ingest function over HTTP, with fakes behind its services."""

from collections.abc import AsyncIterator, Collection

import httpx
import pytest

from functions.ingest.routes import ROUTES
from functions.ingest.wiring import Services
from shared.errors import NotSignedIn, Unavailable
from shared.ingestion.build_cost import BuildEstimator
from shared.ingestion.choosing import Choosing
from shared.ingestion.estimate import Estimator
from shared.limits import prices
from shared.models import Person
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.audit import FakeAudit, trail_of
from tests.fakes.ingestion import World
from tests.fakes.transfers import FakeObjects, moving
from tests.unit.documents import files

PICTURE = files.png()
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
        self.world, self.audit = World(), FakeAudit()
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
            world.registry,
            world.push,
            world.file_tasks,
            world.drive,
            Choosing(world.drive),
            world.ledger,
            moving(world, FakeObjects()),
            world.building,
            BuildEstimator(world.records, world.chunks, prices.load()),
            trail_of(self.audit),
            Estimator(
                world.drive, world.records, prices.load(), "gemini-embedding-001", "document-ai", 10**6
            ),
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


FILE_TASK = {"file_ids": ["handbook"]}


@pytest.mark.parametrize(
    ("method", "path", "body", "admitted"),
    [
        ("PUT", "/collections/main", {"name": "Main", "folder_id": "root"}, {"admin"}),
        ("DELETE", "/collections/main", None, {"admin"}),
        ("POST", "/ingest/sync", {"collection": "main"}, {"admin", SCHEDULER}),
        ("GET", "/ingest/status", None, {"admin"}),
        ("GET", "/ingest/folders", None, {"admin"}),
        ("POST", "/ingest/tasks/file", FILE_TASK, {TASKS}),
        ("POST", "/ingest/tasks/sync", {"run": "r"}, {TASKS}),
        ("POST", "/ingest/tasks/hurry", {"feed": "user"}, {TASKS}),
        ("POST", "/ingest/tasks/reconcile", {}, {"admin", SCHEDULER}),
        ("POST", "/ingest/sync", {}, {"admin", SCHEDULER}),
        ("POST", "/ingest/runs/r/cancel", None, {"admin"}),
        ("GET", "/ingest/runs", None, {"admin"}),
        ("GET", "/ingest/index", None, {"admin"}),
        ("POST", "/ingest/index/build", {}, {"admin"}),
        ("POST", "/ingest/index/switch", None, {"admin"}),
        ("POST", "/ingest/index/rollback", None, {"admin"}),
        ("POST", "/ingest/index/discard", None, {"admin"}),
        ("POST", "/ingest/tasks/index", {"build": "b"}, {TASKS}),
        ("GET", "/ingest/files", None, {"admin"}),
        ("POST", "/ingest/files/handbook/reindex", None, {"admin"}),
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
    assert run is not None
    await plant.world.sync.work(run.id)
    return plant.world.queue.tasks[-1].body


async def test_a_failure_that_may_pass_is_tried_again(plant: Plant) -> None:
    """Drive is down: not a 2xx, so that Cloud Tasks comes back; the file stays pending."""
    body = await _queued(plant)

    async def down(*_: object) -> None:
        raise Unavailable("Google Drive cannot be reached.", retry_after=5)

    plant.world.drive.item = down  # type: ignore[method-assign, assignment]
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


async def test_the_ledger_says_what_became_of_each_file(plant: Plant) -> None:
    """Every file with state, reason, sizes, cost and rights, in pages and by state; sums as in the status."""
    for number in range(5):
        plant.world.drive.put(f"f{number}", b"Rule 1 is in force." if number else b"")
    await plant.world.settle()
    seen, cursor = [], ""
    while cursor is not None:
        page = (await plant.call("GET", f"/ingest/files?limit=2&cursor={cursor}", "admin")).json()
        seen += page["files"]
        cursor = page["next_cursor"]
        assert page["total"] == 5
        assert sum(page["counts"].values()) == 5
    assert [one["file_id"] for one in seen] == ["f0", "f1", "f2", "f3", "f4"]
    skipped = (await plant.call("GET", "/ingest/files?state=skipped", "admin")).json()["files"]
    assert [(one["file_id"], one["chunks"], one["cost_usd"]) for one in skipped] == [("f0", 0, 0)]
    assert skipped[0]["reason"].endswith(".")
    assert seen[1]["principals"] == ["user:alice@example.com"]
    assert seen[1]["cost_usd"] > 0
    assert (await plant.call("GET", "/ingest/files?state=odd", "admin")).status_code == 422
    assert (await plant.call("GET", "/ingest/files?collection=absent", "admin")).status_code == 404


async def test_a_file_is_read_anew_when_asked(plant: Plant) -> None:
    """Downloaded again and embedded only where new; an unknown one is not found."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    await plant.world.settle()
    embedded = len(plant.world.embedder.texts)
    answer = await plant.call("POST", "/ingest/files/handbook/reindex", "admin")
    assert (answer.status_code, answer.json()["file"]["state"]) == (202, "pending")
    await plant.world.drain()
    assert plant.world.drive.downloads == 2
    assert len(plant.world.embedder.texts) == embedded
    assert plant.world.records.stored["handbook"].state == "indexed"
    assert (await plant.call("POST", "/ingest/files/absent/reindex", "admin")).status_code == 404


async def test_a_notification_is_believed_by_its_secret_only(plant: Plant) -> None:
    """The right secret hurries one sync however often it is told; anything else is not found."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    await plant.world.settle()
    await plant.call("POST", "/ingest/sync", SCHEDULER, {})
    await plant.world.drain()
    ((channel, secret),) = plant.world.drive.channels.items()
    assert secret not in str(plant.world.channels.stored)

    async def told(secret: str, state: str = "change", channel: str = channel) -> int:
        headers = {
            "X-Goog-Channel-Id": channel,
            "X-Goog-Channel-Token": secret,
            "X-Goog-Resource-State": state,
        }
        return (await plant.client.post("/ingest/drive-notifications", headers=headers)).status_code

    assert await told("wrong") == await told(secret, channel="absent") == await told("") == 404
    assert (await plant.client.post("/ingest/drive-notifications")).status_code == 404
    assert await told(secret, "sync") == 204
    assert not plant.world.queue.tasks
    assert [await told(secret) for _ in range(3)] == [204] * 3
    assert [task.path for task in plant.world.queue.tasks] == ["/ingest/tasks/hurry"]
    plant.world.drive.put("handbook", b"Rule 2 is in force.")
    await plant.world.drain()
    assert "Rule 2" in next(iter(plant.world.chunks.stored.values())).chunk.text


async def test_a_cancelled_run_stays_cancelled(plant: Plant) -> None:
    """Its work stops, the Scheduler starts no other, and an administrator may."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    run = (await plant.call("POST", "/ingest/sync", "admin", {"collection": "main"})).json()["run"]
    cancelled = await plant.call("POST", f"/ingest/runs/{run['id']}/cancel", "admin")
    assert cancelled.json()["run"]["state"] == "cancelled"
    await plant.world.drain()
    assert not plant.world.records.stored
    assert (await plant.call("POST", "/ingest/sync", SCHEDULER, {})).json() == {"runs": []}
    again = await plant.call("POST", "/ingest/sync", "admin", {"collection": "main"})
    await plant.world.drain()
    assert again.status_code == 202
    assert plant.world.records.stored["handbook"].state == "indexed"
    runs = (await plant.call("GET", "/ingest/runs", "admin")).json()["runs"]
    assert sorted(one["state"] for one in runs) == ["cancelled", "done"]


async def test_an_estimate_says_what_the_button_costs(plant: Plant) -> None:
    """Files, characters, pictured pages and money by item, from a sample; nothing is written."""
    for number in range(12):
        text = f"Rule {number} is in force. " * 100
        plant.world.drive.put(f"f{number}", text.encode())
    plant.world.drive.put("scan", PICTURE, mime_type="image/png")
    answer = await plant.call("POST", "/ingest/estimate", "admin", {"folder_id": "root", "sample": 4})
    found = answer.json()["estimate"]
    assert (found["files"], found["ocr_pages"], found["complete"]) == (13, 1, True)
    assert 23_000 < found["characters"] < 27_000
    items = {item["item"]: item for item in found["items"]}
    assert items["document-ai:page"]["usd"] == 0.0015
    assert items["gemini-embedding-001:token"]["usd"] > 0
    assert found["usd"] == pytest.approx(sum(item["usd"] for item in items.values()), abs=1e-5)
    assert not plant.world.records.stored
    assert not plant.world.folders.stored
    await plant.world.settle()
    answer = await plant.call("POST", "/ingest/estimate", "admin", {"folder_id": "root"})
    assert answer.json()["estimate"]["up_to_date"] == 13


async def test_an_export_is_read_back(plant: Plant) -> None:
    """Export, wipe, import over HTTP: the task does the work, and the transfer says how far it is."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    await plant.world.settle()
    started = await plant.call("POST", "/ingest/export", "admin", {})
    assert started.status_code == 202
    transfer = started.json()["transfer"]
    body = {"transfer": transfer["id"]}
    assert (await plant.call("POST", "/ingest/tasks/transfer", TASKS, body)).status_code == 204
    done = (await plant.call("GET", f"/ingest/transfers/{transfer['id']}", "admin")).json()["transfer"]
    assert (done["state"], done["files"], done["chunks"]) == ("done", 1, 1)
    plant.world.records.stored.clear()
    plant.world.chunks.stored.clear()
    plant.world.index.points.clear()
    embedded = len(plant.world.embedder.texts)
    started = await plant.call("POST", "/ingest/import", "admin", {"source": transfer["location"]})
    body = {"transfer": started.json()["transfer"]["id"]}
    assert (await plant.call("POST", "/ingest/tasks/transfer", TASKS, body)).status_code == 204
    assert plant.world.records.stored["handbook"].state == "indexed"
    assert len(plant.world.embedder.texts) == embedded
    missing = await plant.call("POST", "/ingest/import", "admin", {"source": "gs://exports/not/there"})
    assert missing.status_code == 404


async def test_another_index_is_built_switched_to_and_gone_back_from(plant: Plant) -> None:
    """Counted, built by its tasks with progress, answering, gone back from, discarded; each step audited."""
    for number in range(6):
        plant.world.drive.put(f"f{number}", f"Rule {number} is in force. ".encode() * 40)
    await plant.world.settle()
    refused = await plant.call("POST", "/ingest/index/build", "admin", {})
    assert (refused.status_code, refused.json()["title"]) == (422, "Not acceptable")
    index, embedder = plant.world.second("gemini-embedding-001")
    cost = (await plant.call("POST", "/ingest/index/build", "admin", {"dry_run": True})).json()["estimate"]
    assert (cost["files"], cost["chunks"], cost["complete"]) == (6, len(plant.world.index.points), True)
    assert cost["usd"] == pytest.approx(cost["characters"] // 4 * 0.15e-6, abs=1e-6)
    assert not embedder.texts
    started = await plant.call("POST", "/ingest/index/build", "admin", {"hold": True})
    assert (started.status_code, started.json()["work"]["state"]) == (202, "queued")
    seen = (await plant.call("GET", "/ingest/index", "admin")).json()["index"]
    assert (seen["state"], seen["answering"]["model"]) == ("building", "model-a")
    while plant.world.queue.tasks:
        task = plant.world.queue.tasks.pop(0)
        assert (await plant.call("POST", task.path, TASKS, task.body)).status_code in (200, 204)
    seen = (await plant.call("GET", "/ingest/index", "admin")).json()["index"]
    assert (seen["state"], seen["work"]["chunks"], seen["work"]["files"]) == ("complete", cost["chunks"], 6)
    assert seen["other"] == {"place": "fake second", "model": "gemini-embedding-001", "dimensions": 3}
    assert set(index.points) == set(plant.world.index.points)
    for path, status, model in (
        ("rollback", 409, "model-a"),
        ("switch", 200, "gemini-embedding-001"),
        ("switch", 409, "gemini-embedding-001"),
        ("rollback", 200, "model-a"),
        ("discard", 202, "model-a"),
    ):
        answer = await plant.call("POST", f"/ingest/index/{path}", "admin")
        assert answer.status_code == status, (path, answer.text)
        seen = (await plant.call("GET", "/ingest/index", "admin")).json()["index"]
        assert seen["answering"]["model"] == model
    await plant.world.drain()
    assert not index.points
    assert plant.audit.events() == [
        *["index.build"] * 2, "index.rollback", *["index.switch"] * 2, "index.rollback", "index.discard",
    ]  # fmt: skip


async def test_the_last_try_of_a_build_is_recorded(plant: Plant) -> None:
    """A failure is answered with its status until the last try; then the work says why it ended."""
    plant.world.drive.put("handbook", b"Rule 1 is in force.")
    await plant.world.settle()
    _, embedder = plant.world.second()
    started = await plant.world.building.start()

    async def down(_: object) -> None:
        raise Unavailable("The model cannot be reached.", retry_after=5)

    embedder.documents = down  # type: ignore[method-assign, assignment]
    body = {"build": started.id}
    assert (await plant.call("POST", "/ingest/tasks/index", TASKS, body)).status_code == 503
    last = {"X-CloudTasks-TaskRetryCount": "7"}
    assert (await plant.call("POST", "/ingest/tasks/index", TASKS, body, **last)).status_code == 204
    ended = plant.world.builds.stored[started.id]
    assert (ended.state, ended.error) == ("failed", "The model cannot be reached.")
