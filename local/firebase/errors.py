"""Refusals as the Identity Toolkit gives them: the reason in capitals is the message.

Reasons: https://firebase.google.com/docs/reference/rest/auth and firebase-admin 7.7, _auth_utils.py.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from local.httperrors import STATUS_NAMES


class Refused(Exception):
    """A request that is refused: an HTTP status and a reason such as EMAIL_EXISTS."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


def error_body(status: int, reason: str = "INJECTED") -> dict[str, Any]:
    """Google's older error object with its list of errors, and the newer one's status."""
    listed = [{"message": reason, "domain": "global", "reason": "invalid"}]
    return {
        "error": {
            "code": status,
            "message": reason,
            "errors": listed,
            "status": STATUS_NAMES.get(status, "UNKNOWN"),
        }
    }


async def refused(_: Request, error: Exception) -> JSONResponse:
    """The response to a Refused."""
    if not isinstance(error, Refused):
        raise error
    return JSONResponse(error_body(error.status, error.reason), error.status)
