"""Hands on what requests recorded: soon, together, and never on a request's path.

The first request after a pause is handed on at once, what follows within a few seconds together. What a
process had not handed on when it was killed is lost: these are numbers to steer by; money is in the usage
documents, and what people did is in the audit trail.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from time import monotonic

from shared.errors import AppError, Timeout
from shared.log import get_logger
from shared.observing.catalog import add
from shared.observing.interfaces import NumberStore, TraceStore
from shared.observing.numbers import Numbers
from shared.observing.spans import Trace

PAUSE = 5.0
"""Seconds between two times of handing on."""
_MOST = 200
"""Traces that wait; more are dropped rather than kept in memory while nobody takes them."""
_log = get_logger("observing")


class Reporter:
    """Takes finished requests of one function's process. Without stores it only counts.

    `begin` is called in the context in which things are handed on, which belongs to no request.
    """

    def __init__(
        self,
        function: str,
        numbers: NumberStore | None = None,
        traces: TraceStore | None = None,
        clock: Callable[[], float] = monotonic,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self.function = function
        self._store, self._traces, self._clock, self._begin = numbers, traces, clock, begin
        self._numbers = Numbers()
        self._waiting: list[Trace] = []
        self._last = float("-inf")
        self._more = False
        self._task: asyncio.Task[None] | None = None

    def finished(self, trace: Trace) -> None:
        """Take a request that is over; costs no call."""
        add(self._numbers, self.function, trace)
        if self._traces is not None and trace.sampled and len(self._waiting) < _MOST:
            self._waiting.append(trace)
        self._more = True
        if self._task is None or self._task.done():
            # in a context of its own: handing on is no part of any request
            self._task = Context().run(asyncio.get_running_loop().create_task, self._soon())

    async def hand_on(self) -> None:
        """Hand on all that waits. Never raises: numbers wait for the next time, traces are given up."""
        self._last = self._clock()
        await asyncio.gather(self._hand_on_numbers(), self._hand_on_traces())

    async def _soon(self) -> None:
        self._begin()
        self._more = True
        while self._more:  # what ends while the rest is being handed on
            await asyncio.sleep(max(0.0, self._last + PAUSE - self._clock()))
            self._more = False
            await self.hand_on()

    async def _hand_on_numbers(self) -> None:
        taken = self._numbers.take()
        if self._store is None or not taken:
            return
        try:
            await self._store.add(taken)
        except AppError as error:
            if not isinstance(error, Timeout):  # which may have been written after all
                self._numbers.give_back(taken)
            _log.warning("numbers.not_written", code=error.code, series=len(taken))

    async def _hand_on_traces(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._traces is None or not waiting:
            return
        try:
            await self._traces.write(self.function, waiting)
        except AppError as error:
            _log.warning("traces.not_written", code=error.code, traces=len(waiting))
