"""What holds of one file's way into the index, killed or not."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.errors import Conflict
from shared.ingestion.leases import LEASE
from tests.fakes.ingestion import Killed, World

LONG = "\n\n".join(f"Paragraph {n} of the handbook says that rule {n} is in force. " * 6 for n in range(40))


def text(paragraphs: str = LONG) -> bytes:
    """A document's bytes."""
    return paragraphs.encode()


async def indexed(content: bytes = text()) -> World:
    """A world with one file, in the index."""
    world = World()
    world.drive.put("handbook", content)
    await world.settle()
    return world


async def test_a_new_file_is_indexed_with_its_rights() -> None:
    """Every chunk is in the store and in the index, restricted to whom the file is shared with."""
    world = await indexed()
    world.consistent()
    record = world.records.stored["handbook"]
    assert record.state == "indexed"
    assert len(record.chunks) > 5
    for point in world.index.points.values():
        assert point.restricts["principal"] == ("user:alice@example.com",)
        assert point.restricts["file"] == ("handbook",)


async def test_an_unchanged_drive_costs_nothing() -> None:
    """A second sync downloads nothing, embeds nothing and queues no file."""
    world = await indexed()
    texts, downloads = len(world.embedder.texts), world.drive.downloads
    for full in ("changes", "reconcile"):
        run = await world.settle(kind=full)
        assert (run.queued, run.removed, run.drift) == (0, 0, 0)
    assert (len(world.embedder.texts), world.drive.downloads) == (texts, downloads)


async def test_an_edit_embeds_only_what_changed() -> None:
    """One paragraph edited in a document of 100 pages: at most three chunks are embedded again."""
    paragraphs = [
        f"Rule {page}.{at} is in force everywhere. " + f"What it says of case {at} is known. " * 14
        for page in range(100)
        for at in range(6)
    ]
    headed = "\n\n".join(
        f"# Section {at // 6}\n\n{one}" if at % 6 == 0 else one for at, one in enumerate(paragraphs)
    )
    assert len(headed) > 100 * 3_000  # characters of a full page
    world = World()
    world.drive.put("handbook", headed.encode(), mime_type="text/markdown", name="handbook.md")
    await world.settle()
    before = len(world.embedder.texts)
    assert before > 100
    edited = headed.replace("Rule 57.3 is in force", "Rule 57.3 is suspended", 1)
    world.drive.put("handbook", edited.encode(), mime_type="text/markdown", name="handbook.md")
    await world.settle()
    world.consistent()
    assert 1 <= len(world.embedder.texts) - before <= 3


async def test_what_moved_in_its_file_is_marked() -> None:
    """A paragraph before all others: they are the same chunks at other places, under another mark."""
    world = await indexed()
    world.consistent()
    before = world.records.stored["handbook"]
    world.drive.put("handbook", text(f"{'An introduction that fills a chunk. ' * 40}\n\n{LONG}"))
    await world.settle()
    world.consistent()
    after = world.records.stored["handbook"]
    assert set(before.chunks) & set(after.chunks)
    assert before.texts != after.texts


async def test_a_change_of_rights_downloads_and_embeds_nothing() -> None:
    """Unsharing rewrites the restricts and touches nothing else, nor the mark of the texts."""
    world = await indexed()
    mark = world.records.stored["handbook"].texts
    texts, downloads = len(world.embedder.texts), world.drive.downloads
    world.drive.put("handbook", text(), principals=("user:bob@example.com",))
    await world.settle()
    assert {point.restricts["principal"] for point in world.index.points.values()} == {
        ("user:bob@example.com",)
    }
    assert world.records.stored["handbook"].texts == mark
    assert (len(world.embedder.texts), world.drive.downloads) == (texts, downloads)


async def test_a_rename_is_free() -> None:
    """The record gets the new name; nothing is downloaded, embedded or written to the index."""
    world = await indexed()
    points = dict(world.index.points)
    downloads = world.drive.downloads
    world.drive.put("handbook", text(), name="Handbook 2027.txt")
    await world.settle()
    assert world.records.stored["handbook"].name == "Handbook 2027.txt"
    assert world.index.points == points
    assert world.drive.downloads == downloads


async def test_a_move_is_free() -> None:
    """Into another folder of the collection: the place is noted; nothing is downloaded or embedded."""
    world = await indexed()
    texts, downloads = len(world.embedder.texts), world.drive.downloads
    world.drive.folder_at("people")
    world.drive.move("handbook", "people")
    await world.settle()
    assert "people" in world.records.stored["handbook"].folders
    assert (len(world.embedder.texts), world.drive.downloads) == (texts, downloads)


async def test_a_deleted_file_leaves_nothing() -> None:
    """No record, no chunk, no datapoint."""
    world = await indexed()
    world.drive.delete("handbook")
    await world.settle()
    assert not world.records.stored
    assert not world.chunks.stored
    assert not world.index.points


