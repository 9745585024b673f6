"""What can be done with buckets and objects, whatever the request looked like."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from local.clock import machine
from local.storage.conditions import Conditions
from local.storage.content import PIECE, Folder
from local.storage.errors import ApiError, invalid, no_bucket, no_object, not_emulated
from local.storage.resources import (
    BUCKET_OUTPUT,
    OBJECT_FIELDS,
    Bucket,
    Content,
    Json,
    Object,
    checked_bucket_name,
    checked_object_name,
    patched,
)
from local.storage.store import Store, Upload

_REFUSED_FIELDS = frozenset({"acl", "contexts", "eventBasedHold", "kmsKeyName", "retention", "temporaryHold"})
COMPOSE_SOURCES = 32


@dataclass(frozen=True)
class Source:
    """What is copied or composed: an object, perhaps a generation of it, and what must hold for it."""

    bucket: str
    name: str
    generation: int | None
    conditions: Conditions


class Engine:
    """Buckets and objects over an index and a folder of content."""

    def __init__(self, state: Path | None) -> None:
        self.folder = Folder(state)
        self.store = Store(self.folder.root if state else None)
        self.folder.sweep(*self.store.files())
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """A resumable upload takes one request at a time."""
        self.base = ""
        """The address of this stand-in, which the links of resources begin with."""

    def close(self) -> None:
        """Close the index; a temporary folder goes."""
        self.store.close()
        self.folder.close()

    def save(self, folder: Path) -> None:
        """Copy index and content into a folder."""
        self.store.save(folder)
        self.folder.save(folder)

    def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: no bucket is left."""
        if folder:
            self.folder.restore(folder)
        self.store.restore(folder)
        self.folder.sweep(*self.store.files())

    def create_bucket(self, name: Any, fields: Json) -> Bucket:
        """A new bucket. Raises ApiError 400 for a bad name, 409 when the name is taken."""
        checked_bucket_name(name)
        if self.store.bucket(name):
            message = "Your previous request to create the named bucket succeeded and you already own it."
            raise ApiError(409, message)
        now = machine.time()
        made = Bucket(name, 1, now, now, _bucket_fields(fields))
        self.store.put_bucket(made)
        return made

    def bucket(self, name: str) -> Bucket:
        """The bucket. Raises ApiError 404."""
        found = self.store.bucket(name)
        if found is None:
            raise no_bucket()
        return found

    def change_bucket(self, name: str, change: Json, conditions: Conditions, *, whole: bool) -> Bucket:
        """Patch a bucket, or write all its fields anew (`whole`)."""
        found = self.bucket(name)
        conditions.check(found)
        fields = _bucket_fields(change) if whole else patched(found.fields, _bucket_fields(change))
        changed = replace(
            found, fields=fields, metageneration=found.metageneration + 1, updated=machine.time()
        )
        self.store.put_bucket(changed)
        return changed

    def delete_bucket(self, name: str, conditions: Conditions) -> None:
        """Delete an empty bucket. Raises ApiError 409 when it is not empty."""
        conditions.check(self.bucket(name))
        if not self.store.drop_bucket(name):
            raise ApiError(409, "The bucket you tried to delete is not empty.")

    def object(self, bucket: str, name: str, generation: int | None = None) -> Object:
        """The object. Raises ApiError 404."""
        self.bucket(bucket)
        found = self.store.object(bucket, name, generation)
        if found is None:
            raise no_object(bucket, name)
        return found

    def check_target(self, bucket: str, fields: Json, conditions: Conditions) -> None:
        """What an upload must fulfil before its bytes are taken, and again when they are there."""
        self.bucket(bucket)
        conditions.check(self.store.object(bucket, checked_object_name(fields.get("name"))))

    def put(
        self,
        bucket: str,
        fields: Json,
        content: Content,
        conditions: Conditions,
        *,
        components: int = 0,
        upload: Upload | None = None,
    ) -> Object:
        """Make `content` the live generation of `fields["name"]`; `upload` learns it in the same transaction.

        Raises ApiError 412 when a condition fails, 400 when a checksum in `fields` is another one.
        """
        try:
            _check_sums(fields, content)
            kept = _object_fields(fields)
            self.check_target(bucket, fields, conditions)
            new = self._new(bucket, str(fields["name"]), content, kept, components)
            if upload:
                upload.answer = json.dumps(new.shown(self.base))
            dropped = self.store.replace(new, upload, keep=self.bucket(bucket).versioning)
        except BaseException:
            self.folder.drop(content.blob)
            raise
        self.folder.drop(*dropped)
        return new

    def change(self, found: Object, change: Json, conditions: Conditions, *, whole: bool) -> Object:
        """Patch an object's metadata, or write all of it anew (`whole`)."""
        conditions.check(found)
        given = _object_fields(change)
        fields = given if whole else patched(found.fields, given)
        changed = replace(
            found, fields=fields, metageneration=found.metageneration + 1, updated=machine.time()
        )
        self.store.update(changed)
        return changed

    def delete(self, bucket: str, name: str, generation: int | None, conditions: Conditions) -> None:
        """Delete an object; with versioning, the live one only becomes noncurrent."""
        found = self.object(bucket, name, generation)
        conditions.check(found)
        keep = generation is None and self.bucket(bucket).versioning
        self.folder.drop(*self.store.delete(found, keep=keep))

    async def copy(self, source: Source, bucket: str, fields: Json, conditions: Conditions) -> Object:
        """Copy an object. `fields` beside the name, if any, replace the source's metadata."""
        found = self._source(source)
        self.check_target(bucket, fields, conditions)
        given = _object_fields(fields)
        content = await self.folder.copy(found.content)
        target = dict(given or found.fields) | {"name": fields["name"]}
        return self.put(bucket, target, content, conditions, components=found.components)

    async def move(self, source: Source, name: str, conditions: Conditions) -> Object:
        """Rename an object within its bucket, in one step."""
        self.check_target(source.bucket, {"name": name}, conditions)
        content = await self.folder.copy(self._source(source).content)
        try:
            found = self._source(source)
            self.check_target(source.bucket, {"name": name}, conditions)
            new = self._new(source.bucket, name, content, found.fields, found.components)
            dropped = self.store.move(new, found, keep=self.bucket(source.bucket).versioning)
        except BaseException:
            self.folder.drop(content.blob)
            raise
        self.folder.drop(*dropped)
        return new

    async def compose(
        self, sources: Sequence[Source], bucket: str, fields: Json, conditions: Conditions
    ) -> Object:
        """Join objects of one bucket. Raises ApiError 400 for none, or more than 32."""
        if not 1 <= len(sources) <= COMPOSE_SOURCES:
            raise invalid(
                f"The number of source components provided ({len(sources)}) exceeds the maximum (32)"
            )
        found = [self._source(each) for each in sources]
        self.check_target(bucket, fields, conditions)
        files = [self.folder.blob(each.content.blob).open("rb") for each in found]
        try:
            content = await self.folder.write(_joined(files))
        finally:
            for file in files:
                file.close()
        given = {"contentType": found[0].fields.get("contentType"), **fields}
        given = {name: value for name, value in given.items() if value is not None}
        components = sum(each.components or 1 for each in found)
        return self.put(bucket, given, content, conditions, components=components)

    def _source(self, source: Source) -> Object:
        found = self.object(source.bucket, source.name, source.generation)
        source.conditions.check(found)
        return found

    def _new(self, bucket: str, name: str, content: Content, fields: Json, components: int) -> Object:
        now = machine.time()
        return Object(
            bucket, name, self.store.generation(), 1, content, now, now, 0.0, components, dict(fields)
        )


