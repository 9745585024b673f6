"""Whether a service answers, asked as cheaply as can be.

A probe carries no credentials, so whoever runs it needs no right to anything: "you may not" is an answer, by
a service that is there. What it cannot tell is whether Docent's accounts lack a role; their calls tell that.
"""

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from shared.errors import Unavailable
from shared.gcp.http_calls import HttpCalls
from shared.loopback import is_loopback

_DOWN = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "RESOURCE_EXHAUSTED", "ABORTED"}


_ILL = {429, 500, 502, 503, 504}


class HttpProbe:
    """Asks an address; a refusal is a service that is well, even "there is no such method" (501)."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._target = place._replace(scheme="", netloc="", path=place.path or "/").geturl()
        self._calls = HttpCalls(f"{place.scheme}://{place.netloc}", "probe", timeout=5)

    async def __call__(self) -> None:
        """Raises Unavailable."""
        try:
            async with self._calls.call("GET", self._target, {}, name="get") as answer:
                await answer.whole()
        except OSError as error:
            raise Unavailable from error
        if answer.status in _ILL:
            raise Unavailable

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()


class GrpcProbe:
    """Calls a method with an empty message; a refusal is a service that is well."""

    def __init__(self, host: str, method: str) -> None:
        self._host, self._method = host, method

    async def __call__(self) -> None:
        """Raises Unavailable."""
        import grpc.aio

        try:
            await self._call(b"", timeout=5)
        except grpc.aio.AioRpcError as error:
            if error.code().name in _DOWN:
                raise Unavailable from error

    @cached_property
    def _call(self) -> Any:
        import grpc
        import grpc.aio

        if is_loopback(self._host):
            channel = grpc.aio.insecure_channel(self._host)
        else:
            channel = grpc.aio.secure_channel(self._host, grpc.ssl_channel_credentials())
        return channel.unary_unary(self._method)
