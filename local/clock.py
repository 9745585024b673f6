"""The time that a stand-in lives by, so that a test can move it."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")


class Clock(Protocol):
    """Says what time it is, and waits."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when `event` is set or `now()` has reached `until`; None waits for the event alone."""
        ...


class MachineClock:
    """The time of the machine that this process's stand-ins run on, which may be wrong by `skew` seconds."""

    skew = 0.0

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.skew

    def micros(self) -> int:
        """Microseconds since the epoch."""
        return (time.time_ns() + round(self.skew * 1e9)) // 1000


machine = MachineClock()


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return machine.time()

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when `event` is set or `now()` has reached `until`; None waits for the event alone."""
        timeout = None if until is None else max(0.0, until - self.now())
        try:
            async with asyncio.timeout(timeout):
                await event.wait()
        except TimeoutError:
            return


class ManualClock:
    """A time that stands still until `advance` moves it."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on; whoever waited for a time that has now come, wakes."""
        self._now += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when `event` is set or `now()` has reached `until`; None waits for the event alone."""
        while not event.is_set() and (until is None or self._now < until):
            waits = [asyncio.ensure_future(each.wait()) for each in (event, self._moved)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` returns, if it does so in time by this clock. Raises TimeoutError otherwise."""
    finished = asyncio.Event()
    task = asyncio.create_task(work)
    task.add_done_callback(lambda _: finished.set())
    try:
        await clock.wait(finished, clock.now() + seconds)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
