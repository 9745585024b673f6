"""Which collections and documents there are, including documents that exist only as the parent of others."""

from typing import NamedTuple

from local.firestore.names import ParentName, segment_key
from local.firestore.store import HIGH, Store


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


def documents(
    store: Store, database: str, path: str, *, at: int | None, after: bytes, size: int, missing: bool
) -> list[Entry]:
    """The first documents of a collection after a key, in order; with `missing` those without a body too."""
    absent = _parents(store, database, path, at) if missing else {}
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
