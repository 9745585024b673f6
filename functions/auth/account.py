"""One's own account: who is asking, their sessions, everything about them, and the end of it."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from functions.auth.cookies import clear_cookie
from functions.auth.schemas import Ended, ErasureReceipt, Exported, SessionEntry, SessionList, SignedInPerson
from functions.auth.serving import services
from shared.identity.export import export
from shared.limits import meter
from shared.web.described import described
from shared.web.guard import person, route


async def user(request: Request) -> Response:
    """Who is asking."""
    asking, own = person(request), services(request)
    grant, _ = await asyncio.gather(own.grants.state(asking.subject), own.sessions.seen(asking.session_id))
    return JSONResponse(SignedInPerson.of(asking, grant).model_dump())


async def sessions(request: Request) -> Response:
    """Where the person is signed in."""
    asking = person(request)
    found = await services(request).sessions.list(asking.subject)
    entries = [SessionEntry.of(session, asking.session_id) for session in found]
    return JSONResponse(SessionList(sessions=entries).model_dump(mode="json"))


async def end_session(request: Request) -> Response:
    """End one session: one's own, or anybody's for an administrator."""
    await services(request).sessions.end_one(person(request), request.path_params["id"])
    return Response(status_code=204)


async def end_other_sessions(request: Request) -> Response:
    """End every session of the person's but this one."""
    ended = await services(request).sessions.end_others(person(request))
    return JSONResponse(Ended(ended=ended).model_dump())


async def erase(request: Request) -> Response:
    """Delete everything about the person; the answer is the receipt.

    Asked again after a failure it goes on; the session lasts until nearly the end.
    """
    own, asking = services(request), person(request)
    if (counting := meter.current()) is not None:
        counting.subject = ""  # what this very request costs is written when the person is gone
    await own.sessions.end_others(asking)
    receipt = await own.erasure.erase(asking.subject, asking.subject)
    response = JSONResponse(ErasureReceipt.of(receipt).model_dump(mode="json"))
    clear_cookie(response, secure=own.secure)
    return response


async def export_all(request: Request) -> Response:
    """Everything about the person as one JSON, sent as it is read."""
    own, asking = services(request), person(request)
    await own.trail.require("person.exported", asking.subject, asking.subject)
    pieces = export(asking.subject, own.stores, time.time())
    # The first store is asked before the answer begins, so that a failure still has a status of its own.
    begun = [await anext(pieces), await anext(pieces), await anext(pieces)]
    return StreamingResponse(
        _together(begun, pieces),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="docent-export.json"'},
    )


ROUTES = [
    route("/auth/user", user, wire=described(SignedInPerson)),
    route("/auth/user", erase, method="DELETE", wire=described(ErasureReceipt)),
    route("/auth/user/export", export_all, wire=described(Exported)),
    route("/auth/sessions", sessions, wire=described(SessionList)),
    route("/auth/sessions", end_other_sessions, method="DELETE", wire=described(Ended)),
    route("/auth/sessions/{id}", end_session, method="DELETE", wire=described(None)),
]


async def _together(begun: list[str], rest: AsyncIterator[str]) -> AsyncIterator[str]:
    for piece in begun:
        yield piece
    async for piece in rest:
        yield piece
