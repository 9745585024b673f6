"""A Firestore stand-in in a thread of its own, and real clients that speak to it."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from google.cloud import firestore

from local.firestore.server import FirestoreServer
from local.standin import Options

T = TypeVar("T")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that names where an expected behaviour is documented or was seen."""
    config.addinivalue_line("markers", "source(text): where the expected behaviour comes from")


class ServerThread:
    """A stand-in whose event loop runs in a thread, so that blocking clients can be used beside it."""

    def __init__(self, options: Options) -> None:
        self.server = FirestoreServer(options)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self.server.start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @property
    def host(self) -> str:
        """What FIRESTORE_EMULATOR_HOST must say."""
        return self.server.exports()["FIRESTORE_EMULATOR_HOST"]

    def close(self) -> None:
        """Stop the server and its loop."""
        self.run(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(30)
        self.loop.close()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerThread]:
    """One server for all tests that need nothing special of theirs."""
    state: Path = tmp_path_factory.mktemp("firestore")
    running = ServerThread(Options(state=state, settings={"firestore_lock_wait": "5"}))
    yield running
    running.close()


@pytest.fixture
def server(shared_server: ServerThread, monkeypatch: pytest.MonkeyPatch) -> ServerThread:
    """The shared server, with the environment pointing at it."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", shared_server.host)
    return shared_server


@pytest.fixture
def project() -> str:
    """A project of the test's own: nobody else's documents are in it."""
    return f"p-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def db(server: ServerThread, project: str) -> Iterator[firestore.Client]:
    """A blocking client."""
    del server
    client = firestore.Client(project=project)
    yield client
    client.close()


@pytest.fixture
async def adb(server: ServerThread, project: str) -> AsyncIterator[firestore.AsyncClient]:
    """An asynchronous client on the same project."""
    del server
    client = firestore.AsyncClient(project=project)
    yield client
    await client._firestore_api.transport.close()
