"""From printed lines to headings and paragraphs.

A line goes on in the next when the next one's first word would not have fitted behind it; otherwise
the author ended it: the last line of a paragraph, a row of a table, a line of an address.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from shared.documents.boxes import Box, around
from shared.documents.formats.pdf_lines import Line
from shared.documents.outline import Outline, one_line
from shared.models import Locator

_MARK: Final = re.compile(r"\s*(?:[•◦▪‣●○■□\u2013\u2014*·-]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]\s)")
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LARGER: Final = 1.15
_LEVELS: Final = 4
_HEADING_LENGTH: Final = 150
_HEADING_LINES: Final = 3
_NEIGHBOURS: Final = 12
_REPEATED: Final = 4
_EDGE: Final = 3
_SYLLABLE: Final = 3
_BOLD_SHARE: Final = 0.25
_LETTER: Final = 0.75
"""The width of a wide letter as a share of the type's height; the average is about 0.45."""


@dataclass
class _Paragraph:
    """Lines that stand together; `texts` are the lines an author ended."""

    page: int
    height: float
    bold: bool = False
    texts: list[str] = field(default_factory=list)
    lines: int = 0
    boxes: list[Box] = field(default_factory=list)

    @property
    def place(self) -> Locator:
        """Its page, and where on it."""
        return Locator(page=self.page, box=around(self.boxes))