async def _joined(files: Sequence[BinaryIO]) -> AsyncIterator[bytes]:
    for file in files:
        while piece := file.read(PIECE):
            yield piece


def _bucket_fields(fields: Json) -> dict[str, Any]:
    """What a client may set on a bucket: all that is not output only; most of it is kept, not acted on."""
    if "acl" in fields or "defaultObjectAcl" in fields:
        raise not_emulated("Setting an ACL")
    return {name: value for name, value in fields.items() if name not in BUCKET_OUTPUT}


def _object_fields(fields: Json) -> dict[str, Any]:
    """What a client may set on an object; what is output only is ignored, as the real service does."""
    for name in sorted(_REFUSED_FIELDS & fields.keys()):
        if fields[name]:
            raise not_emulated(f"The object field {name}")
    metadata = fields.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise invalid("metadata: an object of strings is expected.")
    return {name: value for name, value in fields.items() if name in OBJECT_FIELDS}


def _check_sums(fields: Json, content: Content) -> None:
    """Raises ApiError 400 when the client's checksum is not that of what arrived."""
    for name, label, mine in (
        ("crc32c", "CRC32C", content.crc32c),
        ("md5Hash", "MD5 hash", content.md5),
    ):
        theirs = fields.get(name)
        if theirs is not None and theirs != mine:
            raise invalid(f'Provided {label} "{theirs}" doesn\'t match calculated {label} "{mine}".')
