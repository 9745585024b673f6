"""objects.get: metadata, or the bytes with alt=media.

Headers: https://cloud.google.com/storage/docs/xml-api/reference-headers, ranges: RFC 9110, gzip:
https://cloud.google.com/storage/docs/transcoding
"""

import re
import zlib
from collections.abc import Iterator
from email.utils import formatdate
from typing import BinaryIO

from starlette.responses import PlainTextResponse, Response, StreamingResponse

from local.storage.call import Call
from local.storage.content import PIECE
from local.storage.errors import ApiError
from local.storage.resources import Object

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_GZIP = 31
"""zlib's window bits for a gzip header."""


async def get(call: Call) -> Response:
    """GET .../o/OBJECT: the resource, or its bytes."""
    if call.query.get("alt") == "media":
        return await download(call)
    found = call.engine.object(call.names[0], call.names[1], call.generation)
    call.conditions.check(found, reading=True)
    return call.answer(found.shown(call.base), ETag=found.etag)


async def download(call: Call) -> Response:
    """The bytes, or a range of them; errors of a download are plain text."""
    try:
        found = call.engine.object(call.names[0], call.names[1], call.generation)
        call.conditions.check(found, reading=True)
        return _media(call, found)
    except ApiError as error:
        if error.status < 400:  # noqa: PLR2004 - 304 has no text
            raise
        return PlainTextResponse(error.message, error.status, error.headers)


def _media(call: Call, found: Object) -> Response:
    file = call.engine.folder.blob(found.content.blob).open("rb")  # read on even when it is deleted meanwhile
    headers = _headers(found)
    packed = found.fields.get("contentEncoding") == "gzip"
    if packed and "gzip" not in call.request.headers.get("accept-encoding", ""):
        del headers["Content-Encoding"]
        headers["Warning"] = "214 UploadServer gunzipped"
        return StreamingResponse(_unpacked(file), headers=headers)
    try:
        span = _span(call.request.headers.get("range"), found.content.size)
    except ApiError:
        file.close()
        raise
    start, end, status = span
    if status == 206:  # noqa: PLR2004 - partial content
        headers["Content-Range"] = f"bytes {start}-{end}/{found.content.size}"
    headers["Content-Length"] = str(end - start + 1)
    return StreamingResponse(_bytes(file, start, end - start + 1), status, headers)


def _span(text: str | None, size: int) -> tuple[int, int, int]:
    """First byte, last byte and status. A header that cannot be read is ignored (RFC 9110 14.2)."""
    match = _RANGE.fullmatch(text) if text else None
    if match is None or not (match[1] or match[2]):
        return 0, size - 1, 200
    if not match[1]:
        start, end = max(0, size - int(match[2])), size - 1
    else:
        start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
        if match[2] and int(match[2]) < start:
            return 0, size - 1, 200
    if start >= size:
        message = "The requested range cannot be satisfied."
        raise ApiError(416, message, **{"Content-Range": f"bytes */{size}"})
    return start, end, 206


def _headers(found: Object) -> dict[str, str]:
    fields, content = found.fields, found.content
    sums = f"crc32c={content.crc32c}" + ("" if found.components else f",md5={content.md5}")
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": str(fields.get("contentType", "application/octet-stream")),
        "ETag": found.etag,
        "Last-Modified": formatdate(found.updated, usegmt=True),
        "x-goog-generation": str(found.generation),
        "x-goog-metageneration": str(found.metageneration),
        "x-goog-hash": sums,
        "x-goog-storage-class": str(fields.get("storageClass", "STANDARD")),
        "x-goog-stored-content-encoding": str(fields.get("contentEncoding", "identity")),
        "x-goog-stored-content-length": str(content.size),
    }
    for name, header in (
        ("cacheControl", "Cache-Control"),
        ("contentDisposition", "Content-Disposition"),
        ("contentEncoding", "Content-Encoding"),
        ("contentLanguage", "Content-Language"),
    ):
        if fields.get(name):
            headers[header] = str(fields[name])
    return headers


def _bytes(file: BinaryIO, start: int, left: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    with file:
        unpacker = zlib.decompressobj(_GZIP)
        while piece := file.read(PIECE):
            yield unpacker.decompress(piece)
        yield unpacker.flush()
