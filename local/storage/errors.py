"""Refusals in the shape that the Cloud Storage JSON API gives them.

Body shape and reasons: https://cloud.google.com/storage/docs/json_api/v1/status-codes
"""

from typing import Any

from starlette.responses import JSONResponse, Response

REASONS = {
    400: "invalid",
    401: "required",
    403: "forbidden",
    404: "notFound",
    408: "requestTimeout",
    409: "conflict",
    410: "gone",
    411: "lengthRequired",
    412: "conditionNotMet",
    413: "uploadTooLarge",
    416: "requestedRangeNotSatisfiable",
    429: "rateLimitExceeded",
    499: "clientClosedRequest",
    500: "internalError",
    501: "notImplemented",
    502: "backendError",
    503: "backendError",
    504: "gatewayTimeout",
}
NOT_MODIFIED = 304


class ApiError(Exception):
    """A request that is refused: HTTP status, a sentence, Google's reason, further headers."""

    def __init__(self, status: int, message: str, reason: str = "", **headers: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.reason = reason or REASONS.get(status, "backendError")
        self.headers = headers

    def body(self) -> dict[str, Any]:
        """The JSON that Google answers."""
        one = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.reason == "conditionNotMet":
            one |= {"locationType": "header", "location": "If-Match"}
        return {"error": {"code": self.status, "message": self.message, "errors": [one]}}

    def answer(self) -> Response:
        """That body as a response; 304 has none."""
        if self.status == NOT_MODIFIED:
            return Response(status_code=self.status, headers=self.headers)
        return JSONResponse(self.body(), self.status, self.headers)


def invalid(message: str = "Invalid argument.", reason: str = "invalid") -> ApiError:
    """400."""
    return ApiError(400, message, reason)


def no_bucket() -> ApiError:
    """404 for a bucket."""
    return ApiError(404, "The specified bucket does not exist.")


def no_object(bucket: str, name: str) -> ApiError:
    """404 for an object or a generation of it."""
    return ApiError(404, f"No such object: {bucket}/{name}")


def not_emulated(what: str) -> ApiError:
    """501 for what the local Cloud Storage does not do."""
    return ApiError(501, f"{what} is not emulated by the local Cloud Storage; see its README.")


def injected_body(status: int) -> dict[str, Any]:
    """The body of a status that control injects."""
    return ApiError(status, "Injected fault.").body()
