"""Queries: orders, cursors, projections, collection groups."""

import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import document
from google.cloud.firestore_v1.types import query as query_types

from tests.local.firestore.querying import fill, ids

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/queries")

ASCENDING, DESCENDING = firestore.Query.ASCENDING, firestore.Query.DESCENDING
ID = FieldPath.document_id()


@pytest.mark.source("https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering")
def test_order_across_types(db: firestore.Client) -> None:
    """null, booleans, NaN, numbers, times, text, bytes, references, places, arrays, vectors, maps."""
    import datetime as dt

    from google.cloud.firestore_v1.vector import Vector

    values = [
        None,
        False,
        True,
        math.nan,
        -math.inf,
        -(2**63),
        -1.5,
        0,
        1,
        1.5,
        2**53,
        2**53 + 1,
        2**63 - 1,
        math.inf,
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2020, 1, 1, 0, 0, 0, 1, tzinfo=dt.UTC),
        "",
        "A",
        "a",
        "aa",
        b"",
        b"\0",
        b"a",
        db.document("a/b"),
        db.document("a/b/c/d"),
        db.document("a/c"),
        firestore.GeoPoint(-10, 10),
        firestore.GeoPoint(10, -10),
        [],
        [1],
        [1, 0],
        [2],
        Vector([9.0]),
        Vector([1.0, 0.0]),
        Vector([1.0, 2.0]),
        {},
        {"a": 1},
        {"a": 1, "b": 0},
        {"a": 2},
        {"b": 0},
    ]
    order = [f"d{i:02}" for i in range(len(values))]
    collection = fill(
        db, {name: {"v": value} for name, value in reversed(list(zip(order, values, strict=True)))}
    )
    assert ids(collection.order_by("v")) == order
    assert ids(collection.order_by("v", direction=DESCENDING)) == order[::-1]


@pytest.mark.source(
    "https://cloud.google.com/firestore/docs/concepts/data-types: strings sort by their UTF-8 bytes"
)
def test_strings_sort_by_utf8_bytes(db: firestore.Client) -> None:
    """Not by UTF-16 units, as values, ids, map keys and in filters."""
    strings = ["Sierpiński", "Łukasiewicz", "你好", "你顥", "岩澤", "︒", "🄟", "🐵"]
    collection = fill(db, {text: {"v": text, "m": {text: True}} for text in reversed(strings)})
    assert ids(collection.order_by("v")) == strings
    assert ids(collection) == strings
    assert ids(collection.where(filter=FieldFilter("v", ">", "︒"))) == ["🄟", "🐵"]
    maps = [next(iter(s.get("m"))) for s in collection.order_by("m").stream()]
    assert maps == strings


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/order-limit-data")
def test_order_needs_the_field(db: firestore.Client) -> None:
    """Documents without an ordered field are not results."""
    collection = fill(db, {"a": {"x": 1}, "b": {"y": 1}, "c": {"x": 0, "y": 1}})
    assert ids(collection.order_by("x")) == ["c", "a"]
    assert ids(collection.order_by("x").order_by("y")) == ["c"]


@pytest.mark.source("google/firestore/v1/query.proto, StructuredQuery.order_by: implicit orders")
def test_ties_are_broken_by_name_in_the_last_direction(db: firestore.Client) -> None:
    """Ascending after an ascending order, descending after a descending one."""
    collection = fill(db, {name: {"x": 1, "y": ord(name) % 2} for name in "abcd"})
    assert ids(collection.order_by("x")) == list("abcd")
    assert ids(collection.order_by("x", direction=DESCENDING)) == list("dcba")
    assert ids(collection.order_by("y").order_by("x", direction=DESCENDING)) == list("dbca")


