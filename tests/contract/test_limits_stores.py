"""Counters and usage: the fake and Firestore, through Google's client, keep the same promises."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import AppError
from shared.gcp.firestore_claims import FirestoreClaims
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_limits import FirestoreCounters
from shared.gcp.firestore_usage import FirestoreUsage
from shared.limits.interfaces import (
    Claim,
    Claimed,
    ClaimStore,
    Count,
    Counter,
    CounterStore,
    Page,
    Usage,
    UsageStore,
)
from tests.fakes.limits import FakeClaims, FakeCounters, FakeUsage

LATER = datetime.now(UTC) + timedelta(days=1)
DAY = "2026-11-22"


@pytest.fixture(params=["fake", "firestore"])
def counters(request: pytest.FixtureRequest, db: Database) -> CounterStore:
    """Both stores of counters."""
    return FakeCounters() if request.param == "fake" else FirestoreCounters(db, 5.0)


@pytest.fixture(params=["fake", "firestore"])
def usage(request: pytest.FixtureRequest, db: Database) -> UsageStore:
    """Both stores of usage."""
    return FakeUsage() if request.param == "fake" else FirestoreUsage(db, 5.0)


def page(period: int, amount: int = 1, subject: str = "1") -> Page:
    """A person's page with one counter of requests and one of money."""
    return Page(subject, (Counter("minute", period), Counter("money", 24_323, amount)), subject, ("minute",))


async def test_each_addition_hears_its_own_number(counters: CounterStore) -> None:
    """Forty at once hear 1 to 40, each once."""
    heard = await asyncio.gather(*(counters.add((page(7),), LATER) for _ in range(40)))
    assert sorted(one[0].counts["minute"].current for one in heard) == list(range(1, 41))


async def test_a_new_period_starts_at_zero_and_knows_the_one_before(counters: CounterStore) -> None:
    """The period before is told; of older ones nothing is left."""
    for period in (7, 7, 8, 8, 8):
        (counted,) = await counters.add((page(period),), LATER)
    assert counted.counts["minute"] == Count(3, 2)
    (counted,) = await counters.add((page(30),), LATER)
    assert counted.counts["minute"] == Count(1, 0)
    assert counted.counts["money"].current == 6


async def test_money_goes_up_and_down(counters: CounterStore) -> None:
    """A reservation is taken back by a negative addition."""
    await counters.add((page(7, 900),), LATER)
    (counted,) = await counters.add((page(7, -850),), LATER)
    assert counted.counts["money"].current == 50


async def test_looking_adds_nothing(counters: CounterStore) -> None:
    """Counts of now and before, numbers that were set, and 0 where there is no page."""
    for period in (7, 7, 8):
        await counters.add((page(period, 5),), LATER)
    await counters.override(page(8), {"minute": 3})
    for _ in range(2):
        mine, nobodys = await counters.look((page(8), page(8, subject="2")))
    assert (mine.counts["minute"], mine.counts["money"].current) == (Count(1, 2), 15)
    assert (mine.overrides, nobodys.overrides) == ({"minute": 3}, {})
    assert nobodys.counts["minute"] == Count(0, 0)


async def test_pages_are_added_to_together_and_apart(counters: CounterStore) -> None:
    """Two pages in one call, each with its own counts, in order."""
    await counters.add((page(7),), LATER)
    first, second = await counters.add((page(7), page(7, subject="2")), LATER)
    assert (first.counts["minute"].current, second.counts["minute"].current) == (2, 1)


async def test_numbers_that_somebody_set_are_read_along(counters: CounterStore) -> None:
    """Absent before, then as set, also below zero."""
    (before,) = await counters.add((page(7),), LATER)
    await counters.override(page(7), {"minute": -1})
    (after,) = await counters.add((page(7),), LATER)
    assert "minute" not in before.overrides or not before.overrides["minute"]
    assert after.overrides["minute"] == -1


async def test_counting_is_one_call_and_never_repeated(server: FirestoreServer, db: Database) -> None:
    """Two pages cost one Commit; a failure is reported, since a repetition might count twice."""
    store = FirestoreCounters(db, 5.0)
    await store.add((page(7), page(7, subject="2")), LATER)
    assert server.control.calls == {"Commit": 1}
    server.control.faults = [Fault(times=1, status="UNAVAILABLE")]
    with pytest.raises(AppError):
        await store.add((page(7),), LATER)
    assert server.control.calls["Commit"] == 2


