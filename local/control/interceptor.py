"""Control in front of a gRPC server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NoReturn

import grpc
import grpc.aio

from local.control.calls import Call
from local.control.faults import Control, Fault

_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


async def _met(control: Control, call: Call, context: "grpc.aio.ServicerContext[Any, Any]") -> Fault | None:
    """Fail the call at once, or return the fault that is to strike when the work is done."""
    fault = await control.meet(call)
    if fault is None or not (fault.status or fault.drop):
        return None
    if not fault.late:
        await _fail(fault, context)
    return fault


@contextmanager
def _recorded(calling: AbstractContextManager[Call], size: "_Sizes", context: Any) -> Iterator[Call]:
    """The call, which ends with the code that its handler set."""
    with calling as made:
        size.of(made)
        try:
            yield made
        except BaseException as error:
            gone = isinstance(error, asyncio.CancelledError | GeneratorExit)
            made.status = _code(context) or ("CANCELLED" if gone else "UNKNOWN")
            raise
        made.status = _code(context) or "OK"


def _code(context: Any) -> str:
    """The name of the code that the handler set; empty when it set none, or OK."""
    code = context.code()
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return _NAMES.get(number, str(number)) if number else ""


class _Sizes:
    """Counts the bytes of one call where they become messages, which is before the call is known, too."""

    def __init__(self) -> None:
        self._call = Call("", "")

    def of(self, call: Call) -> None:
        call.received, self._call = self._call.received, call

    def received(self, read: Callable[[bytes], Any] | None) -> Callable[[bytes], Any]:
        def counted(raw: bytes) -> Any:
            self._call.received += len(raw)
            return read(raw) if read else raw

        return counted

    def sent(self, write: Callable[[Any], bytes] | None) -> Callable[[Any], bytes]:
        def counted(message: Any) -> bytes:
            raw: bytes = write(message) if write else message
            self._call.sent += len(raw)
            return raw

        return counted


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
        return self._wrapped(handler, method, handler_call_details.invocation_metadata or ())

    def _wrapped(self, handler: Any, method: str, metadata: Any) -> Any:
        control, size = self._control, _Sizes()

        def unary(inner: Any) -> Any:
            async def call(request: Any, context: Any) -> Any:
                with _recorded(control.call(method, metadata), size, context) as made:
                    late = await _met(control, made, context)
                    reply = await inner(request, context)
                    if late:
                        await _fail(late, context)
                    return reply

            return call

        def stream(inner: Any) -> Any:
            async def call(request: Any, context: Any) -> Any:
                with _recorded(control.call(method, metadata), size, context) as made:
                    late = await _met(control, made, context)
                    async for reply in inner(request, context):
                        yield reply
                        if late:
                            await _fail(late, context)

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
            request_deserializer=size.received(handler.request_deserializer),
            response_serializer=size.sent(handler.response_serializer),
        )
