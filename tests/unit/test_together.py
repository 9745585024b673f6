"""One action for many who ask at the same moment."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.together import Joined, Together


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


async def test_what_is_asked_at_the_same_moment_is_done_with_one_call() -> None:
    """Each gets its own answer, a refusal alone too; who asks later is served by another call."""
    calls: list[list[int]] = []

    async def halves(asked: Sequence[int]) -> list[int | BaseException]:
        calls.append(list(asked))
        return [ValueError(one) if one % 2 else one // 2 for one in asked]

    joined = Joined(halves)
    answers = await asyncio.gather(*(joined.ask(one) for one in (4, 5, 6)), return_exceptions=True)
    assert [str(one) for one in answers] == ["2", "5", "3"]
    assert await joined.ask(8) == 4
    assert calls == [[4, 5, 6], [8]]


async def test_what_fails_as_a_whole_fails_for_all_but_those_who_left() -> None:
    """Somebody who was cancelled is told nothing."""

    async def broken(asked: Sequence[int]) -> list[int]:
        raise ValueError(len(asked))

    joined = Joined(broken)
    waiting = [asyncio.ensure_future(joined.ask(one)) for one in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in done] == [asyncio.CancelledError, ValueError, ValueError]
