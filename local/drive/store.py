"""What the Drive stand-in remembers: what people did to the served folder, and the change feed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.copies import CopiedStore
from local.drive.scan import Seen

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, members TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1, md5 TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS contents (sha256 TEXT PRIMARY KEY, md5 TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, target TEXT NOT NULL, drive_id TEXT NOT NULL,
    time TEXT NOT NULL, lost TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_by_target ON changes (target, seq);
CREATE TABLE IF NOT EXISTS channels (
    id TEXT PRIMARY KEY, resource_id TEXT NOT NULL, email TEXT NOT NULL, body TEXT NOT NULL,
    expires REAL NOT NULL, seq INTEGER NOT NULL, number INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Change:
    """One entry of the feed: the latest change of a target, and who lost sight of it since the token."""

    seq: int
    kind: str
    """file or drive."""
    target: str
    drive_id: str
    time: str
    lost: frozenset[str]


class DriveStore(CopiedStore):
    """The tables of the Drive stand-in. Used from the event loop's thread only."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA)

    def begin(self) -> None:
        """Start a transaction that `commit` ends."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make what was written since `begin` durable."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget what was written since `begin`."""
        self._db.execute("ROLLBACK")

    def fact(self, name: str) -> str:
        """A remembered value; empty when there is none."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Remember a value."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def forget_all(self) -> None:
        """Start anew for another folder. The feed goes on, but tokens from before are no longer good."""
        self.begin()
        for table in ("items", "groups", "seen", "contents", "channels", "facts"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 (names from the line above)
        self.add_change("drive", "", "", "", ())
        self.set_fact("first", str(self.last_change() + 1))
        self.commit()

    def items(self) -> dict[str, dict[str, Any]]:
        """Every item that people changed, by id; {"deleted": true} for those that are gone."""
        return {row[0]: json.loads(row[1]) for row in self._db.execute("SELECT id, body FROM items")}

    def save_item(self, item_id: str, body: dict[str, Any]) -> None:
        """Remember the whole of a changed item."""
        self._db.execute("INSERT OR REPLACE INTO items VALUES (?, ?)", (item_id, json.dumps(body)))

    def forget_item(self, item_id: str) -> None:
        """Drop what was remembered of an item."""
        self._db.execute("DELETE FROM items WHERE id = ?", (item_id,))

    def groups(self) -> dict[str, list[str]]:
        """The members of every group that changed."""
        return {row[0]: json.loads(row[1]) for row in self._db.execute("SELECT name, members FROM groups")}

    def save_group(self, name: str, members: list[str]) -> None:
        """Remember a group's members."""
        self._db.execute("INSERT OR REPLACE INTO groups VALUES (?, ?)", (name, json.dumps(members)))

    def seen(self) -> tuple[Seen, dict[str, int]]:
        """The files of the last look, and the version that each had."""
        rows = self._db.execute("SELECT path, size, mtime_ns, version FROM seen").fetchall()
        return {row[0]: (row[1], row[2]) for row in rows}, {row[0]: row[3] for row in rows}

    def save_seen(self, files: Iterable[tuple[str, int, int, int]]) -> None:
        """Remember (path, size, mtime_ns, version) of files; their checksums are computed anew."""
        self._db.executemany(
            "INSERT OR REPLACE INTO seen (path, size, mtime_ns, version) VALUES (?, ?, ?, ?)", files
        )

    def set_version(self, path: str, version: int) -> None:
        """Remember that a file has a new version, with the same bytes."""
        self._db.execute("UPDATE seen SET version = ? WHERE path = ?", (version, path))

    def forget_seen(self, path: str) -> None:
        """Forget a file that is gone from the folder."""
        self._db.execute("DELETE FROM seen WHERE path = ?", (path,))

    def checksums(self, path: str, size: int, mtime_ns: int) -> tuple[str, str] | None:
        """(MD5, SHA-256) of a file on disk, if they were computed for these very bytes."""
        row = self._db.execute(
            "SELECT md5, sha256 FROM seen WHERE path = ? AND size = ? AND mtime_ns = ? AND md5 <> ''",
            (path, size, mtime_ns),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def save_checksums(self, path: str, md5: str, sha256: str) -> None:
        """Remember a file's checksums."""
        self._db.execute("UPDATE seen SET md5 = ?, sha256 = ? WHERE path = ?", (md5, sha256, path))

    def save_content(self, sha256: str, md5: str, content: bytes) -> None:
        """Keep bytes that are not in the served folder."""
        self._db.execute("INSERT OR IGNORE INTO contents VALUES (?, ?, ?)", (sha256, md5, content))

    def content(self, sha256: str) -> tuple[str, bytes]:
        """(MD5, bytes) of kept content. Raises KeyError."""
        row = self._db.execute("SELECT md5, bytes FROM contents WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            raise KeyError(sha256)
        return row[0], row[1]

    def add_change(self, kind: str, target: str, drive_id: str, time: str, lost: Iterable[str]) -> int:
        """Append to the feed; returns the sequence number."""
        row = self._db.execute(
            "INSERT INTO changes (kind, target, drive_id, time, lost) VALUES (?, ?, ?, ?, ?)",
            (kind, target, drive_id, time, json.dumps(sorted(lost))),
        )
        return int(row.lastrowid or 0)

    def last_change(self) -> int:
        """The sequence number of the newest change; 0 before the first."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])

    def changes(self, start: int, position: int, drive_id: str | None, limit: int) -> list[Change]:
        """The changes from `position` on, one a target, each with who lost it since `start`.

        `drive_id` None takes all, "" those of My Drive.
        """
        rows = self._db.execute(
            "SELECT max(seq), kind, target, drive_id, time, group_concat(lost, '') FROM changes"
            " WHERE seq >= ? AND (? IS NULL OR drive_id = ?)"
            " GROUP BY kind, target HAVING max(seq) >= ? ORDER BY max(seq) LIMIT ?",
            (start, drive_id, drive_id, position, limit),
        )
        return [
            Change(seq, kind, target, of, time, frozenset(_joined(lost)))
            for seq, kind, target, of, time, lost in rows
        ]

    def channels(self) -> list[tuple[str, str, str, dict[str, Any], float, int, int]]:
        """Every watch channel: id, resource id, e-mail, body, expiry, last sequence number, messages sent."""
        rows = self._db.execute("SELECT * FROM channels").fetchall()
        return [(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5], row[6]) for row in rows]

    def save_channel(self, row: tuple[str, str, str, dict[str, Any], float, int, int]) -> None:
        """Remember a watch channel."""
        values = (*row[:3], json.dumps(row[3]), *row[4:])
        self._db.execute("INSERT OR REPLACE INTO channels VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def forget_channel(self, channel_id: str) -> None:
        """Forget a watch channel."""
        self._db.execute("DELETE FROM channels WHERE id = ?", (channel_id,))


def _joined(text: str) -> set[str]:
    """The members of several JSON lists written one after the other."""
    return {email for part in text.replace("][", "]\n[").split("\n") for email in json.loads(part)}
