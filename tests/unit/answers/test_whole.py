"""Whole files, and sources that contradict each other, as an asker is told of them."""

import pytest

from shared.answers.conversations import Conversations
from shared.answers.interfaces import Evidence
from shared.answers.service import CUT, AnswerService, Finished, Reading, Sources, Text
from shared.models import Passage, Scope
from tests.fakes.ingestion import FakeClock
from tests.fakes.search import ALICE, STOPPED, FakeConversations, FakeModel, FakeSearcher, passage

NOTES = [passage("notes", n, f"Point {n} was decided.", file_name="Notes.txt") for n in range(1, 4)]
LONG = [passage("notes", n, f"Point {n} was decided. " + "x" * 180_000) for n in range(1, 4)]
HANDBOOK = passage("handbook", 1, "Everyone has 25 days of annual leave a year.", file_name="Handbook.docx")
MEMO = passage("memo", 1, "Everyone has 28 days of annual leave a year.", file_name="Memo.docx")


class House:
    """Answers over some passages, or a file."""

    def __init__(self, pieces: list[str], passages: tuple[Passage, ...] = ()) -> None:
        self.model, self.store = FakeModel(pieces), FakeConversations()
        self.searcher = FakeSearcher(Evidence(passages, 0.9, ()))
        self.answers = AnswerService(self.searcher, self.model, self.store, FakeClock(), 0.5)
        self.conversations = Conversations(self.store, self.searcher, FakeClock())

    async def ask(self, question: str, file_id: str = "") -> tuple[str, tuple[Passage, ...], Finished]:
        """The text, the sources and the last event."""
        events = [event async for event in self.answers.ask(ALICE, question, Scope(file_id=file_id))]
        text = "".join(event.text for event in events if isinstance(event, Text))
        sources = next((event.passages for event in events if isinstance(event, Sources)), ())
        assert isinstance(events[-1], Finished)
        return text, sources, events[-1]


@pytest.mark.parametrize(
    "question",
    [
        "Summarise this file",
        "List all decisions",
        "What are all the points in this document?",
        "What is \u201cNotes\u201d about?",
        "Worum geht es in \u201eNotes\u201c?",
        "Nenne alle Punkte",
        "Quel est le r\u00e9sum\u00e9 de \u00ab\u202fNotes\u202f\u00bb\u00a0?",
    ],
)
async def test_a_question_about_a_whole_file_reads_all_of_it_in_order(question: str) -> None:
    """Each statement cites the part that it comes from; the answer says how much was read."""
    house = House(["Point 1 was decided [1]. ", "Point 3 was decided [3]."])
    house.searcher.files["notes"] = NOTES
    text, sources, finished = await house.ask(question, "notes")
    assert list(sources) == NOTES
    assert text == "Point 1 was decided [1]. Point 3 was decided [3]."
    assert finished.whole == Reading(3, 3)
    assert not house.searcher.questions


async def test_a_particular_question_about_a_file_is_searched_for() -> None:
    """Reading all of it would cost more and answer no better."""
    house = House(["Point 2 was decided [1]."], (NOTES[1],))
    house.searcher.files["notes"] = NOTES
    _, _, finished = await house.ask("Was point 2 decided?", "notes")
    assert finished.whole is None
    assert house.searcher.questions == ["Was point 2 decided?"]


async def test_a_file_that_is_too_long_is_said_to_be_cut() -> None:
    """In the answer, in the last event, and in the conversation."""
    house = House(["Point 1 was decided [1]."])
    house.searcher.files["notes"] = LONG
    text, sources, finished = await house.ask("Summarise this file", "notes")
    assert len(sources) == 2
    assert finished.whole == Reading(2, 3)
    assert text == "Point 1 was decided [1].\n\n" + CUT.format(read=2, of=3)
    ((_, message),) = house.store.messages
    assert message.answer == text


async def test_sources_that_contradict_each_other_are_told() -> None:
    """Also where the model cites only one; the conversation keeps it, for who may read both."""
    house = House(["Everyone has 25 days of annual leave a year [1]."], (HANDBOOK, MEMO))
    _, _, finished = await house.ask("How many days of annual leave does everyone have?")
    (found,) = finished.conflicts
    assert (found.first, found.first_says) == (1, "Everyone has 25 days of annual leave a year.")
    assert (found.second, found.second_says) == (2, "Everyone has 28 days of annual leave a year.")
    (name,) = house.store.owners
    _, (shown,) = await house.conversations.open(ALICE, name)
    assert [(one["first"], one["second"]) for one in shown.message.conflicts] == [(1, 2)]
    house.searcher.unreadable.add("memo")
    _, (shown,) = await house.conversations.open(ALICE, name)
    assert (shown.withheld, list(shown.message.conflicts)) == (False, [])


async def test_a_contradiction_between_sources_that_nothing_is_taken_from_is_not_told() -> None:
    """It is about something else than what was answered."""
    third = passage("rules", 1, "Annual leave of everyone is asked for in writing, days ahead.")
    house = House(["Annual leave of everyone is asked for in writing [3]."], (HANDBOOK, MEMO, third))
    _, _, finished = await house.ask("How many days of annual leave does everyone have?")
    assert finished.conflicts == ()


OLD = passage(
    "old",
    1,
    "A hotel in Lisbon may cost 120 EUR.",
    file_name="Rules 2023.txt",
    superseded_by="Rules 2025.txt",
)
NEW = passage("new", 1, "A hotel in Lisbon may cost 140 EUR.", file_name="Rules 2025.txt")


async def test_an_older_version_is_named_and_not_answered_from() -> None:
    """It is among the sources as superseded; the model sees the newer one, and quotes are taken from that."""
    house = House(["A hotel in Lisbon may cost 140 EUR [2]."], (OLD, NEW))
    text, sources, _ = await house.ask("What may a hotel in Lisbon cost?")
    assert text == "A hotel in Lisbon may cost 140 EUR [2]."
    assert [one.superseded_by for one in sources] == ["Rules 2025.txt", ""]
    (prompt,) = house.model.prompts
    assert "140 EUR" in prompt.user
    assert "120 EUR" not in prompt.user
    house.model.failure = STOPPED
    text, _, finished = await house.ask("What may a hotel in Lisbon cost?")
    assert finished.degraded
    assert "120" not in text


@pytest.mark.parametrize(
    "question",
    ["By how much did the hotel limit for Lisbon rise?", "Was wurde in Lissabon geändert?"],
)
async def test_what_became_of_something_is_answered_from_both_versions(question: str) -> None:
    """The model sees the older one too, marked as superseded."""
    house = House(["A hotel in Lisbon may cost 140 EUR [2]."], (OLD, NEW))
    await house.ask(question)
    (prompt,) = house.model.prompts
    assert "140 EUR" in prompt.user
    assert "120 EUR" in prompt.user


async def test_an_older_version_alone_is_answered_from() -> None:
    """Where the newer one was not found."""
    house = House(["A hotel in Lisbon may cost 120 EUR [1]."], (OLD,))
    text, _, _ = await house.ask("What may a hotel in Lisbon cost?")
    assert text == "A hotel in Lisbon may cost 120 EUR [1]."
