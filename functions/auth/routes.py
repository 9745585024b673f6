"""The routes of auth; here are the handlers of signing in and out, the others beside."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from functions.auth import account, admin, diagnosis
from functions.auth.cookies import clear_cookie, refresh_token_in, set_cookie, set_session
from functions.auth.pages import failure_page
from functions.auth.schemas import Diagnosis, FirebaseRequest, KeySet, RefreshRequest, Tokens
from functions.auth.serving import device, services
from shared.errors import AppError, NotFound, NotSignedIn
from shared.identity.interfaces import AccountNotAllowed, SignInExpired
from shared.identity.return_paths import HOME, safe_return
from shared.identity.signin import Callback
from shared.web import app
from shared.web.body import read
from shared.web.described import Wire, described
from shared.web.guard import Access, Rate, person, route, session_cookie
from shared.web.problem import problem_response

_SEE_OTHER = 303
_KEYS_MAY_BE_KEPT = "public, max-age=60"


async def login(request: Request) -> Response:
    """Send the browser to Google's page; `return_to` is where it wants to be afterwards."""
    own = services(request)
    return_to = request.query_params.get("return_to", HOME)
    try:
        departure = await own.signin.begin(return_to, session_cookie(request))
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
    cookie = session_cookie(request)
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


async def firebase(request: Request) -> Response:
    """A Firebase ID token becomes a session: a browser's as a cookie, another client's as tokens."""
    own = services(request)
    if own.firebase is None:
        raise NotFound("There is nothing at this address.")
    browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    if browser:
        # Only our own pages may ask for a cookie, or a foreign one could sign people in as somebody else.
        request.app.state.guard.require_same_origin(request)
    await own.signin.ready()
    given = await read(request, FirebaseRequest)
    app_token = request.headers.get("x-firebase-appcheck", "")
    tokens = await own.firebase.sign_in(given.id_token, app_token, device(request))
    if not browser:
        return JSONResponse(Tokens.of(tokens, own.sessions.access_lifetime).model_dump())
    response = Response(status_code=204)
    set_session(response, tokens, own.sessions.lifetime, secure=own.secure)
    return response


async def logout(request: Request) -> Response:
    """End this session, everywhere and now; with `everywhere=true` all of them, and the Drive grant too."""
    own, asking = services(request), person(request)
    if request.query_params.get("everywhere") == "true":
        await own.sessions.end_all_of(asking.subject, asking.subject)
        how = await own.grants.give_up(asking.subject)
        await own.trail.note("grant.ended", asking.subject, asking.subject, how=how)
    else:
        await own.sessions.end(asking)
    response = Response(status_code=204)
    clear_cookie(response, secure=own.secure)
    return response


async def jwks(request: Request) -> Response:
    """The public keys that verify session tokens (RFC 7517)."""
    keys = await services(request).keys.jwks()
    return JSONResponse(keys, headers={"Cache-Control": _KEYS_MAY_BE_KEPT})


_SIGNED_IN = described(None, Tokens, body=FirebaseRequest)
_RENEWED = described(None, Tokens, body=RefreshRequest)
_ELSEWHERE = described("", status=_SEE_OTHER)
_PAGES = (400, 401, 403, 409, 502, 503, 504)
"""What a sign-in that fails is answered with, each as a page: a person's browser stands there."""
_BACK = Wire(((_SEE_OTHER, ""), *((status, "text/html") for status in _PAGES)))
ROUTES = [
    route("/auth/login", login, access=Access.PUBLIC, rate=Rate.STRANGER, wire=_ELSEWHERE),
    route("/auth/callback", callback, access=Access.PUBLIC, rate=Rate.STRANGER, wire=_BACK),
    route(
        "/auth/firebase",
        firebase,
        method="POST",
        access=Access.PUBLIC,
        rate=Rate.STRANGER,
        wire=_SIGNED_IN,
    ),
    route("/auth/refresh", refresh, method="POST", access=Access.PUBLIC, wire=_RENEWED),
    route("/auth/logout", logout, method="POST", wire=described(None)),
    route("/auth/jwks", jwks, access=Access.PUBLIC, wire=described(KeySet)),
    route("/auth/doctor", diagnosis.doctor, access=Access.PUBLIC, wire=described(Diagnosis)),
    *account.ROUTES,
    *admin.ROUTES,
]


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
        cookie=session_cookie(request),
        device=device(request),
    )


async def _expired(request: Request, error: SignInExpired) -> Response:
    """A callback opened a second time, by reload or the back button, must not look like being signed out."""
    try:
        await services(request).verifier.person(session_cookie(request))
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
