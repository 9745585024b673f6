"""The entry point of the auth function."""

from functools import cache

import functions_framework.aio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from shared.web.connections import configure_server
from shared.web.forking import imported_once

with imported_once():
    from functions.auth.routes import ROUTES
    from functions.auth.wiring import build_guard, build_services
    from shared.web.app import AppResponse, make_app

configure_server()


@cache
def instance_app() -> Starlette:
    """The app of this instance, built on the first request, inside the serving event loop."""
    services = build_services()
    return make_app(ROUTES, services, build_guard(services), services.bookkeeper)


@functions_framework.aio.http
async def auth(_request: Request) -> Response:
    """Sign-in, sessions, and the keys that verify them."""
    return AppResponse(instance_app())
