"""Copies of a stand-in's SQLite database: saved, taken back, emptied. The open connection stays open."""

import contextlib
import sqlite3
from pathlib import Path


def save(database: sqlite3.Connection, path: Path) -> None:
    """Copy a database, as it is at this moment, into a file that is made anew."""
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        # a copy that a crash leaves unfinished is thrown away as a whole
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("PRAGMA synchronous=OFF")
        database.backup(copy)


def restore(database: sqlite3.Connection, path: Path) -> None:
    """Take over what save() copied, in one transaction. Raises sqlite3.Error when it is no such copy."""
    # immutable: a file that nobody changes needs no lock and gets no log beside it
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
        copy.backup(database)


def clear(database: sqlite3.Connection, *, keep: tuple[str, ...] = ()) -> None:
    """Empty every table but those in `keep`, in one transaction; numbers that count up begin anew."""
    tables = [
        row[0]
        for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if row[0] not in keep
    ]
    database.execute("PRAGMA defer_foreign_keys=ON")
    database.execute("BEGIN IMMEDIATE")
    try:
        for table in tables:
            database.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of the schema
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
