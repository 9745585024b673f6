"""What of a table was read while searching is not read again, and what is not needed is not read at all."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from shared.answers.interfaces import Delta, Evidence, Prompt
from shared.answers.tables.answering import Computed, TableAnswers
from shared.models import Locator, Passage, Person
from tests.fakes.search import ALICE, FakeModel, FakeSearcher, passage
from tests.unit.answers.test_tables import CHUNKS

IDS = tuple(one.chunk_id for one in CHUNKS)
STAFF = passage("orders", 3, "name | desk\nAnn | 4\nBob | 7", locator=Locator(range="A1:B3", sheet="Staff"))


def found(looked_at: Sequence[Passage], first: Sequence[Passage] = CHUNKS[:1]) -> Evidence:
    """Evidence of the orders, of whose chunks some were looked at."""
    return Evidence(tuple(first), 0.9, (), {"orders": IDS}, {one.chunk_id: one for one in looked_at})


async def computed(question: str, searcher: FakeSearcher, model: object) -> Computed | None:
    """The computed answer over a searcher's evidence."""
    return await TableAnswers().answer(ALICE, question, searcher.found, searcher, model)  # type: ignore[arg-type]


async def test_a_table_that_was_read_while_searching_is_not_read_again() -> None:
    """Not a call, and all rows are counted."""
    searcher = FakeSearcher(found(CHUNKS))
    answer = await computed("What is the total quantity for the region North?", searcher, FakeModel())
    assert answer is not None
    assert answer.text.startswith("Total of quantity: 17 (computed from 3 rows")
    assert not searcher.reads


@pytest.mark.parametrize("looked_at", [CHUNKS[:1], ()])
async def test_the_rest_is_read_when_the_rows_at_hand_are_asked_about(looked_at: Sequence[Passage]) -> None:
    """Half a table is never computed over."""
    searcher = FakeSearcher(found(looked_at), files={"orders": CHUNKS})
    answer = await computed("What is the total quantity for the region North?", searcher, FakeModel())
    assert answer is not None
    assert answer.text.startswith("Total of quantity: 17 (computed from 3 rows")
    assert searcher.reads == ["orders"]


async def test_a_question_about_something_else_reads_nothing() -> None:
    """The model is asked at once, with the passages that were found."""
    searcher, model = FakeSearcher(found(CHUNKS[:1]), files={"orders": CHUNKS}), FakeModel()
    assert await computed("Who decided to move the launch?", searcher, model) is None
    assert not searcher.reads
    assert not model.prompts


@dataclass
class Meeting(FakeSearcher):
    """Gives a file only when the model was asked, and has the model wait until the file is asked for."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Event = field(default_factory=asyncio.Event)

    async def whole(self, person: Person, file_id: str, chunks: Sequence[str] = ()) -> Sequence[Passage]:
        """As Searcher."""
        self.reading.set()
        await self.asked.wait()
        return await super().whole(person, file_id, chunks)

    async def stream(self, _prompt: Prompt) -> AsyncIterator[Delta]:
        """As AnswerModel: the total quantity outside the North."""
        self.asked.set()
        await self.reading.wait()
        plan = {"where": [{"column": 3, "is": "!=", "value": "North"}], "operation": "sum", "column": 4}
        yield Delta(json.dumps(plan))


async def test_a_plan_is_made_while_the_rest_is_read_and_carried_out_over_all_of_it() -> None:
    """Neither waits for the other; the plan's table is found again among those of the whole file."""
    south = replace(CHUNKS[1], text=CHUNKS[1].text.replace("North", "South"))
    searcher = Meeting(found(CHUNKS[:1]), files={"orders": (STAFF, *CHUNKS[:1], south)})
    async with asyncio.timeout(5):
        answer = await computed(
            "What is the total quantity everywhere outside the North?", searcher, searcher
        )
    assert answer is not None
    assert "Total of quantity: 11 " in answer.text
