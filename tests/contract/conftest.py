"""A local Firestore and a database on it, for the contracts that a fake and an adapter both keep."""

from collections.abc import AsyncIterator

import pytest

from local.firestore.server import FirestoreServer
from shared.gcp import clients
from shared.gcp.firestore_database import Database
from shared.settings import FirestoreSettings, ProjectSettings
from tests.fakes.declared import declared


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FirestoreServer]:
    """A Firestore in memory, which knows the indexes that Terraform declares; clients find it."""
    running = FirestoreServer(declared())
    await running.start()
    for name, value in running.exports().items():
        monkeypatch.setenv(name, value)
    yield running
    await running.stop()


@pytest.fixture
async def db(server: FirestoreServer) -> AsyncIterator[Database]:
    """Its database, as adapters are given it."""
    del server
    made = clients.firestore(ProjectSettings(google_cloud_project="docent-test"), FirestoreSettings())
    yield made
    await made.close()
