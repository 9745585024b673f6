"""Whether a question may be asked now, and may spend: counted in one commit, judged when it is back.

The commit adds one to the person's and the organisation's windows, and reserves what a question costs at
most from both budgets. It needs only the subject that a verified token names, so it runs beside the read of
the session and adds no round trip. Who turns out to have no session gets everything back.

When it cannot be counted, no question is taken (`Unavailable`); reading what one has needs no counting.
"""

import asyncio
import hashlib
import math
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.errors import AppError, TooMany, Unavailable
from shared.limits.interfaces import Claim, Claimed, Count, Counted, Counter, CounterStore, Page
from shared.limits.windows import SECONDS, Limit, Standing, judged, overridden
from shared.log import get_logger
from shared.models import Person, Tier

MICRO = 1_000
"""Nano-dollars of a micro-dollar; budgets are counted in micro-dollars."""
WARN_AT = 0.8
"""The share of a budget at which its end is announced."""
MONEY = "money"
BUDGET = "budget"
_KEPT = timedelta(days=70)
"""How long a page of counters is kept unused: a budget's previous month is in it."""
_REMEMBERED, _REMEMBERED_SECONDS = 10_000, 10.0
"""Refusals that an instance repeats without counting, and for how long: a flood costs next to nothing."""
_NO_COUNT = Count(0, 0)
_log = get_logger("limits")


@dataclass(frozen=True)
class Rules:
    """What the operator allows. Money is in micro-dollars a month, 0 for no budget.

    `reserve` is what one question costs at most; the organisation's counters are spread over `shards`
    pages, each with its share of every limit.
    """

    tiers: Mapping[Tier, tuple[Limit, ...]]
    organisation: tuple[Limit, ...] = ()
    address: tuple[Limit, ...] = ()
    organisation_budget: int = 0
    person_budget: int = 0
    reserve: int = 0
    shards: int = 1
    enabled: bool = True


@dataclass(frozen=True)
class Charge:
    """A question that was counted: what came back, and what to give back. Empty when nothing is counted.

    `claimed` tells whose the question is, where it was claimed.
    """

    subject: str
    at: float
    pages: tuple[Page, ...] = ()
    counted: tuple[Counted, ...] = ()
    shard: int = 0
    refusal: TooMany | None = None
    claim: Claim | None = None
    claimed: Claimed | None = None


@dataclass(frozen=True)
class Admitted:
    """A question that may be asked. `may_spend` is False when a budget is used up.

    `standings` are the person's limits; `reserved` is micro-dollars taken from the pages' budgets until
    `settle` says what it really cost.
    """

    charge: Charge
    standings: tuple[Standing, ...] = ()
    may_spend: bool = True
    reserved: int = 0


