"""What Firestore refuses to store."""

import datetime as dt
import itertools

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.types import document

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/quotas#collections_documents_and_fields")


def nested(depth: int) -> dict[str, object]:
    """Maps in maps, this many levels."""
    value: dict[str, object] = {"leaf": 1}
    for _ in range(depth - 1):
        value = {"m": value}
    return value


def write(db: firestore.Client, path: str, fields: dict[str, document.Value] | None = None) -> None:
    """Set a document by hand: the client library checks some names itself."""
    database = f"projects/{db.project}/databases/(default)"
    update = {"name": f"{database}/documents/{path}", "fields": fields or {}}
    db._firestore_api.commit({"database": database, "writes": [{"update": update}]})


def test_a_document_of_a_mebibyte_and_no_more(db: firestore.Client) -> None:
    """1,048,576 bytes by the documented sum: names, values and 32 more."""
    ref = db.document("c/d")
    overhead = (16 + 2 + 2) + (1 + 1 + 1) + 32
    ref.set({"f": "x" * (1_048_576 - overhead)})
    with pytest.raises(
        exceptions.InvalidArgument, match="exceeds the maximum allowed size of 1,048,576 bytes"
    ):
        ref.set({"f": "x" * (1_048_576 - overhead + 1)})


def test_maps_nest_twenty_deep(db: firestore.Client) -> None:
    """Twenty levels pass, twenty-one do not; arrays count as levels too."""
    db.document("c/d").set({"v": nested(20)})
    with pytest.raises(exceptions.InvalidArgument, match="nested"):
        db.document("c/d").set({"v": nested(21)})
    with pytest.raises(exceptions.InvalidArgument, match="nested"):
        db.document("c/d").set({"v": [nested(20)]})


def test_arrays_in_arrays_are_refused(db: firestore.Client) -> None:
    """Unless a map is between them."""
    db.document("c/d").set({"v": [{"w": [1]}]})
    with pytest.raises(exceptions.InvalidArgument, match="array value in an array value"):
        db.document("c/d").set({"v": [[1]]})


@pytest.mark.parametrize("name", ["", "__reserved__", "x" * 1501], ids=["empty", "reserved", "long"])
def test_field_names_that_are_refused(db: firestore.Client, name: str) -> None:
    """A field name that production does not take is INVALID_ARGUMENT."""
    with pytest.raises(exceptions.InvalidArgument):
        write(db, "c/d", {name: document.Value(integer_value=1)})


@pytest.mark.parametrize(
    "path",
    ["c/__x__", "__c__/x", "c/.", "c/..", f"c/{'x' * 1501}", "c", "c//d", "c/d/e"],
    ids=lambda p: p[:12],
)
def test_document_names_that_are_refused(db: firestore.Client, path: str) -> None:
    """Reserved, dotted, too long, empty, or not the name of a document."""
    with pytest.raises(exceptions.InvalidArgument):
        write(db, path)


@pytest.mark.parametrize(
    "path", ["c/__id7__", "c/_x_", "c/...", "c/a b\n", f"c/{'é' * 750}", "c/d/e/f"], ids=repr
)
def test_document_names_that_are_accepted(db: firestore.Client, path: str) -> None:
    """Whatever is not forbidden."""
    write(db, path)
    assert db.document(path).get().exists


def test_places_beyond_the_globe_are_refused(db: firestore.Client) -> None:
    """Latitudes to 90, longitudes to 180."""
    for latitude, longitude in itertools.product((-91.0, 91.0), (0.0,)):
        point = document.Value(geo_point_value={"latitude": latitude, "longitude": longitude})
        with pytest.raises(exceptions.InvalidArgument, match="Latitude"):
            write(db, "c/d", {"p": point})


@pytest.mark.parametrize("path", ["a..b", ".a", "a.", "`a", "a b", "1a"])
def test_field_paths_that_are_refused(db: firestore.Client, path: str) -> None:
    """INVALID_ARGUMENT, naming the path."""
    database = f"projects/{db.project}/databases/(default)"
    with pytest.raises(exceptions.InvalidArgument, match="Invalid property path"):
        list(
            db._firestore_api.batch_get_documents(
                {
                    "database": database,
                    "documents": [f"{database}/documents/c/d"],
                    "mask": {"field_paths": [path]},
                }
            )
        )


def test_a_commit_of_thousands_of_writes(db: firestore.Client) -> None:
    """The old limit of 500 writes is gone."""
    batch = db.batch()
    for i in range(1200):
        batch.set(db.document(f"c/{i}"), {"i": i})
    batch.commit()
    assert db.collection("c").count().get()[0][0].value == 1200


def test_requests_of_ten_megabytes_arrive(db: firestore.Client) -> None:
    """GRPC's own limit of 4 MB does not stand in the way, in either direction."""
    batch = db.batch()
    for i in range(10):
        batch.set(db.document(f"c/{i}"), {"f": "x" * 900_000, "t": dt.datetime.now(tz=dt.UTC)})
    batch.commit()
    assert sum(len(s.get("f")) for s in db.collection("c").stream()) == 9_000_000


@pytest.mark.source(
    "https://cloud.google.com/firestore/quotas#writes_and_transactions: 10 MiB; 11 by its errors"
)
async def test_a_request_that_is_too_large_is_refused(adb: firestore.AsyncClient) -> None:
    """Above 11 MiB, with INVALID_ARGUMENT in the front end's words, and nothing is written."""
    batch = adb.batch()
    for i in range(12):
        batch.set(adb.document(f"c/{i}"), {"f": "x" * 1_000_000})
    with pytest.raises(exceptions.InvalidArgument, match="payload size exceeds the limit: 11534336 bytes"):
        await batch.commit()
    assert [s async for s in adb.collection("c").stream()] == []


def test_a_wrong_database_name_is_refused(db: firestore.Client) -> None:
    """INVALID_ARGUMENT, for malformed names; any well-formed one is a database."""
    with pytest.raises(exceptions.InvalidArgument, match="database"):
        db._firestore_api.commit({"database": "projects/p", "writes": []})
