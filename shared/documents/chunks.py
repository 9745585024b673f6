"""Cuts sections into the units of retrieval, so that an edit moves as few boundaries as possible.

Inside a section, boundaries depend on content: a stretch that is too long is parted where the text
that follows has the smallest hash, and the halves again, until all fit. That is the shape of a treap,
which does not depend on the order of insertions; a changed, added or removed paragraph therefore
changes the chunk it is in and rarely a neighbour, where filling chunks from the top would shift every
chunk behind the edit.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from itertools import pairwise
from typing import Final

from shared.documents import columns
from shared.documents.boxes import around
from shared.documents.outline import one_line
from shared.documents.tables import column
from shared.models import Block, Chunk, Extraction, Locator, Section

LIMIT: Final = 1_000
"""Characters of a chunk's text at most, a repeated table header apart."""

_KEY_DIGITS: Final = 20
_HEADER_SHARE: Final = 2
_SMALLEST_SHARE: Final = 4
_CONTEXT_LENGTH: Final = 300
# Closing quotes may stand behind the stop; full stops of Chinese and Japanese need no space behind them.
_SENTENCE: Final = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"'\u201d\u2019)\]]))\s+|(?<=[\u3002\uff01\uff1f])")
_FULL_WIDTH: Final = ("\u3002", "\uff01", "\uff1f")
_RANGE: Final = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a paragraph, a table's row, a sentence of a paragraph that is too long."""

    text: str
    locator: Locator
    joint: str
    """What stands between this unit and the one before it."""
    header: str = ""
    is_header: bool = False
    columns: str = ""
    """The columns of a wide sheet that it shows; empty for all."""


def cut(extraction: Extraction, file_name: str, limit: int = LIMIT) -> tuple[Chunk, ...]:
    """The chunks of a document in reading order; none crosses a section, a page or a slide.

    Each has at most `limit` characters, plus its table's header row where that stands in another
    chunk. Keys are unique within the file and depend on section path and text alone.
    """
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for section in extraction.sections:
        context = _context(file_name, extraction.title, section.path)
        for run in _runs(section, limit):
            for units in _fitting(run, limit):
                text = _text(units)
                digest = _digest(section.path, text)
                key = digest if not seen[digest] else _digest(section.path, f"{text}\x1f{seen[digest]}")
                seen[digest] += 1
                chunks.append(Chunk(key, text, context, _locator(units), len(chunks)))
    return tuple(chunks)


def _digest(path: tuple[str, ...], text: str) -> str:
    return sha256("\x1f".join((*path, text)).encode("utf-8", "replace")).hexdigest()[:_KEY_DIGITS]


def _context(file_name: str, title: str, path: tuple[str, ...]) -> str:
    """One line: file name without its suffix, title when it says something else, headings."""
    stem, dot, suffix = file_name.rpartition(".")
    name = stem if dot and 0 < len(suffix) <= 5 and " " not in suffix else file_name  # noqa: PLR2004
    parts: list[str] = []
    for part in (name, title, *path):
        if part and part.casefold() not in {each.casefold() for each in parts}:
            parts.append(part)
    return one_line(" > ".join(parts))[:_CONTEXT_LENGTH]


def _runs(section: Section, limit: int) -> Iterator[list[_Unit]]:
    """The section's units, parted where a page, a slide or a stretch of columns ends."""
    run: list[_Unit] = []
    for block in section.blocks:
        for unit in _units(block, limit):
            if run and _leaf(unit) != _leaf(run[-1]):
                yield run
                run = []
            run.append(unit)
    if run:
        yield run


def _leaf(unit: _Unit) -> tuple[int | None, int | None, str]:
    return unit.locator.page, unit.locator.slide, unit.columns


def _units(block: Block, limit: int) -> Iterator[_Unit]:
    if block.kind == "table":
        yield from _rows(block, limit)
        return
    joint = "\n"
    for piece, between in _pieces(block.text, limit):
        yield _Unit(piece, block.locator, joint)
        joint = between


