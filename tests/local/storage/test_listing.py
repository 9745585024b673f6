"""Listings of objects and buckets, through google-cloud-storage."""

import pytest
from google.api_core import exceptions
from google.cloud import storage

from tests.local.storage.conftest import Running

pytestmark = pytest.mark.source(
    "https://cloud.google.com/storage/docs/json_api/v1/objects/list and .../buckets"
)

NAMES = ["a.txt", "docs/1.txt", "docs/2.txt", "docs/sub/3.txt", "docs2/4.txt", "zé.txt", "𝄞.txt"]


@pytest.fixture
def filled(bucket: storage.Bucket) -> storage.Bucket:
    """A bucket with NAMES in it."""
    for name in reversed(NAMES):
        bucket.blob(name).upload_from_string(name)
    return bucket


def names(found: object) -> list[str]:
    """The names that a listing tells."""
    return [each.name for each in found]  # type: ignore[attr-defined]


def test_order(filled: storage.Bucket) -> None:
    """Names come in the order of their UTF-8 bytes."""
    assert names(filled.list_blobs()) == NAMES


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages(filled: storage.Bucket, size: int) -> None:
    """Pages join to the whole, whatever their size, with prefixes told once."""
    assert names(filled.list_blobs(page_size=size)) == NAMES
    rolled = filled.list_blobs(page_size=size, delimiter="/")
    assert names(rolled) == ["a.txt", "zé.txt", "𝄞.txt"]
    assert rolled.prefixes == {"docs/", "docs2/"}


def test_prefix_and_delimiter(filled: storage.Bucket) -> None:
    """A prefix narrows, a delimiter rolls up what is behind it."""
    assert names(filled.list_blobs(prefix="docs")) == NAMES[1:5]
    inside = filled.list_blobs(prefix="docs/", delimiter="/")
    assert names(inside) == ["docs/1.txt", "docs/2.txt"]
    assert inside.prefixes == {"docs/sub/"}


def test_offsets(filled: storage.Bucket) -> None:
    """What startOffset names is included, what endOffset names is not."""
    assert names(filled.list_blobs(start_offset="docs/2.txt", end_offset="docs2/4.txt")) == NAMES[2:4]


def test_trailing_delimiter(filled: storage.Bucket) -> None:
    """A name that ends in the delimiter is told as an object too when that is asked for."""
    filled.blob("docs/").upload_from_string(b"")
    assert "docs/" not in names(filled.list_blobs(delimiter="/"))
    asked = filled.list_blobs(delimiter="/", include_trailing_delimiter=True)
    assert "docs/" in names(asked)
    assert asked.prefixes == {"docs/", "docs2/"}


def test_fields(server: Running, filled: storage.Bucket) -> None:
    """`fields` picks; a field that cannot be read is a 400."""
    url = f"{server.url}/storage/v1/b/{filled.name}/o"
    query = {"fields": "items(name,size),nextPageToken", "prefix": "a"}
    assert server.session.get(url, params=query, timeout=10).json() == {
        "items": [{"name": "a.txt", "size": "5"}]
    }
    assert server.session.get(url, params={"fields": "items("}, timeout=10).status_code == 400
    assert server.session.get(url, params={"pageToken": "@"}, timeout=10).status_code == 400


def test_buckets(client: storage.Client, server: Running) -> None:
    """Buckets are made once, listed, patched with preconditions, and deleted when they are empty."""
    made = client.create_bucket("bucket-of-its.own", location="europe-west1")
    assert made.location.lower() == "europe-west1"
    with pytest.raises(exceptions.Conflict, match="you already own it"):
        client.create_bucket("bucket-of-its.own")
    with pytest.raises(exceptions.BadRequest, match="Invalid bucket name"):
        client.create_bucket("Bad_Name")
    assert {"standing", "bucket-of-its.own"} <= set(names(client.list_buckets(page_size=1)))
    made.labels = {"team": "docs"}
    made.patch()
    fresh = client.get_bucket("bucket-of-its.own")
    assert (fresh.labels, fresh.metageneration) == ({"team": "docs"}, 2)
    with pytest.raises(exceptions.PreconditionFailed):
        fresh.patch(if_metageneration_match=1)
    fresh.blob("x").upload_from_string(b"x")
    with pytest.raises(exceptions.Conflict, match="not empty"):
        fresh.delete()
    fresh.delete(force=True)
    assert client.lookup_bucket("bucket-of-its.own") is None
    assert server.server.control.calls["buckets.insert"] == 3


@pytest.mark.source("local/storage/README.md")
def test_permissions(client: storage.Client) -> None:
    """Nobody is refused, so every permission that is asked about is held."""
    asked = ["storage.objects.get", "storage.objects.create"]
    assert client.bucket("standing").test_iam_permissions(asked) == asked


def test_prefixes_once(server: Running, filled: storage.Bucket) -> None:
    """On one page and over pages each prefix is told once, and counts as one result."""
    url = f"{server.url}/storage/v1/b/{filled.name}/o"
    query = {"delimiter": "/", "maxResults": "2"}
    first = server.session.get(url, params=query, timeout=10).json()
    assert ([each["name"] for each in first["items"]], first["prefixes"]) == (["a.txt"], ["docs/"])
    second = server.session.get(url, params=query | {"pageToken": first["nextPageToken"]}, timeout=10).json()
    assert ([each["name"] for each in second["items"]], second["prefixes"]) == (["zé.txt"], ["docs2/"])
