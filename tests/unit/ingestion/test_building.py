"""Another embedding model: its index is built beside the old one, answers when complete, and can go back."""

import pytest

from shared.errors import Conflict, Invalid, Unavailable
from shared.ingestion.builds import Build
from shared.ingestion.indexes import Slot, held_in
from shared.ingestion.interfaces import Datapoint
from tests.fakes.drive import Killed
from tests.fakes.ingestion import FakeEmbedder, FakeIndex, World

FILES = 12


def text(number: int, rule: str = "in force") -> bytes:
    """A file of four sections."""
    return "\n\n".join(
        f"# Part {at}\n\n" + f"Rule {at} of {number} is {rule}. " * 20 for at in range(4)
    ).encode()


async def filled(model: str = "model-b") -> tuple[World, FakeIndex, FakeEmbedder]:
    """A world of some files, and another index in its settings."""
    world = World()
    for number in range(FILES):
        world.drive.put(f"f{number:02}", text(number), mime_type="text/markdown")
    world.drive.put("zip", b"\x7fELF", mime_type="application/zip")
    await world.settle()
    index, embedder = world.second(model)
    return world, index, embedder


def named(slot: Slot) -> str:
    """Which of the two indexes it is."""
    return slot.space.split()[1]


async def answering(world: World) -> str:
    """Which of the two indexes answers."""
    return named((await world.indexes.state()).active)


async def built(world: World, **how: bool) -> Build:
    """A build that is through."""
    build = await world.building.start(**how)
    await drained(world)
    return world.builds.stored[build.id]


async def drained(world: World) -> None:
    """Do every task; those for later when the clock is there."""
    while world.queue.tasks:
        task = world.queue.tasks.pop(0)
        if task.after is not None:
            world.clock.time = max(world.clock.time, task.after)
        await world.do(task)


def whole(world: World, index: FakeIndex) -> None:
    """The index holds exactly what the records name, with their rights, like the first one."""
    named = {name for record in world.records.stored.values() for name in record.chunks}
    assert set(index.points) == named
    for name, point in index.points.items():
        assert point.restricts == world.index.points[name].restricts
        assert point.sparse == world.index.points[name].sparse


async def test_it_is_built_from_the_stored_texts_and_answers_when_complete() -> None:
    """Nothing is downloaded, each chunk is embedded once; until the end the old index answers."""
    world, index, embedder = await filled()
    downloads, texts = world.drive.downloads, len(world.embedder.texts)
    build = await world.building.start()
    assert await answering(world) == "first"
    await drained(world)
    state, build = await world.indexes.state(), world.builds.stored[build.id]
    assert (named(state.active), state.phase, build.state) == ("second", "complete", "done")
    assert (world.drive.downloads, len(world.embedder.texts)) == (downloads, texts)
    assert len(embedder.texts) == 1 + len(index.points) == 1 + 4 * FILES  # one word to try it out
    assert (build.files, build.chunks, build.total_chunks) == (FILES, 4 * FILES, 4 * FILES)
    assert all(point.vector == list(embedder.vector) for point in index.points.values())
    whole(world, index)
    world.consistent()


async def test_vectors_of_the_same_model_are_copied() -> None:
    """Into another index with the same model: equal points, nothing embedded but the word to try it out."""
    world, index, embedder = await filled("model-a")
    await built(world)
    assert index.points == world.index.points
    assert embedder.texts == ["Docent"]


@pytest.mark.parametrize("blows_at", range(1, 140, 6))
async def test_a_killed_worker_is_followed_by_the_next(blows_at: int) -> None:
    """Whichever call it dies at, the next goes on; at most one page of files is embedded twice, in part."""
    world, index, embedder = await filled()
    build = await world.building.start()
    world.fuse.calls, world.fuse.blows_at = 0, blows_at
    try:
        await world.building.work(build.id)
    except Killed:
        world.fuse.blows_at = 0
        world.clock.move(seconds=31)  # Cloud Tasks comes back for some two minutes
        await world.building.work(build.id)
    await drained(world)
    assert world.builds.stored[build.id].state == "done"
    assert await answering(world) == "second"
    assert len(embedder.texts) <= 1 + 4 * FILES + 4 * 4
    whole(world, index)
    world.consistent()


