"""What reading files into the index may cost in a day."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.errors import Unavailable
from shared.limits import meter
from shared.limits.admission import MICRO, MONEY
from shared.limits.interfaces import Counter, CounterStore, Page
from shared.limits.prices import Prices

PAGE = "ingest"
_DAY = 86_400


class DocumentEmbedder(Protocol):
    """Text to vectors."""

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text, in order."""
        ...


@dataclass(frozen=True)
class BudgetedEmbedder:
    """Embeds while today's budget (micro-dollars, UTC days) holds what it may cost.

    That is reserved before and settled after, so that tasks at the same time cannot pass it together.
    """

    inner: DocumentEmbedder
    store: CounterStore
    prices: Prices
    model: str
    budget: int
    clock: Callable[[], float] = time.time

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """As the embedder. Raises Unavailable when the budget is used up, saying until when."""
        token = f"{self.model}:token"
        now, most = self.clock(), self._micro({token: sum(map(len, texts))})
        if await self._add(now, most) > self.budget:
            await self._add(now, -most)
            wait = math.ceil(_DAY - now % _DAY)
            raise Unavailable("Today's budget for reading files is used up.", retry_after=wait)
        mine = meter.current()
        before = mine.items[token] if mine is not None else 0
        vectors = await self.inner.documents(texts)
        if mine is not None:
            await self._add(now, self._micro({token: mine.items[token] - before}) - most)
        return vectors

    async def _add(self, now: float, amount: int) -> int:
        """Add to today's count; what it is then."""
        page = Page(PAGE, (Counter(MONEY, int(now // _DAY), amount),))
        (counted,) = await self.store.add((page,), datetime.fromtimestamp(now, UTC) + timedelta(days=3))
        return counted.counts[MONEY].current

    def _micro(self, items: dict[str, int]) -> int:
        return -(-self.prices.cost(items) // MICRO)
