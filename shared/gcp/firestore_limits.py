"""Counters in Firestore: CounterStore on rate_limits/{page}.

A counter is two integers, `{name}_0` for even periods and `{name}_1` for odd ones, each holding the number of
its period in the upper bits and the count in the lower 36. Two writes in one commit add to it without
reading: the first raises the integer to that of the current period with a count of 0 (transform `maximum`,
so that an older period's is overwritten and the current one's stays), the second increments it. That, and an
increment of 0 on the other integer, return what they left, so the commit's answer tells the count of this
period and of the one before. A page never grows, and no count is lost or double however many instances add
at once. (google.firestore.v1 DocumentTransform; results of writes come in the order of their transforms.)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from shared.gcp.failures import translated
from shared.gcp.firestore_claims import FirestoreClaims
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_kinds import kinds
from shared.gcp.firestore_messages import merging
from shared.gcp.firestore_wire import Wire
from shared.limits.interfaces import Claim, Claimed, Count, Counted, Page

_BITS = 36
_COUNTS = (1 << _BITS) - 1
_SET = "set_"
"""Begins the field of a number that an administrator set."""


class FirestoreCounters:
    """CounterStore. `timeout` is seconds for the commit, which is never repeated: it would count twice."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout
        self._claims = FirestoreClaims(db, timeout)

    async def add(self, pages: Sequence[Page], expire_at: datetime) -> Sequence[Counted]:
        """One Commit with two writes a page."""
        return _told(pages, await self._committed(self._all_writes(pages, expire_at)))

    async def claim(
        self, pages: Sequence[Page], expire_at: datetime, claim: Claim
    ) -> tuple[Sequence[Counted], Claimed]:
        """The same Commit, with one write more."""
        writes = [*self._all_writes(pages, expire_at), self._claims.write(claim)]
        results = await self._committed(writes)
        return _told(pages, results[:-1]), self._claims.told(results[-1])

    async def release(self, claim: Claim) -> None:
        """One write."""
        await self._claims.release(claim)

    async def _committed(self, writes: Sequence[Any]) -> list[list[int]]:
        """What the transforms of each write returned."""
        async with translated("Firestore"):
            results = await self._wire.add(writes, self._timeout)
        return [[value.integer_value for value in one.transform_results] for one in results]

    async def look(self, pages: Sequence[Page]) -> Sequence[Counted]:
        """One BatchGetDocuments."""
        if not pages:
            return []
        paths = [self._wire.path("rate_limits", page.id) for page in pages]
        async with translated("Firestore"):
            found = await self._wire.read(paths, self._timeout)
        return [_seen(page, found[path].document or {}) for page, path in zip(pages, paths, strict=True)]

    async def override(self, page: Page, values: Mapping[str, int]) -> None:
        """One write."""
        document: dict[str, Any] = {f"{_SET}{name}": value for name, value in values.items()}
        if page.subject:
            document["subject"] = page.subject
        write = self._wire.merge(self._wire.path("rate_limits", page.id), document)
        async with translated("Firestore"):
            await self._wire.commit([write], self._timeout, again=True)

    def _all_writes(self, pages: Sequence[Page], expire_at: datetime) -> list[Any]:
        # to the hour, so that the organisation's page, which everybody writes, is written out once a minute
        until = expire_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return [
            write for page in pages for write in _writes(self._wire.path("rate_limits", page.id), page, until)
        ]


@lru_cache(maxsize=1_024)
def _writes(path: str, page: Page, expire_at: datetime) -> tuple[Any, Any]:
    """The two writes that add to a page; copied into each request."""
    value, transform = kinds().value, kinds().transform
    raise_to = [
        transform(field_path=f"{one.name}_{one.period % 2}", maximum=value(integer_value=one.period << _BITS))
        for one in page.counters
    ]
    look_at = [f"{one.name}_{(one.period - 1) % 2}" for one in page.counters]
    look_at += [f"{_SET}{name}" for name in page.overrides]
    add_to = [
        transform(field_path=f"{one.name}_{one.period % 2}", increment=value(integer_value=one.amount))
        for one in page.counters
    ]
    fields = {"expire_at": expire_at, **({"subject": page.subject} if page.subject else {})}
    looks = [transform(field_path=path, increment=value(integer_value=0)) for path in look_at]
    return merging(path, fields, [*raise_to, *looks]), merging(path, {}, add_to)


def _told(pages: Sequence[Page], results: Sequence[Sequence[int]]) -> list[Counted]:
    return [
        _counted(page, first, second)
        for page, first, second in zip(pages, results[::2], results[1::2], strict=True)
    ]


def _counted(page: Page, first: Sequence[int], second: Sequence[int]) -> Counted:
    known = len(page.counters)
    before = first[known : 2 * known]
    counts = {
        one.name: Count(_count(now, one.period), _count(old, one.period - 1))
        for one, now, old in zip(page.counters, second, before, strict=True)
    }
    overrides = {
        name: number for name, number in zip(page.overrides, first[2 * known :], strict=True) if number
    }
    return Counted(counts, overrides)


def _seen(page: Page, stored: Mapping[str, Any]) -> Counted:
    def at(name: str, period: int) -> int:
        return _count(int(stored.get(f"{name}_{period % 2}", 0)), period)

    counts = {
        one.name: Count(at(one.name, one.period), at(one.name, one.period - 1)) for one in page.counters
    }
    found = {name: int(stored.get(f"{_SET}{name}", 0)) for name in page.overrides}
    return Counted(counts, {name: number for name, number in found.items() if number})


def _count(value: int, period: int) -> int:
    """The count in a stored integer, when it is of this period, or of a later one by a faster clock."""
    stored, count = value >> _BITS, value & _COUNTS
    return count if stored >= period else 0
