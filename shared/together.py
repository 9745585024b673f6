"""One action for many who ask for it at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


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
