"""HTTP clients for Google's REST APIs.

To read the certificates that are trusted takes 30 ms of CPU and half a MB, so it is done once a process.
"""

import ssl
from functools import cache, cached_property
from typing import Any

import httpx


@cache
def certificates() -> ssl.SSLContext:
    """The certificates that are trusted: those of the environment (SSL_CERT_FILE), else certifi's."""
    return httpx.create_ssl_context()


def client(*, trust_env: bool = True, **options: Any) -> httpx.AsyncClient:
    """An asynchronous client of its own, with the certificates of all.

    Without the environment's proxies (`trust_env`) it costs nothing until it is first used.
    """
    if trust_env:
        return httpx.AsyncClient(verify=certificates(), **options)
    return httpx.AsyncClient(transport=_Later(), trust_env=False, **options)


class _Later(httpx.AsyncBaseTransport):
    """httpx's own transport, made at the first request."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._made.handle_async_request(request)

    async def aclose(self) -> None:
        if "_made" in self.__dict__:
            await self._made.aclose()

    @cached_property
    def _made(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(verify=certificates(), trust_env=False)
