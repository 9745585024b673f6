"""Changes of one document at a time, each written only if the document is still as it was seen.

A transaction takes three round trips: begin, read, commit. A commit that is refused when the document's
update time is another one takes two, and one where this instance itself wrote the document last.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakValueDictionary

from google.api_core import exceptions

from shared.errors import AppError, Conflict, Timeout
from shared.gcp.failures import translated
from shared.gcp.firestore_transactions import ATTEMPTS, LONGEST, rest
from shared.gcp.firestore_wire import Seen, Wire
from shared.gcp.patience import patience

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

Value = TypeVar("Value")
Changed = tuple[Value | None, Value | None]
"""A value before and after a change; None where there is none."""
REMEMBERED = 256
"""Documents whose last state this instance keeps: several times those that are worked on at once."""
TOGETHER = 100
"""Documents read, and written, with one request."""
_AWAY = 3
"""Tries while Firestore cannot be reached."""
_LOST = (
    exceptions.Aborted,
    exceptions.AlreadyExists,
    exceptions.FailedPrecondition,
    exceptions.NotFound,
)


class Swaps(Generic[Value]):
    """The documents of one collection as values. `timeout` is seconds for one call."""

    def __init__(
        self,
        client: "AsyncClient",
        collection: str,
        timeout: float,
        read: Callable[[str, dict[str, Any]], Value],
        written: Callable[[Value], dict[str, Any]],
    ) -> None:
        self.wire = Wire(client)
        self._collection, self._timeout = collection, timeout
        self._read, self._written = read, written
        self._known: OrderedDict[str, tuple[Value, Seen]] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def change(
        self, name: str, change: Callable[[Value | None], Value | None], others: Sequence[Any] = ()
    ) -> Changed[Value]:
        """Apply `change`, which may be called several times, and do the `others` with it, all or nothing.

        Returns what was there and what is now. What `change` raises comes through; Conflict when it lost
        every time, Timeout or Unavailable when Firestore cannot be used.
        """
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:  # who is here too need not be lost to
            try:
                async with asyncio.timeout(LONGEST), translated("Firestore"):
                    return await self._from_memory(name, change, others) or await self._until_it_wins(
                        name, change, others
                    )
            except TimeoutError:
                raise Timeout("Firestore did not answer in time.", retry_after=5) from None

    async def change_each(
        self, changes: Mapping[str, Callable[[Value | None], Value | None]]
    ) -> dict[str, Changed[Value]]:
        """Apply each change by itself, many with one request; what one raises comes through."""
        names, done = list(changes), dict[str, Changed[Value]]()
        for start in range(0, len(names), TOGETHER):
            done |= await self._some({name: changes[name] for name in names[start : start + TOGETHER]})
        return done

    async def _some(
        self, changes: Mapping[str, Callable[[Value | None], Value | None]]
    ) -> dict[str, Changed[Value]]:
        done: dict[str, Changed[Value]] = {}
        writes: dict[str, Any] = {}
        async with translated("Firestore"):
            found = await self.wire.read([self._path(name) for name in changes], **patience(self._timeout))
            for name, change in changes.items():
                seen = found[self._path(name)]
                before = self._value(name, seen)
                after = change(before)
                done[name] = (before, after)
                if after != before:
                    writes[name] = self._write(name, after, seen)
            times = await self.wire.write_each(list(writes.values()), timeout=self._timeout) if writes else []
        for name, time in zip(writes, times, strict=True):
            self._known.pop(name, None)
            if time is None:
                done[name] = await self.change(name, changes[name])
        return done

    async def _from_memory(
        self, name: str, change: Callable[[Value | None], Value | None], others: Sequence[Any]
    ) -> Changed[Value] | None:
        """The change of what this instance wrote last; None when that may not be the state any more."""
        known = self._known.pop(name, None)
        if known is None:
            return None
        before, seen = known
        try:
            after = change(before)
        except AppError:
            return None  # it may be right in what it says, but not on the ground of something old
        if after == before:
            return None
        try:
            await self._commit(name, after, seen, others)
        except _LOST:
            return None
        return before, after

    async def _until_it_wins(
        self, name: str, change: Callable[[Value | None], Value | None], others: Sequence[Any]
    ) -> Changed[Value]:
        path = self._path(name)
        for attempt in range(ATTEMPTS):
            try:
                seen = (await self.wire.read([path], **patience(self._timeout)))[path]
                before = self._value(name, seen)
                after = change(before)
                if after == before and not others:
                    return before, after
                await self._commit(name, after, seen, others)
            except _LOST:
                pass
            except exceptions.ServiceUnavailable:
                if attempt + 1 >= _AWAY:
                    raise
            else:
                return before, after
            await rest(attempt)
        raise Conflict("Too many changes at the same moment; try again.", retry_after=1)

    async def _commit(self, name: str, after: Value | None, seen: Seen, others: Sequence[Any]) -> None:
        writes = [*([] if after is None and seen.at is None else [self._write(name, after, seen)]), *others]
        if not writes:
            return
        times = await self.wire.commit(writes, timeout=self._timeout)
        if after is not None:
            self._known[name] = after, Seen(None, times[0])
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def _write(self, name: str, after: Value | None, seen: Seen) -> Any:
        path = self._path(name)
        write = self.wire.delete(path) if after is None else self.wire.put(path, self._written(after))
        return self.wire.only(write, seen)

    def _value(self, name: str, seen: Seen) -> Value | None:
        return None if seen.document is None else self._read(name, seen.document)

    def _path(self, name: str) -> str:
        return self.wire.path(self._collection, name)
