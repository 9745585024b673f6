"""Handing on: soon, together, never on a request's path, never twice, never for ever."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from shared.errors import AppError, Timeout, Unavailable
from shared.observing import reporter as handing
from shared.observing import spans
from shared.observing.reporter import Reporter
from shared.observing.spans import Trace


class FakeNumbers:
    """NumberStore in memory; `failure` is raised instead, or after adding when it is a Timeout."""

    def __init__(self) -> None:
        self.kept: dict[str, float] = {}
        self.failure: AppError | None = None
        self.commits = 0

    async def add(self, numbers: Mapping[str, float]) -> None:
        """Add."""
        if self.failure and not isinstance(self.failure, Timeout):
            raise self.failure
        self.commits += 1
        for name, value in numbers.items():
            self.kept[name] = self.kept.get(name, 0) + value
        if self.failure:
            raise self.failure

    async def sums(self) -> Mapping[str, float]:
        """All."""
        return self.kept


class FakeTraces:
    """TraceStore in memory."""

    def __init__(self) -> None:
        self.kept: list[Trace] = []

    async def write(self, function: str, traces: Sequence[Trace]) -> None:
        """Keep."""
        assert function == "chat"
        self.kept += traces


def request(*, sampled: bool = True) -> Trace:
    """A finished request."""
    trace = spans.begin("GET /x", "b" * 32, sampled=sampled)
    trace.finish()
    spans.forget()
    return trace


def requests(store: FakeNumbers) -> float:
    """How many requests are in the store."""
    return sum(value for name, value in store.kept.items() if name.startswith("docent_requests_total"))


async def settled(done: Sequence[object]) -> None:
    """Let the handing on happen."""
    while not done:
        await asyncio.sleep(0)


async def test_the_first_request_is_handed_on_at_once_and_the_rest_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One commit for the first, one for the next ninety-nine; every request is in them."""
    monkeypatch.setattr(handing, "PAUSE", 0.05)
    numbers, traces = FakeNumbers(), FakeTraces()
    reporter = Reporter("chat", numbers, traces)
    reporter.finished(request())
    await settled(traces.kept)
    assert (numbers.commits, requests(numbers)) == (1, 1)
    for _ in range(99):
        reporter.finished(request())
    while len(traces.kept) < 100:
        await asyncio.sleep(0.01)
    assert (numbers.commits, requests(numbers)) == (2, 100)


async def test_numbers_that_could_not_be_written_wait_and_are_not_doubled() -> None:
    """Unavailable: they come with the next; Timeout: they may be there already, so they are let go."""
    numbers = FakeNumbers()
    reporter = Reporter("chat", numbers)
    for failure in (Unavailable(), Timeout(), None):
        numbers.failure = failure
        reporter.finished(request())
        await reporter.hand_on()
    assert requests(numbers) == 3


async def test_what_the_front_end_does_not_sample_is_counted_but_not_kept() -> None:
    """A request whose sender said no is in the numbers and in no trace."""
    numbers, traces = FakeNumbers(), FakeTraces()
    reporter = Reporter("chat", numbers, traces)
    reporter.finished(request(sampled=False))
    await reporter.hand_on()
    assert requests(numbers) == 1
    assert not traces.kept


async def test_handing_on_belongs_to_no_request() -> None:
    """What it calls is recorded in no trace, whoever's request set it off."""
    seen: list[Trace | None] = []

    class Watching(FakeNumbers):
        async def add(self, numbers: Mapping[str, float]) -> None:
            seen.append(spans.current())
            await super().add(numbers)

    spans.begin("GET /y", "c" * 32)
    Reporter("chat", Watching()).finished(request())
    await settled(seen)
    assert seen == [None]
    spans.forget()
