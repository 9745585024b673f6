"""The one address in front of everything: stands in for Firebase Hosting and its rewrites."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from local.control.http import counted_receive, counted_send
from local.runner.controls import Controls
from local.runner.pages import Pages
from local.runner.proxy import Proxy

Headers = list[tuple[bytes, bytes]]

REWRITES = (
    ("auth", re.compile(r"/auth/.*")),
    ("chat", re.compile(r"/chat(/.*)?|/collections|/folders(/.*)?|/files/.*")),
    ("ingest", re.compile(r"/collections/.*|/ingest/.*")),
    ("health", re.compile(r"/health(/.*)?|/cache/.*|/cost/.*|/stats(/.*)?|/metrics|/audit")),
)
"""Which function has which paths; whatever is left is the page's."""


_OWN = {"/local/stack", "/local/control"}
_TRACES = {b"traceparent", b"x-cloud-trace-context"}


def with_trace(headers: Headers) -> Headers:
    """The headers, with both of Google's trace headers made anew where the caller sent neither."""
    if any(name in _TRACES for name, _ in headers):
        return headers
    trace, span = secrets.token_hex(16), secrets.token_bytes(8)
    older = f"{trace}/{int.from_bytes(span)};o=1".encode()
    parent = f"00-{trace}-{span.hex()}-01".encode()
    return [*headers, (b"traceparent", parent), (b"x-cloud-trace-context", older)]


def owner(path: str) -> str | None:
    """The function that has this path, or None when it is the page's."""
    return next((role for role, pattern in REWRITES if pattern.fullmatch(path)), None)


class Gateway:
    """Sends each request to the function that has its path, to the control ports, or to the page."""

    def __init__(self, proxy: Proxy, controls: Controls, pages: Pages) -> None:
        self._proxy, self._controls, self._pages = proxy, controls, pages
        self._functions = controls.functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"the gateway speaks HTTP, not {scope['type']}")
        role = owner(scope["path"])
        if role is not None:
            await self._forward(role, scope, receive, send)
        elif scope["path"] in _OWN or scope["path"].startswith("/local/control/"):
            response = await self._controls.answer(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    async def _forward(self, role: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a trace id, as Google's front end does, and remember how it went."""
        headers = with_trace(scope["headers"])
        detail = f"{scope['method']} {scope['path']}"
        text = [(name.decode("latin-1"), value) for name, value in headers]
        with self._functions.call(role, text, detail) as call:
            await self._functions.meet(call)
            traced = {**scope, "headers": headers}
            await self._proxy.forward(role, traced, counted_receive(receive, call), counted_send(send, call))

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Gateway"]:
        """The gateway, whose connections are closed at the end."""
        try:
            yield self
        finally:
            await self._proxy.close()
            await self._controls.close()
