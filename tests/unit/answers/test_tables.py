"""Questions about tables: computed over the cells, by rules or by a plan; or left alone."""

import json

import pytest
from pydantic import ValidationError

from shared.answers.interfaces import Evidence
from shared.answers.service import AnswerService, Finished, Sources, Text
from shared.answers.tables.answering import TableAnswers
from shared.answers.tables.plan import Plan, execute
from shared.answers.tables.questions import plan_for
from shared.answers.tables.reading import tables
from shared.errors import Invalid
from shared.models import Locator, Scope
from tests.fakes.ingestion import FakeClock
from tests.fakes.search import ALICE, FakeConversations, FakeModel, FakeSearcher, passage

HEADER = "order_no,order_date,customer,region,quantity,total_eur"
ROWS = [
    "SO-1,2025-01-14,Odd Corner Cafe,North,10,120.50",
    "SO-2,2025-03-03,Casa Mimosa,South,4,48.00",
    'SO-3,2025-03-21,"Mill, Sons & Co",North,6,72.00',
    "SO-4,2025-04-02,Casa Mimosa,North,1,12.25",
]
CHUNKS = (
    passage(
        "orders", 1, "\n".join([HEADER, *ROWS[:2]]), locator=Locator(range="A1:F3"), file_name="orders.csv"
    ),
    passage(
        "orders", 2, "\n".join([HEADER, *ROWS[2:]]), locator=Locator(range="A4:F5"), file_name="orders.csv"
    ),
)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What is the total quantity for the region North?", ("17",)),
        ("What is the average quantity for the region North?", ("5.67",)),
        ("How many orders in March?", ("2",)),
        ("How many orders are there for Casa Mimosa?", ("2",)),
        ("What is the quantity of SO-3?", ("6",)),
        ("Which customer has order SO-3?", ("Mill, Sons & Co",)),
        ("Which customer has the highest quantity?", ("Odd Corner Cafe",)),
        ("What is the lowest quantity?", ("1",)),
        ("What is the difference in quantity between SO-1 and SO-2?", ("6",)),
        ("How many orders have a quantity of at least 6?", ("2",)),
    ],
)
def test_the_cells_answer(question: str, values: tuple[str, ...]) -> None:
    """Sums, averages, counts, lookups, extremes and differences over the rows of all passages."""
    found = tables(CHUNKS)
    assert len(found) == 1
    plan = plan_for(question, found)
    assert plan is not None
    result = execute(plan, found)
    assert result is not None
    assert result.values == values


@pytest.mark.parametrize(
    "question",
    [
        "What is the second highest quantity?",
        "Which customers never ordered in March?",
        "What is the total weight for the region North?",
        "Why did Casa Mimosa complain?",
        "What is the total quantity for the region West?",
    ],
)
def test_a_question_with_a_word_that_is_not_understood_is_left_alone(question: str) -> None:
    """A number that answers another question would be worse than none."""
    assert plan_for(question, tables(CHUNKS)) is None


THREADS = (
    passage(
        "threads",
        1,
        "Size name | Threads per inch | Outer diameter | Made by\nPG7 | 20 | 12.5 (0.492) | Ada\n"
        "PG9 | 18 | 15.2 (0.598) | Ben\nPG48 | 16 | 59.3 (2.334) | Ben\nTotal | 54 | 87 (3.424) | Ben",
        locator=Locator(sheet="Threads", range="A1:D5"),
    ),
)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What is the difference in threads per inch between PG7 and PG9?", ("2",)),
        ("Which size has the largest outer diameter?", ("PG48",)),
        ("What is the sum of the threads per inch?", ("54",)),
        ("What is the only size made by Ada?", ("PG7",)),
        ("What is the only size made by Ben?", None),
        ("How many threads per inch has the total?", ("54",)),
    ],
)
def test_names_of_columns_remarks_and_totals(question: str, values: tuple[str, ...] | None) -> None:
    """A column's words are not the question's, brackets add no digit, a total is no row, "only" is one."""
    found = tables(THREADS)
    plan = plan_for(question, found)
    result = execute(plan, found) if plan else None
    assert (result.values if result else None) == values


