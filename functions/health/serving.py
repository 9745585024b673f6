"""What all handlers of health need."""

from starlette.requests import Request

from functions.health.wiring import Services
from shared.limits.economy import Economy


def services(request: Request) -> Services:
    """What this function was wired with."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - wiring decides this once
    return found


def economy(request: Request) -> Economy:
    """Money and caches."""
    found = services(request).economy
    assert found is not None  # noqa: S101 - wiring decides this once
    return found
