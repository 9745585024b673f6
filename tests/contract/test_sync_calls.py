"""What a sync costs, counted in calls at the local Drive."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.ingestion.drive import EVERYTHING
from shared.ingestion.interfaces import Collection
from tests.fakes.drive_cloud import DriveCloud, drive_cloud
from tests.fakes.ingestion import World

FILES = 10_000


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[DriveCloud]:
    """A Drive of 10,000 files in 100 folders."""
    for number in range(100):
        folder = tmp_path / f"folder {number}"
        folder.mkdir(parents=True)
        for at in range(FILES // 100):
            (folder / f"{number}-{at}.txt").write_text(f"File {at} of {number}.")
    async with drive_cloud(tmp_path) as one:
        yield one


async def test_what_a_sync_of_10000_files_costs(cloud: DriveCloud) -> None:
    """Listed in few calls; then, unchanged, one call and nothing downloaded, embedded or queued."""
    world = World(seen=lambda fake: cloud.connector() if fake is world_drive(fake) else fake)
    world.collections.known["main"] = Collection("main", "Main", EVERYTHING)
    run = await world.sync.start("main")
    assert run is not None
    await world.do(world.queue.tasks.pop(0))
    listing = cloud.calls()
    assert len(world.queue.tasks) == FILES
    assert listing["files.list"] <= 20
    assert sum(listing.values()) <= 30
    finish(world)
    again = await world.settle(by_person=False)
    assert (again.queued, again.listed) == (0, 0)
    assert cloud.calls() == {"changes.list": 1}
    reconciled = await world.settle(by_person=False, kind="reconcile")
    assert (reconciled.queued, reconciled.drift) == (0, 0)
    assert sum(cloud.calls().values()) <= 31

    await cloud.people({"event": "rename_folder", "folder": "folder 7", "folder_after": "renamed"})
    renamed = await world.settle(by_person=False)
    assert renamed.queued == 0
    assert cloud.calls() == {"changes.list": 1}

    await cloud.people({"event": "rename", "doc_id": "folder 1/1-1.txt", "path_after": "folder 1/new.txt"})
    await world.settle(by_person=False)
    calls = cloud.calls()
    assert "files.download" not in calls
    assert sum(calls.values()) <= 3
    assert not world.embedder.texts


def world_drive(fake: object) -> object:
    """The fake Drive, which the real connector stands in for."""
    return fake if type(fake).__name__ == "FakeDrive" else None


def finish(world: World) -> None:
    """As if every task had been done: the ledger has what was wanted."""
    world.queue.tasks.clear()
    for name, record in world.records.stored.items():
        content, _, rights = record.wanted.partition("/")
        world.records.stored[name] = replace(record, state="indexed", content=content, rights=rights)
