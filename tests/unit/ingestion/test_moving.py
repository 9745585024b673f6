"""Export, wipe, import: the same collection in another project, without embedding anything."""

from dataclasses import replace

import pytest

from shared.errors import Conflict, Invalid
from shared.ingestion import moving as moving_module
from shared.ingestion.interfaces import Collection
from shared.ingestion.parts import pack, unpack
from tests.fakes.drive import FakeDrive, Fuse, Killed
from tests.fakes.ingestion import World
from tests.fakes.transfers import FakeObjects, moving

FILES = 30


async def filled() -> World:
    """A project with files of several states, a group, and a shortcut."""
    world = World()
    world.directory.groups = {"staff@example.com": ["alice@example.com"]}
    for number in range(FILES):
        text = "\n\n".join(f"# Part {at}\n\n" + f"Rule {at} of {number}. " * 20 for at in range(4))
        world.drive.put(
            f"f{number:02}", text.encode(), mime_type="text/markdown", principals=["group:staff@example.com"]
        )
    world.drive.put("zip", b"\x7fELF", mime_type="application/zip")
    await world.settle()
    return world


def elsewhere(drive: FakeDrive) -> World:
    """Another project over the same Drive, with nothing in it."""
    drive.fuse = Fuse()
    world = World(drive=drive)
    world.collections.known.clear()
    world.directory.groups = {"staff@example.com": ["alice@example.com"]}
    return world


async def exported(world: World, objects: FakeObjects) -> str:
    """The folder of a finished export."""
    mover = moving(world, objects)
    started = await mover.export("main")
    done = await mover.work(started.id)
    assert done.state == "done"
    return done.folder


def state(world: World) -> tuple[object, ...]:
    """All that answers are made of."""
    records = {
        name: replace(one, queued_at=None, lease="", leased_until=None)
        for name, one in world.records.stored.items()
    }
    counted = sorted(world.lexicon.texts)
    return records, world.chunks.stored, world.index.points, counted, world.memberships.saved


async def test_another_project_has_the_same_without_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records, texts, vectors, term counts and groups are equal; the next sync finds nothing to do."""
    monkeypatch.setattr(moving_module, "FILES_A_PART", 7)
    here, objects = await filled(), FakeObjects()
    folder = await exported(here, objects)
    there = elsewhere(here.drive)
    mover = moving(there, objects)
    started = await mover.load(folder)
    assert (await there.states.get("main")).paused
    done = await mover.work(started.id)
    assert (done.state, done.files, done.skipped) == ("done", FILES + 1, 0)
    assert state(there) == state(here)
    there.queue.tasks.clear()
    downloads = there.drive.downloads
    await there.settle()
    assert there.embedder.texts == []
    assert there.drive.downloads == downloads
    there.consistent()


@pytest.mark.parametrize("blows_at", range(1, 200, 13))
async def test_a_killed_import_is_finished_by_the_next(
    blows_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever call a worker dies at, the next attempt ends with the same, and counts no word twice."""
    monkeypatch.setattr(moving_module, "FILES_A_PART", 5)
    here, objects = await filled(), FakeObjects()
    folder = await exported(here, objects)
    there = elsewhere(here.drive)
    mover = moving(there, objects)
    started = await mover.load(folder)
    there.fuse.calls, there.fuse.blows_at = 0, blows_at
    try:
        await mover.work(started.id)
    except Killed:
        there.fuse.blows_at = 0
        there.clock.move(seconds=31)  # Cloud Tasks comes back for some two minutes
        await mover.work(started.id)
    assert (await mover.get(started.id)).state == "done"
    assert set(there.records.stored) == set(here.records.stored)
    assert state(there)[1:3] == state(here)[1:3]
    assert there.embedder.texts == []
    there.consistent()


async def test_a_long_transfer_goes_on_in_another_task() -> None:
    """After the time of one delivery the rest is queued, under another name."""
    here, objects = await filled(), FakeObjects()
    ticks = iter(range(0, 100_000, 200))
    mover = replace(moving(here, objects), monotonic=lambda: float(next(ticks)))
    started = await mover.export("main")
    first = await mover.work(started.id)
    assert first.state == "running"
    assert len([task for task in here.queue.tasks if task.path.endswith("transfer")]) == 2
    assert (await mover.work(started.id)).state == "done"


async def test_vectors_of_another_model_are_refused() -> None:
    """An export by another embedding model says so, and nothing is changed here."""
    here, objects = await filled(), FakeObjects()
    folder = await exported(here, objects)
    there = elsewhere(here.drive)
    other = World.target("first", "model-b", there.index, there.embedder)
    there.indexes = replace(there.indexes, targets={other.space: other})
    with pytest.raises(Invalid, match="model-a"):
        await moving(there, objects).load(folder)
    assert not there.collections.known
    with pytest.raises(Invalid):
        await moving(there, FakeObjects(stored={f"{folder}/manifest.json": b"[]"})).load(folder)


async def test_a_collection_of_another_folder_is_not_overwritten() -> None:
    """The id may be taken here by another folder: Conflict, and another id works."""
    here, objects = await filled(), FakeObjects()
    folder = await exported(here, objects)
    there = elsewhere(here.drive)
    there.collections.known["main"] = Collection("main", "Other", "elsewhere")
    mover = moving(there, objects)
    with pytest.raises(Conflict):
        await mover.load(folder)
    started = await mover.load(folder, "restored")
    assert (await mover.work(started.id)).state == "done"
    assert {one.collections for one in there.records.stored.values()} == {("restored",)}


async def test_parts_are_the_same_bytes_for_the_same_files() -> None:
    """Packing what was unpacked gives the same part, and a damaged one is refused."""
    here, objects = await filled(), FakeObjects()
    folder = await exported(here, objects)
    part = objects.stored[f"{folder}/part-000000.jsonl.gz"]
    files = unpack(part)
    assert pack(files) == part
    with pytest.raises(Invalid):
        unpack(part[:-20])
