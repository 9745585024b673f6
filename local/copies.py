"""A stand-in's SQLite database, and copies of it: saved, taken back, emptied."""

import contextlib
import sqlite3
from pathlib import Path


class CopiedStore:
    """The tables of one stand-in, which can be copied and taken back.

    `path` None keeps them in memory. What was acknowledged survives kill -9: WAL with synchronous=NORMAL
    loses nothing when the process dies, only when the machine does. The connection stays open while copies
    are made and taken back; one event loop uses it.
    """

    def __init__(self, path: Path | None, schema: str, *, keep: tuple[str, ...] = ()) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._keep = keep
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + schema)

    def close(self) -> None:
        """Fold the log into the file and close it."""
        self._db.close()

    def save(self, path: Path) -> None:
        """Copy everything into a file."""
        save(self._db, path)

    def restore(self, path: Path | None) -> None:
        """Take over a copy, or nothing; with nothing, the tables in `keep` stay as they are."""
        if path:
            restore(self._db, path)
        else:
            clear(self._db, keep=self._keep)


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
