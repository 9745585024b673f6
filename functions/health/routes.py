"""The routes of health; what administrators look at stands beside."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from functions.health import admin, caches, costs, rates
from functions.health.gauges import Gauges
from functions.health.schemas import Alive, AuditLine, AuditPage, AuditQuery, Health, Stats, Verified
from functions.health.serving import services
from shared.errors import AppError
from shared.observing.openmetrics import CONTENT_TYPE, exposition, total
from shared.web.body import query
from shared.web.described import Wire, described
from shared.web.guard import Access, route

_PATIENCE = 2.0
"""Seconds that counting may take where only numbers would be missing."""


async def live(_request: Request) -> Response:
    """GET /health/live: this process answers; asks nobody."""
    return JSONResponse(Alive().model_dump())


async def health(request: Request) -> Response:
    """GET /health: whether Docent can answer, and what is not well or slow; 503 when something is not."""
    own = services(request)
    findings, (collections, files) = await asyncio.gather(own.checks.findings(), _size(own.gauges))
    found = Health.of(findings, collections, files)
    return JSONResponse(found.model_dump(), 200 if found.status == "ok" else 503)


async def stats(request: Request) -> Response:
    """GET /stats: how much there is to ask, and how it went so far."""
    own = services(request)
    known, states, sums = await asyncio.gather(own.collections.all(), own.gauges.states(), own.numbers.sums())
    found = Stats(
        collections=len(known),
        files_indexed=states.get("indexed", 0) + states.get("partial", 0),
        files={str(state): count for state, count in states.items()},
        questions=total(sums, "docent_answers_total"),
        answered=total(sums, "docent_answers_total", outcome="answered"),
        declined=total(sums, "docent_answers_total", outcome="declined"),
        degraded=total(sums, "docent_answers_total", outcome="degraded"),
        unsupported_sentences=total(sums, "docent_unsupported_sentences_total"),
        access_denials=total(sums, "docent_access_denials_total"),
    )
    return JSONResponse(found.model_dump())


async def metrics(request: Request) -> Response:
    """GET /metrics: numbers of all functions and instances, in OpenMetrics."""
    own = services(request)
    sums, measured = await asyncio.gather(own.numbers.sums(), own.gauges.measured())
    return PlainTextResponse(exposition(sums, measured), headers={"Content-Type": CONTENT_TYPE})


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


async def _size(gauges: Gauges) -> tuple[int, int]:
    """Collections and files that can be asked, 0 where that cannot be told in time; the checks say why."""
    try:
        async with asyncio.timeout(_PATIENCE):
            known, states = await asyncio.gather(gauges.collections.all(), gauges.states())
    except (AppError, TimeoutError):
        return 0, 0
    return len(known), states.get("indexed", 0) + states.get("partial", 0)


ROUTES = [
    route(
        "/health",
        health,
        access=Access.PUBLIC,
        wire=Wire(((200, Health), (503, Health))),
    ),
    route("/health/live", live, access=Access.PUBLIC, wire=described(Alive)),
    route("/metrics", metrics, access=Access.OPERATOR, wire=described("application/openmetrics-text")),
    route("/audit", audit, access=Access.ADMIN, wire=described(AuditPage, query=AuditQuery)),
    route("/stats", stats, access=Access.ADMIN, wire=described(Stats)),
    *admin.ROUTES,
    route("/cost/summary", costs.summary, access=Access.ADMIN, wire=described(costs.CostSummary)),
    *caches.ROUTES,
    *rates.ROUTES,
]
