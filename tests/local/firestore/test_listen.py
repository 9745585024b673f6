"""Listen: snapshots of documents and queries as they change."""

import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.types import firestore as wire

pytestmark = pytest.mark.source("google/firestore/v1/firestore.proto, ListenResponse and TargetChange")

WAIT = 8


class Watcher:
    """Collects what on_snapshot reports."""

    def __init__(self, target: Any) -> None:
        self._events: queue.Queue[tuple[list[Any], list[Any]]] = queue.Queue()
        self._watch = target.on_snapshot(lambda docs, changes, _time: self._events.put((docs, changes)))

    def until(self, expected: list[str]) -> list[tuple[str, str]]:
        """Wait for a snapshot with these ids in this order; the changes on the way."""
        seen: list[tuple[str, str]] = []
        while True:
            docs, changes = self._events.get(timeout=WAIT)
            seen += [(change.type.name, change.document.id) for change in changes]
            if [doc.id for doc in docs if doc.exists] == expected:
                return seen

    def close(self) -> None:
        """Stop watching."""
        self._watch.unsubscribe()


def test_watching_a_document(db: firestore.Client) -> None:
    """It appears, changes, disappears."""
    ref = db.document("a/b")
    ref.set({"x": 1})
    watcher = Watcher(ref)
    watcher.until(["b"])
    ref.set({"x": 2})
    assert watcher.until(["b"]) == [("MODIFIED", "b")]
    ref.delete()
    watcher.until([])
    watcher.close()


def test_watching_a_query(db: firestore.Client) -> None:
    """Documents enter and leave as they begin and cease to match, in the query's order."""
    collection = db.collection("c")
    collection.document("1").set({"x": 1})
    watcher = Watcher(collection.where(filter=FieldFilter("x", ">", 0)).order_by("x"))
    assert watcher.until(["1"]) == [("ADDED", "1")]
    collection.document("2").set({"x": 2})
    assert watcher.until(["1", "2"]) == [("ADDED", "2")]
    collection.document("0").set({"x": 0})
    collection.document("1").update({"x": 3})
    watcher.until(["2", "1"])
    collection.document("1").update({"x": -1})
    assert watcher.until(["2"]) == [("REMOVED", "1")]
    collection.document("2").delete()
    assert watcher.until([]) == [("REMOVED", "2")]
    watcher.close()


def test_watching_a_limited_query(db: firestore.Client) -> None:
    """When one of the first goes, the next one moves up."""
    collection = db.collection("c")
    for i in range(4):
        collection.document(str(i)).set({"x": i})
    watcher = Watcher(collection.order_by("x").limit(2))
    watcher.until(["0", "1"])
    collection.document("0").delete()
    assert set(watcher.until(["1", "2"])) == {("REMOVED", "0"), ("ADDED", "2")}
    watcher.close()


def test_many_watchers_of_one_document(db: firestore.Client) -> None:
    """Each hears of each change."""
    ref = db.document("a/b")
    ref.set({"n": 0})
    watchers = [Watcher(ref) for _ in range(5)]
    for watcher in watchers:
        watcher.until(["b"])
    ref.set({"n": 1})
    for watcher in watchers:
        assert watcher.until(["b"]) == [("MODIFIED", "b")]
        watcher.close()


class Raw:
    """One Listen stream, spoken by hand."""

    def __init__(self, db: firestore.Client) -> None:
        self._database = f"projects/{db.project}/databases/(default)"
        self._requests: queue.Queue[wire.ListenRequest | None] = queue.Queue()
        self._api = db._firestore_api
        self._replies: Any = None

    def add(self, **target: Any) -> None:
        """Send add_target."""
        self._requests.put(wire.ListenRequest(database=self._database, add_target=target))

    def remove(self, target_id: int) -> None:
        """Send remove_target."""
        self._requests.put(wire.ListenRequest(database=self._database, remove_target=target_id))

    def query(self, collection: str) -> dict[str, Any]:
        """A query target for a collection."""
        return {
            "parent": f"{self._database}/documents",
            "structured_query": {"from_": [{"collection_id": collection}]},
        }

    def until_consistent(self) -> list[wire.ListenResponse]:
        """The replies up to and including the change without targets."""
        replies: list[wire.ListenResponse] = []
        while True:
            reply = self.next()
            replies.append(reply)
            change = reply.target_change
            if "target_change" in reply and not change.target_ids and change.read_time:
                return replies

    def next(self) -> wire.ListenResponse:
        """The next reply. The stream begins here: the client waits for a first reply when it opens one."""
        if self._replies is None:
            self._replies = self._api.listen(iter(self._requests.get, None))
        return next(self._replies)

    def close(self) -> None:
        """End the stream."""
        self._requests.put(None)
        if self._replies is not None:
            self._replies.cancel()


