"""A source cut into the sentences and rows that a statement is compared with."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.answers.instructions import without_instructions
from shared.answers.language import plain
from shared.answers.sentences import sentences
from shared.models import Passage

ROW = re.compile(r" \| |\t")
"""What a row of a table has between its cells."""
_DIGIT = re.compile(r"\d")
_PLAIN = re.compile(r"[^\W_]+|[%$\u20ac\u00a3]")
_LONGEST_ROW = 5_000
_COLUMNS = 2
"""Cells that a row of a CSV file has more than."""


@dataclass(frozen=True, slots=True)
class Units:
    """A source cut into sentences and rows; `above` has the lines that may name columns."""

    texts: tuple[str, ...]
    above: str
    plainly: str
    """All words in order, for finding a quotation."""
    lines: tuple[int, ...]
    """The line of each, from 0."""


def plainly(text: str) -> str:
    """The words of a text in order, with a space around each."""
    return f" {' '.join(plain(word) for word in _PLAIN.findall(text))} "


@lru_cache(maxsize=2_048)
def _cut(text: str, above: str) -> Units:
    units: list[tuple[str, int]] = []
    headers: list[str] = []
    cells = 0
    written = without_instructions(text).split("\n")
    for number, line in enumerate(written):
        separated = _separated(written, number)
        unit = _cells(line) if separated else line
        row = separated or bool(ROW.search(line))
        before, cells = cells, len(ROW.split(unit)) if row else 0
        if row and (not before or (cells != before and not _DIGIT.search(unit))):
            headers.append(unit)
        units += [(one, number) for one in ([unit] if row else (one.strip() for one in sentences(line)))]
    units = [(one, number) for one, number in units if one.strip()]
    texts = tuple(one for one, _ in units)
    lines = tuple(number for _, number in units)
    return Units(texts, "\n".join([above, *headers]), plainly("\n".join(texts)), lines)


def _separated(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a row of a CSV file: one beside it has as many cells. A sentence has commas too."""
    if ROW.search(lines[at]) or len(lines[at]) > _LONGEST_ROW:
        return False
    own = _split(lines[at])
    near = [lines[other] for other in (at - 1, at + 1) if 0 <= other < len(lines)]
    beside = [_split(line) for line in near if len(line) <= _LONGEST_ROW]
    return len(own) > _COLUMNS and any(len(one) == len(own) for one in beside)


def _cells(row: str) -> str:
    """A row of a CSV file with bars between its cells, as every other row has."""
    return " | ".join(_split(row))


@lru_cache(maxsize=4_096)
def _split(row: str) -> tuple[str, ...]:
    """The cells of a line, were it a row of a CSV file."""
    delimiter = max((",", ";"), key=row.count)
    return tuple(next(csv.reader([row], delimiter=delimiter), [row]))


def units_of(passage: Passage) -> Units:
    """A passage's sentences and rows, without what talks to a model."""
    return _cut(passage.text, f"{passage.context}\n{passage.file_name}")
