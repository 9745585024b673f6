"""Faults that strike when the work is done, or one request alone, and a clock that is wrong."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import grpc.aio
import httpx
import pytest
from google.cloud.firestore_v1.types import BatchGetDocumentsRequest, CommitRequest
from google.cloud.firestore_v1.types.document import Document, Value
from google.cloud.firestore_v1.types.write import Write
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from local.clock import machine
from local.control.app import control_app
from local.control.faults import Control, Fault
from local.control.http import ControlMiddleware
from local.firestore.server import FirestoreServer
from local.standin import HttpServer, Options

pytestmark = pytest.mark.source("local/control/README.md: faults")

DATABASE = "projects/p/databases/(default)"
SERVICE = "/google.firestore.v1.Firestore"


@dataclass
class Ledger:
    """A service that does things, and its control."""

    control: Control = field(default_factory=lambda: Control("ledger"))
    done: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> PlainTextResponse:
        """Do one, and say so."""
        self.done.append((await request.body()).decode())
        return PlainTextResponse("it is done")


@pytest.fixture
async def ledger() -> AsyncIterator[tuple[Ledger, httpx.AsyncClient]]:
    """The service and a client of it."""
    made = Ledger()
    app = Starlette(routes=[Route("/do", made.answer, methods=["POST"])])
    server = HttpServer(ControlMiddleware(app, made.control, lambda _: "do", lambda status: {"code": status}))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await server.start()}") as client:
        yield made, client
    await server.stop()


async def test_a_late_status_is_told_of_work_that_was_done(ledger: tuple[Ledger, httpx.AsyncClient]) -> None:
    """The service has done it; the caller hears 503."""
    service, client = ledger
    service.control.faults.append(Fault(status="503", late=True))
    answer = await client.post("/do", content=b"a")
    assert (answer.status_code, answer.json(), service.done) == (503, {"code": 503}, ["a"])
    assert service.control.traces[-1].fault == "late 503"


async def test_a_late_drop_cuts_an_answer_in_two(ledger: tuple[Ledger, httpx.AsyncClient]) -> None:
    """Half of the body comes, and then the connection ends."""
    service, client = ledger
    service.control.faults.append(Fault(drop=True, late=True))
    got: list[bytes] = []
    with pytest.raises(httpx.RemoteProtocolError):
        await parts(client, got)
    assert (b"".join(got), service.done) == (b"it is", ["a"])


async def parts(client: httpx.AsyncClient, got: list[bytes]) -> None:
    """Ask, and note what comes."""
    async with client.stream("POST", "/do", content=b"a") as answer:
        async for part in answer.aiter_raw():
            got.append(part)  # noqa: PERF401 - what came before the end is kept


async def test_a_fault_hits_one_request_alone(ledger: tuple[Ledger, httpx.AsyncClient]) -> None:
    """Others pass, however many come before it."""
    service, client = ledger
    service.control.faults.append(Fault(status="500", request="mine"))
    codes = [
        (await client.post("/do", headers={"x-request-id": one})).status_code
        for one in ("another", "mine", "mine")
    ]
    assert codes == [200, 500, 200]


@pytest.fixture
async def firestore() -> AsyncIterator[tuple[FirestoreServer, grpc.aio.Channel]]:
    """Firestore and a channel to it."""
    server = FirestoreServer(Options())
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield server, channel
    await server.stop()


def name(key: str) -> str:
    """A document's name."""
    return f"{DATABASE}/documents/things/{key}"


async def commit(channel: grpc.aio.Channel, key: str) -> None:
    """Write a document."""
    call = channel.unary_unary(f"{SERVICE}/Commit", request_serializer=CommitRequest.serialize)
    written = Document(name=name(key), fields={"n": Value(integer_value=1)})
    await call(CommitRequest(database=DATABASE, writes=[Write(update=written)]))


async def read(channel: grpc.aio.Channel, *keys: str) -> int:
    """How many answers came for these documents before the end. Raises what ended them."""
    call = channel.unary_stream(
        f"{SERVICE}/BatchGetDocuments", request_serializer=BatchGetDocumentsRequest.serialize
    )
    wanted = BatchGetDocumentsRequest(database=DATABASE, documents=[name(key) for key in keys])
    return len([one async for one in call(wanted)])


async def test_a_late_commit_is_in_the_store(firestore: tuple[FirestoreServer, grpc.aio.Channel]) -> None:
    """What was committed stays, though its answer was lost."""
    server, channel = firestore
    server.control.faults.append(Fault("Commit", status="UNAVAILABLE", late=True))
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await commit(channel, "a")
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    assert await read(channel, "a") == 1


async def test_a_late_stream_breaks_off(firestore: tuple[FirestoreServer, grpc.aio.Channel]) -> None:
    """The first message comes, and then the failure."""
    server, channel = firestore
    server.control.faults.append(Fault("BatchGetDocuments", status="INTERNAL", late=True))
    with pytest.raises(grpc.aio.AioRpcError):
        await asyncio.wait_for(read(channel, "a", "b"), 30)
    assert await read(channel, "a", "b") == 2


@pytest.fixture
def right_again() -> Iterator[None]:
    """The clock is right after the test."""
    yield
    machine.skew = 0.0


@pytest.mark.usefixtures("right_again")
async def test_a_clock_that_is_wrong() -> None:
    """PUT /clock moves what the stand-ins of the process take for now, and GET tells by how much."""
    face = HttpServer(control_app([Control("any")]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await face.start()}") as client:
        assert (await client.put("/clock", json={"seconds": -3600})).json() == {"seconds": -3600.0}
        assert (await client.get("/clock")).json() == {"seconds": -3600.0}
    await face.stop()
    assert machine.time() < time.time() - 3000
    assert machine.micros() < (time.time() - 3000) * 1e6