@pytest.fixture
def raw(db: firestore.Client) -> Iterator[Raw]:
    """A stream, and a guard that ends it when a test waits too long."""
    stream = Raw(db)
    timer = threading.Timer(WAIT, stream.close)
    timer.start()
    yield stream
    timer.cancel()
    stream.close()


def kinds(replies: list[wire.ListenResponse]) -> list[str]:
    """Each reply in a word."""
    return [
        reply.target_change.target_change_type.name
        if "target_change" in reply
        else wire.ListenResponse.pb(reply).WhichOneof("response_type")
        for reply in replies
    ]


def test_the_order_of_messages(db: firestore.Client, raw: Raw) -> None:
    """ADD, the documents, CURRENT, then the change without targets that makes it a snapshot."""
    db.document("c/1").set({"x": 1})
    raw.add(query=raw.query("c"), target_id=7)
    replies = raw.until_consistent()
    assert kinds(replies) == ["ADD", "document_change", "CURRENT", "NO_CHANGE"]
    assert list(replies[1].document_change.target_ids) == [7]


def test_a_watch_resumes_where_it_was(db: firestore.Client, raw: Raw) -> None:
    """With a resume token only what changed since is sent, deletions included, and how many there are now."""
    for i in range(3):
        db.document(f"c/{i}").set({"x": i})
    raw.add(query=raw.query("c"), target_id=1)
    token = raw.until_consistent()[-1].target_change.resume_token
    raw.remove(1)
    assert kinds([raw.next()]) == ["REMOVE"]
    db.document("c/0").delete()
    db.document("c/1").set({"x": 10})
    raw.add(query=raw.query("c"), target_id=2, resume_token=token)
    replies = raw.until_consistent()
    expected = ["ADD", "document_change", "document_delete", "filter", "CURRENT", "NO_CHANGE"]
    assert kinds(replies) == expected
    assert (replies[3].filter.target_id, replies[3].filter.count) == (2, 2)


@pytest.mark.source("google/firestore/v1/firestore.proto, Target.read_time and ExistenceFilter")
def test_documents_are_resumed_from_a_time(db: firestore.Client, raw: Raw) -> None:
    """read_time does what a token does; the filter counts the documents that exist."""
    known = db.document("c/0").set({}).update_time
    db.document("c/1").set({})
    names = [f"{raw.query('c')['parent']}/c/{i}" for i in range(3)]
    raw.add(documents={"documents": names}, target_id=1, read_time=known)
    replies = raw.until_consistent()
    assert kinds(replies) == ["ADD", "document_change", "filter", "CURRENT", "NO_CHANGE"]
    assert replies[1].document_change.document.name == names[1]
    assert replies[2].filter.count == 2


def test_a_refused_target_says_why(raw: Raw) -> None:
    """REMOVE with a cause; the stream goes on."""
    broken = raw.query("c")
    broken["structured_query"]["offset"] = -1
    raw.add(query=broken, target_id=3)
    reply = raw.next()
    assert kinds([reply]) == ["REMOVE"]
    assert reply.target_change.cause.code == 3
    raw.add(query=raw.query("c"), target_id=4)
    assert kinds(raw.until_consistent()) == ["ADD", "CURRENT", "NO_CHANGE"]


def test_a_target_for_once(db: firestore.Client, raw: Raw) -> None:
    """It is removed as soon as it is current."""
    db.document("c/1").set({})
    raw.add(query=raw.query("c"), target_id=5, once=True)
    raw.until_consistent()
    assert kinds([raw.next()]) == ["REMOVE"]


def test_a_transaction_arrives_whole(db: firestore.Client, raw: Raw) -> None:
    """All changes of a commit come before the next snapshot."""
    raw.add(query=raw.query("c"), target_id=1)
    raw.until_consistent()
    batch = db.batch()
    for i in range(20):
        batch.set(db.document(f"c/{i}"), {})
    batch.commit()
    assert kinds(raw.until_consistent()) == ["document_change"] * 20 + ["NO_CHANGE"]
