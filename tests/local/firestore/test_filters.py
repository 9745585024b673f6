"""Filters of queries: operators, types, combinations."""

import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from google.cloud.firestore_v1.field_path import FieldPath

from tests.local.firestore.querying import fill, ids, where

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/queries")

ASCENDING, DESCENDING = firestore.Query.ASCENDING, firestore.Query.DESCENDING
ID = FieldPath.document_id()


MIXED: dict[str, dict[str, object]] = {
    "missing": {"y": 1},
    "null": {"x": None},
    "false": {"x": False},
    "true": {"x": True},
    "nan": {"x": math.nan},
    "minus": {"x": -1},
    "zero": {"x": 0},
    "half": {"x": 0.5},
    "one": {"x": 1},
    "onef": {"x": 1.0},
    "text": {"x": "a"},
    "texu": {"x": "b"},
    "list": {"x": [1, "a"]},
    "map": {"x": {"k": 1}},
}


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("==", 1, ["one", "onef"]),
        ("==", 1.0, ["one", "onef"]),
        ("==", "a", ["text"]),
        ("==", True, ["true"]),
        ("==", None, ["null"]),
        ("==", math.nan, ["nan"]),
        ("==", [1, "a"], ["list"]),
        ("==", [1.0, "a"], ["list"]),
        ("==", {"k": 1}, ["map"]),
        ("==", "zz", []),
        ("<", 1, ["minus", "zero", "half"]),
        ("<=", 1, ["minus", "zero", "half", "one", "onef"]),
        (">", 0, ["half", "one", "onef"]),
        (">=", 0.5, ["half", "one", "onef"]),
        (">", "a", ["texu"]),
        (">=", False, ["false", "true"]),
        ("<", {"k": 2}, ["map"]),
        ("!=", 1, ["false", "true", "nan", "minus", "zero", "half", "text", "texu", "list", "map"]),
        (
            "!=",
            None,
            ["false", "true", "nan", "minus", "zero", "half", "one", "onef", "text", "texu", "list", "map"],
        ),
        (
            "!=",
            math.nan,
            ["false", "true", "minus", "zero", "half", "one", "onef", "text", "texu", "list", "map"],
        ),
        ("in", [1, "b"], ["one", "onef", "texu"]),
        ("in", [[1, "a"]], ["list"]),
        ("not-in", [1, "a", False], ["true", "nan", "minus", "zero", "half", "texu", "list", "map"]),
        ("not-in", [None], []),
        ("array_contains", "a", ["list"]),
        ("array_contains", 1.0, ["list"]),
        ("array_contains", [1], []),
        ("array_contains_any", ["zz", 1], ["list"]),
    ],
    ids=str,
)
def test_a_filter_matches_by_type_and_value(
    db: firestore.Client, op: str, value: object, expected: list[str]
) -> None:
    """Comparisons stay within a type, inequality needs the field, null is apart."""
    collection = fill(db, MIXED)
    found = ids(collection.where(filter=FieldFilter("x", op, value)))
    if op in {"==", "in", "array_contains", "array_contains_any"}:
        assert sorted(found) == sorted(expected)
    else:
        assert found == expected


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/multiple-range-fields")
def test_several_inequalities_order_by_their_fields(db: firestore.Client) -> None:
    """Fields with inequalities that are not ordered by follow in the order of their names."""
    collection = fill(
        db,
        {
            "a": {"x": 1, "y": 9},
            "b": {"x": 2, "y": 2},
            "c": {"x": 2, "y": 1},
            "d": {"x": 3, "y": 0},
            "e": {"x": 0, "y": 5},
        },
    )
    query = collection.where(filter=where(("y", ">", 0), ("x", ">=", 1)))
    assert ids(query) == ["a", "c", "b"]
    assert ids(query.order_by("y", direction=DESCENDING)) == ["a", "b", "c"]
    assert ids(query.where(filter=FieldFilter(ID, ">", db.document("c/a")))) == ["c", "b"]


def test_or_queries(db: firestore.Client) -> None:
    """Either side matches, each document once, in one order; ANDs nest inside."""
    collection = fill(db, {name: {"x": i, "y": i % 2} for i, name in enumerate("abcdef")})
    either = Or([FieldFilter("x", "==", 1), FieldFilter("x", ">=", 4), FieldFilter("y", "==", 1)])
    assert ids(collection.where(filter=either)) == ["b", "d", "e", "f"]
    nested = Or([where(("y", "==", 0), ("x", ">", 0)), FieldFilter("x", "in", [1, 3])])
    assert ids(collection.where(filter=nested).order_by("x", direction=DESCENDING)) == ["e", "d", "c", "b"]
    assert ids(collection.where(filter=nested).limit(2)) == ["b", "c"]


