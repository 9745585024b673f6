"""The lines of a PDF page with their boxes, as PDFium's text page gives them."""

import ctypes
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

import pypdfium2.raw as pdfium

from shared.documents.boxes import Box

HYPHEN: Final = "\ufffe"
"""What PDFium writes for a hyphen at a line's end that may belong to the word or to the setting."""

_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; the box is in points from the page's lower left corner, all 0 when unknown."""

    text: str
    left: float = 0.0
    bottom: float = 0.0
    right: float = 0.0
    top: float = 0.0
    hyphen: bool = False
    bold: bool = False
    """Whether the line is set in a bold face from its first to its last character."""

    @property
    def height(self) -> float:
        """The height of the type, ascent to descent: in proportion to its size."""
        return self.top - self.bottom

    @property
    def box(self) -> Box | None:
        """Where the line stands, where that is known."""
        known = self.right > self.left and self.top > self.bottom
        return (floor(self.left), floor(self.bottom), ceil(self.right), ceil(self.top)) if known else None


class Lines:
    """Reads one page."""

    def __init__(self, page: Any) -> None:
        self._text = page.get_textpage()
        # on a page that is turned, lines do not run from left to right in the page's own coordinates
        self._upright = page.get_rotation() == 0

    def all(self) -> list[Line]:
        """Every line that has text, in PDFium's reading order."""
        try:
            text = self._text.get_text_range()
            aligned = self._upright and len(text) == self._text.count_chars()
            found: list[Line] = []
            start = 0
            for end, hyphen in _ends(text):
                line = text[start:end]
                if line.strip():
                    found.append(self._line(line, start, aligned, hyphen))
                start = end + 1
            return found
        finally:
            self._text.close()

    def _line(self, text: str, start: int, aligned: bool, hyphen: bool) -> Line:
        words = text.strip("\r\n")
        if not aligned:
            return Line(words, hyphen=hyphen)
        first = start + len(text) - len(text.lstrip())
        last = start + len(text.rstrip()) - 1
        left, bottom, right, top = self._box(first)
        if last > first:
            end = self._box(last)
            left, right = min(left, end[0]), max(right, end[2])
            bottom, top = min(bottom, end[1]), max(top, end[3])
        bold = self._bold(first) and self._bold(last)
        return Line(words, left, bottom, right, top, hyphen, bold)

    def _bold(self, index: int) -> bool:
        name = ctypes.create_string_buffer(_NAME)
        flags = ctypes.c_int()
        size = pdfium.FPDFText_GetFontInfo(self._text, index, name, _NAME, ctypes.byref(flags))
        return 0 < size <= _NAME and b"bold" in name.value.lower()

    def _box(self, index: int) -> tuple[float, float, float, float]:
        box = pdfium.FS_RECTF()
        if not pdfium.FPDFText_GetLooseCharBox(self._text, index, ctypes.byref(box)):
            return 0.0, 0.0, 0.0, 0.0
        return box.left, box.bottom, box.right, box.top


def _ends(text: str) -> list[tuple[int, bool]]:
    """Where lines end, and whether in a hyphen."""
    ends = [(at, character == HYPHEN) for at, character in enumerate(text) if character in ("\n", HYPHEN)]
    return [*ends, (len(text), False)]
