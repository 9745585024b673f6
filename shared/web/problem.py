"""Errors as RFC 9457 problem+json."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from shared.errors import AppError

_TYPE = "urn:problem-type:docent:"


def problem(error: AppError, request_id: str) -> dict[str, object]:
    """The problem object of an error: type, title, status, detail, request_id."""
    return {
        "type": _TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "request_id": request_id,
    }


def problem_response(
    error: AppError, request_id: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The same as an HTTP answer, with Retry-After where the error knows it."""
    extra = {**error.headers, **(headers or {})}
    if error.retry_after is not None:
        extra["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == 401:  # noqa: PLR2004 - RFC 9110 asks for the scheme with a 401
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        problem(error, request_id), error.status, extra, media_type="application/problem+json"
    )
