"""Listing collections and documents."""

import pytest
from google.api_core import exceptions
from google.cloud import firestore

pytestmark = pytest.mark.source("google/firestore/v1/firestore.proto, ListDocuments and ListCollectionIds")


def test_collections_of_the_root_and_of_a_document(db: firestore.Client) -> None:
    """Right below the parent only, sorted by their UTF-8 bytes."""
    for path in ("b/1", "a/1", "a/1/z/1", "a/1/y/1/x/1", "é/1"):
        db.document(path).set({})
    assert [c.id for c in db.collections()] == ["a", "b", "é"]
    assert [c.id for c in db.document("a/1").collections()] == ["y", "z"]
    assert [c.id for c in db.document("a/none").collections()] == []


def test_a_collection_is_there_as_long_as_anything_is_below_it(db: firestore.Client) -> None:
    """A grandchild keeps it; the last delete removes it."""
    ref = db.document("a/1/b/2/c/3")
    ref.set({})
    assert [c.id for c in db.collections()] == ["a"]
    ref.delete()
    assert list(db.collections()) == []


def test_listing_shows_missing_documents(db: firestore.Client) -> None:
    """Documents that have only descendants are listed too, in the order of names."""
    for path in ("a/1", "a/2/b/1", "a/3", "a/4/b/1/c/1"):
        db.document(path).set({"x": 1})
    assert [r.id for r in db.collection("a").list_documents()] == ["1", "2", "3", "4"]
    assert [r.id for r in db.collection("a/4/b").list_documents()] == ["1"]


def test_listing_in_pages(db: firestore.Client) -> None:
    """Every document once, whatever the size of the pages, missing ones among them."""
    for i in range(11):
        db.document(f"a/{i:02}" if i % 3 else f"a/{i:02}/b/x").set({})
    for size in (1, 2, 5, 50):
        assert [r.id for r in db.collection("a").list_documents(page_size=size)] == [
            f"{i:02}" for i in range(11)
        ]


def test_listing_without_missing_documents(db: firestore.Client) -> None:
    """The protocol leaves them out unless asked; a mask keeps some fields."""
    db.document("a/1").set({"x": 1, "y": 2})
    db.document("a/2/b/1").set({})
    request = {
        "parent": f"projects/{db.project}/databases/(default)/documents",
        "collection_id": "a",
        "mask": {"field_paths": ["x"]},
    }
    (found,) = db._firestore_api.list_documents(request)
    assert found.name.endswith("/a/1")
    assert set(found.fields) == {"x"}


def test_collection_ids_in_pages(db: firestore.Client) -> None:
    """page_size and the token lead through all of them."""
    names = [f"c{i:02}" for i in range(7)]
    for name in names:
        db.document(f"{name}/x").set({})
    request = {"parent": f"projects/{db.project}/databases/(default)/documents", "page_size": 3}
    assert list(db._firestore_api.list_collection_ids(request)) == names


def test_a_broken_page_token_is_refused(db: firestore.Client) -> None:
    """A page token that no listing gave is INVALID_ARGUMENT."""
    request = {
        "parent": f"projects/{db.project}/databases/(default)/documents",
        "collection_id": "a",
        "page_token": "x",
    }
    with pytest.raises(exceptions.InvalidArgument):
        list(db._firestore_api.list_documents(request))


@pytest.mark.source(
    "observed on the wire: recursive_delete reads all descendants of a document by a range of names"
)
def test_recursive_delete(db: firestore.Client) -> None:
    """Everything below goes, neighbours stay."""
    for path in ("a/1", "a/1/b/1", "a/1/b/1/c/1", "a/2", "a/2/b/1", "ab/1"):
        db.document(path).set({})
    assert db.recursive_delete(db.document("a/1")) == 3
    left = [d.path for c in ("a", "a/1/b", "a/2/b", "ab") for d in db.collection(c).list_documents()]
    assert left == ["a/2", "a/2/b/1", "ab/1"]
    db.recursive_delete(db.collection("a"))
    assert [c.id for c in db.collections()] == ["ab"]
