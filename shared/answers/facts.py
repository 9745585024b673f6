"""What in a sentence can be checked word by word: numbers with units, dates, codes, names, negations."""

import re
from dataclasses import dataclass
from functools import lru_cache

from shared.answers.language import (
    ANY_FILLER,
    MONTHS,
    NEGATIONS,
    NUMBER_WORDS,
    SCALES,
    UNITS,
    WORD,
    content,
    plain,
    stem,
)

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATES = (
    re.compile(r"\b(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+|de\s+)?(?P<name>{_MONTH})\b\.?(?:,?\s+(?:de\s+)?(?P<y>\d{{4}}))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<name>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}}))?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<name>{_MONTH})\.?,?\s+(?:de\s+)?(?P<y>\d{{4}})\b", re.IGNORECASE),
)
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[^\W_]+(?:[-.,:/'\u2019@&+][^\W_]+)*|[%€$£¥]|°[CFcf]")
_NUMBER = re.compile(r"[-+]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d[\d.,'\u2019]*")
_JOINED = re.compile(r"(\d[\d.,]*)([^\W\d_]{1,3})")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_MARKER = re.compile(r"^\s*(?:[-*\u2022\u2013]|\(?\d{1,2}[.)])\s+(?![\s|])")
"""What numbers an item of a list; before a bar it is a cell, and its number a fact."""
_NUMERO = ("_", ".", ":", "#")
_SCOPE = 3
_LOOKED_AHEAD = 4
_JOINERS = frozenset(("per", "a", "an", "pro", "par", "por", "und", "and"))


@dataclass(frozen=True, slots=True)
class Number:
    """A number by all values that its spelling may mean (1.234), with the units beside it."""

    values: frozenset[float]
    units: frozenset[str]
    before: str = ""
    """The stem of the word before it."""


@dataclass(frozen=True, slots=True)
class Day:
    """A date, as far as it was written; both readings of 4/7 are kept as two dates."""

    year: int | None
    month: int
    day: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be checked of a text."""

    numbers: tuple[Number, ...]
    dates: tuple[Day, ...]
    codes: frozenset[str]
    names: frozenset[str]
    openers: frozenset[str]
    """Capitalised words at the beginning of a sentence: names, perhaps."""
    units: frozenset[str]
    terms: tuple[str, ...]
    negated: tuple[frozenset[str], ...]
    """For each negation the stems that it stands with."""

    @property
    def checkable(self) -> bool:
        """Whether there is anything that must stand in a source."""
        return bool(self.numbers or self.dates or self.codes or self.names)


@lru_cache(maxsize=8_192)
def facts(text: str) -> Facts:
    """The facts of a text."""
    text = _MARKER.sub("", text)
    dates, rest = _dates(text)
    numbers, codes, units = _numbers(rest)
    names, openers = _names(rest)
    return Facts(
        tuple(numbers),
        tuple(dates),
        frozenset(codes),
        frozenset(names),
        frozenset(openers),
        frozenset(units),
        tuple(content(rest)),
        tuple(_negated(text)),
    )


def values_of(written: str) -> frozenset[float]:
    """Every number that digits with points and commas may mean: "1,234.5", "1.234,5", "12 500", "0,38"."""
    digits = re.sub(r"['\u2019\s]", "", written).rstrip(".,")
    found: set[float] = set()
    for group, point in ((",", "."), (".", ",")):
        whole, _, fraction = digits.partition(point) if digits.count(point) <= 1 else (digits, "", "")
        if point in whole or (fraction and not fraction.isdecimal()):
            continue
        parts = whole.lstrip("+-").split(group)
        if all(part.isdecimal() for part in parts) and all(len(part) == 3 for part in parts[1:]):  # noqa: PLR2004
            sign = -1.0 if whole.startswith("-") else 1.0
            found.add(sign * float("".join(parts) + (f".{fraction}" if fraction else "")))
    return frozenset(found)


def _dates(text: str) -> tuple[list[Day], str]:
    """The dates, and the text without them."""
    found: list[Day] = []
    if not _DIGIT.search(text):  # every date has one
        return found, text
    for pattern in _DATES:
        for match in pattern.finditer(text):
            named = match.groupdict()
            month = MONTHS[named["name"].casefold()] if named.get("name") else int(named["m"])
            year = int(named["y"]) if named.get("y") else None
            day = int(named["d"]) if named.get("d") else None
            found.append(Day(year, month, day))
            if not named.get("name") and day is not None:
                found.append(Day(year, day, month))
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return found, text


def _numbers(text: str) -> tuple[list[Number], list[str], list[str]]:
    """Numbers with units, codes (letters and digits together), and units that stand alone."""
    text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))", "", text)
    tokens = [_split(token) for token in _TOKEN.findall(text)]
    flat = [part for parts in tokens for part in parts]
    numbers, codes, taken = [], [], set()
    for at, token in enumerate(flat):
        if token[0].isdecimal():
            ordinal = _ORDINAL.fullmatch(token)
            values = values_of(ordinal[1] if ordinal else token)
            if not values:
                codes.append(plain(token))
                continue
        elif plain(token) in NUMBER_WORDS:
            values = frozenset((float(NUMBER_WORDS[plain(token)]),))
        else:
            if any(map(str.isdigit, token)):
                codes.append(plain(token))
            continue
        near, places = _units_at(flat, at)
        taken |= places
        scaled = {value * SCALES[unit] for value in values for unit in near if unit in SCALES}
        before = stem(flat[at - 1]) if at else ""
        numbers.append(Number(values | scaled, near, before))
    alone = [
        UNITS[plain(token)]
        for at, token in enumerate(flat)
        if at not in taken and len(token) > 1 and plain(token) in UNITS
    ]
    return numbers, codes, alone


def _split(token: str) -> list[str]:
    """A number and what is written on to it ("20ml", "45-minute"); anything else whole."""
    joined = _JOINED.fullmatch(token)
    if joined and plain(joined[2]) in UNITS and not _ORDINAL.fullmatch(token):
        return [joined[1], joined[2]]
    first, dash, rest = token.partition("-")
    if (
        dash
        and first.replace(".", "").replace(",", "").isdecimal()
        and (plain(rest) in UNITS or rest.isdecimal())
    ):
        return [first, rest]
    return [token]


def _units_at(tokens: list[str], at: int) -> tuple[frozenset[str], set[int]]:
    """The units right behind a number, or a currency right before it, and where they stand."""
    found, places = set(), set()
    if at and tokens[at - 1] in ("€", "$", "£", "¥", "EUR", "USD", "GBP", "CHF"):
        found.add(UNITS[plain(tokens[at - 1])])
        places.add(at - 1)
    for ahead in range(at + 1, min(len(tokens), at + 1 + _LOOKED_AHEAD)):
        word = plain(tokens[ahead])
        if word in UNITS and word != "a":
            found.add(UNITS[word])
            places.add(ahead)
        elif word not in _JOINERS or word in ("und", "and"):
            break
    return frozenset(found), places


def _names(text: str) -> tuple[list[str], list[str]]:
    """Capitalised words within the text, and those that merely begin it."""
    names: list[str] = []
    openers: list[str] = []
    beginning = True
    end = 0
    for match in WORD.finditer(text):
        between = text[end : match.start()]
        end = match.end()
        beginning = beginning or bool(re.search(r"[.!?…\n]\W*$", between))
        word = match.group()
        if word[0].isupper() and plain(word) not in ANY_FILLER and len(word) > 1:
            (openers if beginning and not word[1:].isupper() else names).append(stem(word))
        beginning = False
    return names, openers


def _negated(text: str) -> list[frozenset[str]]:
    """For each negation, the words behind it in the clause, or those before it when none follow."""
    found = []
    words = list(WORD.finditer(text))
    for at, match in enumerate(words):
        word = plain(match.group())
        if word not in NEGATIONS and not word.endswith("n't"):
            continue
        if word == "no" and (
            text[match.start() - 1 : match.start()] == "_" or text[match.end() :][:1] in _NUMERO
        ):
            continue  # "No. 5", "order_no"
        behind = [stem(w.group()) for w in words[at + 1 : at + 9] if plain(w.group()) not in ANY_FILLER]
        before = [stem(w.group()) for w in words[max(0, at - 6) : at] if plain(w.group()) not in ANY_FILLER]
        found.append(frozenset((behind or before[::-1])[:_SCOPE]))
    return found
