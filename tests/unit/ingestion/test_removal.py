"""A collection is taken away: all that only it held is gone in the end, and Drive is as it was."""

from datetime import UTC, datetime

import pytest

from shared.errors import Conflict, NotFound
from shared.ingestion.interfaces import Collection
from shared.ingestion.queueing import LOST_AFTER
from shared.ingestion.runs import SyncState
from shared.ingestion.sync import LEASE
from tests.fakes.ingestion import Killed, World

TEAM = Collection("team", "Team", "folder")


async def two_collections() -> World:
    """A collection of everything and one of a folder in it, with a file each."""
    world = World()
    world.clock.time = datetime.now(UTC)
    world.drive.folder_at("folder")
    world.collections.known["team"] = TEAM
    world.drive.put("outside", b"Rule 1 is in force.")
    world.drive.put("inside", b"Rule 2 is in force.", parent="folder")
    await world.settle()
    await world.settle("team")
    return world


async def test_nothing_is_left_of_a_collection() -> None:
    """No record, chunk, datapoint, token or push channel; the collection itself goes last."""
    world = World()
    world.clock.time = datetime.now(UTC)
    world.drive.put("handbook", b"Rule 1 is in force.")
    await world.settle()
    await world.registry.renew()
    run = await world.registry.remove("main")
    assert (await world.collections.all(), [one.id for one in await world.collections.leaving()]) == (
        [],
        ["main"],
    )
    await world.drain()
    await world.registry.renew()
    ended = world.runs.stored[run.id]
    assert (ended.state, ended.removed) == ("done", 1)
    stores = (world.records.stored, world.chunks.stored, world.index.points, world.channels.stored)
    assert not any(stores)
    assert await world.states.get("main") == SyncState("main")
    assert not world.collections.known


async def test_what_another_collection_holds_stays() -> None:
    """Without a download or an embedding; it is no longer found in the collection that went."""
    world = await two_collections()
    texts, downloads = len(world.embedder.texts), world.drive.downloads
    await world.registry.remove("team")
    await world.drain()
    world.consistent()
    assert set(world.records.stored) == {"outside", "inside"}
    assert {point.restricts["collection"] for point in world.index.points.values()} == {("main",)}
    assert (len(world.embedder.texts), world.drive.downloads) == (texts, downloads)


async def test_killed_at_any_call_a_removal_goes_on() -> None:
    """Whoever comes next ends it; what was left of the first try does no harm."""
    death = 0
    while True:
        death += 1
        world = await two_collections()
        await world.registry.remove("main")
        task = world.queue.tasks.pop(0)
        world.fuse.calls, world.fuse.blows_at = 0, death
        try:
            await world.do(task)
        except Killed:
            world.fuse.blows_at = 0
            world.clock.time += 2 * LEASE
            await world.do(task)
        else:
            break
        await world.drain()
        world.consistent()
        assert set(world.records.stored) == {"inside"}
        assert set(world.collections.known) == {"team"}
    assert death > 5


async def test_a_removal_ends_what_was_under_way() -> None:
    """The sync is cancelled with a reason, and its worker is told so at its next step."""
    world = await two_collections()
    sync = await world.sync.start("team")
    assert sync is not None
    await world.registry.remove("team")
    await world.drain()
    ended = world.runs.stored[sync.id]
    assert (ended.state, ended.error) == ("cancelled", "The collection was removed.")
    assert set(world.collections.known) == {"main"}


async def test_while_it_is_being_removed_it_is_nobodys() -> None:
    """It is asked for once, cannot be stopped, synced or made anew; the ledger shows how far it is."""
    world = await two_collections()
    run = await world.registry.remove("team")
    assert (await world.registry.remove("team")).id == run.id
    with pytest.raises(Conflict):
        await world.sync.cancel(run.id)
    with pytest.raises(Conflict):
        await world.registry.put(TEAM)
    with pytest.raises(NotFound):
        await world.sync.start("team")
    (shown,) = [one for one in await world.ledger.progress() if one.collection.leaving]
    assert (shown.collection.id, shown.total) == ("team", 1)
    await world.drain()
    await world.registry.put(TEAM)
    await world.settle("team")
    assert world.records.stored["inside"].collections == ("main", "team")


async def test_a_removal_that_failed_is_begun_again_with_the_next_syncs() -> None:
    """Its files' tasks were lost: it says how many are left, and the Scheduler's next call asks anew."""
    world = await two_collections()
    run = await world.registry.remove("team")
    await world.do(world.queue.tasks.pop(0))
    world.queue.tasks = [task for task in world.queue.tasks if task.path.endswith("/sync")]
    world.clock.time += LOST_AFTER
    await world.drain()
    assert world.runs.stored[run.id].state == "failed"
    assert (
        world.runs.stored[run.id].error == "Not everything is gone yet (1 left); the next sync tries again."
    )
    await world.registry.start_all(by_person=False)
    await world.drain()
    assert set(world.collections.known) == {"main"}
    world.consistent()
