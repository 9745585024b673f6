"""BatchWrite and BulkWriter: each write for itself."""

import pytest
from google.api_core import exceptions
from google.cloud import firestore

pytestmark = pytest.mark.source("google/firestore/v1/firestore.proto, BatchWrite")


def test_bulk_writer_writes_many(db: firestore.Client) -> None:
    """Creates, sets, updates and deletes, in as many requests as it likes."""
    db.document("c/old").set({"x": 1})
    db.document("c/gone").set({"x": 1})
    writer = db.bulk_writer()
    for i in range(60):
        writer.create(db.document(f"c/{i:03}"), {"i": i})
    writer.update(db.document("c/old"), {"x": 2})
    writer.delete(db.document("c/gone"))
    writer.close()
    assert db.collection("c").count().get()[0][0].value == 61
    assert db.document("c/old").get().get("x") == 2


def test_each_write_succeeds_or_fails_alone(db: firestore.Client) -> None:
    """What failed says why; the rest is written; one name twice is INVALID_ARGUMENT."""
    database = f"projects/{db.project}/databases/(default)"
    name = f"{database}/documents/c/"
    db.document("c/there").set({})
    writes = [
        {"update": {"name": name + "new"}, "current_document": {"exists": False}},
        {"update": {"name": name + "there"}, "current_document": {"exists": False}},
        {"update": {"name": name + "__bad__"}},
        {"delete": name + "none", "current_document": {"exists": True}},
    ]
    reply = db._firestore_api.batch_write({"database": database, "writes": writes})
    assert [status.code for status in reply.status] == [0, 6, 3, 5]
    assert len(reply.write_results) == 4
    assert db.document("c/new").get().exists
    with pytest.raises(exceptions.InvalidArgument, match="more than once"):
        db._firestore_api.batch_write({"database": database, "writes": [writes[0], writes[0]]})
