"""What one request asks for at the same moment, done with one call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.observing import spans

Item = TypeVar("Item")
Result = TypeVar("Result")
_TURNS = 3
"""Turns of the event loop for which a call waits for others of its request: some microseconds."""
_WAIT = 1.0
"""Seconds that what is in no hurry waits for a call to go along with."""


@dataclass(eq=False)
class _Group(Generic[Item]):
    """What goes out together, in the shortest time that any of it may take."""

    items: list[Item] = field(default_factory=list)
    limit: float = float("inf")
    urgent: asyncio.Event = field(default_factory=asyncio.Event)


class Gathering(Generic[Item, Result]):
    """Does `action` for the items of several callers at once: those of one request, told by its trace.

    `action` is given the items and the seconds it may take, and returns a result for each, in their order.
    What it raises, each caller hears. A caller who leaves takes nothing away from the others.
    """

    def __init__(self, action: Callable[[list[Item], float], Awaitable[Sequence[Result]]]) -> None:
        self._action = action
        self._open: dict[int, tuple[_Group[Item], asyncio.Task[Sequence[Result]]]] = {}

    async def done(self, items: Sequence[Item], limit: float, *, hurry: bool = True) -> Sequence[Result]:
        """The results of these items. Without `hurry` they go along with what the request asks for next.

        Outside a request they go out by themselves.
        """
        trace = spans.current()
        if trace is None:
            return await self._action(list(items), limit)
        group, task = self._open.get(id(trace)) or self._begin(trace)
        first = len(group.items)
        group.items.extend(items)
        group.limit = min(group.limit, limit)
        if hurry:
            group.urgent.set()
        results = await asyncio.shield(task)
        return results[first : first + len(items)]

    def _begin(self, trace: spans.Trace) -> "tuple[_Group[Item], asyncio.Task[Sequence[Result]]]":
        group = _Group[Item]()
        task = asyncio.create_task(self._close(trace, group))
        # a failure that nobody waits for any more is nobody's business
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._open[id(trace)] = group, task
        return group, task

    async def _close(self, trace: spans.Trace, group: _Group[Item]) -> Sequence[Result]:
        if not group.urgent.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_WAIT):
                    await group.urgent.wait()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        del self._open[id(trace)]
        return await self._action(group.items, group.limit)