def _rows(block: Block, limit: int) -> Iterator[_Unit]:
    lines = block.text.split("\n")
    span = _span(block.locator.range)
    whole = span is not None and span[3] - span[1] + 1 == len(lines)
    if span is not None and whole and max(len(block.header) * _HEADER_SHARE, *map(len, lines)) > limit:
        parts = columns.stretches(lines, block.header, limit // _HEADER_SHARE)
        if len(parts) > 1:
            yield from _by_columns(block, parts, span, limit)
            return
    header = block.header if len(block.header) <= limit // _HEADER_SHARE else ""
    for number, row in enumerate(lines):
        place = block.locator
        if span is not None and whole:
            place = _at(place, f"{span[0]}{span[1] + number}:{span[2]}{span[1] + number}")
        joint = "\n"
        for piece, between in _pieces(row, limit):
            yield _Unit(piece, place, joint, header, row == block.header)
            joint = between


def _by_columns(
    block: Block, parts: Sequence[columns.Stretch], span: tuple[str, int, str, int], limit: int
) -> Iterator[_Unit]:
    """The rows of a wide sheet, some columns at a time, each time behind the column that names the row."""
    left = columns.number(span[0])
    for part in parts:
        first, last = column(left + part.first), column(left + part.last)
        header = part.header if len(part.header) <= limit // _HEADER_SHARE else ""
        for number, row in enumerate(part.rows, span[1]):
            if row:
                place = _at(block.locator, f"{first}{number}:{last}{number}")
                for piece, joint in _pieces(row, limit):
                    yield _Unit(piece, place, joint, header, row == part.header, f"{first}:{last}")


def _pieces(text: str, limit: int) -> Iterator[tuple[str, str]]:
    """The text whole when it fits, else by lines, cells, sentences or words, each with what follows it."""
    if len(text) <= limit:
        yield text, "\n"
        return
    for pieces, joint in ((text.split("\n"), "\n"), (_SENTENCE.split(text), " "), (text.split(" | "), " | ")):
        if len(pieces) > 1:
            for piece in pieces:
                if piece.strip():
                    for part, inner in _pieces(piece, limit):
                        yield part, inner if inner != "\n" else "" if part.endswith(_FULL_WIDTH) else joint
            return
    yield from ((piece, " ") for piece in _by_words(text, limit))


def _by_words(text: str, limit: int) -> Iterator[str]:
    start = 0
    while len(text) - start > limit:
        end = text.rfind(" ", start + limit // 2, start + limit)
        end = end if end > start else start + limit
        yield text[start:end].strip()
        start = end
    yield text[start:].strip()


def _fitting(units: Sequence[_Unit], limit: int) -> Iterator[Sequence[_Unit]]:
    """The treap's leaves, left to right.

    Boundaries are tried from the smallest rank up: one parts the stretch it lies in when that is too
    long and neither side becomes a scrap. A boundary refused once would be refused later too, since
    stretches only shrink, so one pass does what parting again and again would.
    """
    sizes = [0]
    for unit in units:
        sizes.append(sizes[-1] + len(unit.text) + len(unit.joint))
    cuts = [0, len(units)]
    smallest = limit // _SMALLEST_SHARE
    if sizes[-1] > limit + 1:
        for at in _by_rank(units):
            index = bisect(cuts, at)
            start, end = cuts[index - 1], cuts[index]
            left, right = sizes[at] - sizes[start], sizes[end] - sizes[at]
            if left + right > limit + 1 and left >= smallest and right >= smallest:
                cuts.insert(index, at)
    for start, end in pairwise(cuts):
        yield from _filled(units[start:end], limit)


def _filled(units: Sequence[_Unit], limit: int) -> Iterator[Sequence[_Unit]]:
    """A stretch whole when it fits; one that could only be parted into scraps, filled from the front."""
    start, size = 0, 0
    for at, unit in enumerate(units):
        length = len(unit.text) + len(unit.joint)
        if size + length > limit + 1 and at > start:
            yield units[start:at]
            start, size = at, 0
        size += length
    yield units[start:]


def _by_rank(units: Sequence[_Unit]) -> list[int]:
    """The boundaries between units, ordered by the hash of the text behind each.

    Texts that recur are told apart by counting them, lest a list of equal lines be cut into scraps.
    """
    seen: Counter[str] = Counter()
    ranks: list[tuple[bytes, int]] = []
    for at, unit in enumerate(units):
        text = f"{seen[unit.text]}\x1f{unit.text}"
        seen[unit.text] += 1
        ranks.append((blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), at))
    return [at for _, at in sorted(ranks[1:])]


def _text(units: Sequence[_Unit]) -> str:
    """Units joined as they stood; a table whose header stands elsewhere gets it repeated."""
    pieces: list[str] = []
    header = ""
    for unit in units:
        if unit.header != header:
            header = unit.header
            if header and not any(each.is_header and each.header == header for each in units):
                pieces += ["\n" if pieces else "", header]
        pieces += [unit.joint if pieces else "", unit.text]
    return "".join(pieces).strip()


def _locator(units: Sequence[_Unit]) -> Locator:
    """The first unit's place, its range and its box widened over all units."""
    boxes = [unit.locator.box for unit in units if unit.locator.box]
    place = replace(units[0].locator, box=around(boxes))
    spans = [span for unit in units if (span := _span(unit.locator.range))]
    if not spans:
        return place
    first, last = min(spans, key=_left), max(spans, key=_right)
    top, bottom = min(span[1] for span in spans), max(span[3] for span in spans)
    start, end = f"{first[0]}{top}", f"{last[2]}{bottom}"
    return _at(place, start if start == end else f"{start}:{end}")


def _left(span: tuple[str, int, str, int]) -> tuple[int, str]:
    return len(span[0]), span[0]


def _right(span: tuple[str, int, str, int]) -> tuple[int, str]:
    return len(span[2]), span[2]


def _at(place: Locator, cells: str) -> Locator:
    return replace(place, range=cells)


def _span(cells: str | None) -> tuple[str, int, str, int] | None:
    """First column, first row, last column, last row of a range in A1 notation."""
    found = _RANGE.fullmatch(cells or "")
    if found is None:
        return None
    return found[1], int(found[2]), found[3] or found[1], int(found[4] or found[2])
