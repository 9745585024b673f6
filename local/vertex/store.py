"""Datapoints and resources on disk: two SQLite tables, one transaction per request."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from local import copies

FILE = "vertex.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS datapoints (
    index_name TEXT NOT NULL,
    datapoint_id TEXT NOT NULL,
    vector BLOB NOT NULL,  -- float32, little endian
    body BLOB NOT NULL,    -- the datapoint's message without its vector
    PRIMARY KEY (index_name, datapoint_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resources (
    name TEXT PRIMARY KEY,  -- of an index, an endpoint or an operation
    body BLOB NOT NULL      -- its message
) WITHOUT ROWID
"""

Row = tuple[str, bytes, bytes]
"""Datapoint id, vector, body."""


class DatapointStore:
    """Not for the event loop. WAL with synchronous=NORMAL: what was acknowledged survives kill -9."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        place = ":memory:" if folder is None else str(folder / FILE)
        self._db = sqlite3.connect(place, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def load(self, index: str) -> Iterator[Row]:
        """Every datapoint of an index."""
        yield from self._db.execute(
            "SELECT datapoint_id, vector, body FROM datapoints WHERE index_name = ? ORDER BY datapoint_id",
            (index,),
        )

    def get(self, index: str, datapoint_id: str) -> tuple[bytes, bytes] | None:
        """A datapoint's vector and body, or None."""
        found: tuple[bytes, bytes] | None = self._db.execute(
            "SELECT vector, body FROM datapoints WHERE index_name = ? AND datapoint_id = ?",
            (index, datapoint_id),
        ).fetchone()
        return found

    def put(self, index: str, rows: Iterable[Row]) -> None:
        """Insert or replace, all or nothing."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO datapoints VALUES (?, ?, ?, ?)", ((index, *row) for row in rows)
            )

    def delete(self, index: str, ids: Iterable[str]) -> None:
        """Remove those that exist, all or nothing."""
        with self._transaction():
            self._db.executemany(
                "DELETE FROM datapoints WHERE index_name = ? AND datapoint_id = ?",
                ((index, one) for one in ids),
            )

    def save(self, path: Path) -> None:
        """Copy everything into a file."""
        copies.save(self._db, path)

    def restore(self, path: Path | None) -> None:
        """Take over a copy, or nothing."""
        if path:
            copies.restore(self._db, path)
        else:
            copies.clear(self._db)

    def clear(self, index: str) -> None:
        """Remove every datapoint of an index."""
        self._db.execute("DELETE FROM datapoints WHERE index_name = ?", (index,))

    def resources(self) -> Iterator[tuple[str, bytes]]:
        """Name and message of every resource."""
        yield from self._db.execute("SELECT name, body FROM resources ORDER BY name")

    def put_resource(self, name: str, body: bytes) -> None:
        """Insert or replace a resource."""
        self._db.execute("INSERT OR REPLACE INTO resources VALUES (?, ?)", (name, body))

    def delete_resource(self, name: str) -> None:
        """Remove a resource, if it is there."""
        self._db.execute("DELETE FROM resources WHERE name = ?", (name,))

    def close(self) -> None:
        """Fold the log into the file and close it."""
        self._db.close()

    def _transaction(self) -> sqlite3.Connection:
        self._db.execute("BEGIN IMMEDIATE")
        return self._db
