"""A stateful fake of Cloud Tasks, at ingestion's interface."""

from dataclasses import dataclass, field
from typing import cast

from shared.ingestion.interfaces import Task


@dataclass
class FakeQueue:
    """Tasks in order; a name is taken once."""

    tasks: list[Task] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    async def enqueue(self, task: Task) -> None:
        if task.name not in self.names:
            self.names.add(task.name)
            self.tasks.append(task)


def files_of(task: Task) -> list[str]:
    """The files that a task is for."""
    return cast("list[str]", task.body["file_ids"])
