"""The HTTP of health."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.health.schemas import AuditLine, AuditPage, AuditQuery, Verified
from functions.health.wiring import Services
from shared.web.body import query
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


async def audit(request: Request) -> Response:
    """GET /audit: who was let in, refused, changed or erased; with `verify=true` whether the chain holds."""
    wanted = query(request, AuditQuery)
    reader = services(request).audit
    before = int(wanted.cursor) if wanted.cursor else None
    links = await reader.page(before, wanted.limit + 1, event=wanted.event, person=wanted.person)
    shown = links[: wanted.limit]
    page = AuditPage(
        entries=[AuditLine.of(link) for link in shown],
        next_cursor=str(shown[-1].seq) if len(links) > wanted.limit else None,
        verified=Verified.of(await reader.verify()) if wanted.verify else None,
    )
    return JSONResponse(page.model_dump(mode="json"))


ROUTES = [
    route("/health", health, access=Access.PUBLIC),
    route("/audit", audit, access=Access.ADMIN),
    route("/stats", stats, access=Access.ADMIN),
]
