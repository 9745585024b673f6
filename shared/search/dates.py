"""Dates as questions and texts write them, and whether one may be what the other means."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_YEAR = r"(?:1[0-9]|20)\d\d"
_MONTH, _DAY = r"0?[1-9]|1[0-2]", r"[0-3]?\d"


def _number(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\d.,]){pattern}(?!\d|[.,]\d)", re.ASCII)


_FULL = (
    _number(rf"(?P<y>{_YEAR})[-/.]?(?P<m>0[1-9]|1[0-2])[-/.]?(?P<d>[0-3]\d)"),
    _number(rf"(?P<d>{_DAY})[./](?P<m>{_MONTH})[./](?P<y>{_YEAR})"),
    _number(rf"(?P<m>{_MONTH})/(?P<d>{_DAY})/(?P<y>{_YEAR})"),
)
_OF_MONTH = (
    _number(rf"(?P<y>{_YEAR})[-/](?P<m>0[1-9]|1[0-2])"),
    _number(rf"(?P<m>0[1-9]|1[0-2])[./](?P<y>{_YEAR})"),
)
_DIGIT = re.compile(r"\d")
_KEPT = 4_096
_ABBREVIATED = 3
"""Letters of a month's name that are one only beside a day or a year: "Jan" may be a person."""


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as it was written."""

    month: int
    year: int | None = None
    day: int | None = None

    def may_be(self, other: "Date") -> bool:
        """Whether both may be the same day, as far as both say it."""
        return (
            self.month == other.month
            and (self.year is None or other.year is None or self.year == other.year)
            and (self.day is None or other.day is None or self.day == other.day)
        )


@lru_cache(maxsize=_KEPT)
def dates(text: str) -> tuple[Date, ...]:
    """The dates of a text that have a month: "2026-01-10", "10 January 2026", "Jan 2026", "January".

    Of 4/7/2025 both readings are given.
    """
    if not _may_have_any(text):
        return ()
    plain = _unaccented(text)
    if not _DIGIT.search(plain):
        return tuple(dict.fromkeys(_date(one.groupdict()) for one in _alone().finditer(plain)))
    found = [_date(one.groupdict()) for pattern in _FULL for one in pattern.finditer(plain)]
    for pattern in _FULL:
        plain = pattern.sub(" ", plain)
    for pattern in (*_OF_MONTH, *_worded()):
        found += [_date(one.groupdict()) for one in pattern.finditer(plain)]
        plain = pattern.sub(" ", plain)
    return tuple(dict.fromkeys(found))


def _may_have_any(text: str) -> bool:
    return any(one.isdigit() or one.isupper() for one in text)


def _date(parts: dict[str, str | None]) -> Date:
    name = parts.get("name")
    month = month_names()[name.casefold()] if name else int(parts["m"] or 0)
    return Date(month, int(parts.get("y") or 0) or None, int(parts.get("d") or 0) or None)


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


@cache
def _worded() -> tuple[re.Pattern[str], ...]:
    """Patterns with the names of months; a name alone has a capital letter, for "may" is also a verb."""
    names = "|".join(sorted(month_names(), key=len, reverse=True))
    alone = (name.capitalize() for name in month_names() if len(name) > _ABBREVIATED or name == "may")
    capital = "|".join(sorted(alone, key=len, reverse=True))
    year = rf"(?:,?\s+(?:de\s+)?(?P<y>{_YEAR}))"
    flags = re.IGNORECASE | re.ASCII
    return (
        re.compile(
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?(?P<name>{names})\b\.?{year}?", flags
        ),
        re.compile(rf"\b(?P<name>{names})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b{year}?", flags),
        re.compile(rf"\b(?P<name>{names})\b\.?{year}", flags),
        re.compile(rf"\b(?P<name>{capital})\b", re.ASCII),
    )


def _alone() -> re.Pattern[str]:
    """A month's name by itself: the only date without a digit."""
    return _worded()[-1]


@cache
def month_names() -> dict[str, int]:
    """The names of the months, in the languages that have lists of function words."""
    lines = (Path(__file__).parent / "stopwords" / "months.txt").read_text(encoding="utf-8").splitlines()
    return {name: number for number, line in enumerate(lines, 1) for name in line.split()}
