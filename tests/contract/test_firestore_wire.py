"""Bare messages to the local Firestore: what goes out together, what it costs, what a failure takes along."""

import asyncio
from typing import Any

import pytest
from google.api_core import exceptions

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared import log
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import increment, union
from shared.gcp.firestore_wire import Wire
from shared.limits import meter
from shared.limits.meter import Meter
from shared.observing import spans

TRACE = "c" * 32
LIMIT = 5.0
_TOO_LARGE = "x" * 1_100_000


@pytest.fixture
def wire(db: Database) -> Wire:
    """Calls on behalf of one request."""
    return Wire.of(db)


def request() -> tuple[spans.Trace, Meter]:
    """A request begins: what it records and consumes."""
    log.bind(request_id=TRACE)
    trace, counting = spans.begin("request", TRACE), Meter()
    meter.begin(counting)
    return trace, counting


async def read(wire: Wire, name: str) -> Any:
    """A document of `things`."""
    path = wire.path("things", name)
    return (await wire.read([path], LIMIT))[path].document


async def test_reads_of_one_moment_are_one_call(wire: Wire, server: FirestoreServer) -> None:
    """Each document once, whoever asks; the call is a span of the request, and told to Firestore."""
    await wire.commit([wire.put(wire.path("things", "a"), {"n": 1})], LIMIT)
    trace, counting = request()
    found = await asyncio.gather(read(wire, "a"), read(wire, "b"), read(wire, "a"))
    assert found == [{"n": 1}, None, {"n": 1}]
    assert counting.items["firestore:read"] == 2
    assert [(one.service, one.method, bool(one.ended)) for one in trace.calls] == [
        ("firestore", "BatchGetDocuments", True)
    ]
    assert [one.method for one in server.control.traces if one.request == TRACE] == ["BatchGetDocuments"]


async def test_additions_of_one_moment_are_one_commit(wire: Wire, server: FirestoreServer) -> None:
    """Fields are set, numbers added, elements joined, whether there was a document or not."""
    _, counting = request()
    path, before = wire.path("things", "a"), server.control.calls.copy()
    for _ in range(2):
        await asyncio.gather(
            wire.add([wire.merge(path, {"day": "x"}, [increment("n", 2), union("words", ["one"])])], LIMIT),
            wire.add([wire.put(wire.path("things", "b"), {"b": b"1"})], LIMIT),
            wire.add([wire.delete(wire.path("things", "c"))], LIMIT, hurry=False),
        )
    assert (server.control.calls - before)["Commit"] == 2
    assert await read(wire, "a") == {"day": "x", "n": 4, "words": ["one"]}
    assert (counting.items["firestore:write"], counting.items["firestore:delete"]) == (4, 2)


async def test_what_may_happen_twice_is_tried_again(wire: Wire, server: FirestoreServer) -> None:
    """Firestore is away for a moment: a message is written all the same, a sum is not added again."""
    request()
    server.control.faults.append(Fault(method="Commit", status="UNAVAILABLE", times=1))
    message = wire.add([wire.put(wire.path("things", "m"), {"said": True})], LIMIT, again=True)
    usage = wire.add([wire.merge(wire.path("things", "u"), {}, [increment("n", 1)])], LIMIT)
    done = await asyncio.gather(message, usage, return_exceptions=True)
    assert isinstance(done[1], exceptions.ServiceUnavailable)
    assert await read(wire, "m") == {"said": True}
    assert await read(wire, "u") is None


async def test_what_is_refused_takes_nothing_along(wire: Wire) -> None:
    """Of two parts one is too large: nothing was written, so that the other is written by itself."""
    request()
    large = wire.add([wire.put(wire.path("things", "l"), {"text": _TOO_LARGE})], LIMIT, again=True)
    small = wire.add([wire.merge(wire.path("things", "s"), {}, [increment("n", 1)])], LIMIT)
    done = await asyncio.gather(large, small, return_exceptions=True)
    assert isinstance(done[0], exceptions.InvalidArgument)
    assert await read(wire, "s") == {"n": 1}


async def test_nobody_is_waited_for_long(wire: Wire, server: FirestoreServer) -> None:
    """A read is repeated for about a second, then given up; its span tells why."""
    trace, _ = request()
    server.control.faults.append(Fault(method="BatchGetDocuments", status="UNAVAILABLE", times=0))
    with pytest.raises(exceptions.RetryError):
        await read(wire, "a")
    assert [one.status for one in trace.calls] == ["UNAVAILABLE"]
    assert server.control.calls["BatchGetDocuments"] > 1
