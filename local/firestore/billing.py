"""What Google would bill for the calls of a Firestore, counted where they are served.

A document asked for by name is a read whether it exists or not, a query one for each document it returns
and at least one, an aggregation at least one (https://cloud.google.com/firestore/pricing, "Reads"). Calls
that fail cost nothing. Listen, Write and pipelines are not counted.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from local.firestore.protos import Message

Unary = Callable[[Message], Awaitable[Message]]
Stream = Callable[[Message], AsyncIterator[Message]]
_DOCUMENT = b"\x0a"
"""The first byte of a RunQueryResponse that begins with its document, which is field 1."""
_ONE_READ = ("GetDocument",)
_ONE_WRITE = ("CreateDocument", "UpdateDocument")
_READS_BY_NAME, _QUERIES = "BatchGetDocuments", ("RunQuery", "RunAggregationQuery")
_BATCHES = ("Commit", "BatchWrite")


class Billing:
    """Adds what calls cost to `billed`: "firestore:read", "firestore:write", "firestore:delete"."""

    def __init__(self, billed: Counter[str]) -> None:
        self._billed = billed

    def unary(self, name: str, method: Unary) -> Unary:
        """The method, counted."""
        if name not in (*_ONE_READ, *_ONE_WRITE, *_BATCHES, "DeleteDocument"):
            return method

        async def counted(request: Message) -> Message:
            answer = await method(request)
            self._wrote(name, request)
            return answer

        return counted

    def stream(self, name: str, method: Stream) -> Stream:
        """The method, counted."""
        if name != _READS_BY_NAME and name not in _QUERIES:
            return method

        async def counted(request: Message) -> AsyncIterator[Message]:
            found = 0
            async for answer in method(request):
                found += isinstance(answer, bytes) and answer.startswith(_DOCUMENT)
                yield answer
            by_name = len(request.documents) if name == _READS_BY_NAME else 0
            self._billed["firestore:read"] += by_name or max(1, found)

        return counted

    def _wrote(self, name: str, request: Any) -> None:
        if name in _BATCHES:
            deletes = sum(write.WhichOneof("operation") == "delete" for write in request.writes)
            self._billed["firestore:delete"] += deletes
            self._billed["firestore:write"] += len(request.writes) - deletes
        elif name == "DeleteDocument":
            self._billed["firestore:delete"] += 1
        else:
            self._billed["firestore:read" if name in _ONE_READ else "firestore:write"] += 1
