"""The answering model behind the budgets, and one call for questions that come to the same prompt."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from shared.errors import AppError, TooMany
from shared.limits import meter
from shared.limits.admission import MICRO, Admissions
from shared.limits.prices import Prices
from shared.models import Usage

LINGER = 20.0
"""Seconds that a finished call can still be heard."""
_LAST_TAG = re.compile(r"</[a-z]+-([0-9a-f]{8,})>\s*$")
"""What a prompt ends with, and no document: its closing tag, with the random mark of all its tags."""


class Asked(Protocol):
    """A prompt, of which the last tag tells the random mark that all its tags carry."""

    @property
    def version(self) -> str:
        """Of the instructions."""
        ...

    @property
    def system(self) -> str:
        """The instructions."""
        ...

    @property
    def user(self) -> str:
        """Sources and question."""
        ...


class Piece(Protocol):
    """A piece of an answer; the last has the usage."""

    @property
    def usage(self) -> Usage | None:
        """What the call consumed, once that is known."""
        ...


P_contra = TypeVar("P_contra", bound=Asked, contravariant=True)
D_co = TypeVar("D_co", bound=Piece, covariant=True)
P = TypeVar("P", bound=Asked)
D = TypeVar("D", bound=Piece)


class StreamingModel(Protocol[P_contra, D_co]):
    """A model that answers in pieces."""

    def stream(self, prompt: P_contra) -> AsyncIterator[D_co]:
        """Raises what the model raises."""
        ...


@dataclass(frozen=True)
class BudgetedModel(Generic[P, D]):
    """Asks the model only while the budgets hold what it may cost; otherwise TooMany, and no call.

    What it may cost is known from above: no text has more tokens than characters.
    """

    inner: StreamingModel[P, D]
    admissions: Admissions
    prices: Prices
    model: str
    max_output: int

    async def stream(self, prompt: P) -> AsyncIterator[D]:
        """As the model; TooMany when a budget is used up."""
        await self._secure(prompt)
        async with aclosing(self.inner.stream(prompt)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                yield piece

    async def _secure(self, prompt: P) -> None:
        mine = meter.current()
        admitted = mine.admitted if mine is not None else None
        if mine is not None and admitted is not None:
            most = {
                f"{self.model}:prompt": len(prompt.system) + len(prompt.user),
                f"{self.model}:output": self.max_output,
            }
            cost = -(-self.prices.cost(most) // MICRO)
            mine.admitted = admitted = await self.admissions.reserve(admitted, cost)
            if not admitted.may_spend:
                meter.happened("budget_stops")
                raise TooMany("The budget for this month is used up.")


@dataclass
class _Flight(Generic[D]):
    """One call that is under way, what it said so far, and how many listen."""

    pieces: list[D] = field(default_factory=list)
    waiting: "list[asyncio.Future[None]]" = field(default_factory=list)
    done: bool = False
    failure: BaseException | None = None
    listeners: int = 0
    task: "asyncio.Task[None] | None" = None

    def tell(self) -> None:
        """Wake who waits."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def more(self) -> None:
        """Return when something was said, or the call is over."""
        told = asyncio.get_running_loop().create_future()
        self.waiting.append(told)
        await told


class SharedModel(Generic[P, D]):
    """One call of the model for all who ask the same at the same time.

    The same is the same prompt: question, passages and instructions, without the random mark of its fences.
    So people share a call only when each of them was found the same passages under their own rights, and
    nobody hears anything that was not in their own prompt. Only the first pays; when nobody listens any
    more, the call ends. One that is over is heard for `linger` seconds more: of many who ask at once, some
    are found their passages only then.
    """

    def __init__(self, inner: StreamingModel[P, D], linger: float = LINGER) -> None:
        self._inner, self._linger = inner, linger
        self._flights: dict[str, _Flight[D]] = {}

    async def stream(self, prompt: P) -> AsyncIterator[D]:
        """As the model. Raises what it raised, for everybody who listened."""
        key = fingerprint(prompt)
        flight = self._flights.get(key)
        first = flight is None
        if flight is None:
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.create_task(self._fly(key, flight, prompt))
        flight.listeners += 1
        try:
            async for piece in _heard(flight):
                yield piece if first else _free(piece)
        finally:
            flight.listeners -= 1
            if not flight.listeners and flight.task is not None and not flight.done:
                self._flights.pop(key, None)
                flight.task.cancel()
                with suppress(asyncio.CancelledError):
                    await flight.task

    async def _fly(self, key: str, flight: _Flight[D], prompt: P) -> None:
        try:
            async with aclosing(self._inner.stream(prompt)) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    flight.pieces.append(piece)
                    flight.tell()
        except Exception as error:  # noqa: BLE001 - whoever listens raises it
            flight.failure = error
        else:
            asyncio.get_running_loop().call_later(self._linger, self._forget, key, flight)
        finally:
            flight.done = True
            if flight.failure is not None or asyncio.current_task().cancelling():  # type: ignore[union-attr]
                self._forget(key, flight)
            flight.tell()

    def _forget(self, key: str, flight: _Flight[D]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _heard(flight: _Flight[D]) -> AsyncIterator[D]:
    """All that a call says, from its beginning."""
    at = 0
    while True:
        while at < len(flight.pieces):
            yield flight.pieces[at]
            at += 1
        if flight.done:
            break
        await flight.more()
    if flight.failure is not None:
        raise _again(flight.failure)


def fingerprint(prompt: Asked) -> str:
    """What two prompts have in common that mean the same to the model."""
    last = _LAST_TAG.search(prompt.user)
    user = prompt.user.replace(last[1], "") if last else prompt.user
    return hashlib.sha256(f"{prompt.version}\0{prompt.system}\0{user}".encode()).hexdigest()


def _free(piece: D) -> D:
    """The piece for somebody who did not pay; what they would have paid is noted as saved."""
    paid = piece.usage
    if paid is None:
        return piece
    meter.happened("shared_answers")
    meter.spared(
        paid.model,
        prompt=paid.prompt_tokens - paid.cached_tokens,
        cached=paid.cached_tokens,
        output=paid.output_tokens,
    )
    untyped: Any = piece
    free: D = replace(untyped, usage=Usage(model=paid.model))
    return free


def _again(failure: BaseException) -> BaseException:
    """The failure for one of several listeners; an exception is raised once, or its traceback grows."""
    if isinstance(failure, AppError):
        return type(failure)(failure.detail, retry_after=failure.retry_after)
    return failure
