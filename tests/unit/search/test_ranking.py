"""The order of candidates, and what is made of them."""

from dataclasses import replace

from shared.models import Locator
from shared.search.evidence import strength
from shared.search.interfaces import TermStatistics
from shared.search.lexicon import counted, dimension, rarity
from shared.search.passages import JOINED_LENGTH, Limits, selected
from shared.search.ranking import asked, coverage, ranked, reordered
from shared.search.versions import newest_first
from tests.fakes.search import FakeReranker, passage

LIMITS = Limits(100, 8, 6)


def order(question: str, *passages: tuple[object, float]) -> list[str]:
    """The chunk ids, best first, with statistics of these passages."""
    texts = [f"{one.context}\n{one.text}" for one, _ in passages]  # type: ignore[attr-defined]
    found = ranked(asked(question, counted(texts)), passages)  # type: ignore[arg-type]
    return [one.passage.chunk_id for one in found]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    """BM25's inverse document frequency, from the statistics."""
    statistics = TermStatistics(100, {dimension("kettl"): 1, dimension("water"): 90})
    assert rarity("kettl", statistics) > 10 * rarity("water", statistics) > 0


def test_the_words_of_the_question_decide_between_equally_near_passages() -> None:
    """The one row that has the code asked for comes first, though another is a little nearer."""
    right = passage("a", 1, "SO-51101 was shipped on 3 May")
    wrong = passage("b", 1, "SO-51102 was shipped on 4 May")
    assert order("When was SO-51101 shipped?", (wrong, 0.62), (right, 0.6)) == ["a.1", "b.1"]


def test_headings_and_file_name_count() -> None:
    """What a passage is about may stand above it only."""
    right = passage("a", 1, "25 days a year.", context="Handbook > Annual leave")
    wrong = passage("b", 1, "25 days a year.", context="Handbook > Notice periods")
    assert order("How much annual leave?", (wrong, 0.5), (right, 0.5)) == ["a.1", "b.1"]


def test_a_file_that_the_best_passage_names_is_lifted() -> None:
    """A question over two documents has words of the first; the first names the second."""
    first = passage("film", 1, "The Lost Kettle was directed by Ada Brandt.", context="The Lost Kettle")
    second = passage("person", 1, "She was born in Porto.", context="Ada Brandt (director)")
    others = [
        passage(f"x{number}", 1, "He was born in Lima.", context=f"Somebody {number}") for number in range(5)
    ]
    found = order(
        "Where was the director of The Lost Kettle born?",
        (first, 0.7),
        *((one, 0.4) for one in others),
        (second, 0.3),
    )
    assert found[:2] == ["film.1", "person.1"]


async def test_a_reranker_decides_when_it_answers_and_only_then() -> None:
    """Its order is taken; without an answer the order stays."""
    candidates = ranked(
        asked("kettle", TermStatistics()), [(passage("a", 1, "kettle"), 0.9), (passage("b", 1, "x"), 0.1)]
    )
    moved = await reordered(FakeReranker("x"), "kettle", candidates)
    assert [one.passage.chunk_id for one in moved] == ["b.1", "a.1"]
    assert await reordered(FakeReranker(), "kettle", candidates) == candidates


def test_coverage_is_the_share_of_weight() -> None:
    """0 to 1; nothing asked for is covered."""
    assert coverage({"a": 3.0, "b": 1.0}, frozenset({"a"})) == 0.75
    assert coverage({}, frozenset()) == 1.0


def chosen(*passages: object, limits: Limits = LIMITS) -> list[object]:
    """What is selected of passages that were ranked in this order."""
    pairs = [(one, 0.9 - number / 100) for number, one in enumerate(passages)]
    return list(selected(ranked(asked("zzz", TermStatistics()), pairs), limits))  # type: ignore[arg-type]


def test_neighbours_become_one_passage_in_reading_order() -> None:
    """Cited by the chunk that was found first, placed over both."""
    second = passage("a", 2, "Row three.", locator=Locator(sheet="S", range="A3:B4"))
    first = passage("a", 1, "Row one.", locator=Locator(sheet="S", range="A1:C2"))
    (joined,) = chosen(second, first)
    assert (joined.text, joined.chunk_id) == ("Row one.\nRow three.", "a.2")  # type: ignore[attr-defined]
    assert joined.locator == Locator(sheet="S", range="A1:C4")  # type: ignore[attr-defined]


