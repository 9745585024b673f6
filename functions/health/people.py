"""What administrators see and set of people's spending: role, tier and sessions are auth's."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.errors import NotFound
from shared.identity.audit import Trail
from shared.identity.interfaces import UserStore
from shared.identity.records import User
from shared.limits.admission import MICRO, Admissions
from shared.limits.interfaces import Usage, UsageStore
from shared.limits.prices import NANO
from shared.models import Person


@dataclass(frozen=True, slots=True)
class Spending:
    """What one person used: money in nano-dollars, items by "thing:unit", questions since the month began.

    `own` are the numbers an administrator set: questions by window, "budget" in micro-dollars.
    """

    user: User
    today: int
    month: int
    questions: int
    items: dict[str, int]
    own: Mapping[str, int]


@dataclass(frozen=True)
class PeopleSpending:
    """Who spends how much, and who may."""

    users: UserStore
    usage: UsageStore
    admissions: Admissions
    trail: Trail
    now: Callable[[], datetime]

    async def page(self, after: str, limit: int) -> Sequence[Spending]:
        """At most `limit` people whose subject follows `after`. Raises Unavailable, Timeout."""
        today = self.now().date()
        found = await self.users.page(after, limit)
        used, own = await asyncio.gather(
            self.usage.people(today.replace(day=1).isoformat(), today.isoformat()),
            self.admissions.own([user.subject for user in found]),
        )
        return [
            _spending(user, used, today.isoformat(), numbers)
            for user, numbers in zip(found, own, strict=True)
        ]

    async def allow(self, admin: Person, subject: str, limits: dict[str, int], dollars: float | None) -> None:
        """Set a person's own limits, by window, and their budget of the month; 0 takes one back.

        Raises NotFound, Unavailable.
        """
        if await self.users.get(subject) is None:
            raise NotFound("There is no such person.")
        values = dict(limits)
        if dollars is not None:
            values["budget"] = round(dollars * NANO / MICRO)
        await self.trail.require("limits.changed", subject, admin.subject, **values)
        await self.admissions.allow(subject, values)


def _spending(user: User, used: Sequence[Usage], today: str, own: Mapping[str, int]) -> Spending:
    mine = [one for one in used if one.subject == user.subject]
    items: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for one in mine:
        items.update(one.items)
        counts.update(one.counts)
    return Spending(
        user=user,
        today=sum(one.cost for one in mine if one.day == today),
        month=sum(one.cost for one in mine),
        questions=counts["questions"],
        items=dict(items),
        own=own,
    )
