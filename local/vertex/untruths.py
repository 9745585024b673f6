"""Ways to change a true sentence, one fact at a time, for the model that lies on purpose."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<![\w.,/:-])\d[\d.,]*(?<![.,])(?![\w/:-])")
_ENGLISH = "January February March April May June July August September October November December"
_GERMAN = "Januar Februar M\u00e4rz April Mai Juni Juli August September Oktober November Dezember"
_MONTHS = (_ENGLISH.split(" "), _GERMAN.split(" "))
_DATE = re.compile(
    r"\b(?:" + "|".join(sorted({name for names in _MONTHS for name in names}, key=len, reverse=True)) + r")\b"
    r"(?=\s+\d)|(?<=\d )(?:"
    + "|".join(name for names in _MONTHS for name in names)
    + r")\b|\b\d{4}-\d{2}-\d{2}\b"
)
_UNITS = {
    "days": "weeks",
    "day": "week",
    "weeks": "months",
    "months": "weeks",
    "years": "months",
    "hours": "minutes",
    "minutes": "seconds",
    "seconds": "hours",
    "percent": "basis points",
    "%": " kg",
    "km": "miles",
    "kilometre": "mile",
    "litres": "gallons",
    "ml": "cl",
    "million": "billion",
    "billion": "million",
    "EUR": "USD",
    "\u20ac": "\u00a3",
    "$": "\u20ac",
    "Tage": "Wochen",
    "Stunden": "Minuten",
    "Liter": "Gallonen",
}
_UNIT = re.compile(
    r"(?<=\d )(?:"
    + "|".join(re.escape(unit) for unit in _UNITS if unit.isalpha())
    + r")\b|(?<=\d)%|[$\u20ac](?=\d)"
)
_NAME = re.compile(r"(?<=[a-z,:;] )[A-Z][a-z]{2,}\b")
_OTHERS = ("Halvorsen", "Ostrava", "Tamworth", "Quillfeather", "Bergamo", "Nakuru")
_NEGATED = re.compile(r"\b(?:not|never) |\bcannot\b|\bnicht |\bno (?=[a-z])|\bkeine? ")
_VERB = re.compile(r"\b(is|are|was|were|may|must|can|will|should|has been|have been|ist|sind|war|darf)\b ")
_NOWHERE = (
    "A second review by the board is expected before the end of the season.",
    "The original proposal came from a team in Ostrava.",
    "This has been criticised by several regional partners.",
    "An exception was granted once, to the night shift.",
    "Further funding has been promised by an anonymous donor.",
)


@dataclass(frozen=True)
class Told:
    """A sentence as it was told, what is true instead ("" for one from nowhere), and the kind of change."""

    said: str
    truth: str
    kind: str
    source: str


def number(sentence: str, chance: random.Random) -> str:
    """Another number."""
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return ""
    one = chance.choice(found)
    digits = [at for at in range(one.start(), one.end()) if sentence[at].isdecimal()]
    at = chance.choice(digits)
    other = chance.choice([digit for digit in "123456789" if digit != sentence[at]])
    return sentence[:at] + other + sentence[at + 1 :]


def date(sentence: str, chance: random.Random) -> str:
    """Another month."""
    found = list(_DATE.finditer(sentence))
    if not found:
        return ""
    one = chance.choice(found)
    if one.group()[0].isdecimal():
        month = int(one.group()[5:7]) % 12 + 1
        return f"{sentence[: one.start() + 5]}{month:02}{sentence[one.start() + 7 :]}"
    names = next(names for names in _MONTHS if one.group() in names)
    other = chance.choice([name for name in names if name != one.group()])
    return sentence[: one.start()] + other + sentence[one.end() :]


def name(sentence: str, chance: random.Random) -> str:
    """Another name."""
    found = [one for one in _NAME.finditer(sentence) if not _DATE.match(sentence, one.start())]
    if not found:
        return ""
    one = chance.choice(found)
    return sentence[: one.start()] + chance.choice(_OTHERS) + sentence[one.end() :]


def unit(sentence: str, chance: random.Random) -> str:
    """Another unit."""
    found = list(_UNIT.finditer(sentence))
    if not found:
        return ""
    one = chance.choice(found)
    return sentence[: one.start()] + _UNITS[one.group()] + sentence[one.end() :]


def negation(sentence: str, chance: random.Random) -> str:
    """The opposite: a "not" more or less."""
    found = list(_NEGATED.finditer(sentence))
    if found:
        one = chance.choice(found)
        return sentence[: one.start()] + ("can" if one.group() == "cannot" else "") + sentence[one.end() :]
    verbs = list(_VERB.finditer(sentence))
    if not verbs:
        return ""
    one = verbs[0]
    word = "nicht " if one[1] in ("ist", "sind", "war", "darf") else "not "
    return sentence[: one.end()] + word + sentence[one.end() :]


def nowhere(_sentence: str, chance: random.Random) -> str:
    """A sentence that no source has."""
    return chance.choice(_NOWHERE)


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "number": number,
    "name": name,
    "date": date,
    "negation": negation,
    "unit": unit,
    "nowhere": nowhere,
}


def told(sentence: str, source: str, chance: random.Random) -> list[Told]:
    """The sentence true or changed, one as likely as the other; one from nowhere follows the true one."""
    if chance.random() < 0.5:  # noqa: PLR2004 - half of them
        return [Told(sentence, sentence, "", source)]
    # what few sentences can be changed in is tried first, or it would hardly ever be seen
    rare = [kind for kind in ("unit", "date") if chance.random() < 0.5]  # noqa: PLR2004 - as above
    usual = ["number", "name", "negation", "nowhere"]
    chance.shuffle(usual)
    for kind in (*rare, *usual):
        changed = KINDS[kind](sentence, chance)
        if changed and changed != sentence:
            if kind == "nowhere":
                return [Told(sentence, sentence, "", source), Told(changed, "", kind, source)]
            return [Told(changed, sentence, kind, source)]
    return [Told(sentence, sentence, "", source)]
