"""Control in front of a gRPC server."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc
import grpc.aio

from local.control.faults import Control, Fault


async def _fail(fault: Fault, context: "grpc.aio.ServicerContext[Any, Any]") -> NoReturn:
    """End the call as the fault says; a dropped connection looks like UNAVAILABLE to a client."""
    name = "UNAVAILABLE" if fault.drop else fault.status
    code = getattr(grpc.StatusCode, name, grpc.StatusCode.UNKNOWN)
    await context.abort(code, f"injected: {name}")
    raise AssertionError("abort() raises")


class ControlInterceptor(grpc.aio.ServerInterceptor):
    """Counts every call by its short method name and injects the faults that are armed."""

    def __init__(self, control: Control) -> None:
        self._control = control

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler that the server found, or pass on that it found none."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        method = str(handler_call_details.method).rsplit("/", 1)[-1]
        return self._wrapped(handler, method)

    def _wrapped(self, handler: Any, method: str) -> Any:
        control = self._control

        def unary(inner: Any) -> Any:
            async def call(request: Any, context: Any) -> Any:
                fault = await control.enter(method)
                if fault and (fault.status or fault.drop):
                    await _fail(fault, context)
                return await inner(request, context)

            return call

        def stream(inner: Any) -> Any:
            async def call(request: Any, context: Any) -> Any:
                fault = await control.enter(method)
                if fault and (fault.status or fault.drop):
                    await _fail(fault, context)
                async for reply in inner(request, context):
                    yield reply

            return call

        kinds = {
            (False, False): ("unary_unary", unary, grpc.unary_unary_rpc_method_handler),
            (False, True): ("unary_stream", stream, grpc.unary_stream_rpc_method_handler),
            (True, False): ("stream_unary", unary, grpc.stream_unary_rpc_method_handler),
            (True, True): ("stream_stream", stream, grpc.stream_stream_rpc_method_handler),
        }
        attribute, wrap, make = kinds[handler.request_streaming, handler.response_streaming]
        return make(
            wrap(getattr(handler, attribute)),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
