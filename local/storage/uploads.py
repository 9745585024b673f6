"""objects.insert: in one request (media, multipart) or resumable.

Protocol: https://cloud.google.com/storage/docs/performing-resumable-uploads and .../uploading-objects
"""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from local.storage.call import Call
from local.storage.conditions import Conditions
from local.storage.errors import ApiError, invalid, not_emulated
from local.storage.multipart import parse
from local.storage.resources import Object, checked_object_name
from local.storage.store import Upload

CHUNK = 256 * 1024
"""Of an unfinished resumable upload whole multiples are kept."""
MULTIPART_LIMIT = 64 * 1024 * 1024
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(?:(\d+)|\*)")
DEFAULT_TYPE = "application/octet-stream"


async def insert(call: Call) -> Response:
    """POST /upload/...: by the kind of upload that `uploadType` names."""
    kinds = {"media": _media, "multipart": _multipart, "resumable": _begin}
    kind = kinds.get(call.query.get("uploadType", ""))
    if kind is None:
        raise invalid(
            "Upload requests must include an uploadType URL parameter and a URL path beginning with /upload/"
        )
    for name in ("kmsKeyName", "predefinedAcl"):
        if name in call.query:
            raise not_emulated(f"The parameter {name}")
    return await kind(call)


async def _media(call: Call) -> Response:
    fields = _fields(call, {}, call.request.headers.get("content-type", ""))
    call.engine.check_target(call.names[0], fields, call.conditions)
    content = await call.engine.folder.write(call.stream())
    return _answer(call, call.engine.put(call.names[0], fields, content, call.conditions))


async def _multipart(call: Call) -> Response:
    body = await call.body(MULTIPART_LIMIT)
    parts = parse(call.request.headers.get("content-type", ""), body)
    fields = _fields(call, parts.fields, parts.content_type)
    call.engine.check_target(call.names[0], fields, call.conditions)
    content = await call.engine.folder.write(_once(parts.data))
    return _answer(call, call.engine.put(call.names[0], fields, content, call.conditions))


async def _begin(call: Call) -> Response:
    """A session; its Location is what the client then puts to."""
    content_type = call.request.headers.get("x-upload-content-type", "")
    fields = _fields(call, await call.json(), content_type)
    bucket = call.names[0]
    call.engine.check_target(bucket, fields, call.conditions)
    upload = Upload(uuid.uuid4().hex, bucket, fields, dict(call.query))
    call.engine.folder.part(upload.id).touch()
    call.engine.store.put_upload(upload)
    where = f"{call.base}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload.id}"
    return Response(headers={"Location": where, "X-GUploader-UploadID": upload.id})


async def resume(call: Call) -> Response:
    """PUT: a chunk, the end, or the question how far it got; 308 while it is unfinished."""
    upload_id = call.query.get("upload_id", "")
    async with call.engine.turns[upload_id]:
        upload = _session(call, upload_id)
        try:
            return await _continue(call, upload)
        finally:
            current = call.engine.store.upload(upload_id)
            if current is None or current.answer:
                call.engine.turns.pop(upload_id, None)


async def _continue(call: Call, upload: Upload) -> Response:
    if upload.answer:
        return call.answer(json.loads(upload.answer))
    sent = _sent(call)
    if sent.start is not None:
        await _receive(call, upload, sent)
    if sent.total is None or upload.received < sent.total:
        return _incomplete(upload)
    return await _end(call, upload)


async def cancel(call: Call) -> Response:
    """DELETE: 499, as the real service answers."""
    upload = _session(call, call.query.get("upload_id", ""))
    call.engine.store.drop_upload(upload.id)
    call.engine.folder.part(upload.id).unlink(missing_ok=True)
    call.engine.turns.pop(upload.id, None)
    return Response(status_code=499)


@dataclass(frozen=True)
class _Sent:
    """What a PUT brings: where its bytes begin (None: it only asks), the whole size if known."""

    start: int | None
    total: int | None


