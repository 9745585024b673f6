"""Evidence: whether what is asked stands in the documents that the question names."""

import pytest

from shared.models import Passage
from shared.search.evidence import strength
from shared.search.lexicon import counted
from shared.search.naming import documents_named
from shared.search.ranking import asked, ranked
from shared.settings import SearchSettings
from tests.fakes.search import passage

THRESHOLD = SearchSettings().evidence_threshold
ALDER = passage(
    "alder",
    1,
    "In March 2021 Alder Mills Ltd. paid a dividend of 2 million euros.",
    context="041 > Alder Mills Ltd.",
)
BIRCH = passage(
    "birch",
    1,
    "Birch Foods is listed on the stock exchange of Lisbon. Its debt ratio was 40 %.",
    context="042 > Birch Foods",
)
OTHERS = [
    passage(f"other{number}", 1, f"Company {number} has a ratio and pays wages.", context=f"{number}_other")
    for number in range(6)
]


def evidence(question: str, *passages: Passage) -> float:
    """For passages that are all as near as can be."""
    statistics = counted(f"{one.context}\n{one.text}" for one in passages)
    weighed = asked(question, statistics)
    return strength(weighed, ranked(weighed, [(one, 0.6) for one in passages]))


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("What dividend did Alder Mills Ltd. pay?", "What is the debt ratio of Alder Mills Ltd.?"),
        (
            "On which stock exchange is Birch Foods listed?",
            "On which stock exchange is Alder Mills Ltd. listed?",
        ),
    ],
)
def test_what_another_document_says_is_no_evidence(question: str, other: str) -> None:
    """The report that is named must hold what is asked; its name alone, on every page of it, says nothing."""
    assert evidence(question, ALDER, BIRCH, *OTHERS) > 0.8
    assert evidence(other, ALDER, BIRCH, *OTHERS) < THRESHOLD


def test_of_two_documents_compared_both_must_say_it() -> None:
    """The weaker of the two decides, and a year of one is not looked for in the other."""
    both = passage("oak", 1, "Oak Works had a debt ratio of 30 % in 2019.", context="043 > Oak Works")
    passages = (ALDER, BIRCH, both, *OTHERS)
    found = evidence(
        "Compare the debt ratio of Birch Foods in 2018 with that of Oak Works in 2019.", *passages
    )
    missed = evidence(
        "Compare the debt ratio of Birch Foods in 2018 with Alder Mills Ltd. in 2021.", *passages
    )
    assert found > 0.9
    assert missed < THRESHOLD


def test_words_that_say_what_to_do_are_not_looked_for() -> None:
    """Words such as "describe" and "according to" are in no document, and need not be."""
    plain = evidence("What dividend did Alder Mills Ltd. pay in March 2021?", ALDER, *OTHERS)
    wordy = evidence(
        "According to the message, describe what dividend Alder Mills Ltd. paid in March 2021.",
        ALDER,
        *OTHERS,
    )
    assert wordy == pytest.approx(plain, abs=0.05)


def test_a_common_word_that_is_also_a_title_names_nothing() -> None:
    """A name has a capital letter or a digit within the question, and most of a title's words."""
    sales = passage("sales", 1, "Sales by region.", context="Sales")
    statistics = counted([sales.text])
    assert not documents_named(asked("Which sales region shrank?", statistics), [sales])
    assert not documents_named(asked("Who works for Alder?", statistics), [ALDER])
    found = documents_named(asked("Who works for Alder Mills?", statistics), [ALDER, BIRCH])
    assert list(found.values()) == [frozenset(("alder",))]