@pytest.mark.source(
    "https://cloud.google.com/firestore/quotas: numeric ids; observed in the emulators' documentation"
)
def test_numeric_ids_come_first_in_number_order(db: firestore.Client) -> None:
    """__id7__ sorts as the number 7, before every other id."""
    collection = fill(db, {name: {} for name in ("__id10__", "__id9__", "__id-3__", "0", "A")})
    assert ids(collection) == ["__id-3__", "__id9__", "__id10__", "0", "A"]


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/query-cursors")
@pytest.mark.parametrize(
    ("method", "position", "expected"),
    [
        ("start_at", 2, ["c", "d", "e"]),
        ("start_after", 2, ["d", "e"]),
        ("end_at", 2, ["a", "b", "c"]),
        ("end_before", 2, ["a", "b"]),
        ("start_at", 1.5, ["c", "d", "e"]),
        ("start_after", 99, []),
        ("end_at", -1, []),
    ],
)
def test_a_cursor_by_value(db: firestore.Client, method: str, position: float, expected: list[str]) -> None:
    """Inclusive and exclusive starts and ends, also between values."""
    collection = fill(db, {name: {"x": i} for i, name in enumerate("abcde")})
    assert ids(getattr(collection.order_by("x"), method)({"x": position})) == expected
    backwards = collection.order_by("x", direction=DESCENDING)
    other = {
        "start_at": "end_at",
        "start_after": "end_before",
        "end_at": "start_at",
        "end_before": "start_after",
    }
    assert ids(getattr(backwards, other[method])({"x": position})) == expected[::-1]


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/query-cursors")
@pytest.mark.parametrize(
    "values",
    [
        [False, True],
        [1, 2.5],
        ["a", "ä"],
        [b"\0", b"\1"],
        [firestore.GeoPoint(1, 1), firestore.GeoPoint(1, 2)],
        [[1], [1, 1]],
        [{"a": 1}, {"b": 0}],
        [None, False],
    ],
    ids=str,
)
def test_cursors_work_on_every_type(db: firestore.Client, values: list[object]) -> None:
    """Pages of one over values of any type visit each document once."""
    collection = fill(db, {str(i): {"v": value} for i, value in enumerate(values)})
    first, second = collection.order_by("v").limit(1), collection.order_by("v").start_after({"v": values[0]})
    assert ids(first) == ["0"]
    assert ids(second) == ["1"]


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/query-cursors: several fields")
def test_cursors_over_a_part_of_the_order(db: firestore.Client) -> None:
    """A cursor on the first field stands before or after all documents that share it."""
    collection = fill(db, {f"{a}{b}": {"a": a, "b": b} for a in range(3) for b in range(3)})
    query = collection.order_by("a").order_by("b", direction=DESCENDING)
    assert ids(query.start_at({"a": 1}).end_at({"a": 1})) == ["12", "11", "10"]
    assert ids(query.start_after({"a": 1})) == ["22", "21", "20"]
    assert ids(query.start_after({"a": 1, "b": 1}).limit(2)) == ["10", "22"]


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/query-cursors: document snapshots")
def test_pages_by_snapshot_visit_everything_once(db: firestore.Client) -> None:
    """start_after(snapshot), with ties broken by name."""
    collection = fill(db, {f"d{i:02}": {"x": i // 4} for i in range(11)})
    query, seen, last = collection.order_by("x").limit(3), [], None
    while page := list((query.start_after(last) if last else query).stream()):
        seen += [snapshot.id for snapshot in page]
        last = page[-1]
    assert seen == [f"d{i:02}" for i in range(11)]


def test_limit_offset_and_limit_to_last(db: firestore.Client) -> None:
    """Skip, take, and take from the end."""
    collection = fill(db, {f"d{i}": {"x": i} for i in range(6)})
    assert ids(collection.order_by("x").offset(2).limit(2)) == ["d2", "d3"]
    assert ids(collection.offset(5)) == ["d5"]
    assert ids(collection.offset(50)) == []
    assert [s.id for s in collection.order_by("x").limit_to_last(2).get()] == ["d4", "d5"]


@pytest.mark.source("google/firestore/v1/query.proto, StructuredQuery.select")
def test_projections(db: firestore.Client) -> None:
    """Named fields only; of the id alone, no field at all."""
    collection = fill(db, {"a": {"x": 1, "m": {"y": 2, "z": 3}}})
    (only,) = collection.select(["m.y", "none"]).stream()
    assert only.to_dict() == {"m": {"y": 2}}
    (bare,) = collection.select([]).stream()
    assert bare.to_dict() == {}
    assert bare.id == "a"


def test_a_query_reads_its_collection_only(db: firestore.Client) -> None:
    """Not the collections below its documents, and not those with a similar name."""
    fill(db, {"a": {}, "b": {}})
    fill(db, {"x": {}}, "c/a/c")
    fill(db, {"y": {}}, "cc")
    assert ids(db.collection("c")) == ["a", "b"]
    assert ids(db.collection("c/a/c")) == ["x"]


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/queries#collection-group-query")
def test_collection_groups(db: firestore.Client) -> None:
    """Every collection with the id, at any depth, in the order of full names; a parent narrows it."""
    fill(db, {"5": {"x": 5}}, "g")
    fill(db, {"1": {"x": 1}}, "a/a/g")
    fill(db, {"2": {"x": 2}}, "a/b/h/c/g")
    fill(db, {"3": {"x": 3}}, "a/b/g")
    fill(db, {"no": {"x": 9}}, "a/b/gg")
    group = db.collection_group("g")
    assert ids(group) == ["1", "3", "2", "5"]
    assert ids(group.where(filter=FieldFilter("x", ">", 1)).order_by("x", direction=DESCENDING)) == [
        "5",
        "3",
        "2",
    ]
    ranged = group.order_by(ID).start_at({ID: db.document("a/b")}).end_at({ID: db.document("a/c")})
    assert ids(ranged) == ["3", "2"]


@pytest.mark.source("google/firestore/v1/firestore.proto, RunQueryResponse.skipped_results")
def test_an_empty_result_still_has_a_read_time(db: firestore.Client) -> None:
    """So that clients know at which moment there was nothing."""
    request = {
        "parent": f"projects/{db.project}/databases/(default)/documents",
        "structured_query": query_types.StructuredQuery(from_=[{"collection_id": "none"}]),
    }
    (reply,) = db._firestore_api.run_query(request)
    assert reply.read_time is not None
    assert not reply.document.name


@pytest.mark.source("google/firestore/v1/query.proto, Cursor.values")
def test_a_cursor_with_too_many_values_is_refused(db: firestore.Client) -> None:
    """There cannot be more than the order has fields."""
    structured = query_types.StructuredQuery(
        from_=[{"collection_id": "c"}],
        start_at={"values": [document.Value(integer_value=1), document.Value(integer_value=2)]},
    )
    with pytest.raises(exceptions.InvalidArgument):
        list(
            db._firestore_api.run_query(
                {
                    "parent": f"projects/{db.project}/databases/(default)/documents",
                    "structured_query": structured,
                }
            )
        )


async def test_queries_of_the_asynchronous_client(adb: firestore.AsyncClient) -> None:
    """Filter, order and limit through AsyncClient."""
    for i in range(5):
        await adb.document(f"c/{i}").set({"x": i})
    query = (
        adb.collection("c")
        .where(filter=FieldFilter("x", ">", 1))
        .order_by("x", direction=DESCENDING)
        .limit(2)
    )
    assert [s.id async for s in query.stream()] == ["4", "3"]
    assert [s.id for s in await query.get()] == ["4", "3"]
