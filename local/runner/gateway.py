"""The one address in front of everything: stands in for Firebase Hosting and its rewrites."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from local.runner.controls import Controls
from local.runner.pages import Pages
from local.runner.proxy import Proxy

REWRITES = (
    ("auth", re.compile(r"/auth/.*")),
    ("chat", re.compile(r"/chat(/.*)?|/collections|/folders(/.*)?|/files/.*")),
    ("ingest", re.compile(r"/collections/.*|/ingest/.*")),
    ("health", re.compile(r"/health|/cache/.*|/cost/.*|/stats|/metrics|/audit")),
)
"""Which function has which paths; whatever is left is the page's."""


def owner(path: str) -> str | None:
    """The function that has this path, or None when it is the page's."""
    return next((role for role, pattern in REWRITES if pattern.fullmatch(path)), None)


class Gateway:
    """Sends each request to the function that has its path, to the control ports, or to the page."""

    def __init__(self, proxy: Proxy, controls: Controls, pages: Pages) -> None:
        self._proxy, self._controls, self._pages = proxy, controls, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"the gateway speaks HTTP, not {scope['type']}")
        role = owner(scope["path"])
        if role is not None:
            await self._proxy.forward(role, scope, receive, send)
        elif scope["path"] == "/local/stack" or scope["path"].startswith("/local/control/"):
            response = await self._controls.answer(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Gateway"]:
        """The gateway, whose connections are closed at the end."""
        try:
            yield self
        finally:
            await self._proxy.close()
            await self._controls.close()
