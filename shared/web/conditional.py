"""Answers that a browser need not be sent twice (RFC 9110, conditional requests)."""

import hashlib
import json

from starlette.requests import Request
from starlette.responses import Response

from shared.limits.meter import happened


def revalidated(request: Request, content: object) -> Response:
    """`content` as JSON with a strong ETag; 304 without a body when the caller has just that.

    Private, and asked about each time: what a person may see can change at any moment, and belongs to no
    shared cache. The answer differs by who is signed in, which Vary says too.
    """
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    if tag in _named(request.headers.get("if-none-match", "")):
        happened("not_modified")
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _named(header: str) -> set[str]:
    """The tags of If-None-Match, compared weakly (RFC 9110, 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
