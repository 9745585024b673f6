"""What a question pins down, a date or a name, must be spoken of."""

import pytest

from shared.search.dates import Date, dates
from shared.search.evidence import strength
from shared.search.lexicon import counted
from shared.search.pinned import names
from shared.search.ranking import asked, ranked
from shared.settings import SearchSettings
from tests.fakes.search import passage

THRESHOLD = SearchSettings().evidence_threshold
REPORT = passage(
    "report",
    1,
    "Governance in 2020. In April 2020 Alder Mills revised its travel policy. It saved costs. It was kept. "
    "It was praised. In September 2020 Ines Duarte joined the board. The Lisbon office was closed.",
    context="041 > Alder Mills",
)


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("Which policy did Alder Mills revise in April 2020?", True),
        ("Which policy did Alder Mills revise in 2020?", True),
        ("Which travel policy did Alder Mills revise on 3 April 2020?", True),
        ("Which policy did Alder Mills revise in September 2020?", False),
        ("Which policy did Alder Mills revise in March 2020?", False),
        ("May Alder Mills have revised its travel policy?", True),
        ("When did Ines Duarte join the board?", True),
        ("When did Pedro Duarte join the board?", False),
        ("When did Ines Lisbon join the board?", False),
        ("DID INES LISBON JOIN THE BOARD?", True),
    ],
)
def test_a_date_and_a_name_must_be_spoken_of(question: str, *, answered: bool) -> None:
    """Beside the date something that is asked, in one sentence the whole name; else it is declined."""
    weighed = asked(question, counted([f"{REPORT.context}\n{REPORT.text}"]))
    assert (strength(weighed, ranked(weighed, [(REPORT, 0.6)])) >= THRESHOLD) is answered


def test_documents_that_never_name_a_month_are_not_judged_by_it() -> None:
    """How they write dates is not known then."""
    plain = passage("plain", 1, "The travel policy of Alder Mills was revised in the spring of 2020.")
    question = "Which travel policy did Alder Mills revise in April 2020?"
    weighed = asked(question, counted([plain.text]))
    assert strength(weighed, ranked(weighed, [(plain, 0.6)])) >= THRESHOLD


def test_names_are_words_with_capital_letters_that_stand_together() -> None:
    """Not the first word of a sentence, nor across a comma, nor one word alone."""
    question = "Did Li Hua's friend, Emily Star, ask? Who told Jake what the King's and the college cost?"
    assert [len(name) for name in names(question)] == [2, 2]  # Li Hua, Emily Star
    assert names("What Is The Refund Policy Of Alder Mills?") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chat 20260110_2100", [Date(1, 2026, 10)]),
        ("on 2026-04-28 at 5 PM", [Date(4, 2026, 28)]),
        ("am 3.7.2025 und am 4. Juli", [Date(7, 2025, 3), Date(7, None, 4)]),
        ("January 6th, 6 Jan. 2026, Jan", [Date(1, 2026, 6), Date(1, None, 6)]),
        ("in March 2021 and in D\u00e9cembre", [Date(3, 2021), Date(12)]),
        (
            "on 4/7/2025, in 03/2021, in 2021-11",
            [Date(7, 2025, 4), Date(4, 2025, 7), Date(3, 2021), Date(11, 2021)],
        ),
        ("you may march in 2019", []),
        ("order 20417 of 1.850 pieces, 1,990 EUR, AB-2024, version 1.13.2020", []),
    ],
)
def test_dates_are_read_however_they_are_written(text: str, expected: list[Date]) -> None:
    """Numbers, words, parts of a date; and no date where a number only looks like one."""
    assert sorted(dates(text.replace("_", " ")), key=str) == sorted(expected, key=str)