@pytest.mark.source(
    "observed in nodejs-firestore system-test: OR queries with not-in, and with missing fields"
)
def test_or_with_inequalities_needs_their_fields(db: firestore.Client) -> None:
    """An inequality on one side orders the whole query, so documents without its field drop out."""
    collection = fill(db, {"1": {"a": 1, "b": 0}, "2": {"b": 1}, "3": {"a": 3, "b": 2}, "4": {"a": 2}})
    either = Or([FieldFilter("a", ">", 2), FieldFilter("b", "==", 1)])
    assert ids(collection.where(filter=either)) == ["3"]
    other = Or([FieldFilter("a", "==", 2), FieldFilter("b", "not-in", [2, 3])])
    assert ids(collection.where(filter=other)) == ["1", "2"]
    assert ids(collection.where(filter=other).order_by(ID)) == ["1", "2", "4"]


@pytest.mark.source("observed in nodejs-firestore system-test: multiple inequality on special values")
def test_inequalities_leave_nan_and_null_out(db: firestore.Client) -> None:
    """X <= 2 finds neither NaN nor null."""
    collection = fill(db, {"1": {"x": math.nan}, "2": {"x": None}, "3": {"x": 1}, "4": {"x": -math.inf}})
    assert ids(collection.where(filter=FieldFilter("x", "<=", 2))) == ["4", "3"]


def test_filters_reach_into_maps(db: firestore.Client) -> None:
    """Paths with dots, and with quoted names."""
    collection = fill(db, {"a": {"m": {"x": 1, "y z": {"w": 5}}}, "b": {"m": {"x": 2}}, "c": {"m": 7}})
    assert ids(collection.where(filter=FieldFilter("m.x", ">", 1))) == ["b"]
    path = FieldPath("m", "y z", "w").to_api_repr()
    assert ids(collection.where(filter=FieldFilter(path, "==", 5))) == ["a"]


def test_filters_on_the_document_id(db: firestore.Client) -> None:
    """==, in, ranges and order by __name__."""
    collection = fill(db, {name: {"x": 1} for name in "abcd"})
    ref = collection.document
    assert ids(collection.where(filter=FieldFilter(ID, "==", ref("b")))) == ["b"]
    assert ids(collection.where(filter=FieldFilter(ID, "in", [ref("d"), ref("a")]))) == ["a", "d"]
    assert ids(collection.where(filter=FieldFilter(ID, ">=", ref("c")))) == ["c", "d"]
    assert ids(collection.where(filter=FieldFilter(ID, "!=", ref("c")))) == ["a", "b", "d"]
    assert ids(collection.order_by(ID, direction=DESCENDING)) == list("dcba")


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/queries#limits_on_or_queries")
@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (FieldFilter("x", "in", list(range(31))), "30"),
        (FieldFilter("x", "not-in", list(range(11))), "10"),
        (FieldFilter("x", "in", []), "non-empty"),
        (where(("x", "not-in", [1]), ("y", "!=", 2)), "NOT_IN"),
        (where(("x", "in", list(range(6))), ("y", "in", list(range(6)))), "disjunctions"),
    ],
    ids=["in-31", "not-in-11", "empty", "not-in-and-not-equal", "36-disjunctions"],
)
def test_filters_that_are_refused(db: firestore.Client, filters: And | FieldFilter, message: str) -> None:
    """INVALID_ARGUMENT with the reason."""
    with pytest.raises(exceptions.InvalidArgument, match=message):
        ids(db.collection("c").where(filter=filters))


@pytest.mark.source("observed in nodejs-firestore system-test: where on a field holding unlike types")
def test_in_matches_whole_values_only(db: firestore.Client) -> None:
    """A number in a list or a map is another value."""
    collection = fill(
        db,
        {
            "a": {"z": 98101},
            "b": {"z": [98101]},
            "c": {"z": {"z": 98101}},
            "d": {"z": 98103},
            "e": {"z": "98101"},
        },
    )
    assert ids(collection.where(filter=FieldFilter("z", "in", [98101, 98103]))) == ["a", "d"]


@pytest.mark.source("https://firebase.google.com/docs/firestore/query-data/queries#query_limitations")
def test_one_membership_in_each_alternative(db: firestore.Client) -> None:
    """A second array-contains is refused; on the two sides of an OR they are not together."""
    one, two = FieldFilter("a", "array_contains", 1), FieldFilter("b", "array_contains", 2)
    some = FieldFilter("b", "array_contains_any", [1, 2])
    db.document("c/1").set({"a": [1], "b": [2]})
    assert ids(db.collection("c").where(filter=Or([one, two]))) == ["1"]
    with pytest.raises(exceptions.InvalidArgument, match="maximum of 1 'ARRAY_CONTAINS' filter"):
        ids(db.collection("c").where(filter=And([one, two])))
    with pytest.raises(exceptions.InvalidArgument, match="ARRAY_CONTAINS_ANY cannot be combined"):
        ids(db.collection("c").where(filter=And([one, some])))