async def test_a_file_that_changes_meanwhile_is_in_both() -> None:
    """Edited, added, unshared, removed: before, while and after it is built, and after the switch."""
    world, index, _ = await filled()
    build = await world.building.start(hold=True)
    world.drive.put("f00", text(0, "changed"), mime_type="text/markdown")
    world.drive.put("new", text(99), mime_type="text/markdown")
    await world.sync.start("main")
    await drained(world)
    assert world.builds.stored[build.id].state == "done"
    whole(world, index)
    for _ in range(2):
        world.drive.put("f01", text(1, f"changed {len(world.drive.feed)}"), mime_type="text/markdown")
        world.drive.put("f02", text(2), mime_type="text/markdown", principals=["user:bob@example.com"])
        world.drive.put(f"n{len(world.drive.feed)}", text(77), mime_type="text/markdown")
        world.drive.delete(f"f{len(world.drive.feed) % 5 + 4:02}")
        await world.settle()
        whole(world, index)
        world.consistent()
        if await answering(world) == "first":
            await world.building.switch()


async def test_one_goes_back_and_forth_at_once() -> None:
    """Back to the old index and to the new one again, as both are kept current; what is wrong is refused."""
    world, index, _ = await filled()
    with pytest.raises(Conflict):
        await world.building.switch(back=True)
    await built(world)
    with pytest.raises(Conflict, match="already"):
        await world.building.switch()
    for back, space in ((True, "first"), (False, "second"), (True, "first")):
        state = await world.building.switch(back=back)
        assert named(state.active) == space
        world.drive.put("f03", text(3, f"changed {back}"), mime_type="text/markdown")
        await world.settle()
        whole(world, index)


async def test_with_hold_it_waits_for_the_word() -> None:
    """Complete and current, and the old index answers until an administrator switches."""
    world, _, _ = await filled()
    await built(world, hold=True)
    state = await world.indexes.state()
    assert (named(state.active), state.phase) == ("first", "complete")
    assert named((await world.building.switch()).active) == "second"


async def test_the_old_one_is_emptied_and_the_next_build_begins_anew() -> None:
    """After the switch the first is discarded; another build into it embeds everything again."""
    world, index, _ = await filled()
    await built(world)
    await world.building.discard()
    world.drive.put("f04", text(4, "changed"), mime_type="text/markdown")
    await world.settle()
    await drained(world)
    assert not world.index.points
    state = await world.indexes.state()
    assert (named(state.active), state.other, state.phase) == ("second", None, "single")
    world.drive.put("more", text(5), mime_type="text/markdown")
    await world.settle()
    assert not world.index.points
    before = len(world.embedder.texts)
    await built(world)
    assert await answering(world) == "first"
    assert len(world.embedder.texts) - before == 1 + len(world.index.points)
    whole(world, index)


async def test_a_build_that_is_discarded_leaves_nothing() -> None:
    """In the middle of it: the index is emptied, the work ends, and the old index answers as before."""
    world, index, _ = await filled()
    build = await world.building.start()
    await world.building.discard()
    await drained(world)
    assert world.builds.stored[build.id].state == "cancelled"
    assert not index.points
    assert await answering(world) == "first"
    world.consistent()


async def test_a_file_somebody_works_on_is_come_back_to() -> None:
    """Its task has the lease, and began before the build: the index is not complete before that is over."""
    world, index, _ = await filled()
    world.drive.put("late", text(6), mime_type="text/markdown")
    resolve = world.files.resolver.file
    build: list[Build] = []

    async def slow(file_id: str, *rest: object) -> object:
        """Between its lease and its first write, the whole build passes by."""
        if file_id == "late" and not build:
            build.append(await world.building.start())
            tasks = [one for one in world.queue.tasks if one.body.get("build")]
            for _ in range(3):
                await world.building.work(str(tasks[0].body["build"]))
            assert (await world.indexes.state()).phase == "building"
        return await resolve(file_id, *rest)

    object.__setattr__(world.files.resolver, "file", slow)
    await world.settle()
    await drained(world)
    assert (await world.indexes.state()).phase == "complete"
    assert "late" in {name.rpartition(".")[0] for name in index.points}
    whole(world, index)


