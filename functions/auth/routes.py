"""The routes of auth: signing in and out, who is signed in where, and the public keys."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from functions.auth.cookies import clear_cookie, refresh_token_in, set_cookie, set_session
from functions.auth.pages import failure_page
from functions.auth.schemas import Ended, RefreshRequest, SessionEntry, SessionList, SignedInPerson, Tokens
from functions.auth.wiring import Services
from shared.errors import AppError, NotSignedIn
from shared.identity.interfaces import AccountNotAllowed, SignInExpired
from shared.identity.return_paths import HOME, safe_return
from shared.identity.signin import Callback
from shared.web import app
from shared.web.body import read
from shared.web.guard import COOKIE, Access, person, route
from shared.web.problem import problem_response

_SEE_OTHER = 303
_KEYS_MAY_BE_KEPT = "public, max-age=60"


async def login(request: Request) -> Response:
    """Send the browser to Google's page; `return_to` is where it wants to be afterwards."""
    own = services(request)
    return_to = request.query_params.get("return_to", HOME)
    try:
        departure = await own.signin.begin(return_to, request.cookies.get(COOKIE, ""))
    except AppError as error:
        return _failed(request, error, return_to)
    response = RedirectResponse(departure.location, _SEE_OTHER)
    set_cookie(response, departure.cookie, departure.lifetime, secure=own.secure)
    return response


async def callback(request: Request) -> Response:
    """Google's page sends the browser back here."""
    own = services(request)
    try:
        arrival = await own.signin.finish(_callback(request))
    except SignInExpired as error:
        return await _expired(request, error)
    except AppError as error:
        return _failed(request, error, HOME)
    response = RedirectResponse(own.home + arrival.return_to, _SEE_OTHER)
    set_session(response, arrival.tokens, arrival.lifetime, secure=own.secure)
    return response


async def refresh(request: Request) -> Response:
    """Renew the session: a browser's by its cookie, another client's by the token in the body."""
    own = services(request)
    given = await _given_refresh_token(request)
    if given:
        tokens = await own.sessions.renew(given)
        return JSONResponse(Tokens.of(tokens, own.sessions.access_lifetime).model_dump())
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        raise NotSignedIn("Sign in first.")
    request.app.state.guard.require_same_origin(request)
    try:
        tokens = await own.sessions.renew(refresh_token_in(cookie))
    except NotSignedIn as error:
        return _signed_out(request, error)
    response = Response(status_code=204)
    set_session(response, tokens, own.sessions.lifetime, secure=own.secure)
    return response


async def user(request: Request) -> Response:
    """Who is asking."""
    asking = person(request)
    await services(request).sessions.seen(asking.session_id)
    return JSONResponse(SignedInPerson.of(asking).model_dump())


async def logout(request: Request) -> Response:
    """End this session, everywhere and now."""
    own = services(request)
    await own.sessions.end(person(request).session_id)
    response = Response(status_code=204)
    clear_cookie(response, secure=own.secure)
    return response


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


async def jwks(request: Request) -> Response:
    """The public keys that verify session tokens (RFC 7517)."""
    keys = await services(request).keys.jwks()
    return JSONResponse(keys, headers={"Cache-Control": _KEYS_MAY_BE_KEPT})


ROUTES = [
    route("/auth/login", login, access=Access.PUBLIC),
    route("/auth/callback", callback, access=Access.PUBLIC),
    route("/auth/refresh", refresh, method="POST", access=Access.PUBLIC),
    route("/auth/user", user),
    route("/auth/logout", logout, method="POST"),
    route("/auth/sessions", sessions),
    route("/auth/sessions", end_other_sessions, method="DELETE"),
    route("/auth/sessions/{id}", end_session, method="DELETE"),
    route("/auth/jwks", jwks, access=Access.PUBLIC),
]


def services(request: Request) -> Services:
    """The services of auth."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - make_app was given them
    return found


async def _given_refresh_token(request: Request) -> str:
    """The refresh token in a JSON body; "" when there is no body or it names none."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return ""
    return (await read(request, RefreshRequest)).refresh_token


def _signed_out(request: Request, error: NotSignedIn) -> Response:
    """The refusal, and the end of a cookie that is worth nothing any more."""
    response = problem_response(error, app.request_id(request))
    clear_cookie(response, secure=services(request).secure)
    return response


def _callback(request: Request) -> Callback:
    query = request.query_params
    return Callback(
        state=query.get("state", ""),
        code=query.get("code", ""),
        error=query.get("error", ""),
        issuer=query.get("iss", ""),
        cookie=request.cookies.get(COOKIE, ""),
        user_agent=request.headers.get("user-agent", ""),
    )


async def _expired(request: Request, error: SignInExpired) -> Response:
    """A callback opened a second time, by reload or the back button, must not look like being signed out."""
    try:
        await services(request).verifier.person(request.cookies.get(COOKIE, ""))
    except NotSignedIn:
        return _failed(request, error, HOME)
    except AppError as unknowable:
        return _failed(request, unknowable, HOME)
    signed_in = SignInExpired("This page was for signing in, and you are signed in already.")
    return failure_page(signed_in, app.request_id(request), link=HOME, label="Go to Docent")


def _failed(request: Request, error: AppError, return_to: str) -> Response:
    again = "/auth/login?" + urlencode({"return_to": safe_return(return_to)})
    label = "Choose another account" if isinstance(error, AccountNotAllowed) else "Try again"
    return failure_page(error, app.request_id(request), link=again, label=label)
