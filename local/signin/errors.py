"""Google's error body."""

from starlette.responses import JSONResponse, Response

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


def error_body(status: int, message: str = "Injected fault.") -> dict[str, object]:
    """The JSON that Google's APIs answer an error with (google.rpc.Status over HTTP)."""
    name = STATUS_NAMES.get(status, "UNKNOWN")
    return {"error": {"code": status, "message": message, "status": name}}


def error_answer(status: int, message: str) -> Response:
    """That body as a response."""
    return JSONResponse(error_body(status, message), status)
