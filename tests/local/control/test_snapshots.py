"""Every stand-in goes back to what was saved, and to nothing, seen through its clients."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc.aio
import httpx
import pytest
from google.cloud import secretmanager_v1, tasks_v2
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport
from google.cloud.firestore_v1.types import Document, Value
from google.cloud.secretmanager_v1.services.secret_manager_service import transports as secrets_transports
from google.cloud.tasks_v2.services.cloud_tasks import transports as tasks_transports

from local.control.app import control_app
from local.control.snapshots import Snapshots
from local.runner.catalog import STAND_INS, make
from local.standin import HttpServer, Options, StandIn

pytestmark = pytest.mark.source("local/control/README.md: snapshots")

QUEUE = "projects/p/locations/l/queues/q"
PARENT = "projects/p/databases/(default)/documents"
SETTINGS = {
    "tasks": {"queues": json.dumps([{"name": QUEUE, "state": "PAUSED"}])},
    "secrets": {"secrets": json.dumps({"projects/p/secrets/first": "v"})},
    "storage": {"buckets": "declared"},
}


class Firestore:
    """Documents."""

    def __init__(self, exports: dict[str, str]) -> None:
        self._channel = grpc.aio.insecure_channel(exports["FIRESTORE_EMULATOR_HOST"])
        self._client = FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=self._channel))

    async def add(self, name: str) -> None:
        """Create one."""
        document = Document(fields={"n": Value(string_value=name)})
        await self._client.create_document(
            request={"parent": PARENT, "collection_id": "c", "document_id": name, "document": document}
        )

    async def names(self) -> list[str]:
        """All there are."""
        found = await self._client.list_documents(request={"parent": PARENT, "collection_id": "c"})
        return [one.name.rpartition("/")[2] async for one in found]

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()


class Secrets:
    """Secrets beside the declared one."""

    def __init__(self, exports: dict[str, str]) -> None:
        self._channel = grpc.aio.insecure_channel(exports["SECRETS_HOST"])
        transport = secrets_transports.SecretManagerServiceGrpcAsyncIOTransport(channel=self._channel)
        self._client = secretmanager_v1.SecretManagerServiceAsyncClient(transport=transport)

    async def add(self, name: str) -> None:
        """Create one."""
        secret = {"replication": {"automatic": {}}}
        await self._client.create_secret(
            request={"parent": "projects/p", "secret_id": name, "secret": secret}
        )

    async def names(self) -> list[str]:
        """All but the declared one, which must be there."""
        found = await self._client.list_secrets(parent="projects/p")
        names = sorted([one.name.rpartition("/")[2] async for one in found])
        names.remove("first")
        return names

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()


class Tasks:
    """Tasks of a declared queue that is paused."""

    def __init__(self, exports: dict[str, str]) -> None:
        self._channel = grpc.aio.insecure_channel(exports["TASKS_HOST"])
        transport = tasks_transports.CloudTasksGrpcAsyncIOTransport(channel=self._channel)
        self._client = tasks_v2.CloudTasksAsyncClient(transport=transport)

    async def add(self, name: str) -> None:
        """Create one."""
        task = {"name": f"{QUEUE}/tasks/{name}", "http_request": {"url": "http://127.0.0.1:1"}}
        await self._client.create_task(request={"parent": QUEUE, "task": task})

    async def names(self) -> list[str]:
        """All there are."""
        return [one.name.rpartition("/")[2] async for one in await self._client.list_tasks(parent=QUEUE)]

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close()


class Storage:
    """Objects of a declared bucket, with their bytes."""

    def __init__(self, exports: dict[str, str]) -> None:
        self._client = httpx.AsyncClient(base_url=exports["STORAGE_EMULATOR_HOST"])

    async def add(self, name: str) -> None:
        """Upload one."""
        url = "/upload/storage/v1/b/declared/o"
        answer = await self._client.post(url, params={"uploadType": "media", "name": name}, content=b"x")
        assert answer.status_code == 200

    async def names(self) -> list[str]:
        """All there are, each of which can be read."""
        listed = (await self._client.get("/storage/v1/b/declared/o")).json().get("items", [])
        for one in listed:
            read = await self._client.get(f"/storage/v1/b/declared/o/{one['name']}?alt=media")
            assert read.content == b"x"
        return [one["name"] for one in listed]

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


class Drive:
    """Files that were put into the Drive by events."""

    def __init__(self, exports: dict[str, str]) -> None:
        headers = {"Authorization": "Bearer alice@example.com"}
        self._client = httpx.AsyncClient(base_url=exports["DIRECTORY_URL"], headers=headers)

    async def add(self, name: str) -> None:
        """Add a file as its owner."""
        event = {"event": "create", "doc_id": f"{name}.txt", "owner": "alice@example.com"}
        event["content"] = base64.b64encode(name.encode()).decode()
        answer = await self._client.post("/local/events", content=json.dumps(event))
        assert answer.status_code == 200, answer.text

    async def names(self) -> list[str]:
        """Those that the feed and the listing both tell of."""
        listed = (await self._client.get("/drive/v3/files", params={"q": "name contains 'txt'"})).json()
        changes = (await self._client.get("/drive/v3/changes", params={"pageToken": "1"})).json()
        changed = {one["file"]["name"] for one in changes["changes"] if "file" in one}
        found = {one["name"] for one in listed["files"]}
        return sorted(name.removesuffix(".txt") for name in found & changed)

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


CLIENTS: dict[str, Callable[[dict[str, str]], Any]] = {
    "firestore": Firestore,
    "secrets": Secrets,
    "tasks": Tasks,
    "storage": Storage,
    "drive": Drive,
}
Starter = Callable[[str], Awaitable[tuple[StandIn, httpx.AsyncClient]]]


@pytest.fixture(params=["on disk", "in memory"])
async def started(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Starter]:
    """Starts a stand-in with its control port."""
    state = tmp_path / "state" if request.param == "on disk" else None
    drive = tmp_path / "drive"
    drive.mkdir()
    made: list[Snapshots] = []
    ends: list[Callable[[], Awaitable[None]]] = []

    async def start(name: str) -> tuple[StandIn, httpx.AsyncClient]:
        if state:
            state.mkdir()
        stand_in = make(name, Options(state=state, drive=drive, settings=SETTINGS.get(name, {})))
        await stand_in.start()
        snapshots = Snapshots([stand_in], state and state / "snapshots")
        made.append(snapshots)
        face = HttpServer(control_app([stand_in.control], snapshots))
        control = httpx.AsyncClient(base_url=f"http://127.0.0.1:{await face.start()}")
        ends.extend([control.aclose, face.stop, stand_in.stop])
        return stand_in, control

    yield start
    for end in ends:
        await end()
    for snapshots in made:
        snapshots.close()


@pytest.mark.parametrize("service", sorted(CLIENTS))
async def test_a_service_goes_back_to_what_was_saved(service: str, started: Starter) -> None:
    """What came after the snapshot is gone, what was there is back, twice; a reset leaves nothing."""
    stand_in, control = await started(service)
    client = CLIENTS[service](stand_in.exports())
    try:
        await client.add("kept")
        assert (await control.post("/snapshots", json={"name": "a"})).status_code == 201
        for _ in range(2):
            await client.add("later")
            assert await client.names() == ["kept", "later"]
            assert (await control.post("/snapshots/a/restore")).status_code == 200
            assert await client.names() == ["kept"]
        assert (await control.delete("/state")).status_code == 200
        assert await client.names() == []
        assert (await control.post("/snapshots/a/restore")).status_code == 200
        assert await client.names() == ["kept"]
    finally:
        await client.close()


@pytest.mark.parametrize("service", sorted(STAND_INS))
async def test_every_stand_in_can_be_saved(service: str, started: Starter) -> None:
    """Saved, restored and emptied without state of its own, it goes on, and its snapshot is listed."""
    _, control = await started(service)
    await control.post("/snapshots", json={"name": "a"})
    assert [one["name"] for one in (await control.get("/snapshots")).json()["snapshots"]] == ["a"]
    assert (await control.post("/snapshots/a/restore")).status_code == 200
    assert (await control.delete("/state")).status_code == 200
    assert (await control.delete("/snapshots/a")).json() == {"snapshots": []}


async def test_names_are_names(started: Starter) -> None:
    """A path is no name (422), an unknown name is not found (404), and nothing has changed then."""
    _, control = await started("secrets")
    for name in ("", "../a", ".a", "a/b", "x" * 65, 7):
        assert (await control.post("/snapshots", json={"name": name})).status_code == 422
    assert (await control.post("/snapshots/none/restore")).status_code == 404
    assert (await control.delete("/snapshots/none")).status_code == 404


async def test_tokens_go_back_with_the_grants(started: Starter) -> None:
    """A token of after the snapshot is unknown again, one of before is good again; the keys stay."""
    stand_in, control = await started("signin")
    issuer = stand_in.exports()["GOOGLE_ISSUER"]
    async with httpx.AsyncClient(base_url=issuer, headers={"Metadata-Flavor": "Google"}) as client:

        async def token() -> str:
            found = await client.get("/computeMetadata/v1/instance/service-accounts/default/token")
            return str(found.json()["access_token"])

        async def status(one: str) -> int:
            return (await client.get("/tokeninfo", params={"access_token": one})).status_code

        before, keys = await token(), (await client.get("/certs")).json()
        await control.post("/snapshots", json={"name": "a"})
        after = await token()
        await control.post("/snapshots/a/restore")
        assert [await status(before), await status(after)] == [200, 400]
        await control.delete("/state")
        assert await status(before) == 400
        assert (await client.get("/certs")).json() == keys