class Document:
    """Collects pages, then writes them as sections: heights of type are judged over the whole document."""

    def __init__(self) -> None:
        self.contents: list[tuple[int, int, str]] = []
        """The bookmarks: page, level, title. When there are any, they say what is a heading."""
        self._bold_is_rare = False
        self._pages: list[tuple[int, list[Line], list[str]]] = []

    def page(self, number: int, lines: list[Line], notes: list[str]) -> None:
        """Add a page's lines in reading order, and the notes written onto it."""
        self._pages.append((number, lines, notes))

    def write(self, outline: Outline) -> None:
        """Append everything to an outline."""
        words = self._words()
        body = self._body()
        running = self._running()
        lines = [line for _, each, _ in self._pages for line in each]
        self._bold_is_rare = sum(line.bold for line in lines) < _BOLD_SHARE * len(lines)
        bookmarks = {(page, _bare(title)): level for page, level, title in self.contents}
        paragraphs = {n: list(_paragraphs(n, lines, words)) for n, lines, _ in self._pages}
        levels = self._levels([each for page in paragraphs.values() for each in page], body)
        for number, _, notes in self._pages:
            for each in _without_running(paragraphs[number], running if number > 1 else set()):
                text = "\n".join(each.texts)
                level = self._level(each, text, bookmarks, levels)
                if level:
                    outline.heading(level, text, each.place)
                else:
                    outline.add(text, place=each.place)
            for note in notes:
                outline.add(note, "note", Locator(page=number))

    def _level(
        self, paragraph: _Paragraph, text: str, bookmarks: dict[tuple[int, str], int], levels: dict[int, int]
    ) -> int:
        if bookmarks:
            return bookmarks.get((paragraph.page, _bare(text)), 0)
        if not _may_head(paragraph, text):
            return 0
        level = levels.get(round(paragraph.height), 0)
        return level or (max(levels.values(), default=0) + 1 if self._bold_heads(paragraph, text) else 0)

    def _bold_heads(self, paragraph: _Paragraph, text: str) -> bool:
        """Whether a bold line in the body's size is a heading; a row of a table that sums up is not."""
        return paragraph.bold and self._bold_is_rare and text[0].isupper() and not text[-1].isdecimal()

    def _levels(self, paragraphs: list[_Paragraph], body: float) -> dict[int, int]:
        """Height of type -> level, for heights that are larger than the body's."""
        heights = {
            round(each.height)
            for each in paragraphs
            if body and each.height >= body * _LARGER and _may_head(each, "\n".join(each.texts))
        }
        return {height: min(rank, _LEVELS) for rank, height in enumerate(sorted(heights, reverse=True), 1)}

    def _body(self) -> float:
        """The height of type that most characters are set in."""
        heights: Counter[float] = Counter()
        for _, lines, _ in self._pages:
            for line in lines:
                heights[round(line.height * 2) / 2] += len(line.text)
        heights.pop(0.0, None)
        return heights.most_common(1)[0][0] if heights else 0.0

    def _running(self) -> set[str]:
        """Headers and footers: what stands first or last on most pages, but for the page's number."""
        if len(self._pages) < _REPEATED:
            return set()
        counts: Counter[str] = Counter()
        for number, lines, _ in self._pages:
            edges = [*lines[:_EDGE], *lines[-_EDGE:]]
            counts.update({key for line in edges for key in _running_keys(line.text, number)})
        enough = max(_REPEATED, len(self._pages) // 2)
        return {text for text, count in counts.items() if count >= enough}

    def _words(self) -> Counter[str]:
        words: Counter[str] = Counter()
        for _, lines, _ in self._pages:
            for line in lines:
                words.update(word.lower() for word in _WORD.findall(line.text))
        return words


def _paragraphs(page: int, lines: list[Line], words: Counter[str]) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    for at, line in enumerate(lines):
        before = lines[at - 1] if at else None
        if before is None or not _together(before, line):
            found.append(_Paragraph(page, line.height, line.bold))
        paragraph = found[-1]
        paragraph.lines += 1
        paragraph.boxes += [line.box] if line.box else []
        if before is not None and paragraph.texts and _goes_on(before, line, lines, at):
            paragraph.texts[-1] = _joined(paragraph.texts[-1], line.text, before.hyphen, words)
        else:
            paragraph.texts.append(one_line(line.text))
    return found


def _together(before: Line, line: Line) -> bool:
    """Whether a line stands under the one before it with no more space than lines of a paragraph have."""
    if before.hyphen or not line.height:
        return True
    if before.bold != line.bold and not _overlaps(before, line):
        return False
    if not before.height or abs(before.height - line.height) > 0.15 * max(before.height, line.height):
        return _overlaps(before, line)
    gap = before.bottom - line.top
    return -1.2 * line.height < gap < 0.6 * line.height


def _overlaps(before: Line, line: Line) -> bool:
    """Whether two lines share their height on the page: a superscript, a cell beside another."""
    return bool(before.height) and min(before.top, line.top) - max(before.bottom, line.bottom) > 0


def _goes_on(before: Line, line: Line, lines: list[Line], at: int) -> bool:
    if before.hyphen:
        return True
    if not line.height or not before.height or _MARK.match(line.text):
        return False
    if _overlaps(before, line) and line.left >= before.right - line.height:
        return True
    if _is_sparse(before) or _is_sparse(line):
        return False
    near = lines[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
    column = [
        each.right for each in near if each.left < before.right and each.right > before.left and each.height
    ]
    edge = max(column, default=before.right)
    width = line.right - line.left
    first = line.text.split(" ", 1)[0]
    needed = width * (len(first) + 1) / max(len(line.text), 1)
    return before.right + needed > edge and width > 4 * line.height


def _is_sparse(line: Line) -> bool:
    """Whether a line is wider than its letters are: cells of a table with room between."""
    return line.right - line.left > _LETTER * line.height * max(len(line.text), 1)


def _joined(text: str, following: str, hyphen: bool, words: Counter[str]) -> str:
    """Two parts of a line, a hyphen between kept only where it belongs to the word."""
    following = one_line(following)
    if not hyphen:
        return f"{text} {following}"
    first = re.search(r"[^\W\d_]+$", text)
    second = re.match(r"[^\W\d_]+", following)
    if first is None or second is None or not second[0][0].islower():
        return f"{text}-{following}"
    left, right = first[0].lower(), second[0].lower()
    if words[left + right]:
        return text + following
    compound = words[f"{left}-{right}"] or (
        min(len(left), len(right)) >= _SYLLABLE and words[left] > 1 and words[right] > 1
    )
    return f"{text}-{following}" if compound else text + following


def _may_head(paragraph: _Paragraph, text: str) -> bool:
    if paragraph.lines > _HEADING_LINES or len(text) > _HEADING_LENGTH or text.endswith((".", ",", ";")):
        return False  # most paragraphs, whose letters need not be counted
    letters = sum(character.isalpha() for character in text)
    return letters > 2 and letters * 2 > len(text)  # noqa: PLR2004


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _running_keys(text: str, page: int) -> set[str]:
    """The text as it is, and with each number in it as its distance from the page's number.

    "Page 3" on page 3 and "Page 4" on page 4 so have a key in common; "Total 3" and "Total 4" on other
    pages do not.
    """
    text = one_line(text)
    numbers = re.finditer(r"\d{1,5}", text)
    return {text, *(f"{text[: n.start()]}\x00{int(n[0]) - page}\x00{text[n.end() :]}" for n in numbers)} - {
        ""
    }


def _without_running(paragraphs: list[_Paragraph], running: set[str]) -> list[_Paragraph]:
    """A page's paragraphs without headers and footers, unless there is nothing else."""
    last = len(paragraphs) - _EDGE
    kept = [
        each
        for at, each in enumerate(paragraphs)
        if _EDGE <= at < last or not _running_keys("\n".join(each.texts), each.page) & running
    ]
    return kept or paragraphs
