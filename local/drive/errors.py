"""Google's error bodies for Drive and the Admin SDK."""

from typing import Any

from starlette.responses import JSONResponse, Response

SCOPE_MESSAGE = "Request had insufficient authentication scopes."
REASONS = {
    400: "badRequest",
    401: "authError",
    403: "rateLimitExceeded",
    404: "notFound",
    429: "rateLimitExceeded",
    500: "internalError",
    501: "notImplemented",
    503: "backendError",
}


class ApiError(Exception):
    """An error of the API: HTTP status, Google's reason, and the parameter that is to blame, if one is."""

    def __init__(self, status: int, reason: str, message: str, *, location: str = "") -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.location = status, reason, message, location

    def body(self) -> dict[str, Any]:
        """The JSON that Google answers."""
        one: dict[str, Any] = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location:
            kind = "header" if self.location == "Authorization" else "parameter"
            one |= {"location": self.location, "locationType": kind}
        if self.reason in {"userRateLimitExceeded", "rateLimitExceeded"}:
            one["domain"] = "usageLimits"
        return {"error": {"code": self.status, "message": self.message, "errors": [one]}}

    def answer(self) -> Response:
        """That body as a response."""
        challenge = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'}
        return JSONResponse(self.body(), self.status, challenge if self.status == 401 else None)  # noqa: PLR2004


def not_found(item_id: str, location: str = "fileId") -> ApiError:
    """Someone else's file does not exist."""
    what = "Shared drive" if location == "driveId" else "File"
    return ApiError(404, "notFound", f"{what} not found: {item_id}.", location=location)


def invalid(location: str, message: str = "Invalid Value") -> ApiError:
    """A parameter has a value that it may not have."""
    return ApiError(400, "invalid", message, location=location)


def injected_body(status: int) -> dict[str, Any]:
    """The body of a status that control injects, as Drive would word it."""
    if status == 403:  # noqa: PLR2004
        return ApiError(status, "userRateLimitExceeded", "User rate limit exceeded.").body()
    if status == 429:  # noqa: PLR2004
        return ApiError(status, "rateLimitExceeded", "Rate limit exceeded.").body()
    return ApiError(status, REASONS.get(status, "backendError"), "Injected fault.").body()