@dataclass
class Admissions:
    """Counts and judges questions, and requests of people who are not signed in yet."""

    store: CounterStore
    rules: Rules
    clock: Callable[[], float] = time.time
    _refused: OrderedDict[str, tuple[float, TooMany]] = field(default_factory=OrderedDict)
    _warned: set[tuple[str, int]] = field(default_factory=set)

    async def admit(
        self, subject: str, person: Awaitable[Person], claim: Claim | None = None
    ) -> tuple[Person, Admitted]:
        """Count a question of `subject` while `person` is found out; both are awaited.

        `claim` is made in the same step, and released when the question is not admitted. Raises what
        `person` raises, TooMany with the seconds to wait, Unavailable when it cannot be counted.
        """
        counting = asyncio.ensure_future(self._count(subject, claim))
        try:
            found = await person
        except BaseException:
            await self._give_back(counting)
            raise
        charge = await counting
        return found, await self._judge(charge, found.tier)

    async def address(self, address: str) -> tuple[Standing, ...]:
        """Count a request from an address of somebody who is not signed in.

        Raises TooMany. When it cannot be counted it passes: what it asks for fails without Firestore anyway.
        """
        if not self.rules.enabled or not self.rules.address:
            return ()
        now = self.clock()
        name = f"address.{hashlib.sha256(address.encode()).hexdigest()[:24]}"
        self._remembered(name, now)
        page = Page(name, tuple(Counter(one.window, one.period(now)) for one in self.rules.address))
        try:
            (counted,) = await self.store.add((page,), _moment(now) + timedelta(days=2))
        except AppError as error:
            _log.warning("address.not_counted", code=error.code)
            return ()
        standings = _standings(self.rules.address, counted, now)
        self._refuse(name, standings, now, "requests from this address")
        return standings

    async def settle(self, admitted: Admitted, spent: int) -> None:
        """Replace what was reserved by what was spent (micro-dollars). Raises Unavailable, Timeout."""
        change = spent - admitted.reserved
        if not change or not admitted.charge.pages:
            return
        await self._change_money(admitted.charge, change)

    async def reserve(self, admitted: Admitted, cost: int) -> Admitted:
        """The same with at least `cost` micro-dollars reserved; `may_spend` tells if the budgets hold them.

        Asks Firestore only when more is needed than was reserved. Raises Unavailable, Timeout.
        """
        charge = admitted.charge
        if not admitted.may_spend or cost <= admitted.reserved or not charge.pages:
            return admitted
        counted = await self._change_money(charge, cost - admitted.reserved)
        merged = [
            Counted(after.counts, before.overrides)
            for before, after in zip(charge.counted, counted, strict=True)
        ]
        return replace(admitted, reserved=cost, may_spend=self._may_spend(charge, merged))

    async def allow(self, subject: str, values: Mapping[str, int]) -> None:
        """Set a person's own numbers: requests by window, and "budget" in micro-dollars; 0 takes one back."""
        await self.store.override(self._person_page(subject, self.clock()), values)

    async def own(self, subjects: Sequence[str]) -> Sequence[Mapping[str, int]]:
        """The numbers that administrators set for these people, as `allow` takes them; others are absent.

        Raises Unavailable, Timeout.
        """
        now = self.clock()
        found = await self.store.look([self._person_page(one, now) for one in subjects])
        return [one.overrides for one in found]

    async def everybody(self) -> tuple[Sequence[Standing], int]:
        """How the organisation's limits stand, and the micro-dollars it spent and reserved this month.

        Raises Unavailable, Timeout.
        """
        now = self.clock()
        found = await self.store.look([self._organisation_page(one, now) for one in range(self.rules.shards)])
        limits = self.rules.organisation if self.rules.enabled else ()
        return (
            [judged(one, _added(one.window, found), now) for one in limits],
            _added(MONEY, found).current,
        )

    async def _count(self, subject: str, claim: Claim | None) -> Charge:
        now = self.clock()
        charge = Charge(subject, now)
        try:
            self._remembered(subject, now)
        except TooMany as refusal:
            return Charge(subject, now, refusal=refusal)
        if not self._needed() and claim is None:
            return charge
        shard = random.randrange(self.rules.shards)  # noqa: S311 - spreads load, keeps no secret
        counted_on = (self._person_page(subject, now), self._organisation_page(shard, now))
        pages: tuple[Page, ...] = counted_on if self._needed() else ()
        claimed = None
        try:
            if claim is None:
                counted = await self.store.add(pages, _moment(now) + _KEPT)
            else:
                counted, claimed = await self.store.claim(pages, _moment(now) + _KEPT, claim)
        except AppError as error:
            _log.warning("question.not_counted", code=error.code)
            sentence = "Docent cannot count questions right now, so it takes none. Try again in a moment."
            raise Unavailable(sentence, retry_after=5) from None
        return Charge(subject, now, pages, tuple(counted), shard, claim=claim, claimed=claimed)

    async def _judge(self, charge: Charge, tier: Tier) -> Admitted:
        if charge.refusal is not None:
            raise charge.refusal
        if not charge.counted:
            return Admitted(charge)
        mine, everybodys = charge.counted
        standings: tuple[Standing, ...] = ()
        if self.rules.enabled:
            limits = overridden(self.rules.tiers[tier], mine.overrides)
            standings = _standings(limits, mine, charge.at)
            ceiling = _standings(self._shares(charge.shard), everybodys, charge.at)
            try:
                self._refuse(charge.subject, standings, charge.at, "questions")
                self._refuse("", ceiling, charge.at, "questions of your whole organisation")
            except TooMany:
                await asyncio.gather(self._release(charge), self._unclaim(charge))
                raise
        return Admitted(charge, standings, self._may_spend(charge, charge.counted), self.rules.reserve)

    def _may_spend(self, charge: Charge, counted: Sequence[Counted]) -> bool:
        """Whether both budgets hold the reservation too; a warning is logged once a month and budget."""
        mine, everybodys = counted
        personal = mine.overrides.get(BUDGET) or self.rules.person_budget
        common = _share(self.rules.organisation_budget, self.rules.shards, charge.shard)
        allowed = True
        for name, budget, page in (("person", personal, mine), ("organisation", common, everybodys)):
            used = page.counts.get(MONEY, _NO_COUNT).current
            if not budget or used < budget * WARN_AT:
                continue
            month = month_of(charge.at)
            if (name, month) not in self._warned:
                self._warned.add((name, month))
                _log.warning("budget.warned", budget=name, share=round(used / budget, 3))
            if used > max(0, budget):
                allowed = False
                _log.info("budget.spent", budget=name)
        return allowed

    def _refuse(self, name: str, standings: Sequence[Standing], now: float, what: str) -> None:
        failed = [one for one in standings if not one.passed]
        if not failed:
            return
        worst = max(failed, key=lambda one: one.wait)
        wait = math.ceil(worst.wait)
        sentence = (
            f"That is more than {worst.limit.most} {what} in one {worst.limit.window}. "
            f"The next one is possible at {_moment(now + wait):%H:%M:%S} UTC, in {wait} seconds."
        )
        refusal = TooMany(sentence, retry_after=wait)
        refusal.headers = headers(standings)
        if name:
            self._refused[name] = (now + min(wait, _REMEMBERED_SECONDS), refusal)
            self._refused.move_to_end(name)
            while len(self._refused) > _REMEMBERED:
                self._refused.popitem(last=False)
        raise refusal

    def _remembered(self, name: str, now: float) -> None:
        """Raise the refusal again that was given a moment ago."""
        until, refusal = self._refused.get(name, (0.0, None))
        if refusal is not None and now < until:
            again = TooMany(refusal.detail, retry_after=refusal.retry_after)
            again.headers = refusal.headers
            raise again

    async def _give_back(self, counting: "asyncio.Future[Charge]") -> None:
        """Undo the count of somebody who is not signed in; a token that was stolen must lock nobody out."""
        try:
            charge = await asyncio.shield(counting)
            await self._unclaim(charge)
            if charge.pages:
                back = tuple(_negated(page) for page in charge.pages)
                await self.store.add(back, _moment(charge.at) + _KEPT)
        except AppError as error:
            _log.warning("question.not_given_back", code=error.code)

    async def _unclaim(self, charge: Charge) -> None:
        """Nobody is to wait for a question that is not going to be answered."""
        if charge.claim is None or charge.claimed is None or not charge.claimed.first:
            return
        try:
            await self.store.release(charge.claim)
        except AppError as error:
            _log.warning("claim.not_released", code=error.code)

    async def _release(self, charge: Charge) -> None:
        if not self.rules.reserve:
            return
        try:
            await self._change_money(charge, -self.rules.reserve)
        except AppError as error:
            _log.warning("budget.not_released", code=error.code)

    async def _change_money(self, charge: Charge, change: int) -> Sequence[Counted]:
        month = month_of(charge.at)
        pages = [Page(page.id, (Counter(MONEY, month, change),), page.subject) for page in charge.pages]
        return await self.store.add(pages, _moment(charge.at) + _KEPT)

    def _needed(self) -> bool:
        return self.rules.enabled or bool(self.rules.organisation_budget or self.rules.person_budget)

    def _person_page(self, subject: str, now: float) -> Page:
        windows = tuple(Counter(name, int(now // seconds)) for name, seconds in SECONDS.items())
        overrides = (*SECONDS, BUDGET)
        return Page(subject, (*(windows if self.rules.enabled else ()), self._money(now)), subject, overrides)

    def _organisation_page(self, shard: int, now: float) -> Page:
        limits = self.rules.organisation if self.rules.enabled else ()
        windows = tuple(Counter(one.window, one.period(now)) for one in limits)
        return Page(f"organisation.{shard}", (*windows, self._money(now)))

    def _money(self, now: float) -> Counter:
        return Counter(MONEY, month_of(now), self.rules.reserve)

    def _shares(self, shard: int) -> tuple[Limit, ...]:
        shards = self.rules.shards
        return tuple(Limit(one.window, _share(one.most, shards, shard)) for one in self.rules.organisation)


def headers(standings: Sequence[Standing]) -> dict[str, str]:
    """RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10), one item a window."""
    if not standings:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.limit.window}";q={one.limit.most};w={one.limit.seconds}' for one in standings
        ),
        "RateLimit": ", ".join(
            f'"{one.limit.window}";r={one.remaining};t={math.ceil(one.wait) or one.reset}'
            for one in standings
        ),
    }


def month_of(now: float) -> int:
    """The number of the month (UTC) that a moment is in."""
    moment = _moment(now)
    return moment.year * 12 + moment.month


def _share(whole: int, shards: int, shard: int) -> int:
    """One shard's part; the parts add up to the whole."""
    return whole // shards + (shard < whole % shards)


def _standings(limits: Sequence[Limit], counted: Counted, now: float) -> tuple[Standing, ...]:
    return tuple(judged(one, counted.counts.get(one.window, _NO_COUNT), now) for one in limits)


def _added(name: str, pages: Sequence[Counted]) -> Count:
    """One counter over several pages."""
    counts = [page.counts.get(name, _NO_COUNT) for page in pages]
    return Count(sum(one.current for one in counts), sum(one.previous for one in counts))


def _negated(page: Page) -> Page:
    counters = tuple(Counter(one.name, one.period, -one.amount) for one in page.counters)
    return Page(page.id, counters, page.subject)


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)
