"""Running a query over the store."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

from local.firestore.catalog import Collection
from local.firestore.fieldpaths import NAME
from local.firestore.filters import required
from local.firestore.names import segment_key
from local.firestore.nearest import Nearest, find_nearest
from local.firestore.ordering import reference_key
from local.firestore.query import Order, Query
from local.firestore.rows import Row
from local.firestore.store import HIGH, LOW, Store

_LOWER = {"EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL"}
_UPPER = {"LESS_THAN", "LESS_THAN_OR_EQUAL"}
_MANY = 4
"""When more than one in so many documents are candidates, reading all in a row is faster than one by one."""


class Found(NamedTuple):
    """The rows of a query, in order, and how many were skipped by its offset."""

    rows: list[Row]
    skipped: int


def execute(store: Store, query: Query, at: int | None) -> Found:
    """The results of a query, now or at a time in microseconds. find_nearest is not applied here."""
    wanted = None if query.limit is None else query.offset + query.limit
    collections = sources(store, query)
    if wanted == 0 or not collections:
        return Found([], 0)
    by_name = query.orders == (Order(NAME),)
    ordered = _in_order(store, query, at, collections) if by_name or wanted is not None else None
    if ordered is not None:
        rows = list(islice(filter(query.contains, ordered), wanted))
    else:
        rows = _sorted(_candidates(store, query, at, collections), query, wanted)
    return Found(rows[query.offset :], min(query.offset, len(rows)))


def search(store: Store, query: Query, wanted: Nearest, at: int | None) -> list[Row]:
    """The nearest of a query's results, its offset and limit aside."""
    collections = sources(store, query)
    if len(collections) == 1 and at is None and store.rows.rows(collections[0]) is None:
        names = store.indexes.names(collections[0], query)
        found = store.vectors.search(collections[0], query, wanted, names)
        if found is not None:
            return found
    return find_nearest(wanted, execute(store, replace(query, limit=None, offset=0), at).rows)


def sources(store: Store, query: Query) -> list[Collection]:
    """The collections that a query reads, in the order of their names."""
    parent, catalog = query.parent, store.catalog
    if query.collection_id and not query.descendants:
        path = f"{parent.path}/{query.collection_id}" if parent.path else query.collection_id
        found = catalog.find(parent.database, path)
        return [found] if found else []
    if query.collection_id:
        return catalog.group(parent.database, query.collection_id, parent.path)
    return [one for one in catalog.below(parent.database, parent.path) if query.covers(one.path)]


def _candidates(store: Store, query: Query, at: int | None, collections: list[Collection]) -> Iterator[Row]:
    """The documents that can be results, those of each collection in the order of their names."""
    for collection in collections:
        cached = store.rows.rows(collection) if at is None else None
        names = store.indexes.names(collection, query) if at is None and cached is None else None
        if names is not None and len(names) * _MANY > collection.live:
            names = None
        if cached is not None:
            yield from cached
        elif names is not None:
            yield from _rows(store, collection, names)
        else:
            low, high = _name_range(collection, query)
            yield from (Row(stored.body) for stored in store.scan(collection, low, high, at))


def _name_range(collection: Collection, query: Query) -> tuple[bytes, bytes]:
    """Between which keys of the collection all results lie, as far as cursors and filters on names tell."""
    lows: list[bytes] = []
    highs: list[bytes] = []
    for one in required(query.filter):
        if one.path == NAME and one.op in _LOWER | _UPPER:
            (lows if one.op in _LOWER else highs).append(one.key())
            if one.op == "EQUAL":
                highs.append(one.key())
    if query.orders == (Order(NAME),):
        lows += [query.start.key] if query.start else []
        highs += [query.end.key] if query.end else []
    head = reference_key(collection.name("x"))[: -len(segment_key("x")) - 1]
    low = max((key[len(head) : -1] for key in lows if key.startswith(head)), default=LOW)
    high = min((key[len(head) : -1] + HIGH for key in highs if key.startswith(head)), default=HIGH)
    return low, high


def _in_order(
    store: Store, query: Query, at: int | None, collections: list[Collection]
) -> Iterator[Row] | None:
    """The candidates in the query's order, where that is cheap: by name, or by one indexed field."""
    if len(collections) > 1:
        return None
    if query.orders == (Order(NAME),):
        return _candidates(store, query, at, collections)
    if at is not None or store.rows.rows(collections[0]) is not None:
        return None
    names = store.indexes.in_order(collections[0], query)
    return None if names is None else _rows(store, collections[0], names)


def _rows(store: Store, collection: Collection, names: Iterable[bytes]) -> Iterator[Row]:
    for name in names:
        body = store.read(collection, name)
        if body is not None:
            yield Row(body)


def _sorted(rows: Iterator[Row], query: Query, wanted: int | None) -> list[Row]:
    keyed = [(query.sort_key(row), row) for row in rows if query.contains(row)]
    if wanted is None:
        keyed.sort(key=_place)
    else:
        keyed = nsmallest(wanted, keyed, key=_place)
    return [row for _, row in keyed]


def _place(pair: tuple[bytes, Row]) -> bytes:
    return pair[0]
