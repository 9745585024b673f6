"""Documents: writing, reading, merging, preconditions."""

import datetime as dt
import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import common, document, write
from google.cloud.firestore_v1.types import firestore as wire
from google.cloud.firestore_v1.vector import Vector

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/manage-data/add-data")

WHEN = dt.datetime(2026, 3, 4, 5, 6, 7, 890_123, tzinfo=dt.UTC)


def test_a_missing_document_reads_as_absent(db: firestore.Client) -> None:
    """get() of what was never written says that it does not exist, and when it looked."""
    snapshot = db.document("a/b").get()
    assert not snapshot.exists
    assert snapshot.to_dict() is None
    assert snapshot.read_time is not None


@pytest.mark.source("https://cloud.google.com/firestore/docs/concepts/data-types")
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        0.1,
        -0.5,
        math.inf,
        -math.inf,
        "",
        "text",
        "nul\0inside",
        "\U0001f600",
        b"",
        b"\x00\xff",
        WHEN,
        firestore.GeoPoint(45.5, -180.0),
        [],
        [1, "two", None, {"three": [3.0]}],
        {},
        {"a": {"b": {"c": [b"\0"]}}},
        Vector([1.0, -2.5, 0.0]),
    ],
    ids=repr,
)
def test_a_value_comes_back_as_written(db: firestore.Client, value: object) -> None:
    """Every type of value survives the way there and back."""
    ref = db.document("types/one")
    ref.set({"value": value})
    assert ref.get().to_dict() == {"value": value}


@pytest.mark.source("https://cloud.google.com/firestore/docs/concepts/data-types")
def test_nan_and_references_come_back(db: firestore.Client) -> None:
    """NaN stays NaN, and a reference names the same document."""
    ref = db.document("types/one")
    ref.set({"nan": math.nan, "ref": db.document("x/y/z/w")})
    found = ref.get().to_dict()
    assert math.isnan(found["nan"])
    assert found["ref"].path == "x/y/z/w"


@pytest.mark.source(
    "https://cloud.google.com/firestore/docs/concepts/data-types: timestamps are kept to microseconds"
)
def test_timestamps_lose_what_is_finer_than_microseconds(db: firestore.Client) -> None:
    """Nanoseconds are cut off, not rounded."""
    name = f"projects/{db.project}/databases/(default)/documents/types/one"
    doc = document.Document(name=name)
    doc.fields["t"] = document.Value(timestamp_value={"seconds": 5, "nanos": 123_456_999})
    db._firestore_api.commit(
        wire.CommitRequest(
            database=f"projects/{db.project}/databases/(default)", writes=[write.Write(update=doc)]
        )
    )
    assert db.document("types/one").get().get("t").microsecond == 123_456


def test_set_replaces_the_whole_document(db: firestore.Client) -> None:
    """Fields that set() does not name are gone."""
    ref = db.document("a/b")
    ref.set({"old": 1, "same": 1})
    ref.set({"same": 2})
    assert ref.get().to_dict() == {"same": 2}


def test_set_with_merge_changes_leaves_only(db: firestore.Client) -> None:
    """Merging touches the leaves that are named, inside maps too."""
    ref = db.document("a/b")
    ref.set({"m": {"x": 1, "y": {"z": 1}}, "k": 1})
    ref.set({"m": {"y": {"w": 2}}}, merge=True)
    assert ref.get().to_dict() == {"m": {"x": 1, "y": {"z": 1, "w": 2}}, "k": 1}


@pytest.mark.source("google/firestore/v1/write.proto, Write.update_mask")
def test_a_merge_of_named_fields_deletes_those_it_does_not_give(db: firestore.Client) -> None:
    """A field in the mask and not in the data is deleted."""
    ref = db.document("a/b")
    ref.set({"x": 1, "y": 1})
    ref.set({"x": firestore.DELETE_FIELD, "z": 3}, merge=True)
    assert ref.get().to_dict() == {"y": 1, "z": 3}


@pytest.mark.source("google/firestore/v1/write.proto, Write.update_mask")
def test_an_empty_merge_creates_an_empty_document(db: firestore.Client) -> None:
    """set({}, merge=True) makes the document exist and changes nothing in one that does."""
    ref = db.document("a/b")
    ref.set({}, merge=True)
    assert ref.get().to_dict() == {}
    ref.set({"x": 1})
    ref.set({}, merge=True)
    assert ref.get().to_dict() == {"x": 1}


def test_update_replaces_maps_and_reaches_into_them_by_path(db: firestore.Client) -> None:
    """A key replaces the map; a dotted path changes one field in it."""
    ref = db.document("a/b")
    ref.set({"m": {"x": 1, "y": 1}, "n": {"x": 1}})
    ref.update({"m": {"z": 1}, "n.y": 2})
    assert ref.get().to_dict() == {"m": {"z": 1}, "n": {"x": 1, "y": 2}}


def test_update_turns_a_scalar_into_a_map_on_the_way(db: firestore.Client) -> None:
    """A path through something that is no map replaces it by one."""
    ref = db.document("a/b")
    ref.set({"f": "text"})
    ref.update({"f.g": 1})
    assert ref.get().to_dict() == {"f": {"g": 1}}


