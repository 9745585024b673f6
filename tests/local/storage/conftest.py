"""The stand-in on a thread of its own, because Google's client is synchronous."""

import asyncio
import itertools
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from local.standin import Options
from local.storage.server import StorageServer

_NUMBERS = itertools.count(1)


class Running:
    """A server that can be stopped and started again over the same state."""

    def __init__(self, options: Options) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.server = StorageServer(options)
        self._run(self.server.start())
        self.url = self.server.exports()["STORAGE_EMULATOR_HOST"]
        self._clients: list[storage.Client] = []
        self.session = requests.Session()
        self.session.trust_env = False

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def client(self) -> storage.Client:
        """Google's client of this server."""
        options = {"api_endpoint": self.url}
        made = storage.Client(project="p", credentials=AnonymousCredentials(), client_options=options)
        self._clients.append(made)
        return made

    def stop(self) -> None:
        """Stop the server and its loop."""
        for each in (self.session, *self._clients):
            each.close()
        self._run(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Running]:
    """One server in memory for all tests that do not restart it."""
    running = Running(Options(settings={"buckets": "standing"}))
    yield running
    running.stop()


@pytest.fixture
def server(shared_server: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The shared server without counts and faults."""
    shared_server.server.control.calls.clear()
    shared_server.server.control.faults.clear()
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    return shared_server


@pytest.fixture
def client(server: Running) -> Iterator[storage.Client]:
    """Google's client."""
    made = server.client()
    yield made
    made.close()


@pytest.fixture
def bucket(client: storage.Client) -> storage.Bucket:
    """An empty bucket."""
    return client.create_bucket(f"bucket-{next(_NUMBERS)}")
