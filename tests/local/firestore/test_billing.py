"""What Google would bill for, as the service itself counts it."""

import pytest
from google.cloud import firestore
from google.cloud.firestore import FieldFilter

from tests.local.firestore.conftest import ServerThread

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/pricing: reads, writes and deletes")


def test_documents_are_billed_as_google_does(server: ServerThread, db: firestore.Client) -> None:
    """One for each that is asked for by name, there or not; of a query what it returns, at least one."""
    billed = server.server.control.billed
    billed.clear()
    one, other = db.document("things/one"), db.document("things/other")
    batch = db.batch()
    batch.set(one, {"n": 1})
    batch.set(other, {"n": 2})
    batch.delete(db.document("things/none"))
    batch.commit()
    assert dict(billed) == {"firestore:write": 2, "firestore:delete": 1}
    assert len(list(db.get_all([one, other, db.document("things/none")]))) == 3
    assert billed["firestore:read"] == 3
    assert len(list(db.collection("things").stream())) == 2
    assert billed["firestore:read"] == 5
    assert not list(db.collection("things").where(filter=FieldFilter("n", "==", 9)).stream())
    assert billed["firestore:read"] == 6
    db.collection("things").count().get()
    assert billed["firestore:read"] == 7
    one.delete()
    assert (billed["firestore:write"], billed["firestore:delete"]) == (2, 2)
