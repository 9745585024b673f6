"""What every handler of the ingest function asks of its request."""

from starlette.requests import Request

from functions.ingest.wiring import Services
from shared.errors import Malformed


def services(request: Request) -> Services:
    """What this function was wired with."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - wiring decides this once
    return found


def last_try(request: Request) -> bool:
    """Whether Cloud Tasks will not come back."""
    return retries(request) + 1 >= services(request).max_attempts


def retries(request: Request) -> int:
    """How often Cloud Tasks has tried the task before; the header can be trusted behind the task's token."""
    value = request.headers.get("x-cloudtasks-taskretrycount", "0")
    if not value.isdecimal():
        raise Malformed("X-CloudTasks-TaskRetryCount is not a number.")
    return int(value)
