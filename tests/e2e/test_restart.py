"""Starting, ending, being killed, and starting again."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc.aio
import psutil
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports.grpc_asyncio import FirestoreGrpcAsyncIOTransport

from local.firestore.server import FirestoreServer
from local.runner.environment import PROJECT
from tests.fakes.declared import declared

pytestmark = pytest.mark.timeout(900)

StackMaker = Callable[..., Any]
FILES = 48


def lives(process: psutil.Process) -> bool:
    """Whether it still runs; one that has ended and is not yet collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A Drive of so many short texts that it is read in for some seconds."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"Page {number}.txt").write_text(f"Rule {number} is in force in room {number}. " * 12)
    return folder


def test_killed_and_ended_it_goes_on(make_stack: StackMaker, pages: Path) -> None:
    """After kill -9 of every process the next start finishes, each chunk once, none embedded twice.

    Ended as by Ctrl-C, nothing is left running; started again, all is there without a model call.
    """
    stack = make_stack(pages)
    stack.launch()
    stack.wait_for(rf": ([4-9]|[1-3]\d) of {FILES} files")
    killed = stack.processes()
    stack.kill()
    psutil.wait_procs(killed, timeout=20)
    written = chunks(stack.state)
    stack.start()
    all_there(stack)
    embedded = stack.calls()["vertex"]["texts_embedded"]
    before = stack.processes()
    assert stack.stop() == 0
    assert [process for process in before if lives(process)] == []
    final = chunks(stack.state)
    assert written < final
    assert embedded == len(final - written)
    stack.start()
    all_there(stack)
    assert stack.calls()["vertex"].get("predict", 0) == 0


def all_there(stack: Any) -> None:
    """Every file is read, and none failed."""
    counts = json.loads(stack.run("status", "--json").stdout)["counts"]
    assert (counts["indexed"], sum(counts.values())) == (FILES, FILES)


def chunks(state: Path) -> set[str]:
    """The ids of the chunks that the stopped Firestore of a state folder holds."""

    async def read() -> set[str]:
        server = FirestoreServer(declared(state))
        port = await server.start()
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        client = AsyncClient(project=PROJECT, credentials=AnonymousCredentials())
        client._firestore_api_internal = FirestoreAsyncClient(
            transport=FirestoreGrpcAsyncIOTransport(channel=channel)
        )
        found = [snapshot.id async for snapshot in client.collection("chunks").select([]).stream()]
        await channel.close()
        await server.stop()
        assert len(found) == len(set(found))
        return set(found)

    return asyncio.run(read())
