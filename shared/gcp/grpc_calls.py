"""Unary calls of a Google service over gRPC, with messages that are declared here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from google.api_core import exceptions
from grpc import RpcError

from shared.gcp.channels import opened
from shared.gcp.declared import Declared
from shared.gcp.tracing import interceptors

_MESSAGE_LIMIT = [("grpc.max_receive_message_length", 32 * 1024 * 1024)]


class GrpcCalls:
    """Calls of one address, made in one event loop. Raises google.api_core's errors.

    `methods` has of each method its service, and the field of its request by which Google routes it
    (google.api.http); its messages are {method}Request and {method}Response.
    """

    def __init__(self, host: str, declared: Declared, methods: Mapping[str, tuple[str, str]]) -> None:
        self._host, self._declared, self._methods = host, declared, methods
        self._channel: Any = None
        self._stubs: dict[str, Callable[..., Awaitable[Any]]] = {}

    async def call(self, method: str, request: Any, timeout: float) -> Any:  # noqa: ASYNC109 - gRPC's deadline
        """The response to a method. No retries: whoever asks knows whether there is time for one."""
        if method not in self._stubs:
            self._stubs[method] = self._stub(method)
        field = self._methods[method][1]
        routed = ("x-goog-request-params", f"{field}={quote(getattr(request, field), safe='')}")
        try:
            return await self._stubs[method](request, timeout=timeout, metadata=(routed,))
        except RpcError as error:
            ours: Any = exceptions.from_grpc_error(error)  # type: ignore[no-untyped-call]
            raise ours from error

    async def close(self) -> None:
        """Close the connection."""
        if self._channel is not None:
            await self._channel.close()

    def _stub(self, method: str) -> Callable[..., Awaitable[Any]]:
        if self._channel is None:
            self._channel = opened(self._host, _MESSAGE_LIMIT, interceptors())
        message = self._declared.message
        made: Callable[..., Awaitable[Any]] = self._channel.unary_unary(
            f"/{self._declared.package}.{self._methods[method][0]}/{method}",
            request_serializer=message(f"{method}Request").SerializeToString,
            response_deserializer=message(f"{method}Response").FromString,
        )
        return made
