"""Whether a sentence says what its sources say.

A sentence is compared with stretches of one to three neighbouring sentences or rows of each source that it
cites, together with the headings and the header row above them. In one of the stretches its numbers must
occur with their units, its dates, codes and names must occur, its negations must agree, and enough of its
other words must be there. A sentence that joins two statements is also compared part by part.

Entailment by embeddings was tried against and left out: a changed number, name or "not" hardly moves a
vector, and each sentence would cost a call (docs/decisions). Where Google's check-grounding API is enabled,
its judgement is asked for besides (interfaces.GroundingChecker); both must agree.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.answers.facts import Day, Facts, Number, facts
from shared.answers.instructions import asks_for_text
from shared.answers.language import LEAD_INS, akin, content, kin, language
from shared.answers.sentences import bare, cited
from shared.answers.units import ROW, Units, plainly, units_of
from shared.models import Passage

ENOUGH = 0.5
"""Share of a sentence's words of meaning that a stretch must hold."""
_VERBATIM = 0.75
_STATED = 0.9
_FACTS = ("number", "date", "unit", "code")
_TITLED = 0.6
"""Share of a question's words from which on a heading asks the same."""
_VALUE = re.compile(
    r"\b(?:when|(?:which|what) (?:date|day|month|year|price|amount)|cost|quanto|"
    r"how (?:many|much|long|often|far|big|high|old)|wann|wie (?:viele?|lange|oft|hoch)|quand|combien|"
    r"cu\u00e1nd?t?[oa]s?)\b",
    re.IGNORECASE,
)
"""A question for a number or a date."""
_PARTICULAR = 2
"""Words, numbers and codes from which on a question asks for something in particular."""
_CENTRES = 5
_PARTS = re.compile(r"(?:;|,?\s+(?:and|but|while|whereas|und|aber|et|mais|y|pero)\s+|,\s+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sources` are the numbers that support the sentence; none means it is not supported, and why."""

    sources: tuple[int, ...]
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether any source supports it, or there is nothing in it that needs one."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbouring sentences of a source, with what stands above them."""

    own: Facts
    above: Facts
    text: str


@dataclass
class SupportCheck:
    """Checks the sentences of one answer. `passages` are the sources, in the order of their numbers."""

    question: str
    passages: Sequence[Passage]
    _asked: Facts = field(init=False)
    _said: set[tuple[int, int]] = field(default_factory=set)
    """The paragraphs of sources, by number and place, of which something was said so far."""

    def __post_init__(self) -> None:
        self._asked = facts(self.question)

    def verdict(self, sentence: str) -> Verdict:
        """Compare a sentence with the sources it cites, or with all when it cites none.

        A citation whose source does not support the sentence is not among the result's, unless the
        sentence needs several together.
        """
        text = bare(sentence)
        claim = facts(text)
        numbers = [n for n in cited(sentence) if 1 <= n <= len(self.passages)]
        if not numbers and self._says_nothing(text, claim):
            return Verdict(())
        if text.endswith("?"):
            return Verdict((), "asks")
        if asks_for_text(text) and not asks_for_text(self.question):
            return Verdict((), "order")
        reasons: list[str] = []
        found: list[int] = []
        for number in numbers or range(1, len(self.passages) + 1):
            reason = self._against(text, claim, (number,))
            if reason:
                reasons.append(reason)
            else:
                found.append(number)
                if not numbers:
                    break
        if not found and len(numbers) > 1 and not self._against(text, claim, numbers):
            found = numbers
        if not found:
            return Verdict((), reasons[0] if reasons else "no source")
        return Verdict(tuple(found)) if self._answers(text, claim, found) else Verdict((), "question")

    def _answers(self, text: str, claim: Facts, numbers: Sequence[int]) -> bool:
        """Whether a true sentence is about what was asked: text in a document may be true and planted.

        It is when it, or the sentence or row that it comes from, shares a word, number or code with the
        question, stands in a paragraph of which something was said before, or under a heading that asks the
        same; then, where a number or a date is asked for, it has one. A short question asks for nothing in
        particular, and between languages words cannot be compared.
        """
        asked = self._asked
        if len(asked.terms) + len(asked.codes) + len(asked.numbers) < _PARTICULAR:
            return True
        related = False
        for number in numbers:
            source = units_of(self.passages[number - 1])
            scores = [_overlap(claim, facts(unit)) for unit in source.texts]
            at = max(range(len(scores)), key=lambda place: scores[place])
            unit = source.texts[at]
            row = f"\n{source.above}" if ROW.search(unit) else ""
            about = facts(f"{text}\n{unit}{row}")
            valued = bool(claim.numbers or claim.dates) or not _VALUE.search(self.question)
            if valued and _asks_the_same(" ".join(self.passages[number - 1].locator.heading[-1:]), asked):
                related = True
            spoken = language(self.passages[number - 1].text)
            foreign = spoken and spoken == language(unit) != language(self.question)
            beside = (number, source.lines[at]) in self._said
            if foreign or beside or _overlap(asked, about) > 0:
                self._said.add((number, source.lines[at]))
                related = True
        return related

    def _says_nothing(self, text: str, claim: Facts) -> bool:
        """A heading or an opening such as "According to the documents:"."""
        if not text:
            return True
        if claim.checkable:
            return False
        return all(
            any(akin(term, known) for known in (*self._asked.terms, *LEAD_INS)) for term in claim.terms
        )

    def _against(self, text: str, claim: Facts, numbers: Sequence[int]) -> str:
        """Why these sources together do not say it; "" when they do."""
        sources = [units_of(self.passages[number - 1]) for number in numbers]
        if any(plainly(text) in source.plainly for source in sources):
            return ""
        reason = _whole(claim, text, sources)
        if not reason:
            return ""
        if any(ROW.search(one.text) for one in _stretches(claim, sources[0])[:1]):
            return reason  # the cells of a row belong together
        parts = [part for part in _PARTS.split(text) if part and content(part)]
        if len(parts) > 1 and all(len(facts(part).terms) + len(facts(part).numbers) > 1 for part in parts):
            kept = [_whole(facts(part), part, sources) for part in parts]
            if not any(kept):
                return ""
        return reason


def _asks_the_same(heading: str, asked: Facts) -> bool:
    """Whether a heading has most of the question's words, or is a question all of whose words it has."""
    words, theirs = frozenset(asked.terms), frozenset(content(heading))
    titled = sum(any(akin(one, other) for other in theirs) for one in words)
    if titled >= _TITLED * len(words) > 0:
        return True
    repeated = all(any(akin(one, other) for other in words) for one in theirs)
    return bool(theirs) and heading.rstrip().endswith("?") and repeated


def _whole(claim: Facts, text: str, sources: Sequence[Units]) -> str:
    """Why no stretch of the sources holds the claim; the reason of the best stretch."""
    stretches = [_stretches(claim, source) for source in sources]
    if len(sources) > 1:
        joined = [options[0] for options in stretches if options]
        together = "\n".join(one.text for one in joined)
        above = facts("\n".join(source.above for source in sources))
        stretches = [[_Stretch(facts(together), above, together)]]
    options = [stretch for each in stretches for stretch in each]
    alone = [stretch for stretch in options if "\n" not in stretch.text]
    for stretch in alone:
        if not _missing(claim, text, stretch):
            return ""
    for stretch in alone:
        reason = _missing(claim, text, stretch)
        if reason in _FACTS and _same_statement(claim, stretch):
            return reason
    wider = [stretch for stretch in options if "\n" in stretch.text]
    reasons = [_missing(claim, text, stretch) for stretch in (*wider, *alone)]
    return "" if "" in reasons else reasons[0] if reasons else "nothing alike"


def _same_statement(claim: Facts, stretch: _Stretch) -> bool:
    """Whether one sentence has nearly all words and all names of the claim: then it decides."""
    terms = frozenset(claim.terms)
    known = kin(stretch.own.terms)
    held = sum(term in known for term in terms)
    return bool(terms) and held >= _STATED * len(terms) and all(_named(one, stretch) for one in claim.names)


def _stretches(claim: Facts, source: Units) -> list[_Stretch]:
    """The most alike units, alone and with their neighbours, best first."""
    above = facts(source.above)
    scores = [_overlap(claim, facts(unit)) for unit in source.texts]
    order = sorted(range(len(scores)), key=lambda at: -scores[at])[:_CENTRES]
    found: list[_Stretch] = []
    for at in order:
        for low, high in ((at, at + 1), (max(0, at - 1), at + 1), (at, at + 2), (max(0, at - 1), at + 2)):
            text = "\n".join(source.texts[low:high])
            if not any(one.text == text for one in found) and scores[at] > 0:
                row = bool(ROW.search(source.texts[at]))
                if row and high - low > 1:
                    continue
                found.append(_Stretch(facts(text), above, text))
    return found


def _overlap(claim: Facts, unit: Facts) -> float:
    """How alike two texts are: shared words, and shared facts counting more."""
    known = kin(unit.terms)
    words = sum([term in known for term in set(claim.terms)])
    numbers = 0
    if claim.numbers and unit.numbers:
        values = frozenset(value for number in unit.numbers for value in number.values)
        numbers = sum(not number.values.isdisjoint(values) for number in claim.numbers)
    return (
        words
        + 1.5 * numbers
        + 2.0 * len(claim.codes & unit.codes)
        + 1.5 * len(set(claim.dates) & set(unit.dates))
    )


def _missing(claim: Facts, text: str, stretch: _Stretch) -> str:
    """What of the claim the stretch does not hold; "" when it holds all."""
    own, above = stretch.own, stretch.above
    for name, absent in (
        ("number", any(not _has_number(one, own, above) for one in claim.numbers)),
        ("date", any(not _has_date(one, own, above) for one in _readings(claim.dates, own, above))),
        (
            "code",
            any(code not in own.codes | above.codes and not _spelled(code, stretch) for code in claim.codes),
        ),
        ("name", any(not _named(name, stretch) for name in claim.names)),
        ("unit", any(unit not in _units_of(own) | _units_of(above) for unit in claim.units)),
        ("negation", not _agrees(claim, own, stretch)),
    ):
        if absent:
            return name
    return _worded(claim, text, stretch)


def _worded(claim: Facts, text: str, stretch: _Stretch) -> str:
    """Whether enough of the claim's words are there; between languages they cannot be compared."""
    foreign = language(text) and language(stretch.text) and language(text) != language(stretch.text)
    if foreign:
        return ""
    if any(not _named(name, stretch) and name not in LEAD_INS for name in claim.openers):
        return "name"
    terms = list(dict.fromkeys(claim.terms))
    if not terms:
        return ""
    own, above = kin(stretch.own.terms), kin(stretch.above.terms)
    held = sum(term in own or term in above for term in terms)
    return "words" if held < ENOUGH * len(terms) else ""


def _has_number(number: Number, own: Facts, above: Facts) -> bool:
    """Whether the number stands there, with its unit beside it, or in the heading and no other beside it."""
    around = _units_of(own) | _units_of(above)
    for other in (*own.numbers, *above.numbers):
        if number.values & other.values and (
            number.units <= other.units | _per(number, other) if other.units else number.units <= around
        ):
            return True
    return False


def _per(number: Number, other: Number) -> frozenset[str]:
    """Units that only count the same thing: what the other has as a scale may stand in the value."""
    return number.units & frozenset(("percent",)) if "percent" in other.units else frozenset()


def _units_of(text: Facts) -> frozenset[str]:
    return text.units | frozenset(unit for number in text.numbers for unit in number.units)


def _readings(dates: Sequence[Day], own: Facts, above: Facts) -> list[Day]:
    """Of the two readings of 4/7 the one that is there, if one is."""
    return [
        one
        for one in dates
        if not (
            one.day
            and Day(one.year, one.day, one.month) in dates
            and _has_date(Day(one.year, one.day, one.month), own, above)
        )
    ]


def _has_date(date: Day, own: Facts, above: Facts) -> bool:
    years = {value for text in (own, above) for number in text.numbers for value in number.values}
    years |= {float(other.year) for text in (own, above) for other in text.dates if other.year}
    return any(
        date.month == other.month
        and date.day in (None, other.day)
        and (date.year in (None, other.year) or (other.year is None and float(date.year) in years))
        for other in (*own.dates, *above.dates)
    )


def _named(name: str, stretch: _Stretch) -> bool:
    """Whether a name stands there; what is a common word there counts too."""
    return any(name in kin(part.terms) for part in (stretch.own, stretch.above)) or any(
        name == other for other in stretch.own.codes | stretch.above.codes
    )


def _spelled(code: str, stretch: _Stretch) -> bool:
    return code in re.sub(r"\s+", " ", stretch.text.casefold())


def _agrees(claim: Facts, own: Facts, stretch: _Stretch) -> bool:
    """Whether both negate the same things.

    What the claim negates must be negated there. What is negated there must be negated in the claim when
    the claim repeats most of that sentence: otherwise it may well speak of the other half.
    """
    for negated in claim.negated:
        alike = any(any(akin(a, b) for a in negated for b in other) for other in own.negated)
        if not alike and (negated or not own.negated):
            return False
    known = kin(claim.terms)
    for unit in stretch.text.split("\n"):
        source = facts(unit)
        if not source.negated or len(source.negated) <= len(claim.negated):
            continue
        theirs = frozenset(source.terms)
        repeated = sum(one in known for one in theirs)
        if theirs and repeated >= _VERBATIM * len(theirs):
            return False
    return True
