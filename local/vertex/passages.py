"""A source's text as the units that may be quoted: sentences, list items and table rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from local.vertex.prompt import Source

_CLOSING, _OPENING = "\"'\u00bb\u201d\u2019)\\]", "\"'\u00ab\u201c\u2018(\\["
_SENTENCE_END = re.compile(rf"[.!?\u2026]+[{_CLOSING}]*\s+(?=[{_OPENING}]?[A-ZÀ-ÖØ-Þ0-9])")
_NO_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|z\.B|d\.h|u\.a|bzw|ca|etc|vs|approx|No|Nr|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Co|Corp|pos|Pos|"
    r"Fig|Art|Abs|Sec|Ch|p|pp)|\b[A-Z])\.$"
)
_MARKER = re.compile(r"^\s*(?:[-*\u2022\u2023\u2013]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+")
_LABEL = re.compile(r"^\s*[^\W\d_][\w .-]{0,24}:\s")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_LETTER = re.compile(r"[^\W\d_]")
_RULE = re.compile(r"^[\s|:+=_-]{3,}$")
_CITATION = re.compile(r"\s?\[\d{1,3}\]")
_WRAPPED = 40
"""A line at least this long, without an end mark, goes on in the next one."""
_CSV_ROWS = 3
_QUESTION_HEADING, _SHORT_HEADING, _HEADING_WORDS = 120, 60, 7


@dataclass(frozen=True)
class Unit:
    """Something that can be quoted: `text` as it is shown, `context` what stands above it."""

    source: str
    text: str
    context: str
    row: bool = False


def units(source: Source) -> list[Unit]:
    """All units of a source, in order. Citation-like marks in its text are left out: they are not ours."""
    found: list[Unit] = []
    heading = ""
    for block in _blocks(source.text):
        title = _heading(block)
        if title is not None:
            heading = title
            continue
        context = " ".join(filter(None, (source.title, heading)))
        delimiter = _delimiter(block)
        if delimiter:
            found.extend(Unit(source.number, text, context, row=True) for text in _rows(block, delimiter))
        else:
            text = _MARKER.sub("", " ".join(line.strip() for line in block))
            found.extend(Unit(source.number, one, context) for one in sentences(_CITATION.sub("", text)))
    return [unit for unit in found if _LETTER.search(unit.text) and not unit.text.endswith("?")]


def sentences(text: str) -> list[str]:
    """Sentences by their end marks; abbreviations and initials do not end one."""
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        if _NO_END.search(text[start : end.end()].rstrip()):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    found.append(text[start:].strip())
    return [one for one in found if one]


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines that belong together: a table, a wrapped paragraph, one heading, one list item."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if block and not _continues(block, line):
            yield block
            block = []
        if line.strip() and not _RULE.match(line):
            block.append(line)


def _continues(block: Sequence[str], line: str) -> bool:
    """Whether a line goes on with the block before it."""
    last = block[-1]
    if not line.strip():
        return False
    if _RULE.match(line):
        return "|" in line
    for delimiter in ("|", "\t", ";", ","):
        cells = last.count(delimiter)
        if cells and cells == line.count(delimiter) and (delimiter in "|\t" or cells > 1):
            return True
    if any(mark.match(line) for mark in (_MARKER, _LABEL, _HEADING)) or _HEADING.match(last):
        return False
    if "|" in last or "\t" in last or _delimiter(block):
        return False  # a row ends with its line
    return len(last) >= _WRAPPED and last.rstrip()[-1] not in ".!?:;|"


def _heading(block: Sequence[str]) -> str | None:
    """The heading that a block is: marked as one, a question, or a short line without a verb's marks."""
    if len(block) > 1:
        return None
    line = block[0].strip()
    marked = _HEADING.match(line)
    if marked:
        return marked[1]
    if line.endswith("?") and len(line) < _QUESTION_HEADING:
        return line
    short = len(line.split()) <= _HEADING_WORDS and len(line) < _SHORT_HEADING
    plain = not re.search(r"[.!:;,|\t\d@]", line) and not _MARKER.match(line)
    return line if short and plain else None


def _delimiter(block: Sequence[str]) -> str | None:
    """What separates the cells, when the block is a table."""
    for delimiter in ("|", "\t"):
        if all(line.strip().strip("|").count(delimiter) for line in block):
            return delimiter
    for delimiter in (";", ","):
        counts = {line.count(delimiter) for line in block}
        if len(block) >= _CSV_ROWS and len(counts) == 1 and min(counts) > 1 and "." not in block[0]:
            return delimiter
    return None


def _rows(block: Sequence[str], delimiter: str) -> Iterator[str]:
    """The rows as `header: value` pairs under a header row, else with their bars."""
    table = [[cell.strip() for cell in line.strip().strip(delimiter).split(delimiter)] for line in block]
    header = table[0] if len(table) > 1 and _is_header(table[0]) else None
    for cells in table[1:] if header else table:
        if header and len(cells) == len(header):
            pairs = (
                f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell
            )
            yield _CITATION.sub("", ", ".join(pairs))
        else:
            yield _CITATION.sub("", " | ".join(filter(None, cells)))


def _is_header(cells: Sequence[str]) -> bool:
    """Names of columns: no numbers, none empty but the first, all different."""
    named = [cell for cell in cells if cell]
    return (
        len(named) >= len(cells) - 1
        and len(set(named)) == len(named)
        and not any(re.fullmatch(r"[\d.,%€$£ -]+", cell) for cell in named)
    )
