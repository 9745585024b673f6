"""Requests and refusals in the shape that Google's JSON APIs give them.

Body shape: https://cloud.google.com/apis/design/errors#http_mapping
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "CANCELLED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """A request that is refused with an HTTP status and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def invalid(message: str) -> ApiError:
    """400 INVALID_ARGUMENT."""
    return ApiError(400, message)


def error_body(code: int, message: str) -> dict[str, Any]:
    """Google's error object for an HTTP status."""
    return {"error": {"code": code, "message": message, "status": STATUS_NAMES.get(code, "UNKNOWN")}}


def error_response(error: ApiError) -> JSONResponse:
    """The response that a client library turns into its own exception."""
    return JSONResponse(error_body(error.code, error.message), error.code)


def injected_body(status: int) -> dict[str, Any]:
    """The body of a status that control injects."""
    return error_body(status, f"injected: {status}")


async def json_object(request: Request, most: int) -> dict[str, Any]:
    """The JSON object that a request carries. Raises ApiError: 413 past `most` bytes, else 400."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise ApiError(413, "Request payload size exceeds the limit.")
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid("Invalid JSON payload received.") from None
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received: an object is expected.")
    return body


async def refused(_: Request, error: Exception) -> Response:
    """What Starlette answers for an ApiError that a route raised."""
    if isinstance(error, ApiError):
        return error_response(error)
    raise error
