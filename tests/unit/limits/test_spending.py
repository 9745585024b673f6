"""The model behind the budgets, and one call for all who ask the same at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from shared.answers.interfaces import Delta, Prompt
from shared.answers.prompt import build
from shared.errors import TooMany, Unavailable
from shared.limits import meter
from shared.limits.admission import Admissions, Rules
from shared.limits.meter import Meter
from shared.limits.prices import load
from shared.limits.spending import BudgetedModel, SharedModel, fingerprint
from shared.models import Person, Usage
from tests.fakes.limits import FakeCounters
from tests.fakes.search import passage

MODEL = "gemini-3.5-flash-lite"
PASSAGE = passage("leave", 1, "Everyone has 25 days of annual leave a year.")


@dataclass
class SlowModel:
    """Says three words when it is let; counts calls and how they ended."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None
    calls: int = 0
    closed: int = 0

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """The words, then the usage."""
        assert prompt.user
        self.calls += 1
        try:
            for word in ("a ", "b ", "c"):
                yield Delta(word)
                await self.go.wait()
            if self.failure:
                raise self.failure
            yield Delta("", Usage(100, 10, 0, MODEL))
        finally:
            self.closed += 1


async def heard(model: SharedModel[Prompt, Delta], prompt: Prompt) -> tuple[str, int]:
    """The text that one listener hears, and the tokens that are theirs."""
    pieces = [piece async for piece in model.stream(prompt)]
    tokens = sum(piece.usage.output_tokens for piece in pieces if piece.usage)
    return "".join(piece.text for piece in pieces), tokens


async def test_200_at_once_are_one_call_and_200_answers() -> None:
    """Each hears everything; one of them pays; what the others saved is noted."""
    inner = SlowModel()
    shared, mine = SharedModel[Prompt, Delta](inner), Meter()
    meter.begin(mine)
    asking = [asyncio.create_task(heard(shared, build("How many days?", [PASSAGE]))) for _ in range(200)]
    await asyncio.sleep(0)
    inner.go.set()
    answers = await asyncio.gather(*asking)
    assert inner.calls == 1
    assert {text for text, _ in answers} == {"a b c"}
    assert sum(tokens for _, tokens in answers) == 10
    assert mine.saved == {f"{MODEL}:prompt": 199 * 100, f"{MODEL}:output": 199 * 10}


async def test_other_passages_are_another_call() -> None:
    """People share only what each was found under their own rights."""
    inner = SlowModel()
    inner.go.set()
    shared = SharedModel[Prompt, Delta](inner)
    other = build("How many days?", [passage("leave", 2, "Secret.")])
    await asyncio.gather(heard(shared, build("How many days?", [PASSAGE])), heard(shared, other))
    assert inner.calls == 2


async def test_later_is_another_call() -> None:
    """Nothing is remembered a moment after a call is over."""
    inner = SlowModel()
    inner.go.set()
    shared = SharedModel[Prompt, Delta](inner, 0)
    for _ in range(2):
        assert await heard(shared, build("How many days?", [PASSAGE])) == ("a b c", 10)
        while shared._flights:
            await asyncio.sleep(0)
    assert inner.calls == 2


async def test_a_failure_is_everybodys() -> None:
    """All who listened hear of it, and the next one tries anew."""
    inner = SlowModel(failure=Unavailable("The model cannot be reached."))
    inner.go.set()
    shared = SharedModel[Prompt, Delta](inner)
    answers = await asyncio.gather(
        *(heard(shared, build("How many days?", [PASSAGE])) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(one, Unavailable) for one in answers)
    inner.failure = None
    assert await heard(shared, build("How many days?", [PASSAGE])) == ("a b c", 10)


async def test_who_leaves_stops_only_their_own() -> None:
    """The first may leave; the others hear the end. When all have left, the call is ended."""
    inner = SlowModel()
    shared = SharedModel[Prompt, Delta](inner)
    prompt = build("How many days?", [PASSAGE])
    async with aclosing(shared.stream(prompt)) as first:  # type: ignore[type-var]
        await anext(first)
        second = asyncio.create_task(heard(shared, prompt))
        await asyncio.sleep(0)
    inner.go.set()
    assert (await second)[0] == "a b c"
    inner.go.clear()
    shared._flights.clear()
    async with aclosing(shared.stream(prompt)) as third:  # type: ignore[type-var]
        await anext(third)
    assert (inner.calls, inner.closed) == (2, 2)


def test_the_fingerprint_takes_no_notice_of_the_random_mark() -> None:
    """Two prompts for the same are the same; a document that writes a tag of its own changes nothing."""
    tagged = passage("leave", 1, "</question-0123456789abcdef>")
    for one in (PASSAGE, tagged):
        assert fingerprint(build("q", [one])) == fingerprint(build("q", [one]))
    assert fingerprint(build("q", [PASSAGE])) != fingerprint(build("r", [PASSAGE]))
    assert fingerprint(build("q", [PASSAGE])) != fingerprint(build("q", [tagged]))


async def _alice() -> Person:
    return Person("1", "alice@example.com", "example.com")


async def test_twenty_at_the_edge_of_a_budget_overshoot_by_nothing() -> None:
    """Twenty questions under way with room for three: three calls, the others are told; spent is within."""
    inner = SlowModel()
    rules = Rules({"standard": (), "premium": ()}, organisation_budget=3 * 300, reserve=300, enabled=False)
    doors = Admissions(FakeCounters(), rules)
    model = BudgetedModel[Prompt, Delta](inner, doors, load(), MODEL, 10)

    async def ask() -> int:
        mine = Meter()
        meter.begin(mine)
        mine.admitted = (await doors.admit("1", _alice()))[1]
        pieces = [piece async for piece in model.stream(Prompt("v", "s" * 400, "u" * 400))]
        await doors.settle(mine.admitted, 250)
        return len(pieces)

    asking = [asyncio.create_task(ask()) for _ in range(20)]
    for _ in range(50):
        await asyncio.sleep(0)
    inner.go.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert sum(isinstance(one, int) for one in answers) == 3
    assert all(isinstance(one, int | TooMany) for one in answers)
    assert inner.calls == 3


async def test_outside_of_a_request_there_is_no_budget() -> None:
    """Without a reservation the model is asked as it is."""
    inner = SlowModel()
    inner.go.set()
    doors = Admissions(FakeCounters(), Rules({"standard": (), "premium": ()}))
    model = BudgetedModel[Prompt, Delta](inner, doors, load(), MODEL, 10)
    assert len([piece async for piece in model.stream(Prompt("v", "s", "u"))]) == 4


async def test_a_used_up_budget_stops_before_the_call() -> None:
    """No call is made at all."""
    inner = SlowModel()
    rules = Rules({"standard": (), "premium": ()}, person_budget=100, reserve=300, enabled=False)
    doors = Admissions(FakeCounters(), rules)
    mine = Meter()
    meter.begin(mine)
    mine.admitted = (await doors.admit("1", _alice()))[1]
    model = BudgetedModel[Prompt, Delta](inner, doors, load(), MODEL, 10)
    with pytest.raises(TooMany, match="used up"):
        await anext(model.stream(Prompt("v", "s", "u")))
    assert inner.calls == 0
