"""Who answers when the same is asked again before the first answer is there.

A question claims its place in the commit that counts it: of all that claim the same place the first leads,
as the answer of its own commit tells each of them. The leader answers, and gives the claim up in the commit
that keeps its answer. The others wait until the claim is gone, and then find the answer in the cache, or, if
there is none that they may use, go on by themselves. A leader that takes long gives signs of life; when they
stay away for as long as the lease, it is taken for dead and nobody waits for it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.errors import AppError
from shared.limits.interfaces import Claim, Claimed, ClaimStore
from shared.log import get_logger

_MARKS = 1_000_000
"""Marks in a second."""
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.05, 0.5, 1.5
"""Seconds between two looks at another instance's claim."""
_LONGEST = 600.0
"""Seconds after which a leader gives no more signs of life, whatever it is doing."""
_log = get_logger("limits.turns")


@dataclass(slots=True, eq=False)
class Turn:
    """One question's claim, and whose the claimed place is; None until that is known."""

    claim: Claim
    claimed: Claimed | None = None
    released: bool = False
    renewing: "asyncio.Task[None] | None" = None
    over: asyncio.Event | None = None

    @property
    def leads(self) -> bool:
        """Whether this question is the one to be answered."""
        return self.claimed is not None and self.claimed.first

    @property
    def follows(self) -> bool:
        """Whether another question is."""
        return self.claimed is not None and not self.claimed.first


@dataclass
class Turns:
    """The turns of one instance. `lease` is how many seconds without a sign of life are the leader's end."""

    store: ClaimStore
    lease: float
    clock: Callable[[], float] = time.time
    _leading: dict[str, asyncio.Event] = field(default_factory=dict)
    """By place, set when this instance's leader there has come to its end."""
    _watched: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)

    def turn(self, place: str, subject: str) -> Turn:
        """A turn at this place, to be claimed."""
        return Turn(Claim(place, subject, self._mark()))

    def begin(self, turn: Turn) -> None:
        """Lead, if it is this turn's to lead."""
        if turn.leads and turn.renewing is None:
            turn.over = self._leading[turn.claim.id] = asyncio.Event()
            turn.renewing = asyncio.create_task(self._renew(turn.claim))

    async def wait(self, turn: Turn) -> None:
        """Return when whoever leads has come to an end, or to nothing. Never raises an AppError."""
        if not turn.follows or turn.claimed is None:
            return
        place = turn.claim.id
        if (leader := self._leading.get(place)) is not None:
            await leader.wait()
            return
        watching = self._watched.get(place)
        if watching is None:
            watching = self._watched[place] = asyncio.create_task(self._watch(turn.claim, turn.claimed))
            watching.add_done_callback(lambda _: self._watched.pop(place, None))
        await asyncio.shield(watching)

    async def end(self, turn: Turn) -> None:
        """Nothing more is coming: let those go on who wait. Never raises an AppError."""
        if turn.renewing is not None:
            turn.renewing.cancel()
        if turn.leads and not turn.released:
            turn.released = True
            await self._release(turn.claim)
        if turn.over is not None:
            turn.over.set()
            if self._leading.get(turn.claim.id) is turn.over:
                del self._leading[turn.claim.id]

    async def _watch(self, mine: Claim, leader: Claimed) -> None:
        """Look at another instance's claim until it is gone, or somebody else's, or given up for dead."""
        pause = _FIRST_PAUSE
        while not self._dead(leader):
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)
            try:
                now = await self.store.claimed(mine.id)
            except AppError as error:
                _log.warning("claim.not_read", code=error.code)
                return
            if now is None or now.mark > leader.mark:  # nobody's, or made anew since
                return
            leader = now
        _log.warning("claim.abandoned")
        await self._release(mine)

    def _dead(self, leader: Claimed) -> bool:
        return max(leader.mark, leader.seen) / _MARKS + self.lease < self.clock()

    async def _renew(self, claim: Claim) -> None:
        until = self.clock() + _LONGEST
        while self.clock() < until:
            await asyncio.sleep(self.lease / 3)
            try:
                if not await self.store.renew(claim, self._mark()):
                    return
            except AppError as error:
                _log.warning("claim.not_renewed", code=error.code)

    async def _release(self, claim: Claim) -> None:
        try:
            await self.store.release(claim)
        except AppError as error:
            _log.warning("claim.not_released", code=error.code)

    def _mark(self) -> int:
        return int(self.clock() * _MARKS)
