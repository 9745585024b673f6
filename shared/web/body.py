"""Reading request bodies: bounded, parsed, validated; each failure a sentence."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from shared.errors import Invalid, Malformed, TooLarge

MAX_BODY = 64 * 1024
"""Bytes; the longest legal question is 1,000 characters."""

Model = TypeVar("Model", bound=BaseModel)


async def read(request: Request, model: type[Model], limit: int = MAX_BODY) -> Model:
    """The body as `model`. Raises TooLarge, Malformed (not JSON) or Invalid (names the field)."""
    raw = await _bounded(request, limit)
    try:
        value = json.loads(raw)
    except ValueError:
        raise Malformed("The body is not valid JSON.") from None
    return validated(model, value)


def query(request: Request, model: type[Model]) -> Model:
    """The query parameters as `model`. Raises Invalid, naming the parameter."""
    return validated(model, dict(request.query_params))


def validated(model: type[Model], value: object) -> Model:
    """`value` as `model`. Raises Invalid with a sentence that names the field but never its value."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        detail = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'body'}: {problem['msg']}"
            for problem in problems[:5]
        )
        raise Invalid(detail + ".") from None


async def _bounded(request: Request, limit: int) -> bytes:
    message = f"The body may hold at most {limit:,} bytes."
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge(message)
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > limit:
            raise TooLarge(message)
    return bytes(received)
