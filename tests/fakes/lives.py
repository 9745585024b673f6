"""Deliveries that run at the same time, interleaved at every call, any of which may be killed at any call."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tests.fakes.drive import Fuse, Killed

victim: ContextVar["Life | None"] = ContextVar("victim", default=None)
"""The life of the delivery that is running."""


@dataclass
class Life:
    """How many more calls a delivery makes before its process is killed; negative for ever."""

    left: int


@dataclass
class LivesFuse(Fuse):
    """Kills the delivery whose life is over, and no other."""

    def burn(self) -> None:
        """One call of whoever is running."""
        self.calls += 1
        life = victim.get()
        if life is None or life.left < 0:
            return
        if life.left == 0:
            raise Killed
        life.left -= 1


class Interleaved:
    """A fake that lets the others run before each call."""

    def __init__(self, fake: Any) -> None:
        self._fake = fake

    def __getattr__(self, name: str) -> Any:
        """The fake's own, a moment later."""
        found = getattr(self._fake, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def later(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(0)
            return await found(*args, **kwargs)

        return later
