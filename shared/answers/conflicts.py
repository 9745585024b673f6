"""Two sources that say the same thing with another number or date, found without a model.

Looked for is narrow on purpose: sentences or rows of different files, both about what was asked, with nearly
the same words, the same codes and names, and everything checkable alike but one number, or one date. A file
that is known to be replaced by the other does not contradict it; it is superseded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from shared.answers.facts import Facts, Number, facts
from shared.answers.instructions import without_instructions
from shared.answers.language import kin
from shared.answers.markup import plain_text
from shared.answers.sentences import sentences
from shared.models import Passage

_ALIKE = 0.7
"""Share of the words of both that they have in common."""
_ABOUT = 0.5
"""Share of the question's words that a statement has, with the headings above it."""
_FEW = 4
"""Words below which all must be the same."""
_LONGEST = 300
_MOST = 3


@dataclass(frozen=True, slots=True)
class Conflict:
    """What two sources say, by their numbers in the answer."""

    first: int
    second: int
    first_says: str
    second_says: str


@dataclass(frozen=True, slots=True)
class _Statement:
    number: int
    text: str
    facts: Facts
    passage: Passage

    @property
    def plainly(self) -> str:
        """As it is shown."""
        return plain_text(self.text, (self.passage.text,))


def conflicts(question: str, passages: Sequence[Passage]) -> tuple[Conflict, ...]:
    """The contradictions among the passages about what was asked; at most a few."""
    asked = facts(question)
    said = [list(_statements(asked, number, one)) for number, one in enumerate(passages, 1)]
    found: list[Conflict] = []
    for one, other in combinations(range(len(passages)), 2):
        if passages[one].file_id == passages[other].file_id or _replaced(passages[one], passages[other]):
            continue
        pair = next(_contradicting(said[one], said[other]), None)
        if pair is not None:
            found.append(Conflict(pair[0].number, pair[1].number, pair[0].plainly, pair[1].plainly))
    return tuple(found[:_MOST])


def _replaced(one: Passage, other: Passage) -> bool:
    names = (one.superseded_by, other.file_name), (other.superseded_by, one.file_name)
    return any(newer and newer == name for newer, name in names)


def _statements(asked: Facts, number: int, passage: Passage) -> Iterator[_Statement]:
    """The sentences and rows of a passage that have something to check and are about what was asked."""
    above = kin(facts(f"{passage.context}\n{' '.join(passage.locator.heading)}").terms)
    terms = frozenset(asked.terms)
    below = [term for term in terms if term not in above]
    for text, held in _checkable(passage.text):
        if asked.codes:
            about = not asked.codes.isdisjoint(held.codes)
        else:
            own = kin(held.terms)
            had = len(terms) - len(below) + sum([term in own for term in below])
            about = had >= _ABOUT * len(terms) > 0
        if about:
            yield _Statement(number, text, held, passage)


@lru_cache(maxsize=2_048)
def _checkable(text: str) -> tuple[tuple[str, Facts], ...]:
    """The sentences and rows of a text that have a number or a date, with their facts."""
    found: list[tuple[str, Facts]] = []
    for line in without_instructions(text).split("\n"):
        for one in [line] if " | " in line else sentences(line):
            held = facts(one.strip())
            if len(one) <= _LONGEST and (held.numbers or held.dates):
                found.append((one.strip(), held))
    return tuple(found)


def _contradicting(
    ones: Sequence[_Statement], others: Sequence[_Statement]
) -> Iterator[tuple[_Statement, _Statement]]:
    return ((one, other) for one in ones for other in others if _contradict(one.facts, other.facts))


def _contradict(one: Facts, other: Facts) -> bool:
    """Whether two statements say the same with one number or date changed."""
    if one.codes != other.codes or one.names != other.names or len(one.negated) != len(other.negated):
        return False
    if not _same_words(one, other):
        return False
    numbers = _only(one.numbers, other.numbers), _only(other.numbers, one.numbers)
    dates = set(one.dates) - set(other.dates), set(other.dates) - set(one.dates)
    if not dates[0] and not dates[1]:
        return len(numbers[0]) == len(numbers[1]) == 1 and numbers[0][0].units == numbers[1][0].units
    return not numbers[0] and not numbers[1] and bool(dates[0]) and bool(dates[1])


def _only(one: Sequence[Number], other: Sequence[Number]) -> list[Number]:
    """The numbers of the first that the second has not."""
    return [number for number in one if not any(number.values & each.values for each in other)]


def _same_words(one: Facts, other: Facts) -> bool:
    first, second = frozenset(one.terms), frozenset(other.terms)
    shared = sum(term in kin(other.terms) for term in first)
    back = sum(term in kin(one.terms) for term in second)
    if min(len(first), len(second)) < _FEW:
        return bool(first) and shared == len(first) and back == len(second)
    return shared >= _ALIKE * len(first) and back >= _ALIKE * len(second)