def test_of_two_columns_the_one_that_is_named_exactly_is_meant() -> None:
    """The word "Lieferant" begins as "Liefertreue" does and is another."""
    text = "Lieferant | Liefertreue % | Note\nNord | 84.5 | 3.9\nWest | 97.0 | 1.2"
    found = tables((passage("rated", 1, text, locator=Locator(sheet="2024", range="A1:C3")),))
    plan = plan_for("Which Lieferant has the highest Note?", found)
    assert plan is not None
    result = execute(plan, found)
    assert result is not None
    assert result.values == ("Nord",)


def test_what_is_no_number_is_not_added_up() -> None:
    """A sum over a column with words in it does not exist."""
    found = tables(CHUNKS)
    assert execute(Plan(operation="sum", column=2), found) is None


def test_a_plan_is_data() -> None:
    """Unknown fields and operations, and columns that are not there, are refused."""
    for wrong in (
        {"operation": "eval"},
        {"code": "1"},
        {"column": -1},
        {"where": [{"column": 0, "is": "like"}]},
        {"where": [{"column": 0, "is": "=", "value": "x" * 201}]},
        {"where": [{"column": 0, "is": "=", "value": "x"}] * 9},
        {"column": "__import__('os').system('id')"},
        {"column": 10**9},
        {"limit": 10**9},
        {"offset": -40},
        {"order_by": {"column": 1}},
        {"table": "../users"},
    ):
        with pytest.raises(ValidationError):
            Plan.model_validate(wrong)
    for absent in (Plan(column=99), Plan(table=7)):
        with pytest.raises(Invalid):
            execute(absent, tables(CHUNKS))


def desk(model: FakeModel, *, planned: bool = True) -> AnswerService:
    """An AnswerService over the orders."""
    searcher = FakeSearcher(Evidence(CHUNKS[:1], 0.9, ()), files={"orders": CHUNKS})
    return AnswerService(searcher, model, FakeConversations(), FakeClock(), 0.5, tables=TableAnswers(planned))


async def answered(service: AnswerService, question: str) -> tuple[str, Finished, list[Sources]]:
    """The text of an answer, its end, its sources."""
    events = [event async for event in service.ask(ALICE, question, Scope())]
    text = "".join(event.text for event in events if isinstance(event, Text))
    assert isinstance(events[-1], Finished)
    return text, events[-1], [event for event in events if isinstance(event, Sources)]


async def test_a_computed_answer_shows_its_cells_and_asks_no_model() -> None:
    """The sum with how it came about; one source that quotes the rows used and spans them."""
    model = FakeModel(["Something else [1]."])
    text, finished, sources = await answered(desk(model), "What is the total quantity for the region North?")
    assert text.startswith("Total of quantity: 17 (computed from 3 rows; region is North) [1].")
    assert finished.computed
    assert not model.prompts
    ((source,),) = [event.passages for event in sources]
    assert all(row in source.quote for row in (ROWS[0], ROWS[2], ROWS[3]))
    assert ROWS[1] not in source.quote
    assert source.locator.range == "A2:F5"


async def test_a_recorded_plan_of_the_models_is_carried_out_by_us() -> None:
    """The model names columns and an operation; the number is computed here, whatever it says besides."""
    plan = {"where": [{"column": 3, "is": "!=", "value": "North"}], "operation": "sum", "column": 4}
    model = FakeModel([f"The answer is 99. {json.dumps(plan)}"])
    text, finished, _ = await answered(
        desk(model), "What is the total quantity everywhere outside the North?"
    )
    assert "Total of quantity: 4 " in text
    assert "99" not in text
    assert finished.computed


@pytest.mark.parametrize("reply", ["NO_PLAN_POSSIBLE", "{broken", '{"operation": "exec"}', '{"column": 40}'])
async def test_a_plan_that_is_none_is_no_error(reply: str) -> None:
    """The question is then answered from the passages, as any other."""
    _, finished, _ = await answered(desk(FakeModel([reply])), "What is the total quantity everywhere else?")
    assert not finished.computed
