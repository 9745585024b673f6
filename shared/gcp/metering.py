"""What Firestore bills, counted at the client: documents read, written, deleted.

As Google bills: a document that is asked for by name is a read whether it exists or not, a query costs a read
for each document it returns and at least one, an aggregation at least one.
"""

from collections.abc import AsyncIterator
from typing import Any

from shared.limits.meter import used


def metered(client: Any) -> Any:
    """A generated asynchronous Firestore client that counts on the meter of the request it works for."""
    unary, stream = _interceptors()
    channel = client.transport.grpc_channel
    # the lists to which Google's generated transports add their own logging, after the channel is made
    channel._unary_unary_interceptors.append(unary)  # noqa: SLF001
    channel._unary_stream_interceptors.append(stream)  # noqa: SLF001
    return client


def _interceptors() -> tuple[Any, Any]:
    import grpc.aio

    class Unary(grpc.aio.UnaryUnaryClientInterceptor):
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            writes = getattr(_plain(request), "writes", None)
            if writes is not None:
                deletes = sum(one.WhichOneof("operation") == "delete" for one in writes)
                used("firestore", delete=deletes, write=len(writes) - deletes)
            return await continuation(details, request)

    class Stream(grpc.aio.UnaryStreamClientInterceptor):
        async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
            documents = getattr(_plain(request), "documents", None)
            if documents is not None:
                used("firestore", read=len(documents))
                return await continuation(details, request)
            return _counted(await continuation(details, request))

    async def _counted(answers: Any) -> AsyncIterator[Any]:
        reads = 0
        try:
            async for answer in answers:
                reads += bool(getattr(answer, "document", None) or getattr(answer, "result", None))
                yield answer
        finally:
            used("firestore", read=max(1, reads))

    return Unary(), Stream()


def _plain(request: Any) -> Any:
    """The protocol buffer itself: to walk through its wrapper costs more than the rest of the call."""
    return getattr(request, "_pb", request)
