"""Calls of one request that go out together."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.gcp.gathering import Gathering
from shared.observing import spans


class Calls:
    """An action that doubles numbers, and remembers with which numbers it was called."""

    def __init__(self) -> None:
        self.made: list[list[int]] = []
        self.failure: Exception | None = None
        self.answered = asyncio.Event()
        self.answered.set()

    async def double(self, numbers: list[int], limit: float) -> Sequence[int]:
        """Twice each; `limit` is remembered as the last number."""
        self.made.append([*numbers, int(limit)])
        await self.answered.wait()
        if self.failure is not None:
            raise self.failure
        return [2 * number for number in numbers]


async def test_what_is_asked_at_once_goes_out_at_once() -> None:
    """One call, in the shortest time that any may take; each hears its own results."""
    calls = Calls()
    gathering = Gathering(calls.double)
    spans.begin("request", "a" * 32)
    found = await asyncio.gather(
        gathering.done([1, 2], 9), gathering.done([3], 5), gathering.done([], 7), gathering.done([4], 8)
    )
    assert found == [[2, 4], [6], [], [8]]
    assert calls.made == [[1, 2, 3, 4, 5]]
    assert await gathering.done([5], 6) == [10]
    assert calls.made[1:] == [[5, 6]]


async def test_requests_do_not_share_calls() -> None:
    """What two people ask at the same moment stays apart; so does what belongs to no request."""
    calls = Calls()
    gathering = Gathering(calls.double)

    async def request(number: int, trace: str) -> Sequence[int]:
        if trace:
            spans.begin("request", trace)
        return await gathering.done([number], 5)

    found = await asyncio.gather(request(1, "a" * 32), request(2, "b" * 32), request(3, ""))
    assert found == [[2], [4], [6]]
    assert sorted(calls.made) == [[1, 5], [2, 5], [3, 5]]


async def test_a_failure_is_heard_by_each() -> None:
    """And the next call is made anew."""
    calls = Calls()
    gathering = Gathering(calls.double)
    spans.begin("request", "a" * 32)
    calls.failure = ValueError("no")
    found = await asyncio.gather(gathering.done([1], 5), gathering.done([2], 5), return_exceptions=True)
    assert [type(one) for one in found] == [ValueError, ValueError]
    calls.failure = None
    assert await gathering.done([1], 5) == [2]


async def test_who_leaves_takes_nothing_away() -> None:
    """The others hear theirs."""
    calls = Calls()
    gathering = Gathering(calls.double)
    spans.begin("request", "a" * 32)
    calls.answered.clear()
    leaver, stayer = (asyncio.create_task(gathering.done([number], 5)) for number in (1, 2))
    while not calls.made:
        await asyncio.sleep(0)
    leaver.cancel()
    calls.answered.set()
    assert await stayer == [4]
    assert leaver.cancelled()


async def test_what_is_in_no_hurry_goes_along() -> None:
    """With the next call of the request, whoever asks for it."""
    calls = Calls()
    gathering = Gathering(calls.double)
    spans.begin("request", "a" * 32)
    patient = asyncio.create_task(gathering.done([1], 9, hurry=False))
    for _ in range(20):
        await asyncio.sleep(0)
    assert calls.made == []
    assert await gathering.done([2], 5) == [4]
    assert await patient == [2]
    assert calls.made == [[1, 2, 5]]


async def test_what_is_in_no_hurry_goes_by_itself_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """When its request asks for nothing more."""
    monkeypatch.setattr("shared.gcp.gathering._WAIT", 0.0)
    calls = Calls()
    spans.begin("request", "a" * 32)
    assert await Gathering(calls.double).done([1], 9, hurry=False) == [2]
