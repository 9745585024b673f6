"""Questions are counted beside the session, judged by tier, and cost what they cost."""

import asyncio

import pytest

from shared.errors import NotSignedIn, TooMany, Unavailable
from shared.limits.admission import Admissions, Admitted, Rules, headers
from shared.limits.windows import Limit
from shared.models import Person
from tests.fakes.limits import FakeCounters

NOW = 1_800_000_000.0
ALICE = Person("1", "alice@example.com", "example.com")
PREMIUM = Person("2", "bob@example.com", "example.com", tier="premium")
RULES = Rules(
    tiers={"standard": (Limit("minute", 3), Limit("day", 5)), "premium": (Limit("minute", 6),)},
    organisation=(Limit("minute", 8),),
    address=(Limit("minute", 4),),
    reserve=100,
)


class House:
    """Admissions over a fake store, at a time that tests move."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.now, self.store = NOW, FakeCounters()
        self.doors = Admissions(self.store, rules, lambda: self.now)

    async def ask(self, person: Person = ALICE) -> Admitted:
        """One question of a person who is signed in."""

        async def found() -> Person:
            return person

        return (await self.doors.admit(person.subject, found()))[1]

    async def passes(self, times: int, person: Person = ALICE) -> int:
        """How many of so many questions at once pass."""
        answers = await asyncio.gather(*(self.ask(person) for _ in range(times)), return_exceptions=True)
        assert all(isinstance(one, Admitted | TooMany) for one in answers)
        return sum(isinstance(one, Admitted) for one in answers)

    def money(self, page: str) -> int:
        """What is taken from a page's budget now."""
        return sum(
            number for (name, what, _), number in self.store.counts.items() if (name, what) == (page, "money")
        )


async def test_exactly_the_limit_passes_however_many_ask_at_once() -> None:
    """Of 50 at once, three."""
    assert await House().passes(50) == 3


async def test_the_tier_decides() -> None:
    """Somebody of the premium tier may ask more."""
    assert await House().passes(50, PREMIUM) == 6


async def test_the_organisation_has_a_ceiling() -> None:
    """Each within their own limit, together over the organisation's; what was refused is not charged."""
    house = House()
    assert await house.passes(3) + await house.passes(6, PREMIUM) == 8
    assert house.money("organisation.0") == 800


async def test_a_ceiling_in_shares_is_the_same_ceiling() -> None:
    """Spread over several pages, the shares add up."""
    rules = Rules(
        tiers={"standard": (Limit("minute", 99),), "premium": ()},
        organisation=(Limit("minute", 7),),
        shards=3,
    )
    assert await House(rules).passes(60) == 7


async def test_a_refusal_says_when() -> None:
    """Seconds and a time of day, headers for each window, and nothing is reserved."""
    house = House()
    await house.passes(3)
    with pytest.raises(
        TooMany, match=r"more than 3 questions in one minute.* UTC, in \d+ seconds"
    ) as refusal:
        await house.ask()
    assert refusal.value.retry_after == 80
    assert refusal.value.headers["RateLimit-Policy"] == '"minute";q=3;w=60, "day";q=5;w=86400'
    assert refusal.value.headers["RateLimit"].startswith('"minute";r=0;t=80, ')
    house.now += 81
    assert (await house.ask()).standings[0].passed


async def test_a_flood_is_not_counted_again_and_again() -> None:
    """Who was refused a moment ago is refused without asking Firestore."""
    house = House()
    await house.passes(4)
    calls = house.store.calls
    assert await house.passes(100) == 0
    assert house.store.calls == calls


async def test_a_person_may_have_numbers_of_their_own() -> None:
    """Set by an administrator, counted from the next question on; 0 takes them back."""
    house = House()
    await house.doors.allow("1", {"minute": 5, "day": 9})
    assert await house.passes(20) == 5
    other = House()
    await other.doors.allow("1", {"minute": -1})
    assert await other.passes(3) == 0


async def test_whose_session_has_ended_locks_nobody_out() -> None:
    """What a token without a session counted is given back."""
    house = House()

    async def ended() -> Person:
        await asyncio.sleep(0)
        raise NotSignedIn

    for _ in range(20):
        with pytest.raises(NotSignedIn):
            await house.doors.admit("1", ended())
    assert await house.passes(3) == 3
    assert house.money("1") == 300


