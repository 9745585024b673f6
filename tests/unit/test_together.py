"""One action for many who ask at the same moment."""

import asyncio

import pytest

from shared.together import Together


class Writing:
    """An action that ends when a test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()
        self.fails = 0
        """The number of the action that fails."""

    async def write(self) -> None:
        """Begin, and wait."""
        self.begun += 1
        number = self.begun
        await self.may_end.wait()
        if number == self.fails:
            raise OSError("it failed")


async def begun(writing: Writing, times: int) -> None:
    """Return when the action has begun so often."""
    while writing.begun < times:
        await asyncio.sleep(0)


async def test_those_who_ask_meanwhile_share_the_next_one() -> None:
    """The first gets an action of its own; five who come while it is under way get one together."""
    writing = Writing()
    together = Together(writing.write)
    first = asyncio.create_task(together.done())
    await begun(writing, 1)
    others = [asyncio.create_task(together.done()) for _ in range(5)]
    await asyncio.sleep(0)
    assert writing.begun == 1
    writing.may_end.set()
    await asyncio.gather(first, *others)
    assert writing.begun == 2


async def test_a_failure_is_told_to_those_it_was_for() -> None:
    """The next action is done all the same, and nobody who asked for that one hears of the failure."""
    writing = Writing()
    together = Together(writing.write)
    writing.fails = 1
    first = asyncio.create_task(together.done())
    await begun(writing, 1)
    second = asyncio.create_task(together.done())
    writing.may_end.set()
    with pytest.raises(OSError, match="it failed"):
        await first
    await second
    assert writing.begun == 2


async def test_one_who_leaves_takes_nobody_with_it() -> None:
    """The action goes on for the others when the one who asked first is cancelled."""
    writing = Writing()
    together = Together(writing.write)
    first, second = (asyncio.create_task(together.done()) for _ in range(2))
    await begun(writing, 1)
    first.cancel()
    writing.may_end.set()
    await second
    assert writing.begun == 1
