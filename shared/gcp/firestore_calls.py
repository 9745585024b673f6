"""Calls of Firestore without Google's client.

Around each call the client puts messages that wrap messages, a decorator that repeats, and a task for each
interceptor; together they cost several times what the call does. Here the bare messages are sent. Spans,
meters, repetitions and errors are the client's.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote

from shared.gcp.firestore_database import Database
from shared.gcp.patience import FIRST_WAIT, LONGEST_WAIT, WINDOW
from shared.gcp.tracing import TRACEPARENT, traceparent
from shared.observing import spans

Result = TypeVar("Result")
_SERVICE = "google.firestore.v1.Firestore"


class FirestoreCalls:
    """Calls of one database. Raises google.api_core's errors, as the client does."""

    def __init__(self, db: Database) -> None:
        self.database = db.name
        routed = f"database={quote(db.name, safe='')}"
        # emulators take this for whoever may do everything
        owner = (("authorization", "Bearer owner"),) if db.emulator else ()
        self._metadata = (
            ("google-cloud-resource-prefix", db.name),
            ("x-goog-request-params", routed),
            *owner,
        )
        self._db = db
        self._stubs: dict[str, Any] = {}

    async def unary(
        self, method: str, request: Any, answer: Any, limit: float, *, again: bool = False
    ) -> Any:
        """The answer, of the class `answer`; `again` when the call may happen twice."""

        async def attempt() -> Any:
            stub = self._stub("unary_unary", method, request, answer)
            return await stub(request, timeout=limit, metadata=self._told(call))

        call = spans.call("firestore", method)
        return await _done(attempt, call, again=again)

    async def stream(self, method: str, request: Any, answer: Any, limit: float) -> list[Any]:
        """All answers to a call that only reads."""

        async def attempt() -> list[Any]:
            stub = self._stub("unary_stream", method, request, answer)
            return [one async for one in stub(request, timeout=limit, metadata=self._told(call))]

        call = spans.call("firestore", method)
        return await _done(attempt, call, again=True)

    def _told(self, call: spans.Call | None) -> tuple[tuple[str, str], ...]:
        header = traceparent(call)
        return (*self._metadata, (TRACEPARENT, header)) if header else self._metadata

    def _stub(self, kind: str, method: str, request: Any, answer: Any) -> Any:
        if method not in self._stubs:
            self._stubs[method] = getattr(self._db.channel, kind)(
                f"/{_SERVICE}/{method}",
                request_serializer=type(request).SerializeToString,
                response_deserializer=answer.FromString,
            )
        return self._stubs[method]


async def _done(attempt: Callable[[], Awaitable[Result]], call: spans.Call | None, *, again: bool) -> Result:
    """What the attempt returns; repeated for a second while nobody is reached, as patience() says."""
    from google.api_core import exceptions
    from grpc import RpcError

    until, wait = monotonic() + WINDOW, FIRST_WAIT
    while True:
        try:
            found = await attempt()
        except RpcError as error:
            ours: Any = exceptions.from_grpc_error(error)  # type: ignore[no-untyped-call]
            if not (again and isinstance(ours, exceptions.ServiceUnavailable)):
                _end(call, error)
                raise ours from error
            if monotonic() + wait > until:
                _end(call, error)
                late: Any = exceptions.RetryError
                raise late("Firestore was not reached in time.", ours) from error
        else:
            _end(call, None)
            return found
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        wait = min(LONGEST_WAIT, 2 * wait)


def _end(call: spans.Call | None, error: Any) -> None:
    if call is not None:
        call.end(error.code().name if error is not None else "")
