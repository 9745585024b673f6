"""find_nearest, PartitionQuery and query explain."""

import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/vector-search")

QUERY = Vector([10.0, 0.0])
EUCLIDEAN, COSINE, DOT = DistanceMeasure.EUCLIDEAN, DistanceMeasure.COSINE, DistanceMeasure.DOT_PRODUCT


@pytest.fixture
def vectors(db: firestore.Client) -> firestore.CollectionReference:
    """Some vectors of two dimensions, and things that are none."""
    docs: dict[str, object] = {
        "same": Vector([10.0, 0.0]),
        "near": Vector([10.0, 1.0]),
        "far": Vector([100.0, 100.0]),
        "opposite": Vector([-1.0, 0.0]),
        "list": [10.0, 0.0],
        "text": "10, 0",
        "null": None,
        "longer": Vector([10.0, 0.0, 0.0]),
        "zero": Vector([0.0, 0.0]),
    }
    collection = db.collection("v")
    for name, value in docs.items():
        collection.document(name).set(
            {"e": value, "color": "red" if len(name) == 4 else "blue", "m": {"e": value}}
        )
    return collection


def search(query: firestore.Query, measure: DistanceMeasure, **more: object) -> list[tuple[str, float]]:
    """Ids and distances of the nearest."""
    wanted = query.find_nearest(
        "e", QUERY, distance_measure=measure, **{"limit": 10, "distance_result_field": "d"} | more
    )
    return [(s.id, s.get("d")) for s in wanted.get()]


def test_each_measure_orders_by_its_distance(vectors: firestore.CollectionReference) -> None:
    """Nearest first, for dot products the largest; other dimensions and other types are left out."""
    euclidean = search(vectors, EUCLIDEAN)
    assert [name for name, _ in euclidean] == ["same", "near", "zero", "opposite", "far"]
    assert [d for _, d in euclidean][:4] == [0.0, 1.0, 10.0, 11.0]
    cosine = search(vectors, COSINE)
    assert [name for name, _ in cosine] == ["same", "near", "far", "opposite"]
    assert cosine[-1][1] == pytest.approx(2.0)
    dot = search(vectors, DOT)
    assert {name for name, d in dot if d == 100.0} == {"same", "near"}
    assert [d for _, d in dot] == [1000.0, 100.0, 100.0, 0.0, -10.0]


@pytest.mark.source("google/firestore/v1/query.proto, FindNearest.distance_threshold")
def test_thresholds(vectors: firestore.CollectionReference) -> None:
    """At most so far for distances, at least so much for dot products, the threshold itself included."""
    assert [n for n, _ in search(vectors, EUCLIDEAN, distance_threshold=1.0)] == ["same", "near"]
    assert [n for n, _ in search(vectors, COSINE, distance_threshold=0.0)] == ["same"]
    assert sorted(n for n, _ in search(vectors, DOT, distance_threshold=100.0)) == ["far", "near", "same"]


def test_filters_come_before_the_search(vectors: firestore.CollectionReference) -> None:
    """Only matching documents compete for the limit."""
    red = vectors.where(filter=FieldFilter("color", "==", "blue"))
    assert [n for n, _ in search(red, EUCLIDEAN, limit=1)] == ["opposite"]


def test_without_a_result_field_nothing_is_added(vectors: firestore.CollectionReference) -> None:
    """The documents come as they are; a projection still applies."""
    (found,) = vectors.find_nearest("m.e", QUERY, distance_measure=EUCLIDEAN, limit=1).get()
    assert set(found.to_dict()) == {"e", "color", "m"}
    (short,) = (
        vectors.select(["color", "d"])
        .find_nearest("e", QUERY, distance_measure=EUCLIDEAN, limit=1, distance_result_field="d")
        .get()
    )
    assert short.to_dict() == {"color": "red", "d": 0.0}


