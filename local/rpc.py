"""A gRPC service as a table of unary methods, served on the loopback."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.rpc.error_details_pb2 import Help
from google.rpc.status_pb2 import Status

from local.control.faults import Control
from local.control.interceptor import ControlInterceptor
from local.standin import LOOPBACK

MAX_REQUEST_BYTES = 10 * 1024 * 1024


class RefusedError(Exception):
    """What the real service would refuse: a status code, its sentence, and where it sends the reader.

    `help_link` is a description and an address, sent as google.rpc.Help.
    """

    def __init__(self, code: grpc.StatusCode, message: str, help_link: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help_link = code, message, help_link

    def trailers(self) -> tuple[tuple[str, bytes], ...]:
        """The status with its details, in the trailing metadata where clients look for it."""
        if not self.help_link:
            return ()
        description, url = self.help_link
        status = Status(code=self.code.value[0], message=self.message)
        status.details.add().Pack(Help(links=[Help.Link(description=description, url=url)]))
        return (("grpc-status-details-bin", status.SerializeToString()),)


@dataclass(frozen=True)
class Method:
    """One unary call: its name, the protobuf class of its request, and what answers it."""

    name: str
    request: Any
    answer: Callable[[Any], Awaitable[Any]]


def unimplemented(name: str, sentence: str) -> Method:
    """A method that exists in the real service and is refused here."""

    async def refuse(_request: Any) -> NoReturn:
        """Raise UNIMPLEMENTED."""
        raise RefusedError(grpc.StatusCode.UNIMPLEMENTED, sentence)

    return Method(name, None, refuse)


def _handler(method: Method) -> Any:
    async def behaviour(request: Any, context: "grpc.aio.ServicerContext[Any, Any]") -> Any:
        try:
            return await method.answer(request)
        except RefusedError as refused:
            await context.abort(refused.code, refused.message, refused.trailers())

    return grpc.unary_unary_rpc_method_handler(
        behaviour,
        request_deserializer=method.request.FromString if method.request else None,
        response_serializer=lambda reply: reply.SerializeToString(),
    )


class GrpcServer:
    """One gRPC service on a loopback port, behind its control."""

    def __init__(self, service: str, methods: Sequence[Method], control: Control, port: int = 0) -> None:
        self._service, self._methods, self._control, self._port = service, methods, control, port
        self._server: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError naming the port when it is taken."""
        self._server = grpc.aio.server(
            interceptors=[ControlInterceptor(self._control)],
            # Without this a second server would share the port in silence.
            options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", MAX_REQUEST_BYTES)],
        )
        handlers = {method.name: _handler(method) for method in self._methods}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(self._service, handlers),)
        )
        try:
            port = self._server.add_insecure_port(f"{LOOPBACK}:{self._port}")
        except RuntimeError as error:
            raise OSError(f"port {self._port} on {LOOPBACK} is taken") from error
        await self._server.start()
        return port

    async def stop(self) -> None:
        """Stop listening; calls under way get a second to finish."""
        if self._server:
            await self._server.stop(grace=1)