async def test_a_file_moved_out_of_the_collection_leaves_nothing() -> None:
    """What is no longer below the collection's folder is removed, even when its task finds it in Drive."""
    world = await indexed()
    world.drive.put("handbook", text(), parent="elsewhere")
    await world.settle()
    assert not world.records.stored
    assert not world.index.points


async def test_an_unreadable_file_is_skipped_with_a_sentence() -> None:
    """An empty file ends as skipped, says why, and does not come back at the next sync."""
    world = await indexed(b"")
    record = world.records.stored["handbook"]
    assert record.state == "skipped"
    assert record.reason.endswith(".")
    assert (await world.settle()).queued == 0


async def test_too_large_a_file_is_skipped_and_its_old_text_withdrawn() -> None:
    """A file that became unreadable answers no questions with what it used to say."""
    world = await indexed()
    world.drive.put("handbook", b"")
    await world.settle()
    assert world.records.stored["handbook"].state == "skipped"
    assert not world.index.points


@pytest.mark.parametrize("edit", ["first", "edit", "empty", "remove"])
async def test_killed_anywhere_the_next_attempt_finishes(edit: str) -> None:
    """Die at each call in turn: afterwards the index is right and no written chunk is embedded twice."""
    deaths = 0
    while True:
        world = World() if edit == "first" else await indexed()
        world.drive.put("handbook", text(LONG.replace("rule 3 ", "norm 3 ")))
        if edit == "empty":
            world.drive.put("handbook", b" ")
        if edit == "remove":
            world.drive.delete("handbook")
        run = await world.sync.start("main")
        await world.do(world.queue.tasks.pop())
        task = world.queue.tasks.pop()
        embedded, written = len(world.embedder.texts), len(world.chunks.written)
        deaths += 1
        world.fuse.calls, world.fuse.blows_at = 0, deaths
        try:
            await world.do(task)
        except Killed:
            world.fuse.blows_at = 0
            saved = len(world.chunks.written) - written
            spent = len(world.embedder.texts) - embedded
            world.clock.time += 2 * LEASE
            await world.do(task)
        else:
            assert deaths > 3, f"only {deaths} calls were killed"
            return
        world.consistent()
        assert run.id
        after = world.chunks.written[written:]
        assert len(after) == len(set(after)), "a chunk was written twice"
        total = len(world.embedder.texts) - embedded
        assert total <= len(after) + (spent - saved), "a written chunk was embedded again"


async def test_a_reader_never_sees_half_a_file() -> None:
    """At every call of an edit, the record names only chunks that exist: all old ones or all new ones."""
    world = await indexed()
    old = world.records.stored["handbook"].chunks
    world.drive.put("handbook", text(LONG.replace("rule 3 ", "norm 3 ")))
    seen = set()
    burn = world.fuse.burn

    def watched() -> None:
        burn()
        named = world.records.stored["handbook"].chunks
        assert set(named) <= set(world.chunks.stored)
        assert set(named) <= set(world.index.points)
        seen.add(named)

    world.fuse.burn = watched  # type: ignore[method-assign]
    await world.settle()
    assert seen == {old, world.records.stored["handbook"].chunks}
    assert len(seen) == 2


async def test_two_workers_do_not_share_a_file() -> None:
    """While one worker has the lease, another is told to come back; after the lease it may."""
    world = await indexed()
    record = world.records.stored["handbook"]
    world.records.stored["handbook"] = replace(
        record, lease="another", leased_until=world.clock.now() + LEASE
    )
    with pytest.raises(Conflict):
        await world.files.process("handbook")
    world.clock.time += LEASE
    await world.files.process("handbook")
    world.consistent()


async def test_a_change_asked_for_during_the_work_is_not_lost() -> None:
    """A sync that finds a newer version while a worker is busy leaves the file pending for the next task."""
    world = World()
    world.drive.put("handbook", text())
    await world.sync.start("main")
    await world.do(world.queue.tasks.pop())
    first = world.queue.tasks.pop()
    upsert = world.index.upsert

    async def and_a_sync(points: object) -> None:
        world.index.upsert = upsert  # type: ignore[method-assign]
        await upsert(points)  # type: ignore[arg-type]
        world.drive.put("handbook", text("Everything is new. " * 50))
        await world.sync.start("main")
        await world.do(world.queue.tasks.pop())

    world.index.upsert = and_a_sync  # type: ignore[method-assign, assignment]
    await world.do(first)
    assert world.records.stored["handbook"].state == "pending"
    await world.do(world.queue.tasks.pop())
    assert world.records.stored["handbook"].state == "indexed"
    assert "Everything is new." in next(iter(world.chunks.stored.values())).chunk.text
    world.consistent()


async def test_a_file_that_keeps_failing_says_so() -> None:
    """After the last attempt the file is failed, with the reason; the next sync tries it again."""
    world = World()
    world.drive.put("handbook", text())
    await world.sync.start("main")
    await world.do(world.queue.tasks.pop())
    world.queue.tasks.clear()
    await world.files.give_up("handbook", "Google Drive cannot be reached.")
    record = world.records.stored["handbook"]
    assert (record.state, record.reason) == ("failed", "Google Drive cannot be reached.")
    await world.settle()
    assert world.records.stored["handbook"].state == "indexed"


