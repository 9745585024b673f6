"""Entry point of the health function."""

from functools import cache

import functions_framework.aio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from shared.web.connections import configure_server
from shared.web.forking import imported_once

with imported_once():
    from functions.health.routes import ROUTES
    from functions.health.wiring import build_services
    from shared.web.app import AppResponse, make_app

configure_server()


@cache
def instance_app() -> Starlette:
    """The app of this instance, built on the first request, inside the serving event loop."""
    services = build_services()
    return make_app(ROUTES, services, services.guard, services.bookkeeper)


@functions_framework.aio.http
async def health(_request: Request) -> Response:
    """Answer a request with the app."""
    return AppResponse(instance_app())
