"""One Starlette app a function: its routes, behind the same errors, headers and request ids."""

import re
import secrets
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import log
from shared.errors import AppError, Malformed, NotFound, WrongMethod
from shared.limits.bookkeeper import Bookkeeper
from shared.web.guard import ANSWER_HEADERS, Access, Guard
from shared.web.metering import Metering
from shared.web.observing import Observed, Observing
from shared.web.problem import problem_response

_log = log.get_logger("web")
_TRACE = re.compile(r"[0-9a-f]{32}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_FRAMEWORK_SCOPE = {"router", "route", "endpoint", "path_params"}


class AppResponse(Response):
    """Hands the request on to an ASGI app. A Response, because functions-framework asks for one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the app, without the framework's own routing in the scope."""
        own = {key: value for key, value in scope.items() if key not in _FRAMEWORK_SCOPE}
        await self.app(own, receive, send)


def make_app(
    routes: Sequence[BaseRoute], services: object, guard: Guard, bookkeeper: Bookkeeper | None = None
) -> Starlette:
    """The app of a function: `services` is what its handlers call, `guard` who may call them.

    `bookkeeper` takes what each request consumed, the services' reporter, if they have one, what each did.
    """
    reporter = services.reporter if isinstance(services, Observed) else None
    app = Starlette(
        routes=list(routes),
        middleware=[
            Middleware(RequestContext),
            Middleware(Observing, reporter=reporter),
            *([Middleware(Metering, bookkeeper=bookkeeper)] if bookkeeper is not None else []),
            Middleware(ErrorBoundary),
            Middleware(
                CORSMiddleware,
                allow_origins=sorted(guard.origins),
                allow_credentials=True,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["authorization", "content-type", "x-firebase-appcheck"],
            ),
        ],
        exception_handlers={AppError: _app_error, HTTPException: _http_error},
    )
    # Starlette would send "/path/" to "/path" on whatever host the request names.
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.guard = guard
    return app


def request_id(connection: HTTPConnection) -> str:
    """The id that this request's answer, errors and log lines carry."""
    return str(connection.scope.get("docent.request_id", ""))


class RequestContext:
    """Gives each request an id, binds it to the logs, and puts the security headers on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with id and headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = HTTPConnection(scope).headers
        identity = _trace(headers) or secrets.token_hex(16)
        scope["docent.request_id"] = identity
        log.unbind_all()
        log.bind(request_id=identity, execution_id=headers.get("function-execution-id", ""))

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
                answer.update(scope.get(ANSWER_HEADERS, {}))
                answer["X-Request-Id"] = identity
            await send(message)

        await self.app(scope, receive, decorated)


class ErrorBoundary:
    """Turns an unforeseen exception into one log entry and one problem+json.

    Starlette's own 500 handler re-raises after it answered, and functions-framework would then
    answer a second time. Once the answer has begun, the connection is cut instead, so that the
    client knows it is incomplete.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and let no exception out before the answer has begun."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            _log.exception("request.failed")
            if started:
                raise
            await problem_response(AppError(_UNFORESEEN), request_id(HTTPConnection(scope)))(
                scope, receive, send
            )


_UNFORESEEN = (
    "Something went wrong on our side. Try again; if it stays, give the request id to your administrator."
)


def _trace(headers: Mapping[str, str]) -> str:
    """The trace id that Google's front end gave the request, so that logs and traces join up."""
    candidate = headers.get("x-cloud-trace-context", "").partition("/")[0]
    if _TRACE.fullmatch(candidate):
        return candidate
    parent = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return parent[1] if parent else ""


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 - Starlette calls by type
    log_line = _log.warning if error.status >= 500 else _log.info  # noqa: PLR2004 - server errors
    log_line("request.refused", code=error.code, status=error.status)
    return problem_response(error, request_id(request))


async def _http_error(request: Request, error: Exception) -> Response:
    """What Starlette found wrong; a stranger is asked to sign in before hearing what exists."""
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette calls by type
    try:
        await request.app.state.guard.admit(request, Access.PERSON)
    except AppError as refusal:
        return problem_response(refusal, request_id(request))
    known: dict[int, AppError] = {
        404: NotFound("There is nothing at this address."),
        405: WrongMethod("This address exists, but not with this method."),
    }
    return problem_response(
        known.get(error.status_code, Malformed(error.detail)), request_id(request), error.headers
    )
