"""Reading the past."""

import datetime as dt

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

pytestmark = pytest.mark.source(
    "google/firestore/v1/firestore.proto, read_time; observed in tests/system of the clients"
)


@pytest.fixture
def times(db: firestore.Client) -> list[dt.datetime]:
    """a/1 is written three times and deleted, a/2 and b/1 appear in between; the time after each step."""
    steps = [
        lambda: db.document("a/1").set({"x": 1}).update_time,
        lambda: db.document("a/2").set({"x": 5}).update_time,
        lambda: db.document("a/1").set({"x": 2}).update_time,
        lambda: db.document("b/1/c/1").set({"x": 9}).update_time,
        lambda: db.document("a/1").delete(),
        lambda: db.document("a/1").set({"x": 3}).update_time,
    ]
    return [step() for step in steps]


def test_a_document_at_each_moment(db: firestore.Client, times: list[dt.datetime]) -> None:
    """get() at the time of a commit sees that commit and nothing later."""
    found = [db.document("a/1").get(read_time=when) for when in times]
    assert [s.to_dict() for s in found] == [{"x": 1}, {"x": 1}, {"x": 2}, {"x": 2}, None, {"x": 3}]
    assert [s.read_time for s in found] == times


def test_get_all_at_a_moment(db: firestore.Client, times: list[dt.datetime]) -> None:
    """What was not yet there is missing."""
    refs = [db.document("a/1"), db.document("a/2")]
    assert [(s.id, s.exists) for s in db.get_all(refs, read_time=times[0])] == [("1", True), ("2", False)]


def test_a_query_at_a_moment(db: firestore.Client, times: list[dt.datetime]) -> None:
    """Filters see the values of that moment."""
    query = db.collection("a").where(filter=FieldFilter("x", "<", 3)).order_by("x")
    assert [[s.get("x") for s in query.stream(read_time=when)] for when in times] == [
        [1],
        [1],
        [2],
        [2],
        [],
        [],
    ]


def test_a_collection_group_at_a_moment(db: firestore.Client, times: list[dt.datetime]) -> None:
    """Subcollections appear when they did."""
    group = db.collection_group("c")
    assert [len(list(group.stream(read_time=when))) for when in times] == [0, 0, 0, 1, 1, 1]


def test_aggregations_at_a_moment(db: firestore.Client, times: list[dt.datetime]) -> None:
    """Count and sum too."""
    query = db.collection("a").count(alias="n").sum("x", alias="s")
    got = [{one.alias: int(one.value) for one in query.get(read_time=when)[0]} for when in times]
    assert got == [{"n": n, "s": s} for n, s in [(1, 1), (2, 6), (2, 7), (2, 7), (1, 5), (2, 8)]]


def test_listings_at_a_moment(db: firestore.Client, times: list[dt.datetime]) -> None:
    """Collections and documents, missing ones included."""
    assert [[c.id for c in db.collections(read_time=when)] for when in times[1:5:2]] == [["a"], ["a", "b"]]
    listed = [[r.id for r in db.collection("b").list_documents(read_time=when)] for when in times[2:4]]
    assert listed == [[], ["1"]]


@pytest.mark.source("google/firestore/v1/common.proto, TransactionOptions.ReadOnly.read_time")
@pytest.mark.source("google/firestore/v1/firestore.proto, PartitionQueryRequest.read_time")
def test_partitions_at_a_moment(db: firestore.Client) -> None:
    """They cut what was there then; documents that came later need no cursor."""
    batch = db.batch()
    for i in range(256):
        batch.set(db.document(f"g/{i:03}"), {})
    then = batch.commit()[0].update_time
    for i in range(256, 512):
        batch.set(db.document(f"g/{i:03}"), {})
    batch.commit()
    group = db.collection_group("g")
    assert len(list(group.get_partitions(10))) == 4
    assert len(list(group.get_partitions(10, read_time=then))) == 2


def test_a_read_only_transaction_sees_one_moment(db: firestore.Client) -> None:
    """What others write after it began is not there for it."""
    db.document("a/2").set({"x": 5})
    transaction = db.transaction(read_only=True)
    transaction._begin()
    before = db.document("a/2").get(transaction=transaction).to_dict()
    db.document("a/2").set({"x": 77})
    again = db.document("a/2").get(transaction=transaction).to_dict()
    transaction._rollback()
    assert before == again == {"x": 5}


@pytest.mark.source("https://cloud.google.com/firestore/docs/use-pitr: one hour of versions")
def test_too_far_back_or_ahead(db: firestore.Client) -> None:
    """More than an hour ago is FAILED_PRECONDITION, the future is INVALID_ARGUMENT."""
    now = dt.datetime.now(tz=dt.UTC)
    with pytest.raises(exceptions.FailedPrecondition, match="too old"):
        db.document("a/1").get(read_time=now - dt.timedelta(minutes=61))
    with pytest.raises(exceptions.InvalidArgument, match="future"):
        db.document("a/1").get(read_time=now + dt.timedelta(minutes=1))


@pytest.mark.source("google/firestore/v1/common.proto, TransactionOptions.ReadOnly.read_time")
def test_a_read_only_transaction_of_the_past(db: firestore.Client, times: list[dt.datetime]) -> None:
    """It may name the moment, and all its reads, queries too, see that one."""
    api, database = db._firestore_api, f"projects/{db.project}/databases/(default)"
    options = {"read_only": {"read_time": times[0]}}
    begun = api.begin_transaction({"database": database, "options": options}).transaction
    names = [f"{database}/documents/a/{i}" for i in (1, 2)]
    got = list(api.batch_get_documents({"database": database, "documents": names, "transaction": begun}))
    assert got[0].found.fields["x"].integer_value == 1
    assert got[1].missing == names[1]
    query = {"from_": [{"collection_id": "a"}]}
    found = api.run_query(
        {"parent": f"{database}/documents", "structured_query": query, "transaction": begun}
    )
    assert [reply.document.name for reply in found] == names[:1]
