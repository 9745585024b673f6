"""count, sum and avg."""

import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/aggregation-queries")


def fill(db: firestore.Client, *docs: dict[str, object]) -> firestore.CollectionReference:
    """Write documents named by their position; the collection."""
    for position, data in enumerate(docs):
        db.document(f"c/{position}").set(data)
    return db.collection("c")


def values(query: firestore.Query) -> dict[str, float | None]:
    """The results of an aggregation by alias."""
    (row,) = query.get()
    return {one.alias: one.value for one in row}


def test_count_sum_and_avg_in_one_request(db: firestore.Client) -> None:
    """All over the same documents."""
    collection = fill(db, {"x": 1}, {"x": 2}, {"x": 6})
    query = collection.count(alias="n").sum("x", alias="s").avg("x", alias="a")
    assert values(query) == {"n": 3, "s": 9, "a": 3.0}


def test_aggregations_count_documents_that_have_all_the_fields(db: firestore.Client) -> None:
    """A document without one of the aggregated fields is left out of every aggregation."""
    collection = fill(db, {"x": 1, "y": 1}, {"x": 2}, {"y": 6})
    assert values(collection.count(alias="n").sum("x", alias="x").sum("y", alias="y")) == {
        "n": 1,
        "x": 1,
        "y": 1,
    }
    assert values(collection.count(alias="n")) == {"n": 3}


def test_what_is_no_number_is_ignored(db: firestore.Client) -> None:
    """Texts and nulls do not add to a sum or an average."""
    collection = fill(db, {"x": 1}, {"x": "2"}, {"x": None}, {"x": 4})
    assert values(collection.sum("x", alias="s").avg("x", alias="a")) == {"s": 5, "a": 2.5}


def test_of_nothing(db: firestore.Client) -> None:
    """The sum is 0 and the average null."""
    query = db.collection("none").sum("x", alias="s").avg("x", alias="a").count(alias="n")
    parent = f"projects/{db.project}/databases/(default)/documents"
    (reply,) = db._firestore_api.run_aggregation_query(
        {"parent": parent, "structured_aggregation_query": query._to_protobuf()}
    )
    kinds = {alias: type(value).pb(value) for alias, value in reply.result.aggregate_fields.items()}
    assert {alias: value.WhichOneof("value_type") for alias, value in kinds.items()} == {
        "s": "integer_value",
        "n": "integer_value",
        "a": "null_value",
    }


def test_integers_overflow_into_a_double(db: firestore.Client) -> None:
    """A sum beyond 64 bits is a double; a mixed sum is one too; NaN makes NaN."""
    collection = fill(db, {"x": 2**63 - 1, "y": 1, "z": math.nan}, {"x": 1, "y": 0.5, "z": 1})
    got = values(collection.sum("x", alias="x").sum("y", alias="y").sum("z", alias="z"))
    assert got["x"] == float(2**63)
    assert got["y"] == 1.5
    assert math.isnan(got["z"] or 0)


def test_count_up_to_a_limit(db: firestore.Client) -> None:
    """A limit on the query limits the count."""
    collection = fill(db, *[{"x": i} for i in range(5)])
    assert values(collection.limit(3).count(alias="n")) == {"n": 3}
    assert values(collection.where(filter=FieldFilter("x", ">", 2)).count(alias="n")) == {"n": 2}


@pytest.mark.source(
    "observed in python-firestore tests/system: sum of a limited query takes the lowest values"
)
def test_a_limited_sum_goes_by_the_summed_field(db: firestore.Client) -> None:
    """Without another order the documents are taken in the order of the aggregated field."""
    collection = fill(db, {"x": 5}, {"x": 1}, {"x": 3})
    assert values(collection.limit(2).sum("x", alias="s")) == {"s": 4}


@pytest.mark.source(
    "nodejs-firestore dev/system-test: a sum from a document on needs an index of __name__ first"
)
def test_a_cursor_keeps_its_order(db: firestore.Client) -> None:
    """A cursor given for the order by name, or by another field, means the same under a sum."""
    collection = fill(db, {"x": 9, "y": 1}, {"x": 1, "y": 2}, {"y": 3}, {"x": 3, "y": 4})
    first = collection.document("0").get()
    by_name = collection.order_by("__name__")
    assert values(by_name.start_after(first).sum("x", alias="s")) == {"s": 4}
    assert values(collection.order_by("y").end_at({"y": 2}).sum("x", alias="s")) == {"s": 10}
    assert values(by_name.end_before(first).sum("x", alias="s").count(alias="n")) == {"s": 0, "n": 0}


@pytest.mark.source("observed in python-firestore tests/system")
def test_aliases_must_differ(db: firestore.Client) -> None:
    """INVALID_ARGUMENT, in the words of the service."""
    with pytest.raises(exceptions.InvalidArgument, match="Aggregation aliases contain duplicate alias"):
        db.collection("c").count(alias="a").sum("x", alias="a").get()


def test_no_more_than_five(db: firestore.Client) -> None:
    """Six aggregations are refused."""
    query = db.collection("c").count(alias="a0")
    for i in range(1, 6):
        query = query.sum("x", alias=f"a{i}")
    with pytest.raises(exceptions.InvalidArgument, match="Maximum number of aggregations"):
        query.get()


def test_unnamed_aggregations_are_numbered(db: firestore.Client) -> None:
    """field_1, field_2, in the order asked for."""
    assert set(values(fill(db, {"x": 1}).count().sum("x"))) == {"field_1", "field_2"}
