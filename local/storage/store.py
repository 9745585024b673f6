"""The index of buckets, objects and resumable uploads in SQLite. Each method is one transaction."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import copies
from local.clock import machine
from local.storage.resources import Bucket, Content, Object

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, metageneration INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    fields TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    blob TEXT NOT NULL, size INTEGER NOT NULL, crc32c TEXT NOT NULL, md5 TEXT NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL, deleted REAL NOT NULL, components INTEGER NOT NULL,
    fields TEXT NOT NULL, PRIMARY KEY (bucket, name, generation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, fields TEXT NOT NULL, query TEXT NOT NULL,
    received INTEGER NOT NULL, answer TEXT NOT NULL, began REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (last INTEGER NOT NULL);
"""
_INDEX = "index.sqlite"
_UPLOAD_SECONDS = 7 * 24 * 3600.0
"""How long a resumable upload may be taken up again."""


@dataclass
class Upload:
    """A resumable upload: `received` bytes are on disk; `answer` is the resource it ended in, as JSON."""

    id: str
    bucket: str
    fields: dict[str, Any]
    query: dict[str, str]
    received: int = 0
    answer: str = ""
    began: float = field(default_factory=machine.time)


class Store:
    """The index below `folder`; in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self._db = sqlite3.connect(folder / _INDEX if folder else ":memory:", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("DELETE FROM uploads WHERE began < ?", (machine.time() - _UPLOAD_SECONDS,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def save(self, folder: Path) -> None:
        """Copy the index into a folder."""
        copies.save(self._db, folder / _INDEX)

    def restore(self, folder: Path | None) -> None:
        """Take over a copy, or nothing; generations go on from where they were."""
        last = self.generation()
        if folder:
            copies.restore(self._db, folder / _INDEX)
        else:
            copies.clear(self._db)
        self.generation()
        self._db.execute("UPDATE counter SET last = max(last, ?)", (last,))

    def generation(self) -> int:
        """A new generation: microseconds since the epoch, never one twice."""
        row = self._db.execute("SELECT last FROM counter").fetchone()
        last = int(row[0]) if row else 0
        new = max(machine.micros(), last + 1)
        if row:
            self._db.execute("UPDATE counter SET last = ?", (new,))
        else:
            self._db.execute("INSERT INTO counter VALUES (?)", (new,))
        return new

    def bucket(self, name: str) -> Bucket | None:
        """The bucket, if there is one."""
        row = self._db.execute("SELECT * FROM buckets WHERE name = ?", (name,)).fetchone()
        return _bucket(row) if row else None

    def buckets(self, prefix: str, after: str, limit: int) -> list[Bucket]:
        """Buckets in the order of their names."""
        rows = self._db.execute(
            "SELECT * FROM buckets WHERE substr(name, 1, ?) = ? AND name > ? ORDER BY name LIMIT ?",
            (len(prefix), prefix, after, limit),
        )
        return [_bucket(row) for row in rows]

    def put_bucket(self, bucket: Bucket) -> None:
        """Create or replace a bucket."""
        self._db.execute(
            "REPLACE INTO buckets VALUES (?, ?, ?, ?, ?)",
            (bucket.name, bucket.metageneration, bucket.created, bucket.updated, json.dumps(bucket.fields)),
        )

    def drop_bucket(self, name: str) -> bool:
        """Delete a bucket unless it holds an object of any generation; says whether it did."""
        if self._db.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)).fetchone():
            return False
        self._db.execute("DELETE FROM buckets WHERE name = ?", (name,))
        return True

    def object(self, bucket: str, name: str, generation: int | None = None) -> Object | None:
        """The live generation of an object, or the one that is asked for."""
        if generation is None:
            rows = self._db.execute(
                "SELECT * FROM objects WHERE bucket = ? AND name = ? AND deleted = 0", (bucket, name)
            )
        else:
            rows = self._db.execute(
                "SELECT * FROM objects WHERE bucket = ? AND name = ? AND generation = ?",
                (bucket, name, generation),
            )
        row = rows.fetchone()
        return _object(row) if row else None

    def scan(self, bucket: str, start: str, generation: int, *, versions: bool) -> Iterator[Object]:
        """Objects in the order of (name, generation), from (start, generation) on."""
        yield from map(
            _object,
            self._db.execute(
                "SELECT * FROM objects WHERE bucket = ? AND (name, generation) >= (?, ?) "
                "AND (deleted = 0 OR ?) ORDER BY name, generation",
                (bucket, start, generation, versions),
            ),
        )

    def replace(self, new: Object, upload: Upload | None, *, keep: bool) -> list[str]:
        """Make `new` the live generation and write `upload`; the former one is kept as noncurrent or goes.

        Returns the blobs to drop.
        """

        def work() -> list[str]:
            if upload:
                self.put_upload(upload)
            return self._replace(new, keep=keep)

        return self._transaction(work)

    def update(self, changed: Object) -> None:
        """Write changed metadata of a generation."""
        self._db.execute(
            "UPDATE objects SET metageneration = ?, updated = ?, fields = ? "
            "WHERE bucket = ? AND name = ? AND generation = ?",
            (
                changed.metageneration,
                changed.updated,
                json.dumps(changed.fields),
                changed.bucket,
                changed.name,
                changed.generation,
            ),
        )

    def delete(self, found: Object, *, keep: bool) -> list[str]:
        """Delete a generation, or make it noncurrent. Returns the blobs to drop."""
        return self._transaction(lambda: self._retire(found, machine.time(), keep=keep))

    def move(self, new: Object, source: Object, *, keep: bool) -> list[str]:
        """`replace` with `new` and `delete` of `source`, both or neither."""
        return self._transaction(
            lambda: self._replace(new, keep=keep) + self._retire(source, new.created, keep=keep)
        )

    def upload(self, upload_id: str) -> Upload | None:
        """A resumable upload, if there is one."""
        row = self._db.execute("SELECT * FROM uploads WHERE id = ?", (upload_id,)).fetchone()
        if row is None:
            return None
        (name, bucket, fields, query, received, answer, began) = row
        return Upload(name, bucket, json.loads(fields), json.loads(query), received, answer, began)

    def put_upload(self, upload: Upload) -> None:
        """Create or replace a resumable upload."""
        self._db.execute(
            "REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                upload.id,
                upload.bucket,
                json.dumps(upload.fields),
                json.dumps(upload.query),
                upload.received,
                upload.answer,
                upload.began,
            ),
        )

    def drop_upload(self, upload_id: str) -> None:
        """Forget a resumable upload."""
        self._db.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))

    def files(self) -> tuple[set[str], set[str]]:
        """The names of all blobs, and of the parts of unfinished uploads."""
        blobs = {row[0] for row in self._db.execute("SELECT blob FROM objects")}
        return blobs, {row[0] for row in self._db.execute("SELECT id FROM uploads WHERE answer = ''")}

    def _replace(self, new: Object, *, keep: bool) -> list[str]:
        old = self.object(new.bucket, new.name)
        dropped = self._retire(old, new.created, keep=keep) if old else []
        content = new.content
        self._db.execute(
            "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(new.bucket, new.name, new.generation, new.metageneration),
                *(content.blob, content.size, content.crc32c, content.md5),
                *(new.created, new.updated, new.deleted, new.components, json.dumps(new.fields)),
            ),
        )
        return dropped

    def _retire(self, old: Object, when: float, *, keep: bool) -> list[str]:
        key = (old.bucket, old.name, old.generation)
        if keep:
            self._db.execute(
                "UPDATE objects SET deleted = ? WHERE bucket = ? AND name = ? AND generation = ?",
                (when, *key),
            )
            return []
        self._db.execute("DELETE FROM objects WHERE bucket = ? AND name = ? AND generation = ?", key)
        return [old.content.blob]

    def _transaction(self, work: Callable[[], list[str]]) -> list[str]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = work()
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return result


def _bucket(row: Any) -> Bucket:
    name, metageneration, created, updated, fields = row
    return Bucket(name, metageneration, created, updated, json.loads(fields))


def _object(row: Any) -> Object:
    bucket, name, generation, metageneration, *content, created, updated, deleted, components, fields = row
    held = Content(*content)
    return Object(
        *(bucket, name, generation, metageneration, held),
        *(created, updated, deleted, components, json.loads(fields)),
    )
