"""A folder that is opened and closed again between two syncs."""

from tests.fakes.ingestion import World


async def test_a_file_read_while_its_folder_was_open_is_looked_at_again() -> None:
    """The folder looks as it did before; the file does not, and is narrowed at the next sync."""
    world = World()
    world.drive.folder_at("top", principals=["user:alice@example.com"])
    world.drive.folder_at("in", parent="top")
    world.drive.put("salaries", b"Rule 1.", principals=[], parent="in")
    folder = world.drive.nodes["in"]
    folder.limited = True
    await world.settle()
    assert world.records.stored["salaries"].principals == ()
    folder.limited = False
    await world.files.process("salaries")
    assert world.records.stored["salaries"].principals
    folder.limited = True
    world.drive.report("in")
    world.clock.move(minutes=2)
    await world.settle()
    assert world.records.stored["salaries"].principals == ()


async def test_files_read_long_ago_are_not_asked_for() -> None:
    """A folder of which the feed tells without a change that matters costs no call a file."""
    world = World()
    world.drive.folder_at("in")
    for number in range(20):
        world.drive.put(f"f{number}", b"Rule 1.", parent="in")
    await world.settle()
    world.clock.move(hours=1)
    await world.settle()
    world.drive.report("in")
    world.drive.calls.clear()
    await world.settle()
    assert dict(world.drive.calls) == {"changes": 1}
