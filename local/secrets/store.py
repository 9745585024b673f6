"""Secrets and their versions in SQLite, in a file that only its owner may read."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from local import copies
from local.secrets.messages import Secret, SecretVersion

_SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order of creation
    name TEXT NOT NULL UNIQUE,
    message BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS versions (
    secret TEXT NOT NULL REFERENCES secrets (name) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    message BLOB NOT NULL,
    data BLOB,                                  -- NULL once destroyed
    PRIMARY KEY (secret, number)
) WITHOUT ROWID;
"""


class Store:
    """The tables of one stand-in. Every method is one transaction, on disk when it returns."""

    def __init__(self, path: Path | None) -> None:
        if path:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        # secure_delete: a destroyed payload must not be readable in a free page of the file.
        pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
        self._db.executescript("".join(f"PRAGMA {pragma};" for pragma in pragmas) + _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def save(self, path: Path) -> None:
        """Copy everything into a file that only its owner may read."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        copies.save(self._db, path)
        path.chmod(0o600)

    def restore(self, path: Path | None) -> None:
        """Take over a copy, or nothing; what was there is out of the write-ahead log too."""
        if path:
            copies.restore(self._db, path)
        else:
            copies.clear(self._db)
        self._erase()

    def put_secret(self, secret: Any) -> None:
        """Create a secret or replace its message."""
        self._db.execute(
            "INSERT INTO secrets (name, message) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET message = excluded.message",
            (secret.name, secret.SerializeToString()),
        )

    def secret(self, name: str) -> Any | None:
        """The secret, or None."""
        row = self._db.execute("SELECT message FROM secrets WHERE name = ?", (name,)).fetchone()
        return Secret.FromString(row[0]) if row else None

    def secrets(self, parent: str) -> list[Any]:
        """The secrets of a project or location, newest first."""
        prefix = f"{parent}/secrets/"
        rows = self._db.execute(
            "SELECT message FROM secrets WHERE substr(name, 1, ?) = ? ORDER BY serial DESC",
            (len(prefix), prefix),
        )
        return [Secret.FromString(row[0]) for row in rows]

    def drop_secret(self, name: str) -> None:
        """Delete a secret with all its versions, out of the write-ahead log too."""
        self._db.execute("DELETE FROM secrets WHERE name = ?", (name,))
        self._erase()

    def latest(self, secret: str) -> int:
        """The highest version number; 0 when there is none."""
        row = self._db.execute("SELECT max(number) FROM versions WHERE secret = ?", (secret,)).fetchone()
        return int(row[0] or 0)

    def add_version(self, secret: str, number: int, version: Any, data: bytes) -> None:
        """Store a new version with its payload."""
        self._db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?)", (secret, number, version.SerializeToString(), data)
        )

    def version(self, secret: str, number: int) -> Any | None:
        """The version, or None."""
        row = self._db.execute(
            "SELECT message FROM versions WHERE secret = ? AND number = ?", (secret, number)
        ).fetchone()
        return SecretVersion.FromString(row[0]) if row else None

    def versions(self, secret: str) -> list[Any]:
        """All versions, newest first."""
        rows = self._db.execute(
            "SELECT message FROM versions WHERE secret = ? ORDER BY number DESC", (secret,)
        )
        return [SecretVersion.FromString(row[0]) for row in rows]

    def payload(self, secret: str, number: int) -> bytes:
        """The data of a version; empty when it is destroyed."""
        row = self._db.execute(
            "SELECT data FROM versions WHERE secret = ? AND number = ?", (secret, number)
        ).fetchone()
        return bytes(row[0] or b"")

    def put_version(self, secret: str, number: int, version: Any) -> None:
        """Replace a version's message."""
        self._db.execute(
            "UPDATE versions SET message = ? WHERE secret = ? AND number = ?",
            (version.SerializeToString(), secret, number),
        )

    def destroy_version(self, secret: str, number: int, version: Any) -> None:
        """Replace a version's message and erase its payload, out of the write-ahead log too."""
        self._db.execute(
            "UPDATE versions SET message = ?, data = NULL WHERE secret = ? AND number = ?",
            (version.SerializeToString(), secret, number),
        )
        self._erase()

    def _erase(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