def test_update_deletes_fields(db: firestore.Client) -> None:
    """DELETE_FIELD removes a field, nested or not; removing what is not there is no error."""
    ref = db.document("a/b")
    ref.set({"x": 1, "m": {"y": 1, "z": 1}})
    ref.update({"x": firestore.DELETE_FIELD, "m.y": firestore.DELETE_FIELD, "q.r": firestore.DELETE_FIELD})
    assert ref.get().to_dict() == {"m": {"z": 1}}


@pytest.mark.source("google/firestore/v1/document.proto, Document.fields: quoting of field paths")
def test_field_names_need_not_be_words(db: firestore.Client) -> None:
    """Names with dots, backticks, backslashes, blanks and other scripts work everywhere."""
    ref = db.document("a/b")
    odd = "a.b`c\\d e"
    ref.set({odd: {"ключ": 1}, "0": 2})
    ref.update({FieldPath(odd, "ключ").to_api_repr(): 5})
    assert ref.get().to_dict() == {odd: {"ключ": 5}, "0": 2}
    only = ref.get(field_paths=[FieldPath(odd, "ключ").to_api_repr()])
    assert only.to_dict() == {odd: {"ключ": 5}}


def test_update_of_a_missing_document_fails(db: firestore.Client) -> None:
    """NOT_FOUND, in the words of the service."""
    with pytest.raises(exceptions.NotFound, match=r"No document to update: projects/.*/documents/a/b"):
        db.document("a/b").update({"x": 1})


def test_create_of_an_existing_document_fails(db: firestore.Client) -> None:
    """ALREADY_EXISTS, in the words of the service."""
    ref = db.document("a/b")
    ref.create({})
    with pytest.raises(exceptions.AlreadyExists, match=r"Document already exists: projects/.*/documents/a/b"):
        ref.create({})


def test_deleting_what_is_not_there_is_fine(db: firestore.Client) -> None:
    """Unless the write requires it to exist."""
    db.document("a/b").delete()
    with pytest.raises(exceptions.NotFound, match="No document to update"):
        db.document("a/b").delete(option=db.write_option(exists=True))


@pytest.mark.source("google/firestore/v1/common.proto, Precondition.update_time")
def test_a_stale_update_time_fails_the_write(db: firestore.Client) -> None:
    """FAILED_PRECONDITION when somebody wrote in between; the right time passes."""
    ref = db.document("a/b")
    first = ref.set({"x": 1}).update_time
    second = ref.set({"x": 2}).update_time
    with pytest.raises(exceptions.FailedPrecondition, match="does not match the required base version"):
        ref.update({"x": 3}, option=db.write_option(last_update_time=first))
    ref.update({"x": 3}, option=db.write_option(last_update_time=second))
    assert ref.get().get("x") == 3


@pytest.mark.source("observed in python-firestore tests/system: an update time in the future")
def test_an_update_time_in_the_future_is_invalid(db: firestore.Client) -> None:
    """INVALID_ARGUMENT, for updates and deletes."""
    ref = db.document("a/b")
    later = ref.set({"x": 1}).update_time
    later = later.replace(year=later.year + 1)
    option = db.write_option(last_update_time=later)
    with pytest.raises(exceptions.InvalidArgument):
        ref.update({"x": 2}, option=option)
    with pytest.raises(exceptions.InvalidArgument):
        ref.delete(option=option)


@pytest.mark.source("google/firestore/v1/write.proto, WriteResult.update_time")
def test_a_write_that_changes_nothing_keeps_the_update_time(db: firestore.Client) -> None:
    """Writing the same again reports the time of the last real change."""
    ref = db.document("a/b")
    first = ref.set({"x": 1}).update_time
    assert ref.set({"x": 1}).update_time == first
    assert ref.get().update_time == first


def test_create_and_update_times(db: firestore.Client) -> None:
    """create_time stays, update_time grows; a document made anew is created anew."""
    ref = db.document("a/b")
    ref.set({"x": 1})
    one = ref.get()
    ref.set({"x": 2})
    two = ref.get()
    ref.delete()
    ref.set({"x": 3})
    three = ref.get()
    assert one.create_time == one.update_time == two.create_time
    assert two.update_time > two.create_time
    assert three.create_time > two.update_time


def test_a_batch_is_all_or_nothing(db: firestore.Client) -> None:
    """One write that cannot be done undoes the others."""
    batch = db.batch()
    batch.set(db.document("a/1"), {})
    batch.update(db.document("a/2"), {"x": 1})
    with pytest.raises(exceptions.NotFound):
        batch.commit()
    assert not db.document("a/1").get().exists


def test_writes_of_one_batch_see_each_other(db: firestore.Client) -> None:
    """set, then update, then increment of one document, in that order."""
    ref = db.document("a/1")
    batch = db.batch()
    batch.set(ref, {"x": 1})
    batch.update(ref, {"y": 1})
    batch.update(ref, {"x": firestore.Increment(5)})
    results = batch.commit()
    assert ref.get().to_dict() == {"x": 6, "y": 1}
    assert len(results) == 3


