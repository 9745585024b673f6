"""Usage in Firestore: usage/{day}.{subject} of a person, usage_days/{day}.{shard} of the whole organisation.

Both hold `day`, `cost` and `saved` (nano-dollars), and the maps `items`, `counts`, `models` and `collections`
(docs/limits.md). Everything is added by increments in one commit; the organisation's day is spread over
shards, so that many instances can add to it at once.

What a commit added cannot be told from its failure: the answer may have been lost. So one of its writes, that
of the first day, notes in a field of its instance which of the instance's batches it was; before a
batch is added again, that is read.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import field_path, increment
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.limits.interfaces import Usage

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

SHARDS = 4
_MAPS = ("items", "counts", "models", "collections")
_SUMS = ("cost", "saved")
_WRITTEN = "written_"


class FirestoreUsage:
    """UsageStore. `timeout` is seconds for one call, which is never repeated here: it would count twice."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout
        self._wire = Wire.of(db)
        self._mark, self._first = f"{_WRITTEN}{secrets.token_hex(4)}", secrets.randbelow(SHARDS)

    @property
    def _people(self) -> "AsyncCollectionReference":
        return self._db.client.collection("usage")

    @property
    def _days(self) -> "AsyncCollectionReference":
        return self._db.client.collection("usage_days")

    async def add(self, usage: Sequence[Usage], batch: int = 0, *, again: bool = False) -> None:
        """One commit, with a write for each day and one for each person and day; `again`, a read before."""
        shard = (self._first + batch) % SHARDS
        if again and await self._written(self._days.document(f"{usage[0].day}.{shard}"), batch):
            return
        writes: list[Any] = []
        days: dict[str, list[Usage]] = {}
        for one in usage:
            days.setdefault(one.day, []).append(one)
            if one.subject:
                path = self._wire.path("usage", f"{one.day}.{one.subject}")
                document = {"day": one.day, "subject": one.subject}
                writes.append(self._wire.merge(path, document, _increments([one])))
        for day, parts in days.items():
            mark = {self._mark: batch} if batch and day == usage[0].day else {}
            path = self._wire.path("usage_days", f"{day}.{shard}")
            writes.append(self._wire.merge(path, {"day": day, **mark}, _increments(parts)))
        async with translated("Firestore"):
            await self._wire.add(writes, self._timeout)

    async def _written(self, document: Any, batch: int) -> bool:
        """Whether this instance's batch is in this document, and so in all of its commit."""
        async with translated("Firestore"):
            snapshot = await document.get([self._mark], **patience(self._timeout))
        return int((snapshot.to_dict() or {}).get(self._mark, 0)) >= batch

    async def days(self, days: Collection[str]) -> Mapping[str, Usage]:
        """One BatchGetDocuments."""
        names = [self._days.document(f"{day}.{shard}") for day in days for shard in range(SHARDS)]
        parts: dict[str, list[Usage]] = {}
        if names:
            async with translated("Firestore"):
                async for snapshot in self._db.client.get_all(names, **patience(self._timeout)):
                    if snapshot.exists:
                        one = _usage(snapshot.to_dict() or {})
                        parts.setdefault(one.day, []).append(one)
        return {day: added_up(day, found) for day, found in parts.items()}

    async def people(self, first: str, last: str) -> Sequence[Usage]:
        """One query by day."""
        from google.cloud.firestore import FieldFilter

        query = self._people.where(filter=FieldFilter("day", ">=", first)).where(
            filter=FieldFilter("day", "<=", last)
        )
        async with translated("Firestore"):
            return [
                _usage(snapshot.to_dict() or {}) async for snapshot in query.stream(**patience(self._timeout))
            ]


def added_up(day: str, parts: Sequence[Usage]) -> Usage:
    """The sum of several, under one name."""
    maps: dict[str, Counter[str]] = {name: Counter() for name in _MAPS}
    for one in parts:
        for name in _MAPS:
            maps[name].update(getattr(one, name))
    return Usage(
        day,
        "",
        sum(one.cost for one in parts),
        sum(one.saved for one in parts),
        *(maps[name] for name in _MAPS),
    )


def _increments(parts: Sequence[Usage]) -> list[Any]:
    whole = parts[0] if len(parts) == 1 else added_up(parts[0].day, parts)
    sums = [increment(name, getattr(whole, name)) for name in _SUMS]
    return sums + [
        increment(field_path(name, key), number)
        for name in _MAPS
        for key, number in getattr(whole, name).items()
        if number
    ]


def _usage(document: Mapping[str, Any]) -> Usage:
    return Usage(
        document["day"],
        document.get("subject", ""),
        int(document.get("cost", 0)),
        int(document.get("saved", 0)),
        *(dict(document.get(name, {})) for name in _MAPS),
    )
