"""Tables out of the passages of a file: header, rows, and where each row stands."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shared.models import Locator, Passage

_BAR = " | "
_RANGE = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells, as many as the table has columns, and the passage it stands in."""

    cells: tuple[str, ...]
    passage: Passage
    line: str
    number: int | None
    """The row of its sheet, from 1, where the passage has a range."""


@dataclass
class Table:
    """A table of a file. `title` is everything above it: file, sheet, headings."""

    title: str
    header: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)

    def column(self, index: int) -> list[str]:
        """The cells of one column, top to bottom."""
        return [row.cells[index] for row in self.rows]


def tables(passages: Sequence[Passage]) -> list[Table]:
    """The tables of a file's passages, which are all of them in reading order.

    A table that was cut into several passages, each with its header repeated, comes out as one.
    """
    found: list[Table] = []
    for passage in passages:
        for header, lines, first in _stretches(passage):
            cells = _split(header)
            table = found[-1] if found and found[-1].header == cells and _same(found[-1], passage) else None
            if table is None:
                table = Table(f"{passage.context} {passage.file_name}", cells)
                found.append(table)
            for offset, line in enumerate(lines):
                row = _split(line)
                if len(table.rows) < _MOST_ROWS and any(cell.strip("| ") for cell in row):
                    fitted = (row + ("",) * len(cells))[: len(cells)]
                    table.rows.append(Row(fitted, passage, line, None if first is None else first + offset))
    return [table for table in found if table.rows and len(table.header) > 1]


def _same(table: Table, passage: Passage) -> bool:
    last = table.rows[-1].passage.locator if table.rows else None
    return last is None or (last.sheet, last.heading) == (passage.locator.sheet, passage.locator.heading)


def _stretches(passage: Passage) -> Iterator[tuple[str, list[str], int | None]]:
    """Header, lines below it and the sheet's row number of the first; for each table in a passage."""
    lines = passage.text.split("\n")
    if _is_csv(passage, lines):
        yield lines[0], lines[1:], _first_row(passage.locator, len(lines) - 1)
        return
    start = None
    for at, line in enumerate([*lines, ""]):
        row = _BAR in f" {line} "
        if row and start is None:
            start = at
        if not row and start is not None:
            if at - start > 1:
                below = lines[start + 1 : at]
                yield lines[start], below, _first_row(passage.locator, len(below))
            start = None


def _first_row(place: Locator, rows: int) -> int | None:
    """The number of the first row below the header: the range ends with the last row."""
    span = _RANGE.fullmatch(place.range or "")
    return int(span[4] or span[2]) - rows + 1 if span else None


def _is_csv(passage: Passage, lines: Sequence[str]) -> bool:
    """A CSV file's rows stay as they are, and only they have a range without a sheet."""
    return bool(
        passage.locator.range and not passage.locator.sheet and len(lines) > 1 and _BAR not in lines[0]
    )


def _split(line: str) -> tuple[str, ...]:
    if _BAR in f" {line} ":
        return tuple(cell.strip() for cell in f" {line} ".split(_BAR))
    delimiter = max((",", ";", "\t"), key=line.count)
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return tuple(cell.strip() for cell in line.split(delimiter))
