"""Cloud Storage, the index's contents, and transfers, against the local cloud."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from google.auth.credentials import AnonymousCredentials

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from local.standin import Options
from local.storage.server import StorageServer
from shared.errors import Invalid, NotFound
from shared.gcp import clients
from shared.gcp.firestore_transfers import FirestoreTransfers
from shared.gcp.storage_objects import StorageObjects
from shared.ingestion.transfers import Transfer
from shared.settings import ExportSettings, FirestoreSettings, ProjectSettings
from tests.fakes.declared import declared


class Account(AnonymousCredentials):
    """Credentials that are always good."""

    token = "t"


@pytest.fixture
async def storage() -> AsyncIterator[StorageServer]:
    """Cloud Storage with one bucket."""
    server = StorageServer(Options(settings={"buckets": "exports"}))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def store(storage: StorageServer) -> AsyncIterator[StorageObjects]:
    """The adapter."""
    host = storage.exports()["STORAGE_EMULATOR_HOST"]
    made = StorageObjects(ExportSettings(storage_emulator_host=host), Account())
    yield made
    await made._client.aclose()


async def test_an_object_comes_back_as_it_was_written(store: StorageObjects) -> None:
    """Any bytes, any name; written again it is the new one; what is not there is NotFound."""
    name, data = "gs://exports/docent/a b/part-ä.gz", bytes(range(256)) * 5_000
    with pytest.raises(Invalid):
        await store.put(name, data)
    name = name.replace(" ", "-")
    await store.put(name, b"old")
    await store.put(name, data)
    assert await store.get(name) == data
    with pytest.raises(NotFound):
        await store.get("gs://exports/docent/absent")
    with pytest.raises(NotFound):
        await store.put("gs://no-such-bucket/a", b"")


async def test_a_busy_storage_is_asked_again(storage: StorageServer, store: StorageObjects) -> None:
    """503 once: the same call again, and the object is there."""
    storage.control.faults.append(Fault(method="objects.insert", status="503"))
    await store.put("gs://exports/a", b"data")
    assert await store.get("gs://exports/a") == b"data"


async def test_transfers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put is read back whole; a change is applied to what is stored."""
    server = FirestoreServer(declared())
    await server.start()
    for name, value in server.exports().items():
        monkeypatch.setenv(name, value)
    db = clients.firestore(ProjectSettings(google_cloud_project="p"), FirestoreSettings())
    transfers = FirestoreTransfers(db, 5)
    one = Transfer("t1", "export", "main", "gs://b/c", "queued", datetime(2026, 1, 1, tzinfo=UTC))
    await transfers.put(one)
    assert await transfers.get("t1") == one
    assert await transfers.change("t1", lambda it: replace(it, part=it.part + 1)) == replace(one, part=1)
    assert await transfers.get("absent") is None
    with pytest.raises(NotFound):
        await transfers.change("absent", lambda it: it)
    await db.close()
    await server.stop()
