"""The functions of pipeline expressions over times, vectors, types, references and places."""

import datetime as dt
import math
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.bson import BSONDecimal128, BSONInt32
from google.cloud.firestore_v1.pipeline_expressions import Variable
from google.cloud.firestore_v1.vector import Vector

from tests.local.firestore.pipelining import call, evaluate

DOCS = "https://firebase.google.com/docs/firestore/pipelines/functions"

ERROR = call("error", "decisive")
NAN = math.nan
BIG = 2**63 - 1


def same(got: object, wanted: object) -> bool:
    """Equal values of one type; NaN equals NaN."""
    if isinstance(wanted, float) and math.isnan(wanted):
        return isinstance(got, float) and math.isnan(got)
    return got == wanted and type(got) is type(wanted)


def at(text: str) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


TIME = at("1993-04-28T12:01:00.654321")
LEAP = at("2024-12-30T23:30:00")


@pytest.mark.source(f"{DOCS}/timestamp-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("timestamp_to_unix_millis", (TIME,), 735998460654),
        ("timestamp_to_unix_seconds", (at("1969-12-31T23:59:59.5"),), -1),
        ("unix_micros_to_timestamp", (735998460654321,), TIME),
        ("timestamp_add", (TIME, "day", 1), at("1993-04-29T12:01:00.654321")),
        ("timestamp_subtract", (TIME, "hour", 13), at("1993-04-27T23:01:00.654321")),
        ("timestamp_diff", (at("2024-01-02"), at("2024-01-01T01:00:00"), "day"), 0),
        ("timestamp_diff", (at("2024-01-01"), at("2024-01-02T01:00:00"), "hour"), -25),
        ("timestamp_trunc", (TIME, "second"), at("1993-04-28T12:01:00")),
        ("timestamp_trunc", (TIME, "day", "America/Los_Angeles"), at("1993-04-28T07:00:00")),
        ("timestamp_trunc", (TIME, "week"), at("1993-04-25")),
        ("timestamp_trunc", (TIME, "week(wednesday)"), at("1993-04-28")),
        ("timestamp_trunc", (TIME, "quarter"), at("1993-04-01")),
        ("timestamp_trunc", (LEAP, "isoyear"), at("2024-12-30")),
        ("timestamp_trunc", (LEAP, "day", "+05:30"), at("2024-12-30T18:30:00")),
        ("timestamp_extract", (TIME, "dayofweek"), 4),
        ("timestamp_extract", (TIME, "millisecond"), 654),
        ("timestamp_extract", (LEAP, "isoweek"), 1),
        ("timestamp_extract", (LEAP, "isoyear"), 2025),
        ("timestamp_extract", (LEAP, "dayofyear"), 365),
        ("timestamp_extract", (at("2024-01-01"), "week"), 0),
        ("timestamp_extract", (at("2024-01-07"), "week"), 1),
        ("timestamp_add", (None, "day", 1), None),
    ],
)
def test_timestamps(db: firestore.Client, name: str, arguments: tuple[object, ...], wanted: Any) -> None:
    """Calendar parts follow the time zone; weeks begin where they are said to."""
    got = evaluate(db, call(name, *arguments))
    assert got == wanted


@pytest.mark.source(f"{DOCS}/timestamp-functions")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("timestamp_add", (TIME, "fortnight", 1)),
        ("timestamp_add", (at("9999-12-31"), "day", 2)),
        ("timestamp_trunc", (TIME, "day", "Nowhere/Land")),
        ("timestamp_extract", (TIME, "century")),
        ("unix_seconds_to_timestamp", (2**60,)),
    ],
)
def test_timestamp_errors(db: firestore.Client, name: str, arguments: tuple[object, ...]) -> None:
    """Unknown units, parts and zones are errors, and so are years past 9999."""
    with pytest.raises(exceptions.InvalidArgument):
        evaluate(db, call(name, *arguments))


@pytest.mark.source(f"{DOCS}/vector-functions")
def test_vectors(db: firestore.Client) -> None:
    """The three distances, and the number of dimensions."""
    left, right = Vector([0.1, 0.1]), Vector([0.5, 0.8])
    assert evaluate(db, call("dot_product", left, right)) == pytest.approx(0.13)
    assert evaluate(db, call("cosine_distance", left, right)) == pytest.approx(0.02560880430538015)
    assert evaluate(db, call("euclidean_distance", left, right)) == pytest.approx(0.806225774829855)
    assert evaluate(db, call("vector_length", left)) == 2
    with pytest.raises(exceptions.InvalidArgument, match="same length"):
        evaluate(db, call("dot_product", left, Vector([1.0])))


@pytest.mark.source(f"{DOCS}/type-functions")
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "int64"),
        (1.5, "float64"),
        ("a", "string"),
        (b"a", "bytes"),
        (TIME, "timestamp"),
        (firestore.GeoPoint(1.0, 2.0), "geo_point"),
        ([1], "array"),
        ({"a": 1}, "map"),
        (Vector([1.0]), "vector"),
        (BSONInt32(1), "int32"),
        (BSONDecimal128("1"), "decimal128"),
    ],
)
def test_types(db: firestore.Client, value: object, name: str) -> None:
    """type() names the type, is_type() tests for it; numbers of all kinds are a number."""
    assert evaluate(db, call("type", value)) == name
    assert evaluate(db, call("is_type", value, name)) is True
    is_number = name in {"int64", "float64", "int32", "decimal128"}
    assert evaluate(db, call("is_type", value, "number")) is is_number


@pytest.mark.source(f"{DOCS}/reference-functions")
def test_references(db: firestore.Client) -> None:
    """The parts of a reference, and its parent document."""
    reference = db.document("rooms/eros/messages/1")
    assert evaluate(db, call("document_id", reference)) == "1"
    assert evaluate(db, call("collection_id", reference)) == "messages"
    assert evaluate(db, call("parent", reference)) == db.document("rooms/eros")
    assert evaluate(db, call("parent", db.document("rooms/eros"))) is None
    assert evaluate(db, call("storage_size", reference)) == 16 + 6 + 5 + 9 + 2


@pytest.mark.source("https://en.wikipedia.org/wiki/Haversine_formula, known distance")
def test_geo_distance(db: firestore.Client) -> None:
    """Metres between two points: a quarter of the equator is about 10,007 km."""
    quarter = call("geo_distance", firestore.GeoPoint(0.0, 0.0), firestore.GeoPoint(0.0, 90.0))
    assert evaluate(db, quarter) == pytest.approx(10_007_543, rel=1e-4)


@pytest.mark.source("google/firestore/v1/document.proto, Function.name and args")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (call("frobnicate", 1), "Unknown function 'frobnicate'"),
        (call("equal", 1), "Invalid number of arguments"),
        (call("rand", 1), "Invalid number of arguments"),
        (call("and"), "Invalid number of arguments"),
        (Variable("nobody"), "Unknown variable 'nobody'"),
    ],
)
def test_what_cannot_be_compiled(db: firestore.Client, value: object, message: str) -> None:
    """Unknown functions and variables, and wrong counts of arguments, are refused."""
    with pytest.raises(exceptions.InvalidArgument, match=message):
        evaluate(db, value)
