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


def lives(process: psutil.Process) -> bool:
    """Whether it still runs; one that has ended and is not yet collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_second_start_embeds_nothing(make_stack: StackMaker, read_in: Path) -> None:
    """Ended as by Ctrl-C, nothing is left running; started again, all is there without a model call."""
    stack = make_stack(snapshot=read_in)
    assert "20 files: " in stack.start()
    assert stack.calls()["vertex"].get("predict", 0) == 0
    before = stack.processes()
    assert stack.stop() == 0
    assert [process for process in before if lives(process)] == []
    stack.start()
    counts = json.loads(stack.run("status", "--json").stdout)["counts"]
    assert counts["pending"] == 0
    assert sum(counts.values()) == 20
    assert stack.calls()["vertex"].get("predict", 0) == 0


def test_killed_in_mid_ingest_it_goes_on(make_stack: StackMaker) -> None:
    """After kill -9 of every process the next start finishes: each chunk once, none embedded twice."""
    stack = make_stack()
    stack.launch()
    stack.wait_for(r": ([4-9]|1\d) of 20 files")
    killed = stack.processes()
    stack.kill()
    psutil.wait_procs(killed, timeout=20)
    written = chunks(stack.state)
    stack.start()
    status = json.loads(stack.run("status", "--json").stdout)
    assert status["counts"]["pending"] == 0
    assert status["counts"]["failed"] == 0
    assert status["total"] == 20
    embedded = stack.calls()["vertex"]["texts_embedded"]
    stack.stop()
    final = chunks(stack.state)
    assert written < final
    assert embedded == len(final - written)


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
