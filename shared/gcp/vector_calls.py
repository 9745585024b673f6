"""The four calls of Vector Search that Docent makes, over gRPC."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from shared.gcp.tracing import interceptors
from shared.gcp.vector_messages import PACKAGE, message
from shared.settings import is_loopback

_CLOUD = "https://www.googleapis.com/auth/cloud-platform"
_MESSAGE_LIMIT = [("grpc.max_receive_message_length", 32 * 1024 * 1024)]
METHODS = {
    "UpsertDatapoints": ("IndexService", "index"),
    "RemoveDatapoints": ("IndexService", "index"),
    "FindNeighbors": ("MatchService", "index_endpoint"),
    "ReadIndexDatapoints": ("MatchService", "index_endpoint"),
}
"""Of each method its service, and the field of its request by which Google routes it (google.api.http)."""


class VectorCalls:
    """Calls of one address, made in one event loop. Raises google.api_core's errors."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._channel: Any = None
        self._stubs: dict[str, Callable[..., Awaitable[Any]]] = {}

    async def call(self, method: str, request: Any, timeout: float) -> Any:  # noqa: ASYNC109 - gRPC's deadline
        """The response to one of METHODS. No retries: whoever asks knows whether there is time for one."""
        if method not in self._stubs:
            self._stubs[method] = self._stub(method)
        field = METHODS[method][1]
        routed = ("x-goog-request-params", f"{field}={quote(getattr(request, field), safe='')}")
        return await self._stubs[method](request, timeout=timeout, metadata=(routed,))

    async def close(self) -> None:
        """Close the connection."""
        if self._channel is not None:
            await self._channel.close()

    def _stub(self, method: str) -> Callable[..., Awaitable[Any]]:
        from google.api_core.grpc_helpers_async import wrap_errors

        if self._channel is None:
            self._channel = _opened(self._host)
        made: Callable[..., Awaitable[Any]] = wrap_errors(  # type: ignore[no-untyped-call]
            self._channel.unary_unary(
                f"/{PACKAGE}.{METHODS[method][0]}/{method}",
                request_serializer=message(f"{method}Request").SerializeToString,
                response_deserializer=message(f"{method}Response").FromString,
            )
        )
        return made


def _opened(host: str) -> Any:
    """A channel over TLS with the function's own account; in plaintext on this machine."""
    options: dict[str, Any] = {"options": _MESSAGE_LIMIT, "interceptors": interceptors()}
    if is_loopback(host):
        from grpc.aio import insecure_channel

        return insecure_channel(host, **options)
    from google.api_core.grpc_helpers_async import create_channel

    target = host if ":" in host else f"{host}:443"
    return create_channel(target, default_scopes=[_CLOUD], default_host=host, **options)
