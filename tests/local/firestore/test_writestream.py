"""Write: commits over one stream."""

import queue
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.types import firestore as wire

pytestmark = pytest.mark.source("google/firestore/v1/firestore.proto, WriteRequest and WriteResponse")


def database(db: firestore.Client | firestore.AsyncClient) -> str:
    """The name of the client's database."""
    return f"projects/{db.project}/databases/(default)"


def write(
    db: firestore.Client | firestore.AsyncClient, path: str, number: int, **more: Any
) -> dict[str, Any]:
    """A write that sets one document."""
    name = f"{database(db)}/documents/{path}"
    return {"update": {"name": name, "fields": {"n": {"integer_value": number}}}, **more}


class Stream:
    """One Write stream of the blocking client."""

    def __init__(self, db: firestore.Client) -> None:
        self._requests: queue.Queue[wire.WriteRequest | None] = queue.Queue()
        self._api = db._firestore_api
        self._metadata = [("google-cloud-resource-prefix", database(db))]
        self._replies: Any = None

    def send(self, **request: Any) -> wire.WriteResponse:
        """One request and its answer."""
        self._requests.put(wire.WriteRequest(**request))
        if self._replies is None:
            requests = iter(self._requests.get, None)
            self._replies = self._api.write(requests, metadata=self._metadata, timeout=20)
        return next(self._replies)

    def close(self) -> None:
        """End the requests."""
        self._requests.put(None)


@pytest.fixture
def stream(db: firestore.Client) -> Iterator[Stream]:
    """A stream that is closed at the end."""
    opened = Stream(db)
    yield opened
    opened.close()


def test_a_stream_of_commits(db: firestore.Client, stream: Stream) -> None:
    """A handshake without results, then for each request its results, its commit time and a new token."""
    hello = stream.send(database=database(db))
    assert hello.stream_id
    assert not hello.write_results
    two = stream.send(writes=[write(db, "a/1", 1), write(db, "a/2", 2)], stream_token=hello.stream_token)
    assert [one.update_time for one in two.write_results] == [two.commit_time] * 2
    transform = {"field_path": "n", "increment": {"integer_value": 5}}
    changed = stream.send(
        writes=[write(db, "a/1", 1, update_transforms=[transform])], stream_token=two.stream_token
    )
    assert changed.write_results[0].transform_results[0].integer_value == 6
    assert changed.commit_time > two.commit_time
    assert len({hello.stream_token, two.stream_token, changed.stream_token}) == 3
    assert {s.id: s.get("n") for s in db.collection("a").stream()} == {"1": 6, "2": 2}


def test_a_failed_commit_ends_the_stream(db: firestore.Client, stream: Stream) -> None:
    """With the error of the commit, of which nothing is written."""
    stream.send(database=database(db))
    missing = write(db, "a/none", 1, current_document={"exists": True})
    with pytest.raises(exceptions.NotFound, match="No document to update"):
        stream.send(writes=[write(db, "a/1", 1), missing])
    assert list(db.collection("a").stream()) == []


def test_the_first_request_must_not_write(db: firestore.Client, stream: Stream) -> None:
    """It names the database and nothing else."""
    with pytest.raises(exceptions.InvalidArgument, match="first request"):
        stream.send(database=database(db), writes=[write(db, "a/1", 1)])


async def test_the_asynchronous_client_streams_too(adb: firestore.AsyncClient) -> None:
    """Requests that come at once are done in their order."""

    async def requests() -> AsyncIterator[wire.WriteRequest]:
        yield wire.WriteRequest(database=database(adb))
        for number in range(5):
            yield wire.WriteRequest(writes=[write(adb, "a/1", number)])

    metadata = [("google-cloud-resource-prefix", database(adb))]
    replies = await adb._firestore_api.write(requests(), metadata=metadata, timeout=20)
    times = [reply.commit_time async for reply in replies][1:]
    assert times == sorted(times)
    assert len(times) == 5
    assert (await adb.document("a/1").get()).get("n") == 4
