"""Calls of Google carry the trace of the request that they are made for (W3C Trace Context).

The trace id is the request id of shared.web, so the logs, what a person is told and what each service saw
join up. A call outside a request carries none.
"""

import re
import secrets
from typing import Any

from shared import log

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
TRACEPARENT = "traceparent"


def traceparent() -> str:
    """The header of one call: a new parent id below this request's trace id; empty outside a request."""
    trace = log.bound("request_id")
    return f"00-{trace}-{secrets.token_hex(8)}-01" if _TRACE_ID.fullmatch(trace) else ""


def traced(client: Any) -> Any:
    """A generated asynchronous gRPC client, whose unary and server-streaming calls carry the trace."""
    unary, stream = _interceptors()
    channel = client.transport.grpc_channel
    # the lists to which Google's generated transports add their own logging, after the channel is made
    channel._unary_unary_interceptors.append(unary)  # noqa: SLF001
    channel._unary_stream_interceptors.append(stream)  # noqa: SLF001
    return client


async def add_trace(request: Any) -> None:
    """A request hook of httpx."""
    if header := traceparent():
        request.headers[TRACEPARENT] = header


def traced_request(*args: Any, **kwargs: Any) -> Any:
    """A requestBuilder of googleapiclient."""
    from googleapiclient.http import HttpRequest

    request = HttpRequest(*args, **kwargs)
    if header := traceparent():
        request.headers[TRACEPARENT] = header
    return request


def _interceptors() -> tuple[Any, Any]:
    import grpc.aio

    def told(details: Any) -> Any:
        header = traceparent()
        if not header:
            return details
        metadata = grpc.aio.Metadata(*(details.metadata or ()), (TRACEPARENT, header))
        return details._replace(metadata=metadata)

    class Unary(grpc.aio.UnaryUnaryClientInterceptor):
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            return await continuation(told(details), request)

    class Stream(grpc.aio.UnaryStreamClientInterceptor):
        async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
            return await continuation(told(details), request)

    return Unary(), Stream()
