"""Buckets and objects, and how the JSON API shows them.

Shapes: https://cloud.google.com/storage/docs/json_api/v1/objects and .../buckets
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from local.storage.errors import invalid

Json = Mapping[str, Any]

OBJECT_FIELDS = frozenset(
    {
        "cacheControl",
        "contentDisposition",
        "contentEncoding",
        "contentLanguage",
        "contentType",
        "customTime",
        "metadata",
        "storageClass",
    }
)
"""What a client may set on an object; ACLs, holds and retention are refused by objects.py."""
BUCKET_OUTPUT = frozenset(
    {"kind", "id", "name", "selfLink", "projectNumber", "etag", "metageneration", "timeCreated", "updated"}
)
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_BUCKET_PART = 63
_OBJECT_NAME_BYTES = 1024


def stamp(when: float) -> str:
    """Seconds since the epoch as RFC 3339 with milliseconds."""
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def etag(*versions: int) -> str:
    """An opaque tag that changes with each of the numbers."""
    return base64.b64encode("/".join(map(str, versions)).encode()).decode()


@dataclass(frozen=True)
class Bucket:
    """A bucket; `fields` is what clients wrote."""

    name: str
    metageneration: int
    created: float
    updated: float
    fields: Json

    @property
    def versioning(self) -> bool:
        """Whether overwritten and deleted objects are kept as noncurrent generations."""
        return bool((self.fields.get("versioning") or {}).get("enabled"))

    def shown(self, base: str) -> dict[str, Any]:
        """The resource; `base` is this stand-in's address."""
        return {
            "location": "US",
            "locationType": "multi-region",
            "storageClass": "STANDARD",
            "iamConfiguration": {
                "uniformBucketLevelAccess": {"enabled": True},
                "publicAccessPrevention": "inherited",
            },
            **self.fields,
            "kind": "storage#bucket",
            "id": self.name,
            "name": self.name,
            "selfLink": f"{base}/storage/v1/b/{self.name}",
            "projectNumber": "1",
            "metageneration": str(self.metageneration),
            "etag": etag(self.metageneration),
            "timeCreated": stamp(self.created),
            "updated": stamp(self.updated),
        }


@dataclass(frozen=True)
class Content:
    """Bytes on disk: the file's name, their count, crc32c and md5 in base64 as the API writes them."""

    blob: str
    size: int
    crc32c: str
    md5: str


@dataclass(frozen=True)
class Object:
    """One generation of an object; times are seconds since the epoch, `deleted` is 0 for the live one."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    content: Content
    created: float
    updated: float
    deleted: float
    components: int
    """How many objects it was composed of; 0 when it was not."""
    fields: Json

    def shown(self, base: str) -> dict[str, Any]:
        """The resource; `base` is this stand-in's address."""
        path = f"b/{self.bucket}/o/{quote(self.name, safe='')}"
        media = f"{base}/download/storage/v1/{path}?generation={self.generation}&alt=media"
        shown = {
            "storageClass": "STANDARD",
            **self.fields,
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{base}/storage/v1/{path}",
            "mediaLink": media,
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            "size": str(self.content.size),
            "crc32c": self.content.crc32c,
            "md5Hash": self.content.md5,
            "etag": self.etag,
            "timeCreated": stamp(self.created),
            "updated": stamp(self.updated),
            "timeStorageClassUpdated": stamp(self.created),
            "timeFinalized": stamp(self.created),
        }
        if self.components:
            del shown["md5Hash"]  # a composite object has none
            shown["componentCount"] = self.components
        if self.deleted:
            shown["timeDeleted"] = stamp(self.deleted)
        return shown

    @property
    def etag(self) -> str:
        """Changes with the content and with the metadata."""
        return etag(self.generation, self.metageneration)


def checked_bucket_name(name: Any) -> str:
    """The name. Raises ApiError 400 for what no bucket may be called."""
    fits = isinstance(name, str) and _BUCKET_NAME.fullmatch(name)
    if not fits or ".." in name or any(len(part) > _BUCKET_PART for part in name.split(".")):
        raise invalid(f"Invalid bucket name: '{name}'")
    return str(name)


def checked_object_name(name: Any) -> str:
    """The name. Raises ApiError 400 for what no object may be called."""
    if not isinstance(name, str) or not name:
        raise invalid("Required object name not specified.", "required")
    if len(name.encode()) > _OBJECT_NAME_BYTES:
        raise invalid("The maximum object length is 1024 characters.")
    reserved = name in {".", ".."} or name.startswith(".well-known/acme-challenge/")
    if reserved or "\r" in name or "\n" in name:
        raise invalid("Disallowed unicode characters present in object name.")
    return name


def patched(fields: Json, change: Json) -> dict[str, Any]:
    """`fields` after a PATCH: null removes, objects are merged, all else replaces (RFC 7396)."""
    result = dict(fields)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            old = result.get(name)
            result[name] = patched(old if isinstance(old, Mapping) else {}, value)
        else:
            result[name] = value
    return result