async def test_the_old_index_does_not_wait_for_a_broken_new_one() -> None:
    """What the other index refuses is left out of it; files go on, and the build makes it good later."""
    world, index, _ = await filled()
    await built(world, hold=True)
    upsert = index.upsert

    async def broken(_: list[Datapoint]) -> None:
        raise Unavailable("Vector Search cannot be reached.")

    index.upsert = broken  # type: ignore[method-assign, assignment]
    world.drive.put("f06", text(6, "changed"), mime_type="text/markdown")
    world.drive.put("new", text(98), mime_type="text/markdown")
    await world.sync.start("main")
    for task in [one for one in world.queue.tasks if not one.body.get("build")]:
        await world.do(task)
        world.queue.tasks.remove(task)
    for task in [one for one in world.queue.tasks if one.body.get("file_ids")]:
        await world.do(task)
        world.queue.tasks.remove(task)
    assert world.records.stored["f06"].state == world.records.stored["new"].state == "indexed"
    assert (await world.indexes.state()).phase == "building"
    with pytest.raises(Conflict, match="every file"):
        await world.building.switch()
    index.upsert = upsert  # type: ignore[method-assign]
    await drained(world)
    state = await world.indexes.state()
    assert (state.phase, named(state.active)) == ("complete", "first")
    whole(world, index)


async def test_a_used_up_budget_lets_it_sleep() -> None:
    """Not an error: the work sleeps until the budget is there again, and says so."""
    world, index, embedder = await filled()
    build = await world.building.start()
    documents = embedder.documents

    async def dear(_: list[str]) -> list[list[float]]:
        raise Unavailable("Today's budget for reading files is used up.", retry_after=7_000)

    embedder.documents = dear  # type: ignore[method-assign, assignment]
    asleep = await world.building.work(build.id)
    assert (asleep.state, asleep.error[:14]) == ("waiting", "Today's budget")
    assert world.queue.tasks[-1].after == asleep.resumes_at
    embedder.documents = documents  # type: ignore[method-assign]
    await drained(world)
    assert world.builds.stored[build.id].state == "done"
    whole(world, index)


async def test_what_does_not_fit_is_refused_at_once() -> None:
    """No other index in the settings, or one that refuses a vector of the model: nothing has changed."""
    world, index, _ = await filled()

    async def refuses(_: list[Datapoint]) -> None:
        raise Invalid("feature_vector has 3 dimensions, the index has 2.")

    index.upsert = refuses  # type: ignore[method-assign, assignment]
    with pytest.raises(Invalid, match="dimensions"):
        await world.building.start()
    world.targets.popitem()
    with pytest.raises(Invalid, match="NEXT_EMBEDDING_MODEL"):
        await world.building.start()
    assert world.index_states.stored is None
    assert not world.queue.tasks


async def test_an_index_that_shows_nothing_does_not_answer() -> None:
    """Written to one index and deployed another: the build fails with a sentence, the old one answers."""
    world, index, _ = await filled()

    async def nothing(_: list[str]) -> dict[str, Datapoint]:
        return {}

    index.read = nothing  # type: ignore[method-assign, assignment]
    build = await built(world)
    assert (build.state, "deployed" in build.error) == ("failed", True)
    assert await answering(world) == "first"


async def test_a_lost_task_is_queued_again() -> None:
    """Nobody has done anything for a quarter of an hour: the next sync wakes it up."""
    world, index, _ = await filled()
    await world.building.start()
    world.queue.tasks.clear()
    await world.building.nudge()
    assert not world.queue.tasks
    world.clock.move(minutes=16)
    await world.building.nudge()
    await drained(world)
    whole(world, index)


async def test_a_worker_that_lost_its_lease_does_not_leave_old_rights() -> None:
    """It sleeps before it writes, the file is unshared meanwhile: what it wrote is written anew."""
    world, index, _ = await filled()
    build = await world.building.start()
    upsert = index.upsert
    slept: list[str] = []

    async def sleeper(points: list[Datapoint]) -> None:
        if points[0].crowding == "f07" and not slept:
            slept.append("f07")
            world.clock.move(seconds=31)
            world.drive.put("f07", text(7), mime_type="text/markdown", principals=["user:bob@example.com"])
            run = await world.sync.start("main")
            assert run is not None
            await world.sync.work(run.id)
            await world.files.process("f07")
        await upsert(points)

    index.upsert = sleeper  # type: ignore[method-assign, assignment]
    await world.building.work(build.id)
    await drained(world)
    assert slept
    assert build.key in held_in(world.records.stored["f07"])
    whole(world, index)
