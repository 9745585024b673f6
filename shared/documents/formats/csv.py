"""Comma, semicolon, tab or bar separated values, rows kept as they are written."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.documents import limits
from shared.documents.formats.text import decode
from shared.documents.outline import Outline, one_line
from shared.documents.source import Source
from shared.documents.tables import a1, header_line
from shared.models import Extraction, Locator

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50


@dataclass
class _Stretch:
    """Rows without a blank one between them: one table."""

    start: int
    lines: list[str] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)
    width: int = 1

    def take(self, line: str, cells: list[str]) -> None:
        self.lines.append(line)
        self.width = max(self.width, min(len(cells), limits.COLUMNS))
        if len(self.sample) < _SAMPLE_LINES:
            self.sample.append(cells)


def read(source: Source) -> Extraction:
    """One table a stretch of rows without a blank one; a row's text is its line in the file.

    Rows count records from 1 as a spreadsheet would show them, the header being row 1.
    """
    csv.field_size_limit(limits.TEXT_BYTES)  # of the process, which begins with 128 kB
    text = decode(source.data()).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    lines = text.split("\n")
    outline = Outline()
    header, width = "", 0
    for stretch in _stretches(_records(lines, _delimiter(lines))):
        if header_line(stretch.sample):
            header, width = stretch.lines[0], stretch.width
        elif stretch.width != width:
            header, width = "", stretch.width
        place = Locator(range=a1(stretch.start, 1, stretch.start + len(stretch.lines) - 1, stretch.width))
        outline.add("\n".join(stretch.lines), "table", place, header)
        if outline.full:
            break
    return outline.extraction()


def _stretches(records: Iterable[tuple[str, list[str]]]) -> Iterator[_Stretch]:
    stretch = _Stretch(1)
    for number, (line, cells) in enumerate(records, 1):
        if any(cell.strip() for cell in cells):
            stretch.take(line, cells)
        else:
            if stretch.lines:
                yield stretch
            stretch = _Stretch(number + 1)
    if stretch.lines:
        yield stretch


def _records(lines: list[str], delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Each record as (its text on one line, its cells); a quoted cell may run over several lines."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    done = 0
    try:
        for cells in reader:
            end = reader.line_num
            yield one_line(" ".join(lines[done:end])), cells
            done = end
    except csv.Error:
        # what the dialect cannot explain is still text
        for line in lines[done:]:
            yield one_line(line), [line]


def _delimiter(lines: list[str]) -> str:
    """The delimiter that gives most rows the same number of cells, more than one; a comma when none does."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]

    def agreement(delimiter: str) -> tuple[int, int]:
        try:
            counts = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if len(cells) > 1]
        except csv.Error:
            return 0, 0
        usual = max(set(counts), key=counts.count, default=0)
        return counts.count(usual), usual

    return max(_DELIMITERS, key=agreement)
