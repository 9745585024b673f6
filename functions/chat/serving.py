"""What every handler of chat needs of a request."""

from starlette.requests import Request

from functions.chat.wiring import Services


def services(request: Request) -> Services:
    """What this function was wired with."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - make_app was given them
    return found
