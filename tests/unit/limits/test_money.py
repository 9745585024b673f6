"""Prices, usage, and what an administrator hears of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.limits import meter
from shared.limits.admission import Admissions, Rules
from shared.limits.bookkeeper import Bookkeeper
from shared.limits.costs import CostReport
from shared.limits.embeddings import CachedEmbedder
from shared.limits.ingesting import BudgetedEmbedder
from shared.limits.interfaces import Usage
from shared.limits.memory import Memory
from shared.limits.meter import Meter
from shared.limits.prices import NANO, BadPrices, Prices, dollars, load
from shared.models import Person
from tests.fakes.limits import FakeCache, FakeCounters, FakeUsage
from tests.fakes.search import FakeQueryEmbedder

NOW = 1_795_300_000.0
"""2026-11-21, 22:26:40 UTC."""
MODEL = "gemini-3.5-flash-lite"


def test_the_bundled_prices_are_dated_sourced_and_exact() -> None:
    """A million prompt tokens cost what the list says, to the nano-dollar."""
    prices = load()
    assert prices.dated >= "2026-11-21"
    assert prices.cost({f"{MODEL}:prompt": 1_000_000}) == round(0.30 * NANO)
    assert prices.cost({f"{MODEL}:output": 1}) == 2_500
    assert prices.unpriced({"unheard-of:prompt": 1, "firestore:read": 1}) == ["unheard-of:prompt"]


@pytest.mark.parametrize(
    "text", ["", 'dated = "x"\ncurrency = "EUR"', "[", 'dated="x"\ncurrency="USD"\n[a]\nper=7\nb="1"']
)
def test_a_bad_price_file_is_refused(tmp_path: Path, text: str) -> None:
    """Not readable, not dollars, or no whole number of nano-dollars."""
    path = tmp_path / "prices.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadPrices):
        load(str(path))


def paid(subject: str = "1", output: int = 10) -> Meter:
    """A request that used a model."""
    one = Meter(subject=subject, collection="main")
    one.items.update({f"{MODEL}:output": output, "firestore:read": 3})
    one.counts["questions"] = 1
    return one


async def test_a_request_that_paid_is_written_with_its_small_change() -> None:
    """By day and person, with the money by model and collection."""
    store, prices = FakeUsage(), load()
    books = Bookkeeper(store, prices, clock=lambda: NOW)
    small = Meter(subject="2")
    small.items["firestore:read"] = 5
    await books.finish(small)
    assert not store.added
    await books.finish(paid())
    (day,) = (await store.days(["2026-11-21"])).values()
    assert day.cost == prices.cost({f"{MODEL}:output": 10, "firestore:read": 8})
    assert day.models == {MODEL: 25_000}
    assert day.collections == {"main": 25_000 + 900}
    assert {one.subject for one in await store.people("2026-11-21", "2026-11-21")} == {"1", "2"}


async def test_what_cannot_be_written_is_written_later() -> None:
    """Nothing is lost while Firestore is away, and nobody's request fails."""
    store = FakeUsage(failure=Unavailable())
    books = Bookkeeper(store, load(), clock=lambda: NOW)
    await books.finish(paid())
    store.failure = None
    await books.finish(paid())
    (day,) = (await store.days(["2026-11-21"])).values()
    assert day.counts["questions"] == 2


@pytest.mark.parametrize("late", [False, True])
async def test_an_answer_that_is_lost_charges_nobody_twice(late: bool) -> None:
    """Whether Firestore wrote it or not, each question is in the books once, in the end."""
    store = FakeUsage(failure=Unavailable(), late=late)
    books = Bookkeeper(store, load(), clock=lambda: NOW)
    for _ in range(3):
        await books.finish(paid())
    store.failure = None
    await books.finish(paid())
    (day,) = (await store.days(["2026-11-21"])).values()
    assert day.counts["questions"] == 4


async def test_what_comes_after_the_end_is_counted_with_the_next() -> None:
    """A call that outlives its request is paid for all the same."""
    store = FakeUsage()
    books = Bookkeeper(store, load(), clock=lambda: NOW)
    mine = paid()
    meter.begin(mine)
    await books.finish(mine)
    meter.used(MODEL, output=7)
    await books.finish(paid())
    (day,) = (await store.days(["2026-11-21"])).values()
    assert day.items[f"{MODEL}:output"] == 27


async def test_what_belongs_to_no_request_is_counted_with_the_next() -> None:
    """Handing on numbers costs writes too."""
    store = FakeUsage()
    books = Bookkeeper(store, load(), clock=lambda: NOW)

    async def hand_on() -> None:
        books.outside()
        meter.used("firestore", write=2)

    await asyncio.create_task(hand_on())
    await books.finish(paid())
    (day,) = (await store.days(["2026-11-21"])).values()
    assert day.items["firestore:write"] == 2


