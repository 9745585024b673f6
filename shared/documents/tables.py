"""Tables as text: one line a row, so that line and row can be found from each other."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.documents import limits
from shared.documents.outline import one_line

JOIN = " | "


def column(index: int) -> str:
    """The letters of a column counted from 1: 1 -> A, 27 -> AA."""
    letters = ""
    while index > 0:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def a1(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """A range in A1 notation, rows and columns counted from 1; one cell gives just its name."""
    first = f"{column(first_column)}{first_row}"
    last = f"{column(last_column)}{last_row}"
    return first if first == last else f"{first}:{last}"


def line(cells: Sequence[str]) -> str:
    """A row as one line: cells joined by " | ", empty cells at the end left out."""
    texts = [one_line(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return JOIN.join(texts).strip()


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """All rows that have text, one a line."""
    return "\n".join(text for text in map(line, rows) if text.replace("|", "").strip())


def header_line(rows: Sequence[Sequence[str]]) -> str:
    """The first row when it names the columns, else "".

    It does when it has at least two cells, every one filled but at most a few, none a number, and
    there is a row below it.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) < 2:  # noqa: PLR2004 - a header needs something under it
        return ""
    names = [cell.strip() for cell in filled[0]]
    named = [name for name in names if name]
    width = max(sum(1 for cell in row if cell.strip()) for row in filled[1:20])
    if len(named) < 2 or len(named) * 2 < width or any(is_number(name) for name in named):  # noqa: PLR2004
        return ""
    return line(names)


def is_number(text: str) -> bool:
    """Whether a cell is a plain number, however it is written: 1,234.5, 1.234,5, 12 %, -3."""
    digits = text.strip(" %€$£+-()").replace(",", "").replace(".", "").replace(" ", "")
    return digits.isdecimal() and not (len(digits) == 4 and digits == text and "1900" <= digits <= "2100")  # noqa: PLR2004 - a year may name a column


@dataclass
class Grid:
    """A table being read cell by cell, merged cells filled with the text of their first cell."""

    rows: list[list[str]] = field(default_factory=list)
    _below: dict[tuple[int, int], str] = field(default_factory=dict)

    def row(self) -> None:
        """Begin the next row."""
        self.rows.append([])
        self._fill()

    def cell(self, text: str, across: int = 1, down: int = 1) -> None:
        """Append a cell that covers `across` columns and `down` rows."""
        if not self.rows:
            self.row()
        across = max(1, min(across, limits.COLUMNS))
        down = max(1, min(down, limits.SPAN // across or 1))
        row, here = self.rows[-1], len(self.rows) - 1
        if len(row) >= limits.COLUMNS:
            return
        start = len(row)
        row.append(text)
        row.extend("" for _ in range(across - 1))
        for below in range(1, down):
            for offset in range(across):
                self._below[here + below, start + offset] = text if offset == 0 else ""
        self._fill()

    def _fill(self) -> None:
        row, here = self.rows[-1], len(self.rows) - 1
        while (text := self._below.pop((here, len(row)), None)) is not None:
            row.append(text)
