"""Field transforms and the results they report."""

import datetime as dt
import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.types import document, write

pytestmark = pytest.mark.source("google/firestore/v1/write.proto, DocumentTransform.FieldTransform")


def results(
    db: firestore.Client, ref: firestore.DocumentReference, data: dict[str, object]
) -> list[document.Value]:
    """Merge data into a document; the transform results of the write."""
    batch = db.batch()
    batch.set(ref, data, merge=True)
    (result,) = batch.commit()
    return list(result.transform_results)


def test_increment_returns_the_new_value(db: firestore.Client) -> None:
    """Counting needs no read: the commit tells the sum."""
    ref = db.document("a/b")
    assert results(db, ref, {"n": firestore.Increment(2)})[0].integer_value == 2
    assert results(db, ref, {"n": firestore.Increment(40)})[0].integer_value == 42


def test_increment_of_mixed_numbers_is_a_double(db: firestore.Client) -> None:
    """An integer and a double add up to a double."""
    ref = db.document("a/b")
    ref.set({"n": 1})
    assert results(db, ref, {"n": firestore.Increment(0.5)})[0].double_value == 1.5


def test_increment_replaces_what_is_no_number(db: firestore.Client) -> None:
    """A text becomes the operand."""
    ref = db.document("a/b")
    ref.set({"n": "text"})
    assert results(db, ref, {"n": firestore.Increment(3)})[0].integer_value == 3


def test_increment_stops_at_the_largest_integer(db: firestore.Client) -> None:
    """No overflow: it resolves to the largest or smallest integer."""
    ref = db.document("a/b")
    ref.set({"n": 2**63 - 2, "m": -(2**63)})
    ref.update({"n": firestore.Increment(5), "m": firestore.Increment(-1)})
    assert ref.get().to_dict() == {"n": 2**63 - 1, "m": -(2**63)}


def test_maximum_and_minimum(db: firestore.Client) -> None:
    """The larger and the smaller stay; equal values of different type leave the field as it is."""
    ref = db.document("a/b")
    ref.set({"a": 5, "b": 5, "c": 3, "d": 0})
    got = results(
        db,
        ref,
        {
            "a": firestore.Maximum(7),
            "b": firestore.Minimum(7),
            "c": firestore.Maximum(3.0),
            "d": firestore.Minimum(-1.5),
        },
    )
    assert ref.get().to_dict() == {"a": 7, "b": 5, "c": 3, "d": -1.5}
    assert len(got) == 4


def test_maximum_of_nan_is_nan(db: firestore.Client) -> None:
    """NaN wins on either side."""
    ref = db.document("a/b")
    ref.set({"a": math.nan, "b": 1})
    ref.update({"a": firestore.Maximum(7), "b": firestore.Minimum(math.nan)})
    found = ref.get().to_dict()
    assert math.isnan(found["a"])
    assert math.isnan(found["b"])


def test_array_union_adds_what_is_missing(db: firestore.Client) -> None:
    """In order, without duplicates; 1 and 1.0 are one value; the result is null."""
    ref = db.document("a/b")
    ref.set({"l": [1, "a"]})
    (result,) = results(db, ref, {"l": firestore.ArrayUnion([1.0, "b", "b", {"m": 1}])})
    assert ref.get().get("l") == [1, "a", "b", {"m": 1}]
    assert document.Value.pb(result).WhichOneof("value_type") == "null_value"


def test_array_remove_removes_every_equal_element(db: firestore.Client) -> None:
    """All occurrences, of either number type."""
    ref = db.document("a/b")
    ref.set({"l": [1, "a", 1.0, None, 1]})
    ref.update({"l": firestore.ArrayRemove([1, None])})
    assert ref.get().get("l") == ["a"]


def test_array_transforms_replace_what_is_no_array(db: firestore.Client) -> None:
    """Union over a number gives just the new elements, removal gives an empty array."""
    ref = db.document("a/b")
    ref.set({"l": 5, "m": 5})
    ref.update(
        {"l": firestore.ArrayUnion([1]), "m": firestore.ArrayRemove([1]), "n.o": firestore.ArrayUnion(["x"])}
    )
    assert ref.get().to_dict() == {"l": [1], "m": [], "n": {"o": ["x"]}}


def test_server_timestamps_are_the_same_throughout_a_commit(db: firestore.Client) -> None:
    """All fields of all documents of a commit get one time, to the millisecond, close to the commit's."""
    batch = db.batch()
    batch.set(db.document("a/1"), {"t": firestore.SERVER_TIMESTAMP, "m": {"t": firestore.SERVER_TIMESTAMP}})
    batch.set(db.document("a/2"), {"t": firestore.SERVER_TIMESTAMP})
    batch.commit()
    one, two = db.document("a/1").get().to_dict(), db.document("a/2").get().to_dict()
    assert one["t"] == one["m"]["t"] == two["t"]
    assert one["t"].microsecond % 1000 == 0
    assert abs(batch.commit_time - one["t"]) < dt.timedelta(milliseconds=1)


def test_a_transform_in_an_update_needs_the_document(db: firestore.Client) -> None:
    """update() with only transforms still requires the document to exist."""
    with pytest.raises(exceptions.NotFound):
        db.document("a/b").update({"n": firestore.Increment(1)})


def test_the_older_transform_write(db: firestore.Client) -> None:
    """Write.transform, that older clients send, works like update_transforms."""
    database = f"projects/{db.project}/databases/(default)"
    transform = write.DocumentTransform(
        document=f"{database}/documents/a/b",
        field_transforms=[{"field_path": "n", "increment": {"integer_value": 4}}],
    )
    for _ in range(2):
        reply = db._firestore_api.commit({"database": database, "writes": [write.Write(transform=transform)]})
    assert reply.write_results[0].transform_results[0].integer_value == 8


@pytest.mark.source(
    "https://cloud.google.com/firestore/quotas: 500 transformations of one document in a commit"
)
def test_more_than_500_transforms_are_refused(db: firestore.Client) -> None:
    """500 pass, 501 are INVALID_ARGUMENT."""
    ref = db.document("a/b")
    ref.set({f"f{i}": firestore.Increment(1) for i in range(500)})
    with pytest.raises(exceptions.InvalidArgument, match="500"):
        ref.set({f"f{i}": firestore.Increment(1) for i in range(501)})
