"""What limits needs from the outside, and the values that cross over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Counter:
    """One thing counted by period: `name` and the number of the period, to which `amount` is added.

    Period n of a name follows period n - 1; a store keeps the current and the previous one.
    """

    name: str
    period: int
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """The counters of one owner. `subject` is the person whose data it is, empty for nobody's.

    `overrides` are the names of numbers that an administrator may have set on the page, read with it.
    """

    id: str
    counters: tuple[Counter, ...]
    subject: str = ""
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """A counter after the addition: in the current period, and in the one before it."""

    current: int
    previous: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A page after the addition. An override that nobody set is absent."""

    counts: Mapping[str, Count]
    overrides: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A question that begins to be answered. `id` is what repeats of it have in common.

    `mark` tells when it was made, and grows with time. The first to claim an id leads: see turns.py.
    """

    id: str
    subject: str
    mark: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim as it stands: the lowest mark of all who made it, and that of the leader's last sign of life.

    `first` tells the one who asks that nobody had claimed it before.
    """

    mark: int
    seen: int = 0
    first: bool = False


class ClaimStore(Protocol):
    """Claims that all instances see. All raise Unavailable, Timeout."""

    async def claimed(self, claim_id: str) -> Claimed | None:
        """Whose it is now, None when nobody's."""
        ...

    async def renew(self, claim: Claim, seen: int) -> bool:
        """Give a sign of life; False when there is no such claim any more."""
        ...

    async def release(self, claim: Claim) -> None:
        """It is nobody's; absent is fine."""
        ...


class CounterStore(Protocol):
    """Counters that many instances add to at once, each hearing what its own addition made of them."""

    async def add(self, pages: Sequence[Page], expire_at: datetime) -> Sequence[Counted]:
        """Add everything in one atomic step, one round trip; never repeated by itself.

        Pages may be forgotten after `expire_at`. Raises Unavailable, Timeout, Conflict, TooMany.
        """
        ...

    async def claim(
        self, pages: Sequence[Page], expire_at: datetime, claim: Claim
    ) -> tuple[Sequence[Counted], Claimed]:
        """As `add`, and in the same step claim a question; whose it is then."""
        ...

    async def release(self, claim: Claim) -> None:
        """As ClaimStore."""
        ...

    async def look(self, pages: Sequence[Page]) -> Sequence[Counted]:
        """How the pages stand, nothing added; a page that is not there stands at 0.

        Raises Unavailable, Timeout.
        """
        ...

    async def override(self, page: Page, values: Mapping[str, int]) -> None:
        """Set numbers on a page; 0 takes one back. Raises Unavailable, Timeout."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used in one day, added up. Money is in nano-dollars: a billionth of a US dollar.

    `items` is quantity by "thing:unit" as prices.py names them; `counts` are events by name;
    `collections` and `models` hold money.
    """

    day: str
    subject: str = ""
    cost: int = 0
    saved: int = 0
    items: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, int] = field(default_factory=dict)
    collections: Mapping[str, int] = field(default_factory=dict)


class UsageStore(Protocol):
    """Usage by day, of the whole organisation and of each person."""

    async def add(self, usage: Sequence[Usage], batch: int = 0, *, again: bool = False) -> None:
        """Add to the days named, in one step. Raises Unavailable, Timeout.

        `batch` numbers what one instance adds, from 1. With `again` it is added only if it was not: the
        answer to an earlier try may have been lost.
        """
        ...

    async def days(self, days: Collection[str]) -> Mapping[str, Usage]:
        """The whole organisation's usage of these days ("2026-11-22"). Raises Unavailable, Timeout."""
        ...

    async def people(self, first: str, last: str) -> Sequence[Usage]:
        """Each person's usage of each day in the span. Raises Unavailable, Timeout."""
        ...


@dataclass(frozen=True, slots=True)
class Generation:
    """What cached things are valid for: the state of the index, and how often each layer was cleared."""

    index: str = ""
    cleared: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached value with what must hold for it to be used. `subject` is the person it belongs to."""

    id: str
    value: bytes
    created_at: datetime
    expire_at: datetime
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """How much a layer holds: entries, bytes of values, the oldest one's time."""

    entries: int
    bytes: int
    oldest: datetime | None = None


class CacheStore(Protocol):
    """Cached values that outlive an instance, in named layers: "answers", "embeddings"."""

    async def get(self, layer: str, entry_id: str) -> tuple[Entry | None, Generation]:
        """The entry, unless it has expired, and the generation; one round trip.

        Raises Unavailable, Timeout.
        """
        ...

    async def put(self, layer: str, entry: Entry, release: str = "") -> None:
        """Keep, replacing, and in the same step release the claim of this id. Raises Unavailable, Timeout."""
        ...

    async def clear(self, layers: Collection[str]) -> int:
        """Make all entries of the layers unreachable at once, then delete; returns how many.

        Raises Unavailable, Timeout.
        """
        ...

    async def measure(self, layer: str) -> Layer:
        """How much there is. Raises Unavailable, Timeout."""
        ...


class QuestionSource(Protocol):
    """Past questions, for warming caches."""

    async def recent(self, limit: int) -> Sequence[str]:
        """The newest questions, without repeats. Raises Unavailable, Timeout."""
        ...
