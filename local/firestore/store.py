"""Documents on SQLite: the current version of each, and for an hour every earlier one.

An acknowledged commit is in the write-ahead log, so it survives the process being killed; `full_sync`
also makes it survive the machine losing power, at the price of a disk flush for each commit.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from local import copies
from local.firestore.catalog import Catalog, Collection
from local.firestore.fieldindex import FieldIndexes
from local.firestore.rowcache import BUDGET, RowCache
from local.firestore.vectorindex import VectorIndexes
from local.firestore.versions import Change, Stored

RETENTION = 3600 * 1_000_000
"""Microseconds that an earlier version can still be read: an hour, as without point-in-time recovery."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS collections (
    number INTEGER PRIMARY KEY, database TEXT NOT NULL, path TEXT NOT NULL, UNIQUE (database, path));
CREATE TABLE IF NOT EXISTS documents (
    collection INTEGER NOT NULL, key BLOB NOT NULL, updated INTEGER NOT NULL, body BLOB NOT NULL,
    UNIQUE (collection, key));
CREATE TABLE IF NOT EXISTS history (
    collection INTEGER NOT NULL, key BLOB NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY, time INTEGER NOT NULL);
INSERT OR IGNORE INTO clock VALUES (1, 0);
CREATE INDEX IF NOT EXISTS history_by_key ON history (collection, key, until);
CREATE INDEX IF NOT EXISTS history_by_time ON history (until);
"""
_RANGE = "collection = ? AND key >= ? AND key < ?"
LOW, HIGH = b"", b"\xff"


class Store:
    """One SQLite file, one connection, used from one thread.

    Raises sqlite3.OperationalError when another process holds the file.
    """

    def __init__(self, path: Path | None, *, full_sync: bool = False, cache_bytes: int = BUDGET) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            path or ":memory:", timeout=1, isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={'FULL' if full_sync else 'NORMAL'}")
        self._db.execute("PRAGMA cache_size=-32000")
        self._db.executescript(_SCHEMA)
        self._cache_bytes = cache_bytes
        self._load()

    def _load(self) -> None:
        self.catalog = Catalog()
        self.rows = RowCache(self.scan, self._cache_bytes)
        self.indexes = FieldIndexes(self.scan)
        self.vectors = VectorIndexes(self.scan, self.read)
        live = dict(self._db.execute("SELECT collection, count(*) FROM documents GROUP BY collection"))
        for number, database, path in self._db.execute("SELECT number, database, path FROM collections"):
            self.catalog.add(Collection(number, database, path, live.get(number, 0)))

    def last_commit(self) -> int:
        """The latest time in the store, in microseconds; 0 when it is empty."""
        return int(self._db.execute("SELECT time FROM clock").fetchone()[0])

    def collection(self, database: str, path: str) -> Collection:
        """The collection at a path, entered into the catalog if it is new."""
        found = self.catalog.find(database, path)
        if found:
            return found
        cursor = self._db.execute("INSERT INTO collections (database, path) VALUES (?, ?)", (database, path))
        made = Collection(int(cursor.lastrowid or 0), database, path)
        self.catalog.add(made)
        return made

    def read(self, collection: Collection, key: bytes, at: int | None = None) -> bytes | None:
        """The body of a document now, or at a time in microseconds; None when there is none."""
        if at is None:
            row = self._db.execute(
                "SELECT body FROM documents WHERE collection = ? AND key = ?", (collection.number, key)
            ).fetchone()
            return row[0] if row else None
        row = self._db.execute(
            "SELECT body FROM documents WHERE collection = ? AND key = ? AND updated <= ?",
            (collection.number, key, at),
        ).fetchone()
        if row is None:
            row = self._db.execute(
                "SELECT body FROM history WHERE collection = ? AND key = ? AND until > ? AND since <= ?",
                (collection.number, key, at, at),
            ).fetchone()
        return row[0] if row else None

    def scan(
        self, collection: Collection, low: bytes = LOW, high: bytes = HIGH, at: int | None = None
    ) -> Iterator[Stored]:
        """The documents of a collection with low <= key < high, in order, now or at a time.

        Nothing may be committed while the iterator is being read.
        """
        if at is None:
            rows = self._db.execute(
                f"SELECT key, body FROM documents WHERE {_RANGE} ORDER BY key",  # noqa: S608 - constants only
                (collection.number, low, high),
            )
        else:
            rows = self._db.execute(
                f"SELECT key, body FROM documents WHERE {_RANGE} AND updated <= ? "  # noqa: S608 - constants only
                f"UNION ALL SELECT key, body FROM history WHERE {_RANGE} AND until > ? AND since <= ? "
                "ORDER BY key",
                (collection.number, low, high, at, collection.number, low, high, at, at),
            )
        return map(Stored._make, rows)

    def has_documents(self, collection: Collection, at: int | None = None) -> bool:
        """Whether a collection has any document now, or at a time."""
        return collection.live > 0 if at is None else next(self.scan(collection, at=at), None) is not None

    def commit(self, changes: Sequence[Change], time: int) -> None:
        """Write all changes, or none if the process dies here."""
        run = self._db.execute
        run("BEGIN IMMEDIATE")
        try:
            for collection, key, body, existed in changes:
                if existed:
                    run(
                        "INSERT INTO history SELECT collection, key, updated, ?, body FROM documents "
                        "WHERE collection = ? AND key = ?",
                        (time, collection.number, key),
                    )
                if body is None:
                    run("DELETE FROM documents WHERE collection = ? AND key = ?", (collection.number, key))
                elif existed:
                    run(
                        "UPDATE documents SET updated = ?, body = ? WHERE collection = ? AND key = ?",
                        (time, body, collection.number, key),
                    )
                else:
                    run("INSERT INTO documents VALUES (?, ?, ?, ?)", (collection.number, key, time, body))
            run("UPDATE clock SET time = ?", (time,))
            run("COMMIT")
        except BaseException:
            run("ROLLBACK")
            raise
        for collection, _, body, existed in changes:
            collection.live += (body is not None) - existed
        self.rows.apply(changes)
        self.indexes.apply(changes)
        self.vectors.apply(changes)

    def forget(self, before: int) -> None:
        """Drop versions that ended before a time in microseconds."""
        self._db.execute("DELETE FROM history WHERE until < ?", (before,))

    def save(self, path: Path) -> None:
        """Copy everything into a new SQLite file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        copies.save(self._db, path)

    def restore(self, path: Path) -> None:
        """Take over what save() copied, instead of what is here."""
        copies.restore(self._db, path)
        self._load()

    def clear(self) -> None:
        """Drop everything but the clock, which never goes back."""
        copies.clear(self._db, keep=("clock",))
        self._load()

    def close(self) -> None:
        """Close the file; what was committed is in it."""
        self._db.close()
