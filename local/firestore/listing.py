"""Which collections and documents there are, including documents that exist only as the parent of others."""

import re
from typing import NamedTuple

from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import NAME, parse_field_path
from local.firestore.names import ParentName, segment_key
from local.firestore.query import Order
from local.firestore.store import HIGH, Store

_TERM = re.compile(r"\s*((?:`(?:[^`\\]|\\.)+`|[^\s,`])+)(?:\s+(asc|desc))?\s*(?:,(?!\s*$)|$)", re.IGNORECASE)


class Entry(NamedTuple):
    """A document of a listing; one without a body only has descendants."""

    key: bytes
    name: str
    body: bytes | None


def collection_ids(store: Store, parent: ParentName, at: int | None) -> list[str]:
    """The ids of the collections right below a document or the root, by their UTF-8 bytes."""
    depth = parent.path.count("/") + 1 if parent.path else 0
    ids: dict[str, None] = {}
    for collection in store.catalog.below(parent.database, parent.path):
        found = collection.path.split("/", depth + 1)[depth]
        if found not in ids and store.has_documents(collection, at):
            ids[found] = None
    return sorted(ids, key=str.encode)


def parse_order(text: str) -> tuple[Order, ...]:
    """What a listing's order_by says: field paths, each with asc or desc or neither, between commas.

    Raises:
        InvalidArgument: when it says nothing of the kind.
    """
    orders: list[Order] = []
    position = 0
    while text.strip():
        found = _TERM.match(text, position)
        if not found:
            raise InvalidArgument(f'Invalid order_by "{text}".')
        orders.append(Order(parse_field_path(found[1]), (found[2] or "").lower() == "desc"))
        position = found.end()
        if position == len(text):
            break
    if NAME not in {order.path for order in orders}:
        orders.append(Order(NAME, orders[-1].descending if orders else False))
    return tuple(orders)


def documents(
    store: Store, database: str, path: str, *, at: int | None, after: bytes, size: int
) -> list[Entry]:
    """The first documents of a collection after a key, in order, also those without a body."""
    absent = _parents(store, database, path, at)
    entries: list[Entry] = []
    collection = store.catalog.find(database, path)
    low = after + b"\0" if after else b""
    for stored in store.scan(collection, low, HIGH, at) if collection else ():
        absent.pop(stored.key, None)
        entries.append(Entry(stored.key, "", stored.body))
        if len(entries) == size:
            break
    for key, name in absent.items():
        if key >= low:
            entries.append(Entry(key, name, None))
    entries.sort(key=lambda entry: entry.key)
    return entries[:size]


def _parents(store: Store, database: str, path: str, at: int | None) -> dict[bytes, str]:
    """Keys and full names of the documents of a collection that have documents below them."""
    depth = path.count("/") + 1
    found: dict[bytes, str] = {}
    for collection in store.catalog.below(database, path):
        segments = collection.path.split("/", depth + 1)
        if len(segments) > depth:
            key = segment_key(segments[depth])
            if key not in found and store.has_documents(collection, at):
                found[key] = f"{database}/documents/{path}/{segments[depth]}"
    return found