async def test_a_reservation_is_settled_at_what_it_cost() -> None:
    """In whole micro-dollars, rounded up."""
    counters = FakeCounters()
    doors = Admissions(
        counters, Rules({"standard": (), "premium": ()}, organisation_budget=9_000, reserve=500)
    )
    books, mine = Bookkeeper(FakeUsage(), load(), doors, lambda: NOW), paid()

    async def alice() -> Person:
        return Person("1", "alice@example.com", "example.com")

    mine.admitted = (await doors.admit("1", alice()))[1]
    await books.finish(mine)
    money = {
        name: number for (name, what, _), number in counters.counts.items() if what == "money" and number
    }
    assert money == {"1": 26, "organisation.0": 26}


async def test_the_summary_adds_up() -> None:
    """Today, the month and its forecast, per 1,000 questions, by model, and how the budget stands."""
    store = FakeUsage()
    for day, cost in (("2026-10-31", 99), ("2026-11-01", 10 * NANO), ("2026-11-21", 11 * NANO)):
        store.added.append(
            Usage(day, "", cost, NANO, {"x:y": 1, "x:call": 1}, {"questions": 100}, {"m": cost})
        )
    prices = Prices("2026-11-21", {}, {"vector-search-node": 5 * NANO})
    found = await CostReport(store, prices, 25 * NANO, lambda: NOW).summary()
    assert (found.today.cost, found.month.cost, found.month.saved) == (11 * NANO, 21 * NANO, 2 * NANO)
    assert dollars(found.forecast) == pytest.approx(21 / (20 + 80_800 / 86_400) * 30 + 5, abs=0.01)
    assert found.per_thousand == 105 * NANO
    assert (found.share, found.state) == (0.84, "warned")
    assert found.unpriced == ("x:y",)
    assert found.month.models == {"m": 21 * NANO}
    assert (min(found.days), max(found.days), len(found.days)) == ("2026-10-23", "2026-11-21", 30)
    spent = {day: span.cost for day, span in found.days.items() if span.cost}
    assert spent == {"2026-10-31": 99, "2026-11-01": 10 * NANO, "2026-11-21": 11 * NANO}


def test_memory_is_bounded_by_bytes() -> None:
    """The least recently used go first; what is larger than all the room is not kept; the old are gone."""
    now = [0.0]
    memory = Memory(10_000, lambda: now[0])
    for number in range(50):
        memory.put("answers", str(number), b"x" * 500, 100)
        memory.get("answers", "0")
        assert memory.bytes <= 10_000
    assert memory.get("answers", "0")
    assert memory.get("answers", "1") is None
    memory.put("answers", "huge", b"x" * 20_000, 100)
    assert memory.get("answers", "huge") is None
    now[0] = 101
    assert memory.get("answers", "49") is None
    entries, size, age = memory.measure("answers")
    assert (entries > 0, size, age > 0) == (True, memory.bytes, True)


async def _pepper() -> str:
    return "pepper"


async def test_a_vector_is_asked_for_once() -> None:
    """By one instance from memory, by another from the store when it looked there; a clearing ends both."""
    store, inner = FakeCache(), FakeQueryEmbedder()
    here, there = (CachedEmbedder(inner, Memory(9_999), store, "m 2", _pepper) for _ in range(2))
    assert await here.query("What now?") == await here.query(" What  now ") == [1.0, 0.0]
    await here.settled()
    await there.fetch("What now?")
    await there.query("What now?")
    assert len(inner.questions) == 1
    assert not any("now" in key for _, key in store.entries)
    await store.clear(["embeddings"])
    here.seen(store.generation)
    await here.query("What now?")
    assert len(inner.questions) == 2
    other = CachedEmbedder(inner, here.memory, store, "m 3", _pepper)
    await other.fetch("What now?")
    await other.query("What now?")
    assert len(inner.questions) == 3


@dataclass
class _Documents:
    """Embeds at a quarter of a token a character."""

    characters: int = 0

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """As an embedder that notes what it consumed."""
        self.characters += sum(map(len, texts))
        meter.used("gemini-embedding-001", token=sum(map(len, texts)) // 4)
        return [[1.0] for _ in texts]


async def test_reading_files_stops_at_the_days_budget_and_goes_on_tomorrow() -> None:
    """Tasks at once do not pass it together; what may not fit is refused; tomorrow there is a new one."""
    inner, now = _Documents(), [NOW]
    budget = 1_000_000
    one = BudgetedEmbedder(inner, FakeCounters(), load(), "gemini-embedding-001", budget, lambda: now[0])

    async def task() -> list[list[float]]:
        meter.begin(Meter())
        return await one.documents(["x" * 1_000_000])

    answers = await asyncio.gather(*(task() for _ in range(40)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert load().cost({"gemini-embedding-001:token": inner.characters // 4}) // 1000 <= budget
    assert inner.characters
    assert refused[0].retry_after == 5600
    now[0] += 5601
    assert await task() == [[1.0]]
