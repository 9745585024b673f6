"""What every handler of auth needs of a request."""

from starlette.requests import Request

from functions.auth.wiring import Services
from shared.identity.records import Device
from shared.web.client_address import place


def services(request: Request) -> Services:
    """The services of auth."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - make_app was given them
    return found


def device(request: Request) -> Device:
    """What the client calls itself, and where it is as far as that can be believed."""
    web = services(request).web
    where = place(request, web.trusted_proxy_hops, web.client_place_header)
    return Device(request.headers.get("user-agent", ""), where)