async def test_groups_are_read_with_the_listing() -> None:
    """The members of each group that a file is shared with are saved; unknown ones are saved as unknown."""
    world = World()
    world.directory.groups = {"staff@example.com": ["alice@example.com"]}
    world.drive.put("handbook", text(), principals=("group:staff@example.com", "group:else@example.com"))
    await world.settle()
    assert world.memberships.saved == {"staff@example.com": ["alice@example.com"], "else@example.com": None}


async def test_the_same_sync_twice_queues_the_same_task_once() -> None:
    """A run that was cut off and done again does not double the work."""
    world = World()
    world.drive.put("handbook", text())
    run = await world.sync.start("main")
    await world.sync.work(run.id)
    world.runs.stored[run.id] = replace(world.runs.stored[run.id], ended_at=None)
    await world.sync.work(run.id)
    assert sum("file_ids" in task.body for task in world.queue.tasks) == 1


async def test_a_lost_task_is_queued_again() -> None:
    """A file pending for longer than a task can last gets a task of a new name."""
    world = World()
    world.drive.put("handbook", text())
    await world.sync.start("main")
    await world.do(world.queue.tasks.pop(0))
    world.queue.tasks.clear()
    world.clock.move(minutes=16)
    await world.settle()
    assert world.records.stored["handbook"].state == "indexed"


async def test_a_dry_run_changes_nothing() -> None:
    """It counts what a sync would do, and neither queues nor records anything."""
    world = World()
    world.drive.put("handbook", text())
    run = await world.sync.start("main", dry_run=True)
    assert (run.listed, run.queued, run.removed) == (1, 1, 0)
    assert not world.queue.tasks
    assert not world.records.stored
    assert not world.runs.stored


async def test_a_busy_worker_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that takes longer than a lease renews it, so that nobody takes the file over."""
    monkeypatch.setattr("shared.ingestion.leases.HEARTBEAT", 0.001)
    world = World()
    world.drive.put("handbook", text())
    documents = world.embedder.documents

    async def slow(texts: Sequence[str]) -> list[list[float]]:
        world.clock.time += LEASE / 2
        while (world.records.stored["handbook"].leased_until or world.clock.time) < world.clock.time + LEASE:
            await asyncio.sleep(0.001)
        return await documents(texts)

    world.embedder.documents = slow  # type: ignore[method-assign]
    await world.settle()
    world.consistent()


async def test_a_killed_attempt_at_an_older_version_leaves_nothing_behind() -> None:
    """Die while writing, then the file changes: what was written of the older version is deleted."""
    for death in range(4, 12):
        world = World()
        world.drive.put("handbook", text())
        await world.sync.start("main")
        await world.do(world.queue.tasks.pop())
        world.fuse.calls, world.fuse.blows_at = 0, death
        with contextlib.suppress(Killed):
            await world.do(world.queue.tasks.pop())
        world.fuse.blows_at = 0
        world.clock.time += 2 * LEASE
        world.drive.put("handbook", text("Everything is new. " * 50))
        await world.settle()
        world.consistent()


async def test_a_worker_that_lost_its_lease_changes_nothing() -> None:
    """Held up for longer than its lease, it finds the file taken over and gives up with Conflict."""
    world = World()
    world.drive.put("handbook", text())
    await world.sync.start("main")
    await world.do(world.queue.tasks.pop())
    task = world.queue.tasks.pop()
    documents = world.embedder.documents
    finished = None

    async def held_up(texts: Sequence[str]) -> list[list[float]]:
        nonlocal finished
        world.embedder.documents = documents  # type: ignore[method-assign]
        world.clock.time += 2 * LEASE
        world.drive.put("handbook", text("Everything is new. " * 50))
        await world.do(task)
        finished = world.records.stored["handbook"]
        return await documents(texts)

    world.embedder.documents = held_up  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await world.do(task)
    assert finished is not None
    assert world.records.stored["handbook"] == finished


async def test_a_text_that_comes_back_after_a_killed_attempt_is_found_again() -> None:
    """Die at each call of an edit or a removal, then the old text is back: it is whole in the index."""
    for change in (b"Another text altogether.", None):
        for death in range(1, 30):
            world = await indexed(b"The first text.")
            if change:
                world.drive.put("handbook", change)
            else:
                world.drive.nodes["handbook"].trashed = True
                world.drive.report("handbook")
            await world.sync.start("main")
            await world.do(world.queue.tasks.pop())
            world.fuse.calls, world.fuse.blows_at = 0, death
            with contextlib.suppress(Killed):
                await world.do(world.queue.tasks.pop())
            world.fuse.blows_at = 0
            world.clock.time += 2 * LEASE
            world.drive.put("handbook", b"The first text.")
            await world.settle()
            world.consistent()
            assert world.records.stored["handbook"].state == "indexed"