def test_an_empty_batch_commits(db: firestore.Client) -> None:
    """Nothing to do is done."""
    assert db.batch().commit() == []


@pytest.mark.source(
    "observed in python-firestore tests/system: the WriteResult of a delete has no update_time"
)
def test_a_delete_reports_no_update_time(db: firestore.Client) -> None:
    """Only the commit has a time."""
    batch = db.batch()
    batch.delete(db.document("a/1"))
    (result,) = batch.commit()
    assert not result._pb.HasField("update_time")
    assert batch.commit_time is not None


@pytest.mark.source("observed in python-firestore tests/system: found documents come before missing ones")
def test_get_all_collapses_duplicates_and_reports_missing_last(db: firestore.Client) -> None:
    """Each document once; those missing at the end."""
    db.document("a/1").set({"x": 1})
    db.document("a/3").set({"x": 3})
    refs = [db.document(f"a/{i}") for i in (1, 2, 3, 1)]
    assert [(s.id, s.exists) for s in db.get_all(refs)] == [("1", True), ("3", True), ("2", False)]


def test_get_all_with_a_field_mask(db: firestore.Client) -> None:
    """Only the named fields come back, in their maps."""
    db.document("a/1").set({"m": {"x": 1, "y": 2}, "k": 1, "z": 1})
    (snapshot,) = db.get_all([db.document("a/1")], field_paths=["m.x", "k", "none"])
    assert snapshot.to_dict() == {"m": {"x": 1}, "k": 1}


@pytest.mark.source("https://cloud.google.com/firestore/docs/manage-databases")
def test_databases_and_projects_are_kept_apart(db: firestore.Client) -> None:
    """The same path in another database or project is another document; any name will do."""
    db.document("a/b").set({"where": "default"})
    other = firestore.Client(project=db.project, database="other-db")
    elsewhere = firestore.Client(project=f"{db.project}-2")
    assert not other.document("a/b").get().exists
    assert not elsewhere.document("a/b").get().exists
    other.document("a/b").set({"where": "other"})
    assert db.document("a/b").get().get("where") == "default"
    assert [c.id for c in other.collections()] == ["a"]
    other.close()
    elsewhere.close()


@pytest.mark.source("observed in python-firestore tests/system: a reference to another project is refused")
def test_a_reference_to_another_project_is_refused(db: firestore.Client) -> None:
    """A write of a reference into another project is INVALID_ARGUMENT."""
    foreign = firestore.Client(project="somebody-else")
    with pytest.raises(exceptions.InvalidArgument):
        db.document("a/b").set({"ref": foreign.document("x/y")})
    foreign.close()


@pytest.mark.source(
    "google/firestore/v1/firestore.proto, CreateDocument, GetDocument, UpdateDocument, DeleteDocument"
)
def test_the_plain_rpcs(db: firestore.Client) -> None:
    """Create with and without an id, get with a mask, update with a mask, delete with a precondition."""
    api = db._firestore_api
    parent = f"projects/{db.project}/databases/(default)/documents"
    fields = {"x": document.Value(integer_value=1), "y": document.Value(string_value="s")}
    made = api.create_document(
        wire.CreateDocumentRequest(
            parent=parent, collection_id="plain", document_id="one", document=document.Document(fields=fields)
        )
    )
    assert made.name == f"{parent}/plain/one"
    assert made.fields["x"].integer_value == 1
    auto = api.create_document(wire.CreateDocumentRequest(parent=parent, collection_id="plain"))
    assert len(auto.name.rsplit("/", 1)[1]) == 20
    with pytest.raises(exceptions.AlreadyExists):
        api.create_document(
            wire.CreateDocumentRequest(parent=parent, collection_id="plain", document_id="one")
        )
    mask = common.DocumentMask(field_paths=["x"])
    got = api.get_document(wire.GetDocumentRequest(name=made.name, mask=mask))
    assert set(got.fields) == {"x"}
    changed = document.Document(name=made.name, fields={"x": document.Value(integer_value=2)})
    api.update_document(wire.UpdateDocumentRequest(document=changed, update_mask=mask))
    assert db.document("plain/one").get().to_dict() == {"x": 2, "y": "s"}
    api.delete_document(wire.DeleteDocumentRequest(name=made.name))
    with pytest.raises(exceptions.NotFound, match="not found"):
        api.get_document(wire.GetDocumentRequest(name=made.name))
    with pytest.raises(exceptions.NotFound):
        api.delete_document(
            wire.DeleteDocumentRequest(name=made.name, current_document=common.Precondition(exists=True))
        )


async def test_the_asynchronous_client(adb: firestore.AsyncClient) -> None:
    """The same through AsyncClient: create, update, read, list, delete."""
    ref = adb.document("a/b")
    await ref.create({"x": 1})
    await ref.update({"y": [1]})
    assert (await ref.get()).to_dict() == {"x": 1, "y": [1]}
    assert [d.id async for d in adb.collection("a").list_documents()] == ["b"]
    await ref.delete()
    assert not (await ref.get()).exists
