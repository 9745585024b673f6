"""The rows of collections that are queried often, kept parsed in memory."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from local.firestore.catalog import Collection
from local.firestore.rows import Row
from local.firestore.versions import Change, Stored

BUDGET = 16 * 1024 * 1024
"""Bytes of serialised documents kept; parsed they take several times as much."""


_OVERHEAD = 500
"""Bytes of bookkeeping for a collection, however small."""


@dataclass
class _Cached:
    keys: list[bytes] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    size: int = _OVERHEAD

    def put(self, key: bytes, body: bytes | None) -> None:
        """Take over a document's new version, or its deletion."""
        place = bisect_left(self.keys, key)
        if place < len(self.keys) and self.keys[place] == key:
            self.size -= len(self.rows[place].body)
            del self.keys[place], self.rows[place]
        if body is not None:
            self.keys.insert(place, key)
            self.rows.insert(place, Row(body))
            self.size += len(body)


class RowCache:
    """The current rows of the collections queried last, as far as they fit. SQLite stays the truth.

    `load` reads a collection's documents in the order of their names.
    """

    def __init__(self, load: Callable[[Collection], Iterable[Stored]], budget: int = BUDGET) -> None:
        self._load, self._budget = load, budget
        self._cached: OrderedDict[int, _Cached] = OrderedDict()
        self._size = 0
        self._too_large: dict[int, int] = {}
        """How many documents a collection had that did not fit."""

    def rows(self, collection: Collection) -> list[Row] | None:
        """A collection's rows by name, not to be changed; None when they do not fit."""
        cached = self._cached.get(collection.number) or self._read(collection)
        if cached is None:
            return None
        self._cached.move_to_end(collection.number)
        while len(self._cached) > 1 and self._size > self._budget:
            self._size -= self._cached.popitem(last=False)[1].size
        return cached.rows

    def apply(self, changes: Iterable[Change]) -> None:
        """Follow a commit."""
        for change in changes:
            cached = self._cached.get(change.collection.number)
            if cached is not None:
                self._size -= cached.size
                cached.put(change.key, change.body)
                self._size += cached.size
                if cached.size > self._budget:
                    self._size -= self._cached.pop(change.collection.number).size

    def _read(self, collection: Collection) -> _Cached | None:
        if collection.live >= self._too_large.get(collection.number, collection.live + 1):
            return None
        cached = _Cached()
        for stored in self._load(collection):
            cached.keys.append(stored.key)
            cached.rows.append(Row(stored.body))
            cached.size += len(stored.body)
            if cached.size > self._budget // 2:
                self._too_large[collection.number] = collection.live
                return None
        self._cached[collection.number] = cached
        self._size += cached.size
        return cached
