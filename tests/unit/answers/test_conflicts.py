"""Sources that contradict each other."""

import pytest

from shared.answers.conflicts import conflicts
from shared.models import Passage
from tests.fakes.search import passage

QUESTION = "How many days of annual leave does everyone have?"
HANDBOOK = passage(
    "handbook", 1, "Welcome. Everyone has 25 days of annual leave a year.", file_name="Handbook.docx"
)


def other(text: str, **values: object) -> Passage:
    """A passage of another file."""
    return passage("memo", 1, text, **{"file_name": "Memo.docx", **values})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("From May everyone has 28 days of annual leave a year.", True),
        ("Everyone has 28 days of annual leave a year.", True),
        ("Everyone has 25 days of annual leave a year.", False),
        ("Everyone has twenty-five days of annual leave a year.", False),
        ("Everyone has 28 weeks of annual leave a year.", False),
        ("Everyone does not have 28 days of annual leave a year.", False),
        ("Everyone in Porto has 28 days of annual leave a year.", False),
        ("Everyone has 28 days of sick pay at full salary, as the works council agreed.", False),
        ("The kettle BKW-110 has 28 days of annual leave a year.", False),
        ("The canteen is open on 28 days.", False),
    ],
)
def test_the_same_with_another_number_is_a_contradiction(text: str, found: bool) -> None:
    """Not another thing, another unit, another name, the same number in words."""
    assert bool(conflicts(QUESTION, [HANDBOOK, other(text)])) is found


def test_it_says_who_says_what() -> None:
    """By the sources' numbers, with the sentences alone."""
    (found,) = conflicts(
        QUESTION,
        [other("Nothing."), HANDBOOK, passage("memo", 2, "Everyone has 28 days of annual leave a year.")],
    )
    assert (found.first, found.second) == (2, 3)
    assert found.first_says == "Everyone has 25 days of annual leave a year."
    assert found.second_says == "Everyone has 28 days of annual leave a year."


def test_another_date_is_a_contradiction() -> None:
    """Where everything else is the same."""
    first = passage("a", 1, "The launch of the Merrow Pro is on 2 June 2025.")
    second = passage("b", 1, "The launch of the Merrow Pro is on 15 September 2025.")
    assert conflicts("When is the launch of the Merrow Pro?", [first, second])
    assert not conflicts("When is the launch of the Merrow Pro?", [first, first])


def test_one_file_does_not_contradict_itself_nor_what_replaced_it() -> None:
    """Two rows of one table are two things; an older version is superseded."""
    text = "Everyone has 28 days of annual leave a year."
    assert not conflicts(QUESTION, [HANDBOOK, passage("handbook", 2, text)])
    assert not conflicts(QUESTION, [HANDBOOK, other(text, superseded_by="Handbook.docx")])
