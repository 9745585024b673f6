"""Objects, through google-cloud-storage.

Expected behaviour: the JSON API's reference, https://cloud.google.com/storage/docs/json_api/v1.
"""

import base64
import gc
import gzip
import hashlib
from collections.abc import Iterator

import google_crc32c
import pytest
from google.api_core import exceptions
from google.cloud import storage

from local.control.faults import Fault
from tests.local.storage.conftest import Running

pytestmark = [
    pytest.mark.source("https://cloud.google.com/storage/docs/json_api/v1/objects"),
    # Google's client leaves the connection of a failed download to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

TEXT = b"Kettles are descaled every four weeks."


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """What a test leaves to the garbage collector is collected at its end."""
    yield
    gc.collect()


def put(bucket: storage.Bucket, name: str, data: bytes = TEXT, **options: object) -> storage.Blob:
    """An object of the bucket."""
    blob = bucket.blob(name)
    blob.upload_from_string(data, retry=None, **options)
    return blob


def test_round_trip(bucket: storage.Bucket) -> None:
    """What was uploaded comes back, with its size, type, checksums, generation and times."""
    put(bucket, "a/Größe & más?.txt", content_type="text/plain")
    blob = bucket.get_blob("a/Größe & más?.txt")
    assert blob.download_as_bytes() == TEXT
    assert (blob.size, blob.content_type, blob.metageneration) == (len(TEXT), "text/plain", 1)
    assert blob.md5_hash == base64.b64encode(hashlib.md5(TEXT, usedforsecurity=False).digest()).decode()
    assert blob.crc32c == base64.b64encode(google_crc32c.value(TEXT).to_bytes(4, "big")).decode()
    assert blob.generation > 10**15
    assert blob.time_created == blob.updated
    assert blob.id == f"{bucket.name}/a/Größe & más?.txt/{blob.generation}"


def test_empty(bucket: storage.Bucket) -> None:
    """An object may be empty."""
    assert put(bucket, "empty", b"").download_as_bytes() == b""


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 6, TEXT[:7]), (8, None, TEXT[8:]), (-6, None, TEXT[-6:]), (30, 999, TEXT[30:])],
)
def test_ranges(bucket: storage.Bucket, start: int, end: int | None, expected: bytes) -> None:
    """A range is inclusive, may be open, count from the end, and reach past it."""
    blob = put(bucket, "range")
    assert blob.download_as_bytes(start=start, end=end) == expected


