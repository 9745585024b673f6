"""One request of the JSON API, read."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from local.drive import errors as drive_errors
from local.fields import parse_fields
from local.storage.conditions import Conditions, number
from local.storage.engine import Engine
from local.storage.errors import ApiError, invalid

MAX_JSON = 2 * 1024 * 1024


@dataclass(frozen=True)
class Call:
    """A request, the names in its path, and what it is asked of."""

    request: Request
    names: tuple[str, ...]
    engine: Engine

    @property
    def base(self) -> str:
        """What links begin with."""
        return self.engine.base

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query parameters."""
        return self.request.query_params

    @property
    def conditions(self) -> Conditions:
        """Those of the query."""
        return Conditions.read(self.query)

    @property
    def generation(self) -> int | None:
        """The generation that is asked for."""
        return number(self.query, "generation")

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises ApiError 413 past `limit` bytes."""
        gathered = bytearray()
        async for piece in self.stream():
            gathered += piece
            if len(gathered) > limit:
                raise ApiError(413, f"The request is larger than {limit} bytes.")
        return bytes(gathered)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises ApiError 499 when the client goes away in the middle."""
        try:
            async for piece in self.request.stream():
                yield piece
        except ClientDisconnect:
            raise ApiError(499, "The client closed the connection.") from None

    async def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when there is none."""
        return json_object(await self.body(MAX_JSON))

    def answer(self, resource: Mapping[str, Any], **headers: str) -> Response:
        """A resource, or the part of it that `fields` asks for."""
        text = self.query.get("fields")
        try:
            picked = parse_fields(text, "*", "").pick(dict(resource)) if text else resource
        except drive_errors.ApiError as error:
            raise invalid(error.message, "invalidParameter") from None
        return JSONResponse(picked, headers=headers)


def json_object(text: bytes) -> dict[str, Any]:
    """A JSON object; empty text is an empty one. Raises ApiError 400 for anything else."""
    try:
        read = json.loads(text) if text.strip() else {}
    except ValueError:
        raise invalid("Parse Error", "parseError") from None
    if not isinstance(read, dict):
        raise invalid("Parse Error", "parseError")
    return read
