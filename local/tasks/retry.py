"""When a failed task is tried again, and when a queue holds back. Pure arithmetic, no clock."""

from dataclasses import dataclass
from typing import Any

from local.tasks.messages import RetryConfig
from local.times import duration, seconds

DEFAULT_ATTEMPTS, DEFAULT_DOUBLINGS = 100, 16
DEFAULT_MIN_BACKOFF, DEFAULT_MAX_BACKOFF = 0.1, 3600.0
RETENTION = 31 * 24 * 3600.0
"""A task is kept no longer than 31 days, in seconds (Cloud Tasks quotas page)."""


def completed(config: Any, base: Any = None) -> Any:
    """A RetryConfig with what it leaves out taken from `base`, or from the service's defaults.

    max_attempts and max_doublings have no presence on the wire, so 0 means "left out".
    """
    whole = RetryConfig(
        max_attempts=config.max_attempts or (base.max_attempts if base else DEFAULT_ATTEMPTS),
        max_doublings=config.max_doublings or (base.max_doublings if base else DEFAULT_DOUBLINGS),
    )
    defaults = {
        "max_retry_duration": duration(0),
        "min_backoff": duration(DEFAULT_MIN_BACKOFF),
        "max_backoff": duration(DEFAULT_MAX_BACKOFF),
    }
    for field, default in defaults.items():
        given = config if config.HasField(field) else base
        getattr(whole, field).CopyFrom(getattr(given, field) if given else default)
    return whole


def backoff(config: Any, failures: int) -> float:
    """Seconds between failure number `failures` (from 1) and the next attempt.

    Doubles max_doublings times from min_backoff, then grows by the last doubling, then stays at
    max_backoff (google.cloud.tasks.v2.RetryConfig.max_doublings).
    """
    shortest, longest = seconds(config.min_backoff), seconds(config.max_backoff)
    doublings = min(failures - 1, config.max_doublings)
    steps = max(1, failures - config.max_doublings)
    # A float overflows at 2 ** 1024; any real max_backoff is reached long before.
    return float(min(longest, shortest * 2.0 ** min(doublings, 1000) * steps))


def exhausted(config: Any, attempts: int, age: float) -> bool:
    """Whether a task that failed `attempts` times, first tried `age` seconds ago, is given up.

    Both limits must be met; one that is unlimited (-1 attempts, 0 seconds) does not count
    (google.cloud.tasks.v2.RetryConfig.max_attempts).
    """
    limit = seconds(config.max_retry_duration)
    conditions = []
    if config.max_attempts > 0:
        conditions.append(attempts >= config.max_attempts)
    if limit > 0:
        conditions.append(age >= limit)
    return age >= RETENTION or (bool(conditions) and all(conditions))


@dataclass
class TokenBucket:
    """Lets `rate` dispatches a second through, and `burst` at once."""

    rate: float
    burst: int
    filled: float = 0.0
    tokens: float = -1.0

    def delay(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        if self.tokens < 0:
            self.tokens, self.filled = float(self.burst), now
        elapsed = max(0.0, now - self.filled)
        self.tokens = min(float(self.burst), self.tokens + elapsed * self.rate)
        self.filled = now
        # A token that is short by a rounding error is there.
        return 0.0 if self.tokens >= 1 - 1e-9 else (1 - self.tokens) / self.rate

    def take(self) -> None:
        """Use one token; ask `delay` first."""
        self.tokens = max(0.0, self.tokens - 1)


@dataclass
class Throttle:
    """The whole queue's backoff after 429 and 503.

    The service says only that it "will use a higher backoff rate" and considers Retry-After. Here the
    queue rests for its min_backoff, doubling with each time it is refused again, at most a minute.
    """

    until: float = 0.0
    refusals: int = 0
    longest: float = 60.0

    def refused(self, now: float, shortest: float, retry_after: float) -> None:
        """A target said 429 or 503. Those that were already under way do not make the rest longer."""
        rest = 0.0
        if now >= self.until:
            rest = min(self.longest, shortest * 2.0 ** min(self.refusals, 30))
            self.refusals += 1
        self.until = max(self.until, now + rest, now + retry_after)

    def accepted(self) -> None:
        """A target took a task: the next refusal starts again from the shortest rest."""
        self.refusals = 0