@pytest.mark.usefixtures("vectors")
def test_collection_groups_are_searched_too(db: firestore.Client) -> None:
    """Across all collections with the id."""
    db.document("x/y/v/deep").set({"e": Vector([10.0, 0.5])})
    assert [n for n, _ in search(db.collection_group("v"), EUCLIDEAN, limit=2)] == ["same", "deep"]


@pytest.mark.parametrize(
    ("more", "message"), [({"limit": 0}, "limit"), ({"limit": 1001}, "1000")], ids=["limit-0", "limit-1001"]
)
def test_searches_that_are_refused(
    vectors: firestore.CollectionReference, more: dict[str, int], message: str
) -> None:
    """A limit outside 1 to 1,000 is INVALID_ARGUMENT."""
    with pytest.raises(exceptions.InvalidArgument, match=message):
        search(vectors, EUCLIDEAN, **more)


@pytest.mark.source("https://cloud.google.com/firestore/docs/vector-search#limitations: 2048 dimensions")
def test_too_many_dimensions(db: firestore.Client) -> None:
    """2,048 may be stored and searched for, 2,049 neither."""
    ref = db.document("v/big")
    ref.set({"e": Vector([0.5] * 2048)})
    (found,) = (
        db.collection("v").find_nearest("e", Vector([0.5] * 2048), distance_measure=EUCLIDEAN, limit=1).get()
    )
    assert found.id == "big"
    with pytest.raises(exceptions.InvalidArgument, match="2048"):
        ref.set({"e": Vector([0.5] * 2049)})
    with pytest.raises(exceptions.InvalidArgument, match="2048"):
        db.collection("v").find_nearest("e", Vector([0.5] * 2049), distance_measure=EUCLIDEAN, limit=1).get()


@pytest.mark.source("observed in python-firestore tests/system: cosine distance of [3,4,5] to [1,2,3]")
def test_the_distance_is_exact(db: firestore.Client) -> None:
    """To the precision of a double."""
    db.document("w/1").set({"e": Vector([3.0, 4.0, 5.0])})
    query = db.collection("w").find_nearest(
        "e", Vector([1.0, 2.0, 3.0]), distance_measure=COSINE, limit=1, distance_result_field="d"
    )
    expected = 1 - 26 / math.sqrt(14 * 50)
    assert query.get()[0].get("d") == pytest.approx(expected, rel=1e-12)


@pytest.mark.source(
    "google/firestore/v1/firestore.proto, PartitionQuery; minimum size observed in the clients' tests"
)
def test_partitions_cover_the_group_once(db: firestore.Client) -> None:
    """383 documents in at most four parts, each document in one of them; a small group is one part."""
    batch = db.batch()
    for i in range(383):
        batch.set(db.document(f"p/{i % 4}/g/{i:03}"), {})
    batch.commit()
    partitions = list(db.collection_group("g").get_partitions(3))
    found = [s.reference.path for part in partitions for s in part.query().stream()]
    assert 1 < len(partitions) <= 4
    assert found == sorted(set(found))
    assert len(found) == 383
    assert len(list(db.collection_group("none").get_partitions(3))) == 1


@pytest.mark.source("https://cloud.google.com/firestore/docs/query-explain")
def test_explain(db: firestore.Client) -> None:
    """The plan names the index; only analysing runs the query and counts."""
    for i in range(3):
        db.document(f"c/{i}").set({"a": i, "b": 1})
    query = db.collection("c").where(filter=FieldFilter("b", "==", 1)).order_by("a", direction="DESCENDING")
    planned = query.get(explain_options=ExplainOptions(analyze=False))
    assert list(planned) == []
    (index,) = planned.get_explain_metrics().plan_summary.indexes_used
    assert index == {"query_scope": "Collection", "properties": "(b ASC, a DESC, __name__ DESC)"}
    analysed = query.get(explain_options=ExplainOptions(analyze=True))
    stats = analysed.get_explain_metrics().execution_stats
    assert len(list(analysed)) == stats.results_returned == stats.read_operations == 3
