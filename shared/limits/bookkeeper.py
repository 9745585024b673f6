"""Usage of requests and tasks: priced, added up by day, person, collection and model, written in one commit.

A request that paid for something is written when it ends, before its last byte, since an instance may be
stopped after that. Small change (a read here and there) waits for the next such request, at most ten
seconds; an instance that is stopped in between loses it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.errors import AppError
from shared.limits import meter
from shared.limits.admission import MICRO, Admissions, Admitted
from shared.limits.interfaces import Usage, UsageStore
from shared.limits.meter import Meter
from shared.limits.prices import Prices
from shared.log import get_logger
from shared.together import Together

_SMALL_CHANGE = frozenset({"firestore", "functions", "drive"})
_PATIENCE = 10.0
"""Seconds that small change waits."""
_log = get_logger("limits.bookkeeper")


@dataclass
class _Sum:
    """Usage that is still growing."""

    cost: int = 0
    saved: int = 0
    items: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    collections: Counter[str] = field(default_factory=Counter)

    def plus(self, other: "_Sum") -> None:
        self.cost += other.cost
        self.saved += other.saved
        for name in ("items", "counts", "models", "collections"):
            getattr(self, name).update(getattr(other, name))


class Bookkeeper:
    """Takes finished requests' meters and writes what they add up to; settles their reservations."""

    def __init__(
        self,
        store: UsageStore,
        prices: Prices,
        admissions: Admissions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._prices, self._admissions, self._clock = store, prices, admissions, clock
        self._waiting: dict[tuple[str, str], _Sum] = {}
        self._late = Meter()
        self._written_at = clock()
        self._writing = Together(self._write)
        self._batch, self._unsure = 0, list[Usage]()

    def begin(self) -> Meter:
        """A meter for a request that starts."""
        mine = Meter()
        mine.items["functions:request"] = 1
        return mine

    def outside(self) -> None:
        """Count what this context consumes from now on, for no request, with the next request's."""
        meter.begin(Meter(late=lambda: self._late))

    async def finish(self, mine: Meter) -> None:
        """Take a request's meter; write when it paid for something. Never raises."""
        mine.late = lambda: self._late
        spent = self._take(mine)
        late, self._late = self._late, Meter()
        self._take(late)
        due = self._clock() - self._written_at >= _PATIENCE
        steps = [self._settle(mine.admitted, spent)] if mine.admitted else []
        if (
            due
            or mine.counts["questions"]
            or any(name.partition(":")[0] not in _SMALL_CHANGE for name in mine.items)
        ):
            steps.append(self.flush())
        await asyncio.gather(*steps)

    async def flush(self) -> None:
        """Write all that waits, once for all who ask. Never raises: what cannot be written waits on."""
        await self._writing.done()

    async def _write(self) -> None:
        """First what nobody knows whether it was written, as it was then; and then what came since."""
        if self._unsure and not await self._written(self._unsure, again=True):
            return
        self._unsure = []
        waiting, self._waiting, self._written_at = self._waiting, {}, self._clock()
        if not waiting:
            return
        self._batch += 1
        usage = [
            Usage(
                day,
                subject,
                one.cost,
                one.saved,
                dict(one.items),
                dict(one.counts),
                dict(one.models),
                dict(one.collections),
            )
            for (day, subject), one in waiting.items()
        ]
        if not await self._written(usage):
            self._unsure = usage

    async def _written(self, usage: list[Usage], *, again: bool = False) -> bool:
        """Whether this instance's latest batch is in the store."""
        try:
            await self._store.add(usage, self._batch, again=again)
        except AppError as error:
            _log.warning("usage.not_written", code=error.code, entries=len(usage))
            return False
        return True

    def _take(self, mine: Meter) -> int:
        """Price a meter and add it to what waits; returns its cost in nano-dollars."""
        cost = self._prices.cost(mine.items)
        if not mine.items and not mine.counts and not mine.saved:
            return cost
        by_model: Counter[str] = Counter()
        for name, quantity in mine.items.items():
            thing, _, unit = name.partition(":")
            if unit in ("prompt", "output", "cached", "token"):
                by_model[thing] += self._prices.cost({name: quantity})
        one = _Sum(cost, self._prices.cost(mine.saved), mine.items, mine.counts, by_model)
        if mine.collection:
            one.collections[mine.collection] = cost
        key = (today(self._clock()), mine.subject)
        self._waiting.setdefault(key, _Sum()).plus(one)
        return cost

    async def _settle(self, admitted: Admitted, spent: int) -> None:
        if self._admissions is None:
            return
        try:
            await self._admissions.settle(admitted, -(-spent // MICRO))
        except AppError as error:
            _log.warning("budget.not_settled", code=error.code)


def today(now: float) -> str:
    """The day (UTC) that a moment is in, as usage names it: "2026-11-22"."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()
