"""Queues and tasks in SQLite. What a call has returned from is there after kill -9."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.copies import CopiedStore
from local.tasks.messages import Queue, Task
from local.times import MICRO, seconds, timestamp

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, message BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    name TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    due INTEGER NOT NULL,                 -- microseconds since the epoch
    running INTEGER NOT NULL DEFAULT 0,   -- dispatched, no outcome yet
    executions INTEGER NOT NULL DEFAULT 0,
    previous INTEGER,                     -- HTTP status of the last attempt that was answered
    message BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks (queue, running, due);
CREATE TABLE IF NOT EXISTS gone (name TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gone_by_time ON gone (since);
"""


@dataclass
class StoredTask:
    """A task and what its headers tell about earlier attempts."""

    message: Any
    executions: int = 0
    """Attempts that the handler answered with anything but a 5xx."""
    previous: int | None = None
    """The HTTP status of the attempt before, if it was answered."""


class Store(CopiedStore):
    """The tables of Cloud Tasks. One process owns them; every method is one transaction."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, _SCHEMA)
        self._nothing_under_way()

    def restore(self, path: Path | None) -> None:
        """Take over a copy, or nothing."""
        super().restore(path)
        self._nothing_under_way()

    def _nothing_under_way(self) -> None:
        # Nobody waits any more for what was under way before: it is dispatched again.
        self._db.execute("UPDATE tasks SET running = 0 WHERE running = 1")

    def put_queue(self, queue: Any) -> None:
        """Create or replace a queue's settings."""
        with self._transaction():
            self._db.execute("REPLACE INTO queues VALUES (?, ?)", (queue.name, queue.SerializeToString()))
            self._db.execute("DELETE FROM gone WHERE name = ?", (queue.name,))

    def queue(self, name: str) -> Any | None:
        """The queue, or None."""
        row = self._db.execute("SELECT message FROM queues WHERE name = ?", (name,)).fetchone()
        return Queue.FromString(row[0]) if row else None

    def queues(self, parent: str = "") -> list[Any]:
        """All queues of a location, or of all, by name."""
        rows = self._db.execute("SELECT message FROM queues ORDER BY name").fetchall()
        queues = [Queue.FromString(row[0]) for row in rows]
        return [queue for queue in queues if not parent or queue.name.startswith(f"{parent}/queues/")]

    def drop_queue(self, name: str, now: float) -> None:
        """Remove a queue with its tasks; its name stays known."""
        with self._transaction():
            self._db.execute("DELETE FROM queues WHERE name = ?", (name,))
            self._db.execute("DELETE FROM tasks WHERE queue = ?", (name,))
            self._bury(name, now)

    def purge(self, queue: Any, now: float) -> None:
        """Remove all tasks of a queue and note when."""
        queue.purge_time.CopyFrom(timestamp(now))
        with self._transaction():
            self._db.execute(
                "REPLACE INTO gone SELECT name, ? FROM tasks WHERE queue = ?", (int(now * MICRO), queue.name)
            )
            self._db.execute("DELETE FROM tasks WHERE queue = ?", (queue.name,))
            self._db.execute("REPLACE INTO queues VALUES (?, ?)", (queue.name, queue.SerializeToString()))

    def gone_since(self, name: str) -> float | None:
        """When a queue or task of this name was finished or deleted, in seconds; None = not known."""
        row = self._db.execute("SELECT since FROM gone WHERE name = ?", (name,)).fetchone()
        return row[0] / MICRO if row else None

    def forget(self, before: float, *, queues_before: float) -> None:
        """Forget names of tasks gone since `before`, of queues since `queues_before`."""
        self._db.execute("DELETE FROM gone WHERE since < ? AND name LIKE '%/tasks/%'", (int(before * MICRO),))
        self._db.execute("DELETE FROM gone WHERE since < ?", (int(queues_before * MICRO),))

    def add(self, queue: str, task: Any) -> None:
        """Store a new task under a name that is free."""
        with self._transaction():
            self._db.execute("DELETE FROM gone WHERE name = ?", (task.name,))
            self._db.execute(
                "INSERT INTO tasks (name, queue, due, message) VALUES (?, ?, ?, ?)",
                (task.name, queue, _due(task), task.SerializeToString()),
            )

    def task(self, name: str) -> StoredTask | None:
        """The task, or None."""
        row = self._db.execute(
            "SELECT message, executions, previous FROM tasks WHERE name = ?", (name,)
        ).fetchone()
        return StoredTask(Task.FromString(row[0]), row[1], row[2]) if row else None

    def tasks(self, queue: str, after: str, limit: int) -> list[Any]:
        """Up to `limit` tasks of a queue in the order of their names, those after the name `after`."""
        rows = self._db.execute(
            "SELECT message FROM tasks WHERE queue = ? AND name > ? ORDER BY name LIMIT ?",
            (queue, after, limit),
        )
        return [Task.FromString(row[0]) for row in rows]

    def next_due(self, queue: str) -> tuple[str, float] | None:
        """The waiting task that is due first, with its time in seconds."""
        row = self._db.execute(
            "SELECT name, due FROM tasks WHERE queue = ? AND running = 0 ORDER BY due LIMIT 1", (queue,)
        ).fetchone()
        return (row[0], row[1] / MICRO) if row else None

    def dispatched(self, stored: StoredTask) -> None:
        """Save an attempt that begins."""
        self._save(stored, running=True)

    def failed(self, stored: StoredTask) -> None:
        """Save an attempt that failed; the task waits for its new schedule_time."""
        self._save(stored, running=False)

    def remove(self, name: str, now: float) -> None:
        """A task is done, given up or deleted; its name stays known."""
        with self._transaction():
            self._db.execute("DELETE FROM tasks WHERE name = ?", (name,))
            self._bury(name, now)

    def _save(self, stored: StoredTask, *, running: bool) -> None:
        task = stored.message
        self._db.execute(
            "UPDATE tasks SET due = ?, running = ?, executions = ?, previous = ?, message = ? WHERE name = ?",
            (_due(task), running, stored.executions, stored.previous, task.SerializeToString(), task.name),
        )

    def _bury(self, name: str, now: float) -> None:
        self._db.execute("REPLACE INTO gone VALUES (?, ?)", (name, int(now * MICRO)))

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    """BEGIN, then COMMIT or ROLLBACK."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")


def _due(task: Any) -> int:
    return round(seconds(task.schedule_time) * MICRO)
