"""What a question begins to read while it is found out who asks, and reads once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from shared.search.answering import AnsweringStore
from shared.search.interfaces import Memberships

Value = TypeVar("Value")
_begun: ContextVar[dict[tuple[int, str], "asyncio.Future[Any]"] | None] = ContextVar("begun", default=None)


def begin() -> None:
    """Read once what runs in this context from now on."""
    _begun.set({})


class Begun(Generic[Value]):
    """Reads by key. `afresh` reads now; `known` takes what this question read last, if it did."""

    def __init__(self, read: Callable[[str], Awaitable[Value]]) -> None:
        self._read = read

    async def afresh(self, key: str = "") -> Value:
        """Raises what reading raises."""
        reading: asyncio.Future[Value] = asyncio.ensure_future(self._read(key))
        # a failure that nobody waits for any more is nobody's business
        reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        if (begun := _begun.get()) is not None:
            begun[id(self), key] = reading
        return await asyncio.shield(reading)

    async def known(self, key: str = "") -> Value:
        """Raises what reading raised."""
        reading = (_begun.get() or {}).get((id(self), key))
        return await (asyncio.shield(reading) if reading is not None else self.afresh(key))


class KnownMemberships:
    """Memberships of search: the groups that were read when the answer was looked for in the cache."""

    def __init__(self, inner: Memberships) -> None:
        self.begun = Begun(inner.groups_of)

    async def groups_of(self, email: str) -> tuple[str, ...]:
        """As Memberships."""
        return await self.begun.known(email)


class KnownIndex:
    """AnsweringStore of search: the index that answered when the vector was looked for in the cache."""

    def __init__(self, inner: AnsweringStore) -> None:
        self.begun = Begun[str](lambda _: inner.answering())

    async def answering(self) -> str:
        """As AnsweringStore."""
        return await self.begun.known()
