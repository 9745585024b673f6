"""Calls of Google are spans of the request that they are made for, and tell it (W3C Trace Context).

The trace id is the request id of shared.web, so the logs, what a person is told and what each service saw
join up. A call outside a request is told and recorded nowhere.
"""

import asyncio
import re
from functools import cache
from typing import Any

from shared import log
from shared.observing import spans

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN = "docent.span"
TRACEPARENT = "traceparent"


def traceparent(call: spans.Call | None = None) -> str:
    """The header of one call: its span below this request's trace id; empty outside a request."""
    recorded = spans.current()
    trace = log.bound("request_id") if recorded is None else recorded.id
    if not _TRACE_ID.fullmatch(trace):
        return ""
    flags = "01" if recorded is None or recorded.sampled else "00"
    return f"00-{trace}-{call.id if call else spans.new_id()}-{flags}"


def traced(client: Any) -> Any:
    """A generated asynchronous gRPC client, whose unary and server-streaming calls are spans."""
    unary, stream = interceptors()
    channel = client.transport.grpc_channel
    # the lists to which Google's generated transports add their own logging, after the channel is made
    channel._unary_unary_interceptors.append(unary)  # noqa: SLF001
    channel._unary_stream_interceptors.append(stream)  # noqa: SLF001
    return client


def hooks(service: str, method: str = "") -> dict[str, Any]:
    """Event hooks of an asynchronous httpx client whose calls are spans, under this service's name.

    Without a `method` it is the end of the address, which then may name nothing of a person's.
    """

    async def asked(request: Any) -> None:
        called = method or request.url.path.rpartition("/")[2].rpartition(":")[2] or request.method
        call = spans.call(service, called)
        request.extensions[_SPAN] = call
        if header := traceparent(call):
            request.headers[TRACEPARENT] = header

    async def answered(response: Any) -> None:
        call = response.request.extensions.get(_SPAN)
        if call is not None:
            failed = response.status_code >= 400  # noqa: PLR2004 - client and server errors
            response.stream = _until_closed(
                response.stream, call, str(response.status_code) if failed else ""
            )

    return {"request": [asked], "response": [answered]}


def traced_request(*args: Any, **kwargs: Any) -> Any:
    """A requestBuilder of googleapiclient."""
    request = _traced_class()(*args, **kwargs)
    if header := traceparent():
        request.headers[TRACEPARENT] = header  # for a download, which takes the headers and never executes
    return request


@cache
def _traced_class() -> Any:
    from googleapiclient.errors import HttpError
    from googleapiclient.http import HttpRequest

    class Traced(HttpRequest):  # type: ignore[misc]  # googleapiclient has no types
        def execute(self, *values: Any, **options: Any) -> Any:
            service, _, method = (self.methodId or "google.request").partition(".")
            call = spans.call(service, method)
            if header := traceparent(call):
                self.headers[TRACEPARENT] = header
            try:
                answer = super().execute(*values, **options)
            except HttpError as error:
                _end(call, str(error.status_code))
                raise
            except Exception as error:
                _end(call, type(error).__name__)
                raise
            _end(call, "")
            return answer

    return Traced


def _end(call: spans.Call | None, status: str) -> None:
    if call is not None:
        call.end(status)


def _until_closed(stream: Any, call: spans.Call, status: str) -> Any:
    """The body of an answer, with whose end the call ends."""
    import httpx

    class Watched(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            try:
                async for piece in stream:
                    yield piece
            except Exception as error:
                call.end(type(error).__name__)
                raise

        async def aclose(self) -> None:
            call.end(status)
            await stream.aclose()

    return Watched()


def interceptors() -> tuple[Any, Any]:
    """For a channel made by hand: of unary and of server-streaming calls."""
    import grpc.aio

    ending: set[asyncio.Task[None]] = set()

    def told(details: Any) -> tuple[Any, spans.Call | None]:
        path = details.method.decode() if isinstance(details.method, bytes) else details.method
        service, _, method = path.strip("/").partition("/")
        call = spans.call(service.rpartition(".")[2].lower(), method)
        header = traceparent(call)
        if not header:
            return details, call
        metadata = grpc.aio.Metadata(*(details.metadata or ()), (TRACEPARENT, header))
        return details._replace(metadata=metadata), call

    def watch(rpc: Any, call: spans.Call | None) -> Any:
        if call is None:
            return rpc

        async def name_status(done: Any) -> None:
            code = await done.code()
            call.status = "" if code is grpc.StatusCode.OK else code.name

        def ended(done: Any) -> None:
            call.end()
            task = asyncio.ensure_future(name_status(done))
            ending.add(task)
            task.add_done_callback(ending.discard)

        rpc.add_done_callback(ended)
        return rpc

    class Unary(grpc.aio.UnaryUnaryClientInterceptor):
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            details, call = told(details)
            return watch(await continuation(details, request), call)

    class Stream(grpc.aio.UnaryStreamClientInterceptor):
        async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
            details, call = told(details)
            return watch(await continuation(details, request), call)

    return Unary(), Stream()
