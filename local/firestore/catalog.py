"""Which collections there are, in memory: the part of the store that every request needs."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from local.firestore.names import path_key


@dataclass(slots=True, eq=False)
class Collection:
    """A collection that has, or had, documents."""

    number: int
    """Its key in the tables."""
    database: str
    path: str
    live: int = 0
    """How many documents it has now."""
    key: bytes = b""

    @property
    def id(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    def name(self, document_id: str) -> str:
        """The full name of a document in it."""
        return f"{self.database}/documents/{self.path}/{document_id}"


@dataclass
class _Database:
    by_path: dict[str, Collection] = field(default_factory=dict)
    by_id: dict[str, list[Collection]] = field(default_factory=dict)
    ordered: list[tuple[bytes, Collection]] = field(default_factory=list)


class Catalog:
    """The collections of all databases, found by path, by id, or below a document."""

    def __init__(self) -> None:
        self._databases: dict[str, _Database] = {}

    def add(self, collection: Collection) -> None:
        """Take a collection in."""
        collection.key = path_key(collection.path)
        database = self._databases.setdefault(collection.database, _Database())
        database.by_path[collection.path] = collection
        insort(database.by_id.setdefault(collection.id, []), collection, key=lambda c: c.key)
        insort(database.ordered, (collection.key, collection), key=lambda pair: pair[0])

    def find(self, database: str, path: str) -> Collection | None:
        """The collection at a path, if it ever had a document."""
        known = self._databases.get(database)
        return known.by_path.get(path) if known else None

    def group(self, database: str, collection_id: str, below: str) -> list[Collection]:
        """The collections with an id anywhere below a document (or the root, ""), in order of their names."""
        known = self._databases.get(database)
        if not known:
            return []
        prefix = path_key(below)
        return [c for c in known.by_id.get(collection_id, []) if c.key.startswith(prefix)]

    def below(self, database: str, path: str) -> Iterator[Collection]:
        """Every collection below a path, at any depth, in order of their names."""
        known = self._databases.get(database)
        if not known:
            return
        prefix = path_key(path)
        start = bisect_left(known.ordered, prefix, key=lambda pair: pair[0])
        end = bisect_right(known.ordered, prefix + b"\xff", key=lambda pair: pair[0])
        for _, collection in known.ordered[start:end]:
            yield collection