def test_neighbours_under_another_heading_or_page_stay_apart() -> None:
    """Otherwise the place of the passage would be wrong for half of it."""
    one = passage("a", 1, "One.", context="A > B")
    other = passage("a", 2, "Two.", context="A > C")
    assert len(chosen(one, other)) == 2
    assert (
        len(
            chosen(
                passage("a", 1, "One.", locator=Locator(page=1)),
                passage("a", 2, "Two.", locator=Locator(page=2)),
            )
        )
        == 2
    )


def test_a_joined_passage_has_a_limit() -> None:
    """Chunks that would make it longer become passages of their own."""
    passages = [passage("a", number, f"{number} {'word ' * 120}") for number in range(6)]
    found = chosen(*passages)
    assert len(found) >= 3
    assert all(len(one.text) <= JOINED_LENGTH + 5 for one in found)  # type: ignore[attr-defined]


def test_no_file_takes_all_places() -> None:
    """At most so many passages of one file."""
    passages = [passage("a", 10 * number, f"Text number {number}.") for number in range(5)]
    found = chosen(*passages, passage("b", 1, "Other."), limits=Limits(100, 4, 2))
    assert [one.file_id for one in found] == ["a", "a", "b"]  # type: ignore[attr-defined]


def test_copies_are_shown_once_unless_a_number_differs() -> None:
    """The same text in two files is one passage; a copy with another amount is not a copy."""
    text = "The deposit is 500 EUR for each kettle that is hired out over a weekend."
    copy = passage("b", 1, text)
    changed = passage("c", 1, text.replace("500", "700"))
    assert [one.file_id for one in chosen(passage("a", 1, text), copy, changed)] == ["a", "c"]  # type: ignore[attr-defined]


OLD, NEW = "Hotels are paid up to 120 EUR a night.", "Hotels are paid up to 140 EUR a night."


def versions(question: str, old: str, new: str, dates: tuple[str, str] = ("", "")) -> list[tuple[str, str]]:
    """File names in their final order, with what each is superseded by; the old one was found first."""
    passages = [
        replace(passage("old", 1, OLD), file_name=old, modified=dates[0]),
        replace(passage("new", 1, NEW), file_name=new, modified=dates[1]),
    ]
    found = newest_first(asked(question, TermStatistics()), passages)
    return [(one.file_name, one.superseded_by) for one in found]


def test_a_newer_version_comes_first_and_the_older_one_says_so() -> None:
    """By version, by year, by a mark of being outdated, or by the date of the last change."""
    question = "How much is paid for a hotel?"
    for old, new in (
        ("Travel Policy v3.docx", "Travel Policy v4.pdf"),
        ("Travel Policy 2022.docx", "Travel Policy 2024.docx"),
        ("Travel Policy v3 (2022, superseded).docx", "Travel and Expenses Policy v4.pdf"),
    ):
        assert versions(question, old, new) == [(new, ""), (old, new)]
    dated = versions(question, "Policy (copy).docx", "Policy.docx", ("2024-01-01", "2025-01-01"))
    assert dated == [("Policy.docx", ""), ("Policy (copy).docx", "Policy.docx")]


def test_who_names_the_older_version_gets_it() -> None:
    """And so does whoever asks about files of other names."""
    found = versions("How much was paid for a hotel in 2022?", "Policy 2022.docx", "Policy 2024.docx")
    assert [name for name, _ in found] == ["Policy 2022.docx", "Policy 2024.docx"]
    apart = versions("How much for a hotel?", "Travel 2022.docx", "Catering 2024.docx")
    assert apart == [("Travel 2022.docx", ""), ("Catering 2024.docx", "")]


def test_words_that_stand_together_are_stronger_evidence_than_the_same_words_apart() -> None:
    """A passage that holds the question's words far from each other answers it by chance."""
    filler = "This sentence is about something else. " * 6
    together = passage("a", 1, f"The kettle holds two litres. {filler}")
    apart = passage(
        "a", 1, f"The kettle is red. {filler} A tank in the yard holds rain. {filler} Milk comes in litres."
    )
    question = asked("How many litres does the kettle hold?", TermStatistics())
    near, far = (strength(question, ranked(question, [(one, 0.6)])) for one in (together, apart))
    assert near > 1.3 * far
    assert strength(question, []) == 0.0
