"""A sheet's cells as tables, whichever format the workbook has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.documents import limits
from shared.documents.outline import Outline
from shared.documents.tables import a1, header_line, line
from shared.models import Locator

_HEADER_ROWS = 6
_SAMPLE = 40
_TWO = 2


@dataclass(slots=True)
class Row:
    """The filled cells of one row, by column; both count from 1."""

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows without a blank one between, and the columns that they fill."""

    rows: list[Row]
    first: int
    last: int

    def cells(self) -> list[list[str]]:
        return [
            [row.cells.get(column, "") for column in range(self.first, self.last + 1)] for row in self.rows
        ]


def add_sheet(
    outline: Outline, name: str, rows: Sequence[Row], merged: Sequence[tuple[int, int, int, int]] = ()
) -> None:
    """Append a sheet's tables, parted where a row, or a column between two tables, is blank.

    A cell merged downwards repeats its text in each row; one merged across has it once. A table
    without a header of its own takes the one above it when it stands in the same columns.
    """
    _resolve(rows, merged)
    header, columns = "", (0, 0)
    for table in _tables(rows):
        cells = table.cells()
        own = _header(cells[:_SAMPLE])
        if own or columns != (table.first, table.last):
            header, columns = own, (table.first, table.last)
        place = Locator(
            sheet=name, range=a1(table.rows[0].number, table.first, table.rows[-1].number, table.last)
        )
        outline.add("\n".join(_lines(cells)), "table", place, header)


def _lines(cells: list[list[str]]) -> Iterator[str]:
    for row in cells:
        # an empty line would part line numbers from row numbers
        yield line(row) or "|"


def _header(cells: list[list[str]]) -> str:
    """The header of a table that may begin with lines of title: rows of a single cell."""
    for index, row in enumerate(cells[:_HEADER_ROWS]):
        if sum(1 for cell in row if cell.strip()) >= _TWO:
            return header_line(cells[index:])
    return ""


def _tables(rows: Sequence[Row]) -> Iterator[_Table]:
    stretch: list[Row] = []
    for row in rows:
        if stretch and row.number != stretch[-1].number + 1:
            yield from _side_by_side(stretch)
            stretch = []
        stretch.append(row)
    if stretch:
        yield from _side_by_side(stretch)


def _side_by_side(rows: list[Row]) -> Iterator[_Table]:
    """The tables of a stretch of rows: several only if blank columns part blocks that each have a header."""
    filled = sorted({column for row in rows for column in row.cells})
    blocks = [[filled[0]]]
    for column in filled[1:]:
        if column == blocks[-1][-1] + 1:
            blocks[-1].append(column)
        else:
            blocks.append([column])
    apart = [_part(rows, block[0], block[-1]) for block in blocks]
    if len(apart) > 1 and all(len(table.rows) > 1 and _header(table.cells()[:_SAMPLE]) for table in apart):
        yield from apart
    else:
        yield _Table(rows, filled[0], filled[-1])


def _part(rows: list[Row], first: int, last: int) -> _Table:
    part = [
        Row(row.number, {at: text for at, text in row.cells.items() if first <= at <= last}) for row in rows
    ]
    while part and not part[-1].cells:
        part.pop()
    while part and not part[0].cells:
        part.pop(0)
    return _Table(part, first, last)


def _resolve(rows: Sequence[Row], merged: Sequence[tuple[int, int, int, int]]) -> None:
    by_number = {row.number: row for row in rows}
    for first_row, column, last_row, _ in merged[: limits.SPAN * 10]:
        text = by_number[first_row].cells.get(column, "") if first_row in by_number else ""
        if not text or last_row - first_row > limits.SPAN:
            continue
        for number in range(first_row + 1, last_row + 1):
            if number in by_number:
                by_number[number].cells.setdefault(column, text)