def _sent(call: Call) -> _Sent:
    headers = call.request.headers
    text = headers.get("content-range")
    if text is None:  # then the body is the whole object
        if not headers.get("content-length", "").isdecimal():
            raise ApiError(411, "Length Required")
        return _Sent(0, int(headers["content-length"]))
    match = _RANGE.fullmatch(text)
    if match is None:
        raise invalid(f"Failed to parse Content-Range header: {text}")
    return _Sent(int(match[1]) if match[1] else None, int(match[3]) if match[3] else None)


async def _receive(call: Call, upload: Upload, sent: _Sent) -> None:
    """Append what is new; bytes that are there already are passed over. Raises ApiError 400 for a gap."""
    place = sent.start or 0
    if place > upload.received:
        raise invalid(f"Invalid request. The bytes from {upload.received} to {place - 1} are missing.")
    try:
        with call.engine.folder.part(upload.id).open("r+b") as file:
            async for piece in call.stream():
                fresh = piece[max(0, upload.received - place) :]
                if fresh:
                    file.seek(max(place, upload.received))
                    file.write(fresh)
                place += len(piece)
    finally:
        await _keep(call, upload, place, sent.total)
    if sent.total is not None and place > sent.total:
        raise invalid("Invalid request. More bytes were sent than Content-Range announced.")


async def _keep(call: Call, upload: Upload, place: int, total: int | None) -> None:
    """Note durably how far the upload got; of what is not the end, whole multiples of 256 KiB."""
    kept = place if place == total else min(place, total or place) // CHUNK * CHUNK
    await asyncio.to_thread(call.engine.folder.sync, call.engine.folder.part(upload.id))
    upload.received = max(upload.received, kept)
    call.engine.store.put_upload(upload)


def _incomplete(upload: Upload) -> Response:
    headers = {"Range": f"bytes=0-{upload.received - 1}"} if upload.received else {}
    return Response(status_code=308, headers=headers | {"X-GUploader-UploadID": upload.id})


async def _end(call: Call, upload: Upload) -> Response:
    """All bytes are there: the object comes to be, and the session remembers it for who asks again."""
    engine, headers = call.engine, call.request.headers
    conditions = Conditions.read(upload.query)
    engine.check_target(upload.bucket, upload.fields, conditions)
    with engine.folder.part(upload.id).open("r+b") as file:
        file.truncate(upload.received)
    content = await engine.folder.finish(upload.id)
    fields = upload.fields | _hashes(headers)
    try:
        made = engine.put(upload.bucket, fields, content, conditions, upload=upload)
    except ApiError:
        engine.store.drop_upload(upload.id)
        raise
    finally:
        engine.folder.part(upload.id).unlink(missing_ok=True)
    return _answer(call, made)


def _session(call: Call, upload_id: str) -> Upload:
    upload = call.engine.store.upload(upload_id)
    if upload is None or upload.bucket != call.names[0]:
        raise ApiError(404, "Not Found")
    return upload


def _fields(call: Call, given: Mapping[str, Any], content_type: str) -> dict[str, Any]:
    """The metadata of the new object, with what the query and the headers say about it."""
    fields = dict(given) | _hashes(call.request.headers)
    fields["name"] = checked_object_name(call.query.get("name") or given.get("name"))
    if encoding := call.query.get("contentEncoding"):
        fields["contentEncoding"] = encoding
    fields["contentType"] = given.get("contentType") or content_type or DEFAULT_TYPE
    return fields


def _hashes(headers: Mapping[str, str]) -> dict[str, str]:
    """The checksums of x-goog-hash and Content-MD5, as metadata calls them."""
    found = {"md5Hash": headers["content-md5"]} if "content-md5" in headers else {}
    for entry in headers.get("x-goog-hash", "").split(","):
        name, _, value = entry.strip().partition("=")
        if name in {"crc32c", "md5"}:
            found["md5Hash" if name == "md5" else name] = value
    return found


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _answer(call: Call, made: Object) -> Response:
    return call.answer(made.shown(call.base), ETag=made.etag)
