"""What administrators do with people."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.auth.schemas import (
    Ended,
    ErasureReceipt,
    ErasuresResumed,
    Paging,
    SessionEntry,
    SessionList,
    UserChange,
    UserEntry,
    UserPage,
)
from functions.auth.serving import services
from shared.web.body import query, read
from shared.web.described import described
from shared.web.guard import Access, person, route


async def users(request: Request) -> Response:
    """The people who have signed in, by subject."""
    wanted = query(request, Paging)
    found = await services(request).people.page(wanted.cursor, wanted.limit + 1)
    shown = found[: wanted.limit]
    more = shown[-1].subject if len(found) > wanted.limit else None
    page = UserPage(users=[UserEntry.of(one) for one in shown], next_cursor=more)
    return JSONResponse(page.model_dump(mode="json"))


async def change_user(request: Request) -> Response:
    """Change somebody's role or tier."""
    change = await read(request, UserChange)
    people = services(request).people
    changed = await people.change(person(request), request.path_params["id"], change.role, change.tier)
    return JSONResponse(UserEntry.of(changed).model_dump(mode="json"))


async def erase_user(request: Request) -> Response:
    """Erase somebody, as they asked by another way; the answer is the receipt."""
    own, subject = services(request), request.path_params["id"]
    await own.sessions.end_all_of(subject, person(request).subject)
    receipt = await own.erasure.erase(subject, person(request).subject)
    return JSONResponse(ErasureReceipt.of(receipt).model_dump(mode="json"))


async def sessions_of(request: Request) -> Response:
    """Where somebody is signed in."""
    found = await services(request).sessions.list(request.path_params["id"])
    entries = [SessionEntry.of(session, person(request).session_id) for session in found]
    return JSONResponse(SessionList(sessions=entries).model_dump(mode="json"))


async def end_sessions_of(request: Request) -> Response:
    """Sign somebody out everywhere."""
    ended = await services(request).sessions.end_all_of(request.path_params["id"], person(request).subject)
    return JSONResponse(Ended(ended=ended).model_dump())


async def resume_erasures(request: Request) -> Response:
    """Go on with erasures that were cut off."""
    finished = await services(request).erasure.resume_all()
    return JSONResponse(ErasuresResumed(finished=finished).model_dump())


_PEOPLE = "/auth/users"
_ONE = "/auth/users/{id}"
ROUTES = [
    route(_PEOPLE, users, access=Access.ADMIN, wire=described(UserPage, query=Paging)),
    route(_ONE, change_user, method="PATCH", access=Access.ADMIN, wire=described(UserEntry, body=UserChange)),
    route(_ONE, erase_user, method="DELETE", access=Access.ADMIN, wire=described(ErasureReceipt)),
    route(f"{_ONE}/sessions", sessions_of, access=Access.ADMIN, wire=described(SessionList)),
    route(f"{_ONE}/sessions", end_sessions_of, method="DELETE", access=Access.ADMIN, wire=described(Ended)),
    route(
        "/auth/erasures",
        resume_erasures,
        method="POST",
        access=Access.ADMIN,
        wire=described(ErasuresResumed),
    ),
]
