"""What holds of a sync: resumable at any call, one at a time, and right when Drive has lost its place."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import Conflict
from shared.ingestion.drive import EVERYTHING, Grant
from shared.ingestion.interfaces import Collection
from shared.ingestion.sync import LEASE
from tests.fakes.ingestion import Killed, World


def tree(pages: int = 2) -> World:
    """Eight files in nested folders, listed and told of in small pages."""
    world = World()
    world.drive.page_size = pages
    parent = "root"
    for number in range(4):
        parent = world.drive.folder_at(f"folder{number}", parent).id
        for name in ("a", "b"):
            world.drive.put(f"{name}{number}", f"Rule {number} is in force.".encode(), parent=parent)
    return world


@pytest.mark.parametrize("listed", [True, False])
async def test_killed_at_any_call_a_sync_goes_on(*, listed: bool) -> None:
    """Of a listing and of a feed: whoever comes next ends with every file, and the token is kept last."""
    death = 0
    while True:
        death += 1
        world = tree()
        if not listed:
            await world.settle()
            world.drive.move("folder1", "root")
            world.drive.put("a2", b"Another rule.", parent="folder2")
        run = await world.sync.start("main")
        assert run is not None
        task = world.queue.tasks.pop(0)
        before = (await world.states.get("main")).tokens
        world.fuse.calls, world.fuse.blows_at = 0, death
        try:
            await world.do(task)
        except Killed:
            world.fuse.blows_at = 0
            world.clock.time += 2 * LEASE
            kept = (await world.states.get("main")).tokens
            if kept != before:  # the token moved: everything it told of is queued
                assert len(world.queue.tasks) >= (8 if listed else 6)
            await world.do(task)
        else:
            break
        await world.drain()
        world.consistent()
        assert set(world.records.stored) == {f"{name}{number}" for name in "ab" for number in range(4)}
        assert world.records.stored["a3"].folders[:2] == ("root", "folder0" if listed else "folder1")
    assert death > 20


async def test_a_lost_token_leads_to_a_full_listing() -> None:
    """Drive does not know the token any more: what changed meanwhile is found all the same."""
    world = tree()
    await world.settle()
    world.drive.put("a0", b"Another rule.", parent="folder0")
    world.drive.delete("b0")
    world.drive.lost = True
    run = await world.settle()
    assert (run.kind, run.removed) == ("listing", 1)
    assert "b0" not in world.records.stored
    assert "Another rule" in world.chunks.stored[world.records.stored["a0"].chunks[0]].chunk.text


async def test_two_workers_do_not_share_a_run_and_two_runs_not_a_collection() -> None:
    """The second delivery is told to come back; the second start is followed by one more run."""
    world = tree()
    run = await world.sync.start("main")
    assert run is not None
    busy = replace(world.runs.stored[run.id], worker="another", leased_until=world.clock.now() + LEASE)
    world.runs.stored[run.id] = busy
    with pytest.raises(Conflict):
        await world.sync.work(run.id)
    second = await world.sync.start("main", by_person=False)
    assert second is not None
    assert second.id == run.id
    world.clock.time += 2 * LEASE
    await world.drain()
    assert len(world.runs.stored) == 2
    assert {one.state for one in world.runs.stored.values()} == {"done"}


async def test_a_sync_that_is_tried_again_is_still_under_way() -> None:
    """Whoever watches is told why it failed, and that it goes on; it is over when it has ended."""
    world = tree()
    run = await world.sync.start("main")
    assert run is not None
    world.runs.stored[run.id] = replace(world.runs.stored[run.id], state="failed", error="Drive is away.")
    (seen,) = await world.ledger.progress()
    assert seen.run is not None
    assert (seen.busy, seen.run.error) == (True, "Drive is away.")
    await world.drain()
    (seen,) = await world.ledger.progress()
    assert seen.run is not None
    assert (seen.busy, seen.run.state) == (False, "done")


async def test_what_the_feed_did_not_tell_is_drift() -> None:
    """A reconcile finds, reports and repairs it, once."""
    world = tree()
    await world.settle()
    world.drive.nodes["a1"].content = b"Changed behind the feed's back."
    del world.drive.nodes["b1"]
    assert (await world.settle()).queued == 0
    assert (await world.settle(kind="reconcile")).drift == 2
    assert "b1" not in world.records.stored
    assert (await world.settle(kind="reconcile")).drift == 0


async def test_a_new_shared_drive_is_read_in() -> None:
    """A collection of everything takes it in when the feed tells of it, and reads its feed from then on."""
    world = tree()
    world.collections.known["main"] = Collection("main", "All", EVERYTHING)
    await world.settle()
    world.drive.shared_drive("team", ["user:alice@example.com"])
    world.drive.put("plan", b"The plan.", parent="team", principals=())
    world.drive.report("team")
    await world.settle()
    assert world.records.stored["plan"].principals == ("user:alice@example.com",)
    assert set((await world.states.get("main")).tokens) == {"user", "team"}


async def test_a_permission_that_runs_out_is_taken_back_without_the_feed() -> None:
    """At the first sync after its end, with no download."""
    world = tree()
    until = world.clock.now() + timedelta(minutes=5)
    world.drive.nodes["a1"].own = [Grant("user", "bob@example.com", expires=until)]
    await world.settle()
    assert world.records.stored["a1"].principals == ("user:bob@example.com",)
    downloads = world.drive.downloads
    world.clock.move(minutes=6)
    await world.settle(by_person=False)
    assert world.records.stored["a1"].principals == ()
    assert world.drive.downloads == downloads


async def test_permissions_that_cannot_be_read_narrow() -> None:
    """Nobody finds the file, and the ledger says why."""
    world = tree()
    world.drive.unseen.add("a1")
    await world.settle()
    record = world.records.stored["a1"]
    assert (record.state, record.principals, record.grants) == ("partial", (), None)
    assert "may not see whom this file is shared with" in record.reason


async def test_a_sync_that_an_administrator_asks_for_reads_every_group_again() -> None:
    """Also one that was read a moment ago, and also when it has to wait for a sync under way."""
    world = tree()
    world.directory.groups = {"staff@example.com": ["alice@example.com"]}
    world.drive.nodes["a1"].own = [Grant("group", "staff@example.com")]
    await world.settle()
    saved = world.memberships.saved
    for waits in (False, True):
        world.clock.move(seconds=1)
        if waits:
            await world.sync.start("main", by_person=False)
        world.directory.groups["staff@example.com"] = ["alice@example.com", f"bob{waits}@example.com"]
        await world.sync.start("main")
        await world.drain()
        assert saved["staff@example.com"] == world.directory.groups["staff@example.com"]


async def test_a_file_that_comes_back_is_read_at_once() -> None:
    """Thrown away, taken out while its folder is thrown away, and back with it: no task has an old name."""
    world = tree()
    await world.settle()
    for trashed in ({"a1": True}, {"a1": False, "folder1": True}, {"folder1": False}):
        world.clock.move(minutes=1)
        for name, gone in trashed.items():
            world.drive.nodes[name].trashed = gone
            world.drive.report(name)
        await world.settle()
    assert world.records.stored["a1"].state == "indexed"
    world.consistent()
