"""What Docent costs: today, this month, by the end of it, and what caches saved."""

import calendar
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from shared.limits.admission import WARN_AT
from shared.limits.interfaces import Usage, UsageStore
from shared.limits.prices import Prices

SHOWN = 30
"""Days, today's included, of which each is told by itself."""


@dataclass(frozen=True)
class Span:
    """A stretch of days. Money is in nano-dollars."""

    cost: int = 0
    saved: int = 0
    questions: int = 0
    items: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, int] = field(default_factory=dict)
    collections: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Costs:
    """The summary. `forecast` is what this month will come to if it goes on like this, `fixed` included.

    `per_thousand` is None before the first question; `share` that of the organisation's budget, None without
    one; `state` is "none", "ok", "warned" (80 %) or "spent"; `days` are the last 30, the oldest first.
    """

    today: Span
    month: Span
    forecast: int
    per_thousand: int | None
    fixed: Mapping[str, int]
    unpriced: tuple[str, ...]
    share: float | None
    state: str
    days: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class CostReport:
    """Adds usage up. `budget` is nano-dollars a month for the organisation, 0 for none."""

    store: UsageStore
    prices: Prices
    budget: int = 0
    clock: Callable[[], float] = time.time

    async def summary(self) -> Costs:
        """Raises Unavailable, Timeout."""
        now = datetime.fromtimestamp(self.clock(), UTC)
        today, since = now.date().isoformat(), now.date().replace(day=1)
        shown = _days(now.date() - timedelta(days=SHOWN - 1), now.date())
        found = await self.store.days({*shown, *_days(since, now.date())})
        month = _span(one for one in found.values() if one.day >= since.isoformat())
        fixed = self.prices.monthly
        length = calendar.monthrange(now.year, now.month)[1] * 86_400
        gone = (now - now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        share = month.cost / self.budget if self.budget else None
        return Costs(
            today=_span(one for one in found.values() if one.day == today),
            month=month,
            forecast=round(month.cost * length / max(gone, 1.0)) + sum(fixed.values()),
            per_thousand=round(month.cost * 1000 / month.questions) if month.questions else None,
            fixed=fixed,
            unpriced=tuple(name for name in self.prices.unpriced(month.items) if not _free(name)),
            share=share,
            state=_state(share),
            days={day: _span([found[day]] if day in found else []) for day in shown},
        )


def _free(name: str) -> bool:
    """Whether a quantity is kept for information only: what is billed is another unit of the same thing."""
    return name.rpartition(":")[2] in ("call", "character")


def _state(share: float | None) -> str:
    if share is None:
        return "none"
    return "spent" if share >= 1 else "warned" if share >= WARN_AT else "ok"


def _days(first: date, last: date) -> list[str]:
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def _span(days: Iterable[Usage]) -> Span:
    maps: dict[str, Counter[str]] = {name: Counter() for name in ("items", "models", "collections", "counts")}
    cost = saved = 0
    for one in days:
        cost, saved = cost + one.cost, saved + one.saved
        for name, counter in maps.items():
            counter.update(getattr(one, name))
    return Span(cost, saved, maps["counts"]["questions"], **maps)
