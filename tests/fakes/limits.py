"""Stateful fakes at the interfaces of limits."""

import asyncio
from collections import Counter as Totals
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.errors import AppError
from shared.limits.interfaces import (
    Claim,
    Claimed,
    Count,
    Counted,
    Entry,
    Generation,
    Layer,
    Page,
    Usage,
)


@dataclass
class FakeClaims:
    """ClaimStore in memory; `failure` is raised instead of an answer."""

    held: dict[str, Claimed] = field(default_factory=dict)
    failure: AppError | None = None
    reads: int = 0

    def make(self, claim: Claim) -> Claimed:
        """Claim; whose it is then."""
        before = self.held.get(claim.id)
        now = Claimed(claim.mark) if before is None else replace(before, mark=min(before.mark, claim.mark))
        self.held[claim.id] = now
        return replace(now, first=before is None)

    async def claimed(self, claim_id: str) -> Claimed | None:
        self.reads += 1
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        return self.held.get(claim_id)

    async def renew(self, claim: Claim, seen: int) -> bool:
        if claim.id not in self.held:
            return False
        self.held[claim.id] = replace(self.held[claim.id], seen=seen)
        return True

    async def release(self, claim: Claim) -> None:
        self.held.pop(claim.id, None)


@dataclass
class FakeCounters:
    """Counters by page, name and period; `failure` is raised instead of an answer."""

    counts: Totals[tuple[str, str, int]] = field(default_factory=Totals)
    overrides: dict[str, dict[str, int]] = field(default_factory=dict)
    failure: AppError | None = None
    calls: int = 0
    claims: FakeClaims = field(default_factory=FakeClaims)

    async def claim(
        self, pages: Sequence[Page], expire_at: datetime, claim: Claim
    ) -> tuple[Sequence[Counted], Claimed]:
        counted = await self.add(pages, expire_at)
        return counted, self.claims.make(claim)

    async def release(self, claim: Claim) -> None:
        await self.claims.release(claim)

    async def add(self, pages: Sequence[Page], expire_at: datetime) -> Sequence[Counted]:
        self.calls += 1
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        for page in pages:
            for one in page.counters:
                self.counts[page.id, one.name, one.period] += one.amount
        return await self.look(pages)

    async def look(self, pages: Sequence[Page]) -> Sequence[Counted]:
        if self.failure:
            raise self.failure
        answer = []
        for page in pages:
            counts = {
                one.name: Count(
                    self.counts[page.id, one.name, one.period], self.counts[page.id, one.name, one.period - 1]
                )
                for one in page.counters
            }
            known = self.overrides.get(page.id, {})
            answer.append(Counted(counts, {name: known[name] for name in page.overrides if name in known}))
        return answer

    async def override(self, page: Page, values: Mapping[str, int]) -> None:
        self.overrides.setdefault(page.id, {}).update(values)


@dataclass
class FakeUsage:
    """Usage as it was added; `failure` is raised instead, or, when it is `late`, of what was done."""

    added: list[Usage] = field(default_factory=list)
    failure: AppError | None = None
    late: bool = False
    batches: set[int] = field(default_factory=set)

    async def add(self, usage: Sequence[Usage], batch: int = 0, *, again: bool = False) -> None:
        if self.failure and not self.late:
            raise self.failure
        if not (again and batch in self.batches):
            self.batches.add(batch)
            self.added += usage
        if self.failure:
            raise self.failure

    async def days(self, days: Collection[str]) -> Mapping[str, Usage]:
        found: dict[str, Usage] = {}
        for one in self.added:
            if one.day in days:
                before = found.get(one.day, Usage(one.day))
                found[one.day] = _sum(before, one)
        return found

    async def people(self, first: str, last: str) -> Sequence[Usage]:
        return [one for one in self.added if one.subject and first <= one.day <= last]


@dataclass
class FakeCache:
    """CacheStore in memory."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    generation: Generation = field(default_factory=Generation)
    failure: AppError | None = None
    reads: int = 0
    claims: FakeClaims = field(default_factory=FakeClaims)

    async def get(self, layer: str, entry_id: str) -> tuple[Entry | None, Generation]:
        self.reads += 1
        if self.failure:
            raise self.failure
        return self.entries.get((layer, entry_id)), self.generation

    async def put(self, layer: str, entry: Entry, release: str = "") -> None:
        if self.failure:
            raise self.failure
        self.entries[layer, entry.id] = entry
        self.claims.held.pop(release, None)

    async def clear(self, layers: Collection[str]) -> int:
        cleared = Totals(self.generation.cleared)
        cleared.update(layers)
        self.generation = replace(self.generation, cleared=dict(cleared))
        doomed = [key for key in self.entries if key[0] in layers]
        for key in doomed:
            del self.entries[key]
        return len(doomed)

    async def measure(self, layer: str) -> Layer:
        mine = [one for (name, _), one in self.entries.items() if name == layer]
        oldest = min((one.created_at for one in mine), default=None)
        return Layer(len(mine), sum(len(one.value) for one in mine), oldest)


def _sum(one: Usage, other: Usage) -> Usage:
    def both(name: str) -> dict[str, int]:
        return dict(Totals(getattr(one, name)) + Totals(getattr(other, name)))

    return Usage(
        one.day,
        "",
        one.cost + other.cost,
        one.saved + other.saved,
        both("items"),
        both("counts"),
        both("models"),
        both("collections"),
    )
