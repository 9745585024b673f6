"""One action for many who ask for it at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
_TICKS = 3
"""Turns of the event loop for which others are waited for: those who were let go together ask together."""


class Together:
    """Does an action on demand, one at a time; those who ask while it is under way share the next one.

    Nobody is answered by an action that began before they asked.
    """

    def __init__(self, action: Callable[[], Awaitable[None]]) -> None:
        self._action = action
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def done(self) -> None:
        """Return when an action that began after this call has ended; raises what it raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        await asyncio.shield(self._next)

    async def _after(self, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            with suppress(Exception):  # who asked for that one was told
                await asyncio.shield(before)
        self._running, self._next = self._next, None
        await self._action()


class Joined(Generic[Asked, Answered]):
    """Does for all who ask at the same moment what one call can do for many.

    `action` gets what was asked, in order, and returns an answer to each, an exception where that is the
    answer; what it raises is the answer to all.
    """

    def __init__(
        self, action: Callable[[Sequence[Asked]], Awaitable[Sequence[Answered | BaseException]]]
    ) -> None:
        self._action = action
        self._waiting: list[tuple[Asked, asyncio.Future[Answered]]] = []
        self._running = set[asyncio.Task[None]]()

    async def ask(self, one: Asked) -> Answered:
        """The answer to one of many."""
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, answer))
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._answer())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await answer

    async def _answer(self) -> None:
        for _ in range(_TICKS):
            await asyncio.sleep(0)
        asked, self._waiting = self._waiting, []
        answers: Sequence[Answered | BaseException]
        try:
            answers = await self._action([one for one, _ in asked])
        except BaseException as error:  # noqa: BLE001 - it is told to those who asked
            answers = [error] * len(asked)
        for (_, future), answer in zip(asked, answers, strict=True):
            if future.done():  # whoever asked does not wait any more
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
