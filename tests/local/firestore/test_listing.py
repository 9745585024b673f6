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


def listed(db: firestore.Client, **request: object) -> list[str]:
    """Paths of what ListDocuments lists, over all its pages."""
    parent = f"projects/{db.project}/databases/(default)/documents"
    found = db._firestore_api.list_documents({"parent": parent, **request})
    return [one.name.removeprefix(f"{parent}/") for one in found]


@pytest.mark.source("google/firestore/v1/firestore.proto, ListDocumentsRequest.order_by")
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("x", "1032"),
        ("x desc", "2301"),
        ("x DESC, __name__", "2301"),
        ("x desc, `odd name` desc , __name__ asc", "3201"),
        ("__name__ desc", "43210"),
        ("m.y, __name__ desc", "431"),
    ],
    ids=str,
)
def test_listing_in_an_order(db: firestore.Client, order: str, expected: str) -> None:
    """By fields and directions as in SQL, page after page; documents without a field drop out."""
    fields: list[dict[str, object]] = [
        {"x": 1, "odd name": 1},
        {"x": 0, "odd name": 0, "m": {"y": 7}},
        {"x": 2, "odd name": 1},
        {"x": 1.5, "odd name": 9, "m": {"y": 6}},
        {"m": {"y": 6}},
    ]
    if order.startswith("x desc, `"):
        fields[3]["x"] = 2
    for position, one in enumerate(fields):
        db.document(f"a/{position}").set(one)
    for size in (0, 1, 2):
        found = listed(db, collection_id="a", order_by=order, page_size=size)
        assert "".join(path[-1] for path in found) == expected


def test_what_cannot_be_listed(db: firestore.Client) -> None:
    """Missing documents have no fields to order by; an order must be one, a page no less than nothing."""
    with_missing = {"order_by": "x", "show_missing": True}
    for request in (with_missing, {"order_by": "x sideways"}, {"order_by": "x,"}, {"page_size": -1}):
        with pytest.raises(exceptions.InvalidArgument):
            listed(db, collection_id="a", **request)


@pytest.mark.source("google/firestore/v1/firestore.proto, ListDocumentsRequest.collection_id: optional")
def test_listing_every_collection_of_a_parent(db: firestore.Client) -> None:
    """Without a collection the documents of all those right below the parent come, in pages."""
    for path in ("a/2", "b/1", "a/1", "a/1/c/1"):
        db.document(path).set({})
    for size in (0, 1, 2):
        assert listed(db, page_size=size) == ["a/1", "a/2", "b/1"]


@pytest.mark.source("google/firestore/v1/firestore.proto, ListDocumentsRequest.read_time")
def test_listing_in_an_order_at_a_moment(db: firestore.Client) -> None:
    """As it was then."""
    db.document("a/1").set({"x": 1})
    then = db.document("a/2").set({"x": 2}).update_time
    db.document("a/1").set({"x": 3})
    assert listed(db, collection_id="a", order_by="x") == ["a/2", "a/1"]
    assert listed(db, collection_id="a", order_by="x", read_time=then) == ["a/1", "a/2"]


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
