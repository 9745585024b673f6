"""Wide sheets: their columns in stretches that fit a chunk, each behind the column that names the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.documents.tables import JOIN, line

_SAMPLE: Final = 200
"""Rows whose lengths decide where columns are parted."""
_KEY_SHARE: Final = 3
"""The key column is shown again only when it takes at most this part of a row's room."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Columns `first` to `last` of a table, counted from 0: their header, and each row as one line.

    A row without anything in these columns is "".
    """

    first: int
    last: int
    header: str
    rows: list[str]


def stretches(lines: Sequence[str], header: str, room: int) -> list[Stretch]:
    """The columns of a table, given as one line a row, cut so that rows and header fit `room` characters.

    The first column, which says what a row is about, stands in front of each. One stretch alone means that
    the table is not to be cut: it has no columns to cut at, or its lines cannot be told apart into cells.
    """
    rows = [_cells(each) for each in lines]
    names = _cells(header) if header else []
    width = max(map(len, rows))
    if names and width > len(names) + 1:  # a cell holds what looks like the border between cells
        return [Stretch(0, width - 1, header, list(lines))]
    table = [row + [""] * (width - len(row)) for row in rows]
    names += [""] * (width - len(names))
    spans = _spans(table, names, room)
    return [Stretch(first, last, *_part(table, names, first, last, room)) for first, last in spans]


def number(letters: str) -> int:
    """The number of a column counted from 1: A -> 1, AA -> 27."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def _cells(row: str) -> list[str]:
    """The cells of a line; an empty first one has lost the space in front of its border."""
    return (f" {row}" if row.startswith("|") else row).split(JOIN)


def _spans(table: Sequence[Sequence[str]], names: Sequence[str], room: int) -> list[tuple[int, int]]:
    """First and last column of each stretch: as many as fit, the longest row of the sample counting."""
    sample = table[:_SAMPLE]
    sizes = [max(len(name), *(len(row[at]) for row in sample)) + len(JOIN) for at, name in enumerate(names)]
    spans: list[tuple[int, int]] = []
    first, size = 0, 0
    for at, needed in enumerate(sizes):
        if at > max(first, 1) and size + needed > room:  # the first column alone says nothing
            spans.append((first, at - 1))
            first, size = at, min(sizes[0], room // _KEY_SHARE)
        size += needed
    return [*spans, (first, len(sizes) - 1)]


def _part(
    table: Sequence[Sequence[str]], names: Sequence[str], first: int, last: int, room: int
) -> tuple[str, list[str]]:
    keys = [0] if first and max(len(row[0]) for row in table[:_SAMPLE]) <= room // _KEY_SHARE else []
    shown = [*keys, *range(first, last + 1)]
    header = line([names[at] for at in shown]) if any(names[at] for at in shown[len(keys) :]) else ""
    rows = [
        line([row[at] for at in shown]) if any(row[at].strip() for at in range(first, last + 1)) else ""
        for row in table
    ]
    return header, rows