async def test_when_it_cannot_be_counted_no_question_is_taken() -> None:
    """503 with Retry-After, not 429: it is not the person who did too much."""
    house = House()
    house.store.failure = Unavailable("Firestore cannot be reached.")
    with pytest.raises(Unavailable, match="takes none") as refusal:
        await house.ask()
    assert refusal.value.retry_after == 5


async def test_an_address_that_cannot_be_counted_passes() -> None:
    """What it asks for fails without Firestore by itself."""
    house = House()
    house.store.failure = Unavailable()
    assert await house.doors.address("203.0.113.9") == ()


async def test_addresses_are_counted_apart_and_kept_as_digests() -> None:
    """Four of each pass; no document's name holds an address."""
    house = House()
    for address in ("203.0.113.9", "203.0.113.10"):
        for _ in range(4):
            await house.doors.address(address)
        with pytest.raises(TooMany, match="from this address"):
            await house.doors.address(address)
    assert not any("203" in page for page, _, _ in house.store.counts)


async def test_switched_off_nothing_is_counted() -> None:
    """RATELIMIT_ENABLED=false without budgets costs no call."""
    house = House(Rules(tiers={"standard": (), "premium": ()}, enabled=False))
    assert await house.passes(30) == 30
    assert await house.doors.address("203.0.113.9") == ()
    assert house.store.calls == 0


BUDGET = Rules(tiers={"standard": (), "premium": ()}, enabled=False, organisation_budget=1000, reserve=100)


async def test_a_budget_is_never_overshot_by_questions_in_flight() -> None:
    """Twenty at the edge: those that the budget holds may spend, the others may only quote."""
    house = House(BUDGET)
    answers = await asyncio.gather(*(house.ask() for _ in range(20)))
    assert sum(one.may_spend for one in answers) == 10


async def test_what_was_not_spent_can_be_spent_again() -> None:
    """Settled at 30 of 100, a budget of 1,000 holds more than ten questions; at the end it is used up."""
    house, spent = House(BUDGET), 0
    for _ in range(60):
        admitted = await house.ask()
        cost = 30 if admitted.may_spend else 0
        spent += cost
        await house.doors.settle(admitted, cost)
    assert spent == house.money("organisation.0") == 930
    assert spent + 100 > 1000


async def test_a_person_has_a_budget_too() -> None:
    """Of everybody or their own."""
    house = House(Rules(tiers={"standard": (), "premium": ()}, enabled=False, person_budget=300, reserve=100))
    assert sum([(await house.ask()).may_spend for _ in range(5)]) == 3
    await house.doors.allow("2", {"budget": 100})
    assert sum([(await house.ask(PREMIUM)).may_spend for _ in range(5)]) == 1


async def test_a_dear_question_reserves_more() -> None:
    """A prompt that costs more than was reserved asks the budget again, and stops when that is too little."""
    house = House(BUDGET)
    admitted = await house.doors.reserve(await house.ask(), 900)
    assert (admitted.may_spend, admitted.reserved) == (True, 900)
    second = await house.doors.reserve(await house.ask(), 900)
    assert not second.may_spend
    await house.doors.settle(second, 0)
    await house.doors.settle(admitted, 850)
    assert house.money("organisation.0") == 850


async def test_eighty_percent_is_announced_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One warning a month and budget."""
    house = House(BUDGET)
    for _ in range(10):
        await house.ask()
    assert capsys.readouterr().out.count("budget.warned") == 1


def test_headers_need_a_standing() -> None:
    """Nothing is said where nothing is counted."""
    assert headers(()) == {}


async def test_what_is_left_for_everybody_is_told_over_all_shares() -> None:
    """Three of eight were asked; looking asks nothing, and tells what was reserved."""
    rules = Rules(tiers=RULES.tiers, organisation=RULES.organisation, reserve=100, shards=3)
    house = House(rules)
    await house.passes(3)
    for _ in range(2):
        (minute,), money = await house.doors.everybody()
    assert (minute.limit.most, minute.remaining, money) == (8, 5, 300)


async def test_numbers_that_were_set_are_told_by_person() -> None:
    """Alice's own, nobody else's; what was taken back is gone."""
    house = House()
    await house.doors.allow("1", {"minute": 7, "budget": 2_000_000})
    assert list(await house.doors.own(["1", "2"])) == [{"minute": 7, "budget": 2_000_000}, {}]
