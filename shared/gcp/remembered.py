"""A value from afar, fetched when needed and shared by all who ask: key sets, descriptions, secrets."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shared.errors import AppError

Value = TypeVar("Value")

PAUSE = 1.0
"""Seconds between two fetches, however urgently a newer value is asked for."""
RETRY_AFTER = 15.0
"""Seconds between two attempts to renew a value that is still usable."""


class Remembered(Generic[Value]):
    """What `fetch` returned last.

    Renewed `renew_after` seconds later, by one caller while the others go on with the old value; when the
    source does not answer, the old value is used until it is `usable_for` seconds old. A fetch answers
    everybody who was waiting for it, and so does its failure.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Value]],
        renew_after: float,
        usable_for: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch, self._renew_after, self._usable_for = fetch, renew_after, usable_for
        self._now = monotonic
        self._value: tuple[Value] | None = None
        self._failure: AppError | None = None
        self._fetched = self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def value(self) -> Value:
        """The value, renewed when it is due. Raises what `fetch` raised when none is usable."""
        asked = self._now()
        if self._value is None or not self._good_enough(asked):
            await self._try_since(asked)
        return self._usable()

    async def fetched_since(self, asked: float) -> Value:
        """A value that was fetched after the moment `asked`, or the old one when the source is silent.

        Raises what `fetch` raised when there is no usable one. `failing` tells the two apart.
        """
        if self._fetched <= asked:
            await self._try_since(asked)
        return self._usable()

    @property
    def failing(self) -> AppError | None:
        """Why the latest attempt failed; None when it did not."""
        return self._failure

    def now(self) -> float:
        """This moment, as `fetched_since` counts."""
        return self._now()

    def age(self) -> float:
        """Seconds since the value was fetched; infinite before."""
        return self._now() - self._fetched

    def _good_enough(self, now: float) -> bool:
        age = now - self._fetched
        renewing = self._lock.locked() or now - self._tried < RETRY_AFTER
        return age < self._renew_after or (age < self._usable_for and renewing)

    async def _try_since(self, asked: float) -> None:
        async with self._lock:
            if self._tried > asked or (self._tried == asked and self._value is not None):
                return
            await asyncio.sleep(max(0.0, self._tried + PAUSE - self._now()))
            self._tried = self._now()
            try:
                self._value = (await self._fetch(),)
            except AppError as error:
                self._failure = error
            else:
                self._fetched, self._failure = self._now(), None

    def _usable(self) -> Value:
        if self._value is not None and self._now() - self._fetched < self._usable_for:
            return self._value[0]
        # One failure is raised to many: without this, each would add its traceback to the others'.
        raise (self._failure or AppError()).with_traceback(None)
