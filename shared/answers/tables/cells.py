"""What a cell means: a number, a date, or words."""

import re
from collections.abc import Sequence
from functools import lru_cache

from shared.answers.facts import Day, facts, values_of
from shared.answers.language import plain

_ONE_NUMBER = re.compile(
    r"""^[\s#$\u20ac\u00a3~(]{0,4}(?:EUR|USD|GBP|CHF)?\s*
    ([-\u2212+]?\d[\d.,\u00a0\u202f\ ']*\d|[-\u2212+]?\d)
    (?!\s*[-\u2013\u2014/:+]\s*[\w(])\s*[^\d]{0,24}$""",
    re.VERBOSE,
)
_REMARK = re.compile(r"(?<=\d)\s*[(\[][^()\[\]]*[)\]]$")
"""What stands in brackets behind a number: "12.5 (0.492)", "1,204 [b]"."""
_TIME = re.compile(r"^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2}(?:\.\d+)?)\s*$")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_NUMERIC = 0.6


@lru_cache(maxsize=100_000)
def words(text: str) -> str:
    """A text as plain words with single spaces around each, for finding one within another."""
    return " " + " ".join(re.findall(r"[^\W_]+(?:[.'](?=\w)[^\W_]+)*|[%$\u20ac\u00a3]", plain(text))) + " "


def numbers(column: Sequence[str]) -> list[float | None]:
    """The number in each cell; None where there is none. The column decides what 1,234 means.

    A cell is a number when it holds one and little else: "350,000", "5th", "12 EUR", "4:43.64" (in seconds).
    """
    found = [_readings(cell) for cell in column]
    commas = any(
        "," in cell
        for cell, reading in zip(column, found, strict=True)
        if len(reading) == 1 and next(iter(reading)) % 1
    )
    return [None if not each else (min(each, key=abs) if commas else max(each, key=abs)) for each in found]


def numeric(column: Sequence[str]) -> bool:
    """Whether most filled cells are numbers."""
    filled = [cell for cell in column if cell.strip(" -\u2013\u2014\u2015")]
    return bool(filled) and sum(bool(_readings(cell)) for cell in filled) >= _NUMERIC * len(filled)


@lru_cache(maxsize=100_000)
def _readings(cell: str) -> frozenset[float]:
    time = _TIME.match(cell)
    if time:
        return frozenset((float(time[1] or 0) * 3600 + float(time[2]) * 60 + float(time[3]),))
    found = _ONE_NUMBER.match(_REMARK.sub("", cell.strip().strip("\"'")))
    return (
        values_of(re.sub(r"[\s\u00a0\u202f]", "", found[1]).replace("\u2212", "-")) if found else frozenset()
    )


@lru_cache(maxsize=100_000)
def dates(cell: str) -> tuple[Day, ...]:
    """The dates in a cell; a year alone is none."""
    return facts(cell).dates


def year(cell: str) -> int | None:
    """The first year in a cell."""
    found = _YEAR.search(cell)
    return int(found[1]) if found else None


def written(value: float, like: Sequence[str]) -> str:
    """A computed number, grouped as the cells it comes from are."""
    rounded = round(value, 2)
    text = f"{rounded:,.2f}".rstrip("0").rstrip(".") if rounded % 1 else f"{rounded:,.0f}"
    if any(re.search(r"\.\d\d(?!\d)", cell) for cell in like) and rounded % 1:
        text = f"{rounded:,.2f}"
    grouped = any(re.search(r"\d,\d{3}", cell) for cell in like)
    comma = any(re.fullmatch(r"\D*\d+,\d{1,2}\D*", cell) for cell in like)
    if comma:
        return text.replace(",", "").replace(".", ",")
    return text if grouped else text.replace(",", "")