async def test_a_page_never_grows(db: Database) -> None:
    """After a thousand periods a page has the fields it had after two."""
    store = FirestoreCounters(db, 5.0)
    for period in (1, 2, 500, 1000, 1001):
        await store.add((page(period),), LATER)
    document = (await db.client.collection("rate_limits").document("1").get()).to_dict()
    assert set(document) == {
        "subject", "expire_at", "minute_0", "minute_1", "money_0", "money_1", "set_minute"
    }  # fmt: skip


async def test_usage_adds_up_by_day(usage: UsageStore) -> None:
    """Of everybody by day; of a person by day."""
    one = Usage(
        DAY, "1", 5, 1, {"gemini-3.5-flash:prompt": 7}, {"questions": 1}, {"gemini-3.5-flash": 4}, {"main": 5}
    )
    nobody = Usage(DAY, "", 2, 0, {"firestore:read": 3})
    await asyncio.gather(*(usage.add([one, nobody]) for _ in range(10)))
    days = await usage.days([DAY, "2026-11-21"])
    assert set(days) == {DAY}
    assert (days[DAY].cost, days[DAY].saved) == (70, 10)
    assert days[DAY].items == {"gemini-3.5-flash:prompt": 70, "firestore:read": 30}
    assert (days[DAY].counts, days[DAY].models, days[DAY].collections) == (
        {"questions": 10}, {"gemini-3.5-flash": 40}, {"main": 50}
    )  # fmt: skip
    people = await usage.people("2026-11-01", "2026-11-30")
    assert {(person.subject, person.day) for person in people} == {("1", DAY)}
    assert sum(person.cost for person in people) == 50


async def test_a_batch_is_added_again_only_if_it_was_not(usage: UsageStore) -> None:
    """After an answer that was lost; one that never came there is added, and later ones as ever."""
    one = Usage(DAY, "1", 5)
    await usage.add([one], 1)
    await usage.add([one], 1, again=True)
    await usage.add([one], 2, again=True)
    await usage.add([one], 3)
    await usage.add([one], 3, again=True)
    assert (await usage.days([DAY]))[DAY].cost == 15
    assert sum(person.cost for person in await usage.people(DAY, DAY)) == 15


async def test_of_those_who_claim_at_once_one_is_first(counters: CounterStore) -> None:
    """Forty claim the same in the step that counts them: one leads, whatever their marks; all count."""
    claims = [Claim("place", "1", 1_000 - number) for number in range(40)]
    heard = await asyncio.gather(*(counters.claim((page(7),), LATER, claim) for claim in claims))
    assert sum(claimed.first for _, claimed in heard) == 1
    assert sorted(counted[0].counts["minute"].current for counted, _ in heard) == list(range(1, 41))
    assert min(claimed.mark for _, claimed in heard) == 961
    await counters.release(claims[0])
    nothing, again = await counters.claim((), LATER, claims[0])
    assert (list(nothing), again.first) == ([], True)


@pytest.mark.parametrize("kind", ["fake", "firestore"])
async def test_a_claim_is_seen_renewed_and_released(kind: str, db: Database) -> None:
    """By whoever asks; what is gone is not brought back by a sign of life."""
    claims, counters = FakeClaims(), FakeCounters()
    counters.claims = claims
    store: ClaimStore = claims if kind == "fake" else FirestoreClaims(db, 5.0)
    maker: CounterStore = counters if kind == "fake" else FirestoreCounters(db, 5.0)
    claim = Claim("place", "1", 5)
    assert await store.claimed("place") is None
    await maker.claim((), LATER, claim)
    assert await store.claimed("place") == Claimed(5)
    assert await store.renew(claim, 9)
    assert await store.claimed("place") == Claimed(5, 9)
    await store.release(claim)
    await store.release(claim)
    assert not await store.renew(claim, 10)
    assert await store.claimed("place") is None


async def test_claiming_adds_no_call(server: FirestoreServer, db: Database) -> None:
    """Counting and claiming are one Commit; the claim names its person, so that erasure finds it."""
    await FirestoreCounters(db, 5.0).claim((page(7),), LATER, Claim("place", "1", 5))
    assert server.control.calls == {"Commit": 1}
    document = (await db.client.collection("claims").document("place").get()).to_dict()
    assert (document["subject"], document["expire_at"] > LATER - timedelta(days=1)) == ("1", True)
