"""A limit over a sliding window, judged by two counters: this period's and the one before it.

The count in the window that ends now is taken to be all of this period's and the part of the previous
one's that the window still covers, as if it had been spread evenly (the "sliding window counter", as in
Cloudflare's "How we built rate limiting", 2017). Unlike with fixed windows, nobody gets twice the limit
around the turn of a period. Refused requests are counted too, but never as more than the limit.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.limits.interfaces import Count

SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
_TERM = re.compile(r"(\d{1,9})/(minute|hour|day)")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests in any `window` ("minute", "hour", "day")."""

    window: str
    most: int

    @property
    def seconds(self) -> int:
        """The window's length."""
        return SECONDS[self.window]

    def period(self, now: float) -> int:
        """The number of the period that the moment `now` (seconds since 1970) is in."""
        return int(now // self.seconds)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one limit stands after a request was counted.

    `wait` is seconds until one more request would pass, 0 when this one did; `reset` is seconds until this
    period ends.
    """

    limit: Limit
    remaining: int
    reset: int
    wait: float

    @property
    def passed(self) -> bool:
        """Whether the request that was counted is within the limit."""
        return self.wait == 0


def parsed(text: str) -> tuple[Limit, ...]:
    """Limits out of "10/minute, 50/hour, 200/day"; empty text means none. Raises ValueError."""
    terms = [term.strip() for term in text.split(",") if term.strip()]
    limits = []
    for term in terms:
        match = _TERM.fullmatch(term)
        if match is None:
            raise ValueError(f"must read like 10/minute, 50/hour, 200/day, and {term!r} does not")
        limits.append(Limit(match[2], int(match[1])))
    if len({limit.window for limit in limits}) < len(limits):
        raise ValueError("names a window twice")
    return tuple(limits)


def overridden(limits: Sequence[Limit], overrides: Mapping[str, int]) -> tuple[Limit, ...]:
    """The limits with an administrator's numbers by window in place of ours; a negative number means 0."""
    return tuple(
        Limit(limit.window, max(0, overrides[limit.window])) if overrides.get(limit.window) else limit
        for limit in limits
    )


def judged(limit: Limit, count: Count, now: float) -> Standing:
    """How the limit stands at `now`, when the count already holds the request that is judged."""
    gone = (now % limit.seconds) / limit.seconds
    previous, current = min(count.previous, limit.most), count.current
    left = limit.seconds * (1 - gone)
    used = previous * (1 - gone) + current
    if used <= limit.most:
        return Standing(limit, math.floor(limit.most - used), math.ceil(left), 0)
    return Standing(limit, 0, math.ceil(left), _wait(limit, previous, current, gone))


def _wait(limit: Limit, previous: int, current: int, gone: float) -> float:
    """Seconds until current + 1 fit: later in this period, or when enough of it has left the window."""
    if limit.most <= 0:
        return float(limit.seconds)
    if current + 1 <= limit.most and previous:
        needed = 1 - (limit.most - current - 1) / previous
        return max(1.0, (needed - gone) * limit.seconds)
    return limit.seconds * (1 - gone) + limit.seconds / limit.most
