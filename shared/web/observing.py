"""Records each request: its span, its calls, how it went; and says so in one line."""

import re
from typing import Protocol, runtime_checkable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import log
from shared.observing import spans
from shared.observing.reporter import Reporter
from shared.observing.spans import Trace

_log = log.get_logger("web")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_SAMPLED = 0x01
UNLOGGED = frozenset({"/health/live"})
"""Routes that are asked every few seconds and have nothing to say."""


@runtime_checkable
class Observed(Protocol):
    """Services with a reporter."""

    reporter: Reporter | None


class Observing:
    """Records what happens in each request, from its first byte to the last one of its answer."""

    def __init__(self, app: ASGIApp, reporter: Reporter | None) -> None:
        self._app, self._reporter = app, reporter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and report."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent, sampled = _sender(HTTPConnection(scope))
        trace = spans.begin(scope["method"], str(scope["docent.request_id"]), parent, sampled=sampled)
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._report(trace, scope, status)

    def _report(self, trace: Trace, scope: Scope, status: int) -> None:
        """`status` is 0 when the caller left before the answer began."""
        route = str(getattr(scope.get("route"), "path", "none"))
        trace.root.name = f"{scope['method']} {route}"
        trace.root.attributes |= {
            "http.request.method": scope["method"],
            "http.route": route,
            "http.response.status_code": status,
        }
        failed = status == 0 or status >= 500  # noqa: PLR2004 - a server's errors
        trace.finish(str(status) if failed else "")
        if route not in UNLOGGED:
            _log.info("request.finished", method=scope["method"], route=route, **_told(trace, status))
        if self._reporter is not None:
            self._reporter.finished(trace)


def _told(trace: Trace, status: int) -> dict[str, int]:
    told = {"status": status, "duration_ms": round(trace.root.seconds * 1000), "hops": len(trace.calls)}
    first = trace.marks.get("first_token")
    return told if first is None else told | {"first_token_ms": round(first * 1000)}


def _sender(connection: HTTPConnection) -> tuple[str, bool]:
    """The span of whoever sent the request, and whether it is to be kept; all are unless it says no."""
    found = _TRACEPARENT.fullmatch(connection.headers.get("traceparent", ""))
    if found is None:
        return "", True
    return found[1], bool(int(found[2], 16) & _SAMPLED)
