"""Users, refresh tokens, signing keys and used App Check tokens. Tokens are stored hashed."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.copies import CopiedStore

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    shelf TEXT NOT NULL, kid TEXT NOT NULL, pem TEXT NOT NULL, created REAL NOT NULL,
    PRIMARY KEY (shelf, kid));
CREATE TABLE IF NOT EXISTS users (
    project TEXT NOT NULL, local_id TEXT NOT NULL, email TEXT, phone TEXT, record TEXT NOT NULL,
    PRIMARY KEY (project, local_id));
CREATE UNIQUE INDEX IF NOT EXISTS users_by_email ON users (project, email);
CREATE UNIQUE INDEX IF NOT EXISTS users_by_phone ON users (project, phone);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash TEXT PRIMARY KEY, project TEXT NOT NULL, local_id TEXT NOT NULL, provider TEXT NOT NULL,
    signed_in INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS consumed (jti TEXT PRIMARY KEY);
"""

User = dict[str, Any]
"""A user as accounts:lookup returns it."""


@dataclass(frozen=True)
class Session:
    """What a refresh token stands for; `signed_in` in seconds since the epoch."""

    project: str
    local_id: str
    provider: str
    signed_in: int


class FirebaseStore(CopiedStore):
    """The tables of Firebase Auth; its signing keys outlive a restore of nothing."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA, keep=("keys",))

    def put(self, project: str, user: User) -> None:
        """Insert or replace a user. Raises sqlite3.IntegrityError when the address or number is another's."""
        self._db.execute(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT (project, local_id)"
            " DO UPDATE SET email = excluded.email, phone = excluded.phone, record = excluded.record",
            (project, user["localId"], user.get("email"), user.get("phoneNumber"), json.dumps(user)),
        )

    def user(self, project: str, local_id: str) -> User | None:
        """A user by id."""
        return self._one("local_id = ?", project, local_id)

    def by_email(self, project: str, email: str) -> User | None:
        """A user by address, in lower case as it is kept."""
        return self._one("email = ?", project, email.lower())

    def by_phone(self, project: str, number: str) -> User | None:
        """A user by telephone number."""
        return self._one("phone = ?", project, number)

    def after(self, project: str, local_id: str, count: int) -> Iterator[User]:
        """At most `count` users whose ids come after this one, by id."""
        rows = self._db.execute(
            "SELECT record FROM users WHERE project = ? AND local_id > ? ORDER BY local_id LIMIT ?",
            (project, local_id, count),
        )
        for (record,) in rows:
            yield json.loads(record)

    def delete(self, project: str, local_id: str) -> bool:
        """Forget a user and the refresh tokens; whether there was one."""
        where = (project, local_id)
        self._db.execute("DELETE FROM refresh_tokens WHERE project = ? AND local_id = ?", where)
        found = self._db.execute("DELETE FROM users WHERE project = ? AND local_id = ?", where)
        return found.rowcount > 0

    def add_session(self, session: Session) -> str:
        """Remember a sign-in; returns its refresh token."""
        token = secrets.token_urlsafe(96)
        values = (_hash(token), session.project, session.local_id, session.provider, session.signed_in)
        self._db.execute("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?)", values)
        return token

    def session(self, token: str) -> Session | None:
        """What a refresh token stands for."""
        row = self._db.execute(
            "SELECT project, local_id, provider, signed_in FROM refresh_tokens WHERE hash = ?",
            (_hash(token),),
        ).fetchone()
        return Session(*row) if row else None

    def consume(self, jti: str) -> bool:
        """Mark an App Check token as used; whether it was used before."""
        return self._db.execute("INSERT OR IGNORE INTO consumed VALUES (?)", (jti,)).rowcount == 0

    def shelf(self, name: str) -> "KeyShelf":
        """The keys of one issuer."""
        return KeyShelf(self._db, name)

    def _one(self, where: str, *values: str) -> User | None:
        row = self._db.execute(
            f"SELECT record FROM users WHERE project = ? AND {where}",  # noqa: S608 - our own words
            values,
        ).fetchone()
        return json.loads(row[0]) if row else None


class KeyShelf:
    """The keys of one issuer among those of several."""

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        self._db, self._name = database, name

    def private_keys(self) -> list[tuple[str, str]]:
        """(kid, private key as PEM), oldest first."""
        return list(
            self._db.execute(
                "SELECT kid, pem FROM keys WHERE shelf = ? ORDER BY created, rowid", (self._name,)
            )
        )

    def add_key(self, kid: str, pem: str, created: float, *, keep: int) -> None:
        """Remember a key and forget all but the newest `keep`."""
        self._db.execute("INSERT INTO keys VALUES (?, ?, ?, ?)", (self._name, kid, pem, created))
        self._db.execute(
            "DELETE FROM keys WHERE shelf = ?1 AND kid NOT IN"
            " (SELECT kid FROM keys WHERE shelf = ?1 ORDER BY created DESC, rowid DESC LIMIT ?2)",
            (self._name, keep),
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
