"""What holds of files that share a task: one call for all of them, and none stops another."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.ingestion.interfaces import FileRecord, Task
from shared.ingestion.leases import LEASE
from shared.ingestion.queueing import SMALL
from tests.fakes.ingestion import Killed, World
from tests.fakes.queue import files_of

NAMES = [f"f{number}" for number in range(6)]


class Counted:
    """A fake whose calls are counted by name."""

    def __init__(self, fake: Any, calls: Counter[str]) -> None:
        self._fake, self._calls = fake, calls

    def __getattr__(self, name: str) -> Any:
        """The fake's own, counted."""
        self._calls[f"{type(self._fake).__name__}.{name}"] += 1
        return getattr(self._fake, name)


def house(calls: Counter[str] | None = None) -> World:
    """Six files, which share a task."""
    seen = (lambda fake: Counted(fake, calls)) if calls is not None else (lambda fake: fake)
    world = World(seen=seen, beside=len(NAMES))
    for name in NAMES:
        world.drive.put(name, f"The rule of {name} is in force.".encode())
    return world


async def queued(world: World) -> Task:
    """The one task of the files, which the sync has queued."""
    await world.sync.start("main")
    await world.do(world.queue.tasks.pop(0))
    (task,) = world.queue.tasks
    assert files_of(task) == NAMES
    return task


async def test_one_call_serves_all() -> None:
    """Leases, places, marks, vectors and records of all files are each read or written with one call."""
    calls = Counter[str]()
    world = house(calls)
    task = await queued(world)
    calls.clear()
    await world.do(task)
    world.consistent()
    assert calls["FakeRecords.change_each"] == 3  # the lease, what is staged, the record with its lease's end
    assert calls["FakeRecords.change"] == 0
    assert (calls["FakeEmbedder.documents"], calls["FakeIndex.upsert"]) == (1, 1)
    assert calls["FakeIndexStates.get"] == 1
    assert calls["FakeDrive.item"] == calls["FakeDrive.download"] == len(NAMES)


async def test_killed_at_any_call_each_is_made_good_by_itself() -> None:
    """The task that comes again gives each of its files a task, and nothing is embedded or kept twice."""
    death = 0
    while True:
        death += 1
        world = house()
        task = await queued(world)
        world.fuse.calls, world.fuse.blows_at = 0, death
        try:
            await world.do(task)
        except Killed:
            world.fuse.blows_at = 0
            world.clock.time += 2 * LEASE
            world.queue.tasks.clear()
            await world.file_tasks.work(files_of(task), repeated=True)
            assert [files_of(one) for one in world.queue.tasks] == [[name] for name in NAMES]
        else:
            break
        await world.drain()
        world.consistent()
        assert {record.state for record in world.records.stored.values()} == {"indexed"}
        assert len(world.chunks.written) == len(set(world.chunks.written))
    assert death > 20


@pytest.mark.parametrize("error", [Unavailable("Drive is away."), RuntimeError("a defect")])
async def test_one_that_fails_does_not_stop_the_others(error: Exception) -> None:
    """It gets a task of its own, whose failures are counted by themselves."""
    world = house()
    task = await queued(world)
    world.queue.tasks.clear()
    download = world.drive.download

    async def failing(item: Any, *rest: Any) -> None:
        if item.id == "f3":
            raise error
        await download(item, *rest)

    world.drive.download = failing  # type: ignore[method-assign]
    await world.do(task)
    assert [files_of(one) for one in world.queue.tasks] == [["f3"]]
    done = {name for name, record in world.records.stored.items() if record.state == "indexed"}
    assert done == set(NAMES) - {"f3"}
    assert not world.records.stored["f3"].lease
    world.drive.download = download  # type: ignore[method-assign]
    await world.drain()
    world.consistent()


async def test_a_change_that_is_refused_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker has one of the files: the others are read, and that one is asked for again."""
    world = house()
    task = await queued(world)
    world.queue.tasks.clear()
    until = world.clock.now() + LEASE
    monkeypatch.setitem(world.records.stored, "f1", _leased(world, "f1", until))
    await world.do(task)
    assert [files_of(one) for one in world.queue.tasks] == [["f1"]]
    assert world.records.stored["f1"].lease == "another"
    assert sum(record.state == "indexed" for record in world.records.stored.values()) == len(NAMES) - 1


async def test_what_cannot_be_read_is_said_of_it_alone() -> None:
    """An unreadable file among others is skipped with its reason, in the same task."""
    world = house()
    world.drive.put("f2", b"")
    task = await queued(world)
    await world.do(task)
    states = {name: record.state for name, record in world.records.stored.items()}
    assert states == {name: "skipped" if name == "f2" else "indexed" for name in NAMES}


async def test_a_large_file_is_read_by_itself() -> None:
    """Known to be large when it is queued it has a task; found to be so by the task, it gets one."""
    world = house()
    world.drive.put("large", b"It is the rule. " * (SMALL // 16 + 1))
    await world.sync.start("main")
    await world.do(world.queue.tasks.pop(0))
    assert sorted(map(len, map(files_of, world.queue.tasks))) == [1, len(NAMES)]
    world.queue.tasks.clear()
    await world.file_tasks.work([*NAMES, "large"])
    assert [files_of(one) for one in world.queue.tasks] == []  # its name was taken by the task it has
    assert world.records.stored["large"].state == "pending"
    assert world.records.stored["f0"].state == "indexed"


def _leased(world: World, name: str, until: datetime) -> FileRecord:
    return replace(world.records.stored[name], lease="another", leased_until=until)
