"""Indexes over single fields of collections too large to be kept parsed; made when a query first needs one.

They only narrow down which documents are looked at: every candidate is still held against the whole query.
"""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from local.firestore.catalog import Collection
from local.firestore.fieldpaths import NAME, FieldPath
from local.firestore.filters import Condition, required
from local.firestore.ordering import order_key
from local.firestore.query import Query
from local.firestore.rows import Row
from local.firestore.versions import Change, Stored

MOST = 16
"""Indexes kept; the one used longest ago goes first."""

FEW = 5000
"""Candidates that are rather looked at all than the whole collection in order."""

_ONE, _MANY = {"EQUAL", "ARRAY_CONTAINS"}, {"IN", "ARRAY_CONTAINS_ANY"}
_UNINDEXED = {"NOT_EQUAL", "NOT_IN"}
_FIELD_AND_NAME = 2

Entry = tuple[bytes, bytes]
"""An order key of the field, and the key of a document that has it."""


class FieldIndex:
    """The values of one field, or the elements of the arrays in it, in order."""

    def __init__(self, path: FieldPath, *, elements: bool, documents: Iterable[Stored]) -> None:
        self._path, self._elements = path, elements
        self._keys: dict[bytes, frozenset[bytes]] = {}
        for stored in documents:
            keys = self._keys_of(Row(stored.body))
            if keys:
                self._keys[stored.key] = keys
        self.entries: list[Entry] = sorted((key, name) for name, keys in self._keys.items() for key in keys)

    def put(self, name: bytes, row: Row | None) -> None:
        """Take over a document's new version, or its deletion."""
        for key in self._keys.pop(name, ()):
            del self.entries[bisect_left(self.entries, (key, name))]
        keys = self._keys_of(row) if row is not None else frozenset()
        if keys:
            self._keys[name] = keys
        for key in keys:
            insort(self.entries, (key, name))

    def span(self, low: bytes, high: bytes, *, open_start: bool = False, open_end: bool = False) -> range:
        """The places of the entries with low <= key <= high, without the ends that are open."""
        start = (bisect_right if open_start else bisect_left)(self.entries, low, key=_key)
        end = (bisect_left if open_end else bisect_right)(self.entries, high, key=_key)
        return range(start, end)

    def _keys_of(self, row: Row) -> frozenset[bytes]:
        value = row.value(self._path)
        if value is None:
            return frozenset()
        if not self._elements:
            return frozenset([order_key(value)])
        return frozenset(map(order_key, value.array_value.values))


def _key(entry: Entry) -> bytes:
    return entry[0]


class FieldIndexes:
    """The indexes in use. `load` reads a collection's documents."""

    def __init__(self, load: Callable[[Collection], Iterable[Stored]], most: int = MOST) -> None:
        self._load, self._most = load, most
        self._indexes: OrderedDict[tuple[int, FieldPath, bool], FieldIndex] = OrderedDict()

    def apply(self, changes: Iterable[Change]) -> None:
        """Follow a commit."""
        for change in changes if self._indexes else ():
            row = Row(change.body) if change.body is not None else None
            for (number, _, _), index in self._indexes.items():
                if number == change.collection.number:
                    index.put(change.key, row)

    def names(self, collection: Collection, query: Query) -> list[bytes] | None:
        """Keys, sorted, of all documents that can match the query; None when no index narrows it down."""
        conditions = [one for one in required(query.filter) if one.path != NAME]
        exact = [one for one in conditions if one.op in _ONE | _MANY]
        options = [self._spans(collection, one) for one in exact or conditions if one.op not in _UNINDEXED]
        if not options:
            return None
        index, spans = min(options, key=lambda option: sum(map(len, option[1])))
        return sorted({index.entries[place][1] for span in spans for place in span})

    def in_order(self, collection: Collection, query: Query) -> Iterator[bytes] | None:
        """Keys of documents in the query's order; None when no index has it, or another narrows more."""
        first, last = query.orders[0], query.orders[-1]
        if len(query.orders) != _FIELD_AND_NAME or first.path == NAME or first.descending != last.descending:
            return None
        conditions = list(required(query.filter))
        for one in conditions:
            if one.op in _ONE | _MANY and sum(map(len, self._spans(collection, one)[1])) < FEW:
                return None
        index = self._index(collection, first.path, elements=False)
        places = range(len(index.entries))
        for one in conditions:
            if one.path == first.path and one.op not in _UNINDEXED | _MANY and not one.op.startswith("ARRAY"):
                (span,) = self._spans(collection, one)[1]
                places = range(max(places.start, span.start), min(places.stop, span.stop))
        return (index.entries[place][1] for place in (reversed(places) if first.descending else places))

    def _spans(self, collection: Collection, condition: Condition) -> tuple[FieldIndex, list[range]]:
        index = self._index(collection, condition.path, elements=condition.op.startswith("ARRAY"))
        if condition.op in _MANY:
            return index, [index.span(operand, operand) for operand in condition.operand_keys()]
        key = condition.key()
        if condition.op in _ONE:
            return index, [index.span(key, key)]
        least, most = key[:1], key[:1] + b"\xff" * 16
        if condition.op.startswith("LESS"):
            return index, [index.span(least, key, open_end=condition.op == "LESS_THAN")]
        return index, [index.span(key, most, open_start=condition.op == "GREATER_THAN")]

    def _index(self, collection: Collection, path: FieldPath, *, elements: bool) -> FieldIndex:
        name = (collection.number, path, elements)
        index = self._indexes.get(name)
        if index is None:
            index = FieldIndex(path, elements=elements, documents=self._load(collection))
            self._indexes[name] = index
            if len(self._indexes) > self._most:
                self._indexes.popitem(last=False)
        self._indexes.move_to_end(name)
        return index
