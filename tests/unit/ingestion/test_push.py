"""Push channels are renewed before they end, and one that Drive does not open takes none away."""

from datetime import UTC, datetime

from shared.errors import Unavailable
from tests.fakes.ingestion import World


async def opened() -> World:
    """A world with a channel for its feed, which lasts seven days."""
    world = World()
    world.clock.time = datetime.now(UTC)
    world.drive.put("handbook", b"Rule 1 is in force.")
    await world.settle()
    await world.registry.renew()
    return world


async def test_a_channel_is_renewed_a_day_before_it_ends() -> None:
    """Not before its last day, and then the new one is open before the old is closed."""
    world = await opened()
    (first,) = world.channels.stored
    world.clock.move(days=5.9)
    await world.registry.start_all(by_person=False)
    assert set(world.channels.stored) == {first} == set(world.drive.channels)
    world.clock.move(days=0.2)
    stop, seen = world.drive.stop, list[int]()

    async def stopped(channel: str, resource: str) -> None:
        seen.append(len(world.drive.channels))
        await stop(channel, resource)

    world.drive.stop = stopped  # type: ignore[method-assign]
    await world.registry.start_all(by_person=False)
    assert seen == [2]
    (second,) = world.channels.stored
    assert second != first
    assert set(world.drive.channels) == {second}


async def test_a_channel_that_cannot_be_opened_leaves_the_old_one() -> None:
    """Drive refuses a new one: the old one stays, and the next sync tries again."""
    world = await opened()
    (first,) = world.channels.stored
    world.clock.move(days=6.5)
    watch = world.drive.watch

    async def refused(*_: str) -> None:
        raise Unavailable("Google Drive cannot be reached.")

    world.drive.watch = refused  # type: ignore[method-assign, assignment]
    await world.registry.start_all(by_person=False)
    assert set(world.channels.stored) == {first}
    world.drive.watch = watch  # type: ignore[method-assign]
    await world.registry.start_all(by_person=False)
    assert first not in world.channels.stored
    assert len(world.channels.stored) == 1