def test_range_headers(server: Running, bucket: storage.Bucket) -> None:
    """206 says which bytes of how many; past the end it is 416; x-goog-hash and -generation are told."""
    blob = put(bucket, "range")
    url = f"{server.url}/download/storage/v1/b/{bucket.name}/o/range?alt=media"
    part = server.session.get(url, headers={"Range": "bytes=2-5"}, timeout=10)
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, TEXT[2:6], "bytes 2-5/38")
    assert part.headers["x-goog-hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
    assert part.headers["x-goog-generation"] == str(blob.generation)
    past = server.session.get(url, headers={"Range": "bytes=38-"}, timeout=10)
    assert (past.status_code, past.headers["content-range"]) == (416, "bytes */38")
    assert server.session.head(url, timeout=10).headers["content-length"] == "38"


@pytest.mark.source("https://cloud.google.com/storage/docs/transcoding")
def test_gzip(server: Running, bucket: storage.Bucket) -> None:
    """A gzip object is unpacked for who does not accept gzip, and left as it is for who does."""
    blob = bucket.blob("packed")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(TEXT), content_type="text/plain")
    assert blob.download_as_bytes(raw_download=True)[:2] == b"\x1f\x8b"
    url = f"{server.url}/download/storage/v1/b/{bucket.name}/o/packed?alt=media"
    plain = server.session.get(url, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert plain.content == TEXT
    assert "content-encoding" not in plain.headers


def test_missing(client: storage.Client, bucket: storage.Bucket) -> None:
    """A missing object or bucket is a 404 in Google's words."""
    with pytest.raises(exceptions.NotFound, match=f"No such object: {bucket.name}/gone"):
        bucket.blob("gone").download_as_bytes()
    with pytest.raises(exceptions.NotFound, match="No such object"):
        bucket.blob("gone").delete()
    assert not bucket.blob("gone").exists()
    assert bucket.get_blob("gone") is None
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        client.bucket("no-such-bucket").blob("x").upload_from_string(b"x", retry=None)


@pytest.mark.source("https://cloud.google.com/storage/docs/request-preconditions")
def test_preconditions(bucket: storage.Bucket) -> None:
    """Generation 0 creates only, a generation compares and swaps, a stale one is a 412."""
    blob = put(bucket, "once", if_generation_match=0)
    first = blob.generation
    with pytest.raises(exceptions.PreconditionFailed, match="pre-conditions you specified did not hold"):
        put(bucket, "once", b"again", if_generation_match=0)
    put(bucket, "once", b"second", if_generation_match=first)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.delete_blob("once", if_generation_match=first)
    with pytest.raises(exceptions.PreconditionFailed):
        put(bucket, "none yet", if_generation_not_match=0)
    blob = bucket.get_blob("once")
    assert blob.generation > first
    with pytest.raises(exceptions.NotModified):
        blob.reload(if_generation_not_match=blob.generation)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.patch(if_metageneration_match=7)
    assert blob.download_as_bytes() == b"second"


def test_checksums(server: Running, bucket: storage.Bucket) -> None:
    """An upload whose crc32c or md5 is another one is refused, and leaves nothing."""
    blob = bucket.blob("broken")
    blob.md5_hash = base64.b64encode(b"0" * 16).decode()
    with pytest.raises(exceptions.BadRequest, match="doesn't match calculated MD5 hash"):
        blob.upload_from_string(TEXT, retry=None)
    url = f"{server.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=broken"
    refused = server.session.post(url, TEXT, headers={"x-goog-hash": "crc32c=AAAAAA=="}, timeout=10)
    assert refused.status_code == 400
    assert 'Provided CRC32C "AAAAAA=="' in refused.json()["error"]["message"]
    assert not bucket.blob("broken").exists()


def test_media_upload(server: Running, bucket: storage.Bucket) -> None:
    """uploadType=media takes the name from the query and the type from the header."""
    url = f"{server.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=a%2Fb"
    made = server.session.post(url, TEXT, headers={"Content-Type": "text/x-note"}, timeout=10).json()
    assert (made["name"], made["contentType"], made["size"]) == ("a/b", "text/x-note", "38")
    assert bucket.blob("a/b").download_as_bytes() == TEXT


def test_patch(bucket: storage.Bucket) -> None:
    """A patch changes what it names, counts the metageneration and leaves the bytes; null removes."""
    blob = put(bucket, "meta")
    blob.metadata, blob.cache_control = {"a": "1", "b": "2"}, "no-cache"
    blob.patch()
    blob.metadata = {"a": None, "c": "3"}
    blob.patch()
    fresh = bucket.get_blob("meta")
    assert (fresh.metadata, fresh.cache_control) == ({"b": "2", "c": "3"}, "no-cache")
    assert (fresh.metageneration, fresh.generation) == (3, blob.generation)
    fresh.metadata = {"only": "this"}
    fresh.update()
    assert bucket.get_blob("meta").metadata == {"only": "this"}


def test_copy_and_rewrite(client: storage.Client, bucket: storage.Bucket) -> None:
    """A copy has the bytes and the metadata of its source and a generation of its own."""
    blob = put(bucket, "from", content_type="text/plain")
    copy = bucket.copy_blob(blob, bucket, "to")
    assert (copy.download_as_bytes(), copy.content_type) == (TEXT, "text/plain")
    assert copy.generation != blob.generation
    target = bucket.blob("rewritten")
    assert target.rewrite(blob) == (None, len(TEXT), len(TEXT))
    blob.delete()
    assert target.download_as_bytes() == TEXT
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.copy_blob(copy, bucket, "third", if_source_generation_match=1)
    moved = bucket.rename_blob(copy, "renamed")
    assert [each.name for each in client.list_blobs(bucket)] == ["renamed", "rewritten"]
    bucket.move_blob(moved, "moved")
    assert [each.name for each in client.list_blobs(bucket)] == ["moved", "rewritten"]


@pytest.mark.source("https://cloud.google.com/storage/docs/composite-objects")
def test_compose(bucket: storage.Bucket) -> None:
    """Composed objects are joined in order; the result has a crc32c and no md5."""
    parts = [put(bucket, f"part{index}", bytes([65 + index]) * 3) for index in range(3)]
    whole = bucket.blob("whole")
    whole.content_type = "text/plain"
    whole.compose(parts, if_generation_match=0)
    assert whole.download_as_bytes() == b"AAABBBCCC"
    assert (whole.component_count, whole.md5_hash, whole.content_type) == (3, None, "text/plain")
    with pytest.raises(exceptions.NotFound):
        bucket.blob("other").compose([bucket.blob("gone")])
    with pytest.raises(exceptions.BadRequest):
        bucket.blob("other").compose(parts * 11)


@pytest.mark.source("https://cloud.google.com/storage/docs/object-versioning")
def test_versioning(client: storage.Client, bucket: storage.Bucket) -> None:
    """With versioning, what is overwritten or deleted stays under its generation until that is deleted."""
    bucket.versioning_enabled = True
    bucket.patch()
    first = put(bucket, "v", b"one").generation
    second = put(bucket, "v", b"two").generation
    bucket.blob("v").delete()
    assert list(client.list_blobs(bucket)) == []
    kept = list(client.list_blobs(bucket, versions=True))
    assert [each.generation for each in kept] == [first, second]
    assert bucket.blob("v", generation=first).download_as_bytes() == b"one"
    bucket.delete_blob("v", generation=first)
    assert [each.generation for each in client.list_blobs(bucket, versions=True)] == [second]


@pytest.mark.source("https://cloud.google.com/storage/docs/object-versioning")
def test_overwritten_generation_is_gone(bucket: storage.Bucket) -> None:
    """Without versioning the former generation is gone."""
    first = put(bucket, "v", b"one").generation
    put(bucket, "v", b"two")
    with pytest.raises(exceptions.NotFound):
        bucket.blob("v", generation=first).download_as_bytes()


@pytest.mark.source("https://cloud.google.com/storage/docs/objects#naming")
@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "x" * 1025, ".well-known/acme-challenge/x"])
def test_bad_names(server: Running, bucket: storage.Bucket, name: str) -> None:
    """Names that no object may have are a 400."""
    url = f"{server.url}/upload/storage/v1/b/{bucket.name}/o"
    query = {"uploadType": "media", "name": name}
    assert server.session.post(url, b"", params=query, timeout=10).status_code == 400


@pytest.mark.source("local/control/README.md")
def test_faults_and_counts(server: Running, bucket: storage.Bucket) -> None:
    """An armed fault fails the call as Google would, and the client's own retry gets over it."""
    blob = put(bucket, "fragile")
    server.server.control.faults.append(Fault("objects.download", status="503"))
    assert blob.download_as_bytes() == TEXT
    assert server.server.control.calls["objects.download"] == 2
    server.server.control.faults.append(Fault("objects.get", status="429", times=1))
    with pytest.raises(exceptions.TooManyRequests):
        blob.reload(retry=None)
    assert server.server.control.calls["objects.insert"] == 1


@pytest.mark.source("local/storage/README.md: what is refused")
def test_refusals(server: Running, bucket: storage.Bucket) -> None:
    """What is not emulated says so with a 501, never with silence."""
    with pytest.raises(exceptions.MethodNotImplemented, match="not emulated"):
        bucket.get_iam_policy(retry=None)
    with pytest.raises(exceptions.MethodNotImplemented, match="matchGlob"):
        list(bucket.list_blobs(match_glob="**", retry=None))
    assert server.session.get(f"{server.url}/{bucket.name}/xml-api", timeout=10).status_code == 501
