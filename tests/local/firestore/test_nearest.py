"""find_nearest, PartitionQuery and query explain."""

import math
import random

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

from local.firestore import nearest
from local.firestore.protos import Document
from local.firestore.rows import Row

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


def naive(measure: str, vector: list[float], query: list[float]) -> float:
    """A distance by its definition."""
    dot = math.fsum(a * b for a, b in zip(vector, query, strict=True))
    if measure == "EUCLIDEAN":
        return math.dist(vector, query)
    return -dot if measure == "DOT_PRODUCT" else 1 - dot / (math.hypot(*vector) * math.hypot(*query))


def row(number: int, vector: list[float], dice: random.Random) -> Row:
    """A document with a vector, some of its numbers written as integers, in a map beside other fields."""
    made = Document(name=f"{number:04}")
    inner = made.fields["m"].map_value.fields["e"].map_value.fields
    inner["__type__"].string_value = "__vector__"
    for one in vector:
        whole = one.is_integer() and dice.random() < 0.1
        inner["value"].array_value.values.add(
            **{"integer_value": int(one)} if whole else {"double_value": one}
        )
    made.fields["other"].string_value = "x" * 50
    return Row(made.SerializeToString())


@pytest.mark.source("exact search is a promise: https://cloud.google.com/firestore/docs/vector-search#flat")
@pytest.mark.parametrize("measure", ["EUCLIDEAN", "COSINE", "DOT_PRODUCT"])
@pytest.mark.parametrize("threshold", [None, 0.7], ids=["all", "near"])
def test_many_vectors_come_as_one_by_one(
    measure: str, threshold: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is calculated for many at once finds what the definition finds, ties in the order of names."""
    monkeypatch.setattr(nearest, "BLOCK", 64)
    dice = random.Random(measure)  # noqa: S311 - a test's dice
    vectors = [[float(dice.randint(-2, 2)) for _ in range(3)] for _ in range(300)]
    vectors = [vector for vector in vectors if any(vector)]
    query = [1.0, 0.5, -1.0]
    wanted = nearest.Nearest(("m", "e"), tuple(query), measure, 40, ("d",), threshold)
    found = nearest.find_nearest(wanted, [row(n, vector, dice) for n, vector in enumerate(vectors)])
    sign = -1 if measure == "DOT_PRODUCT" else 1
    ranked = sorted((round(naive(measure, vector, query), 12), n) for n, vector in enumerate(vectors))
    expected = [(d, n) for d, n in ranked if threshold is None or d <= sign * threshold][:40]
    assert [int(one.name) for one in found] == [n for _, n in expected]
    distances = [one.document.fields["d"].double_value for one in found]
    assert distances == pytest.approx([sign * d for d, _ in expected], abs=1e-12)


def test_vectors_with_infinities(db: firestore.Client) -> None:
    """They are far away, not in the way; what has no distance is left out."""
    for name, value in {"far": math.inf, "near": 1.0, "none": math.nan}.items():
        db.document(f"w/{name}").set({"e": Vector([value, 0.0])})
    assert search(db.collection("w"), EUCLIDEAN) == [("near", 9.0), ("far", math.inf)]


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


@pytest.mark.source(
    "nodejs-firestore dev/system-test: as many answers as documents when a stream is explained"
)
@pytest.mark.parametrize("wanted", [1, 7], ids=["some", "none"])
async def test_the_last_answer_explains(adb: firestore.AsyncClient, wanted: int) -> None:
    """The metrics come with the last document, or with the read time when there is none."""
    for i in range(2):
        await adb.document(f"c/{i}").set({"a": 1})
    query = adb.collection("c").where(filter=FieldFilter("a", "==", wanted))
    replies = await adb._firestore_api.run_query(
        {
            "parent": f"projects/{adb.project}/databases/(default)/documents",
            "structured_query": query._to_protobuf(),
            "explain_options": {"analyze": True},
        }
    )
    answers = [reply async for reply in replies]
    assert len(answers) == (2 if wanted == 1 else 1)
    assert ["explain_metrics" in one for one in answers] == [False] * (len(answers) - 1) + [True]
    assert all("read_time" in one for one in answers)
