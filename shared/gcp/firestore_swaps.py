"""Changes of one document at a time, each written only if the document is still as it was seen.

A transaction takes three round trips: begin, read, commit. A commit that is refused when the document's
update time is another one takes two, and one where this instance itself wrote the document last.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from google.api_core import exceptions

from shared.errors import AppError, Conflict, Timeout
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_transactions import ATTEMPTS, LONGEST, rest
from shared.gcp.firestore_wire import Seen, Wire

Value = TypeVar("Value")
Changed = tuple[Value | None, Value | None]
"""A value before and after a change; None where there is none."""
_Planned = tuple[Value | None, Value | None, Seen]
"""A value before and after a change, and as what it was seen before."""
_NONE: Mapping[str, Sequence[Any]] = {}
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
_SILENT = (exceptions.ServiceUnavailable, exceptions.ResourceExhausted)


class Swaps(Generic[Value]):
    """The documents of one collection as values. `timeout` is seconds for one call."""

    def __init__(
        self,
        db: Database,
        collection: str,
        timeout: float,
        read: Callable[[str, dict[str, Any]], Value],
        written: Callable[[Value], dict[str, Any]],
    ) -> None:
        self.wire = Wire.of(db)
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
                    done = await self._from_memory(name, change, others)
            except TimeoutError:
                raise Timeout("Firestore did not answer in time.", retry_after=5) from None
            return done or await self._alone(name, change, others)

    async def change_each(
        self,
        changes: Mapping[str, Callable[[Value | None], Value | None]],
        others: Mapping[str, Sequence[Any]] = _NONE,
    ) -> dict[str, Changed[Value]]:
        """Apply each change by itself, with its `others`, many with one request.

        What a change raises comes through. The others of one that changes nothing are not written.
        """
        names, done = list(changes), dict[str, Changed[Value]]()
        for start in range(0, len(names), TOGETHER):
            part = {name: changes[name] for name in names[start : start + TOGETHER]}
            async with AsyncExitStack() as held:
                for name in sorted(part):
                    await held.enter_async_context(self._locks.setdefault(name, asyncio.Lock()))
                done |= await self._some(part, others)
        return done

    async def _some(
        self,
        changes: Mapping[str, Callable[[Value | None], Value | None]],
        others: Mapping[str, Sequence[Any]],
    ) -> dict[str, Changed[Value]]:
        async with translated("Firestore"):
            planned = self._remembered(changes)
            planned |= await self._read_anew([name for name in changes if name not in planned], changes)
            writes = {
                name: [self._write(name, after, seen), *others.get(name, ())]
                for name, (before, after, seen) in planned.items()
                if after != before
            }
            times = await self._written_each(writes)
        done = {name: (before, after) for name, (before, after, _) in planned.items()}
        for name, time in times.items():
            if time is not None:
                self._remember(name, done[name][1], time)
            else:
                done[name] = await self._alone(name, changes[name], others.get(name, ()))
        return done

    def _remembered(
        self, changes: Mapping[str, Callable[[Value | None], Value | None]]
    ) -> dict[str, _Planned[Value]]:
        """What becomes of those that this instance wrote last, as far as that may decide."""
        planned: dict[str, _Planned[Value]] = {}
        for name, change in changes.items():
            known = self._known.pop(name, None)
            if known is None:
                continue
            with suppress(AppError):
                after = change(known[0])
                if after != known[0]:
                    planned[name] = known[0], after, known[1]
        return planned

    async def _read_anew(
        self, names: Sequence[str], changes: Mapping[str, Callable[[Value | None], Value | None]]
    ) -> dict[str, _Planned[Value]]:
        if not names:
            return {}
        found = await self.wire.read([self._path(name) for name in names], self._timeout)
        planned: dict[str, _Planned[Value]] = {}
        for name in names:
            seen = found[self._path(name)]
            before = self._value(name, seen)
            planned[name] = before, changes[name](before), seen
        return planned

    async def _written_each(self, writes: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """The update time of each, None where it was refused.

        Those with other writes go in one commit, which does all or none; if none, each is tried alone.
        """
        times: dict[str, Any] = {}
        single = {name: parts[0] for name, parts in writes.items() if len(parts) == 1}
        joint = {name: parts for name, parts in writes.items() if len(parts) > 1}
        if single:
            found = await self.wire.write_each(list(single.values()), self._timeout)
            times |= dict(zip(single, found, strict=True))
        if joint:
            together = [write for parts in joint.values() for write in parts]
            try:
                answers = await self.wire.commit(together, self._timeout, again=True)
                at = 0
                for name, parts in joint.items():
                    times[name] = answers[at].update_time
                    at += len(parts)
            except _LOST:
                times |= dict.fromkeys(joint)
        return times

    async def _alone(
        self, name: str, change: Callable[[Value | None], Value | None], others: Sequence[Any]
    ) -> Changed[Value]:
        try:
            async with asyncio.timeout(LONGEST), translated("Firestore"):
                return await self._until_it_wins(name, change, others)
        except TimeoutError:
            raise Timeout("Firestore did not answer in time.", retry_after=5) from None

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
        except (*_LOST, *_SILENT):
            return None
        return before, after

    async def _until_it_wins(
        self, name: str, change: Callable[[Value | None], Value | None], others: Sequence[Any]
    ) -> Changed[Value]:
        path = self._path(name)
        for attempt in range(ATTEMPTS):
            try:
                seen = (await self.wire.read([path], self._timeout))[path]
                before = self._value(name, seen)
                after = change(before)
                if after == before and not others:
                    return before, after
                await self._commit(name, after, seen, others)
            except _LOST:
                pass
            except _SILENT:
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
        results = await self.wire.commit(writes, self._timeout)
        self._remember(name, after, results[0].update_time)

    def _remember(self, name: str, value: Value | None, time: Any) -> None:
        if value is not None:
            self._known[name] = value, Seen(None, time)
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
