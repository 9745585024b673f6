"""The HTTP of health."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.health.wiring import Services
from shared.web.guard import Access, route


def services(request: Request) -> Services:
    """What this function was wired with."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - wiring decides this once
    return found


async def health(request: Request) -> Response:
    """GET /health: whether Docent can answer; 503 when it cannot."""
    found = await services(request).health()
    return JSONResponse(found.model_dump(), 200 if found.status == "ok" else 503)


async def stats(request: Request) -> Response:
    """GET /stats: how much there is to ask, for administrators."""
    return JSONResponse((await services(request).stats()).model_dump())


ROUTES = [
    route("/health", health, access=Access.PUBLIC),
    route("/stats", stats, access=Access.ADMIN),
]
