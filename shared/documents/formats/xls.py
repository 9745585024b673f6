"""Excel workbooks of 1995 to 2003 ([MS-XLS], BIFF8, and BIFF5 before it)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from shared.documents import limits
from shared.documents.compound import Compound
from shared.documents.formats.sheets import Row, add_sheet
from shared.documents.formats.xls_strings import SharedStrings, unicode_string
from shared.documents.formats.xlsx_numbers import Formats
from shared.documents.outline import Outline
from shared.documents.reasons import corrupt, encrypted
from shared.models import Extraction, Locator


class _Kind:
    """Record types ([MS-XLS] 2.3.1)."""

    EOF, FORMULA, DATE_MODE, FILEPASS, CONTINUE, CODE_PAGE = 0x0A, 0x06, 0x22, 0x2F, 0x3C, 0x42
    SHEET, MUL_RK, RICH_LABEL, STYLE, MERGED, STRINGS, LABEL_SST = 0x85, 0xBD, 0xD6, 0xE0, 0xE5, 0xFC, 0xFD
    NUMBER, LABEL, TRUTH, STRING, RK, FORMAT, BOF = 0x203, 0x204, 0x205, 0x207, 0x27E, 0x41E, 0x809


_VALUES: Final = frozenset(
    {
        _Kind.FORMULA,
        _Kind.MUL_RK,
        _Kind.RICH_LABEL,
        _Kind.LABEL_SST,
        _Kind.NUMBER,
        _Kind.LABEL,
        _Kind.TRUTH,
        _Kind.RK,
    }
)
_BIFF8: Final = 0x600
_CODE_PAGES: Final = {1200: "utf-16-le", 10000: "mac_roman", 32768: "mac_roman"}
_ERRORS: Final = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
}


@dataclass
class _Book:
    """What the workbook's globals say."""

    wide: bool = True
    code_page: str = "cp1252"
    from_1904: bool = False
    sheets: list[tuple[int, str, bool]] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)

    def text(self, data: bytes, length_size: int) -> str:
        """A string that begins with its length in one or two bytes."""
        if self.wide:
            return unicode_string(data, length_size)
        length = int.from_bytes(data[:length_size], "little")
        return data[length_size : length_size + length].decode(self.code_page, "replace")

    def take(self, kind: int, data: bytes) -> None:
        """Note what one record of the globals says; raises Unreadable("encrypted")."""
        match kind:
            case _Kind.BOF:
                self.wide = struct.unpack_from("<H", data)[0] >= _BIFF8
            case _Kind.FILEPASS:
                raise encrypted()
            case _Kind.CODE_PAGE:
                number = struct.unpack_from("<H", data)[0]
                self.code_page = _CODE_PAGES.get(number, f"cp{number}")
            case _Kind.DATE_MODE:
                self.from_1904 = data[:1] == b"\x01"
            case _Kind.SHEET:
                place, state = struct.unpack_from("<IB", data)
                self.sheets.append((place, self.text(data[6:], 1), state & 3 != 0))
            case _Kind.FORMAT:
                self.codes[struct.unpack_from("<H", data)[0]] = self.text(data[2:], 2 if self.wide else 1)
            case _Kind.STYLE:
                self.styles.append(struct.unpack_from("<H", data, 2)[0])


def read(compound: Compound) -> Extraction:
    """A section a sheet; formulas give their stored values."""
    stream = compound.read("Workbook") or compound.read("Book")
    outline = Outline()
    try:
        book = _globals(stream)
        formats = Formats.of_codes(book.codes, book.styles, from_1904=book.from_1904)
        for start, name, hidden in book.sheets:
            outline.heading(1, f"{name} (hidden sheet)" if hidden else name, Locator(sheet=name))
            sheet = _Sheet(book, formats)
            sheet.read(stream, start)
            rows = [Row(number, sheet.cells[number]) for number in sorted(sheet.cells)]
            add_sheet(outline, name, rows, sheet.merged)
    except (struct.error, IndexError) as error:
        raise corrupt("The workbook") from error
    return outline.extraction()


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def _globals(stream: bytes) -> _Book:
    book = _Book()
    shared: SharedStrings | None = None
    for kind, data in _records(stream, 0):
        if kind == _Kind.EOF:
            break
        if kind == _Kind.STRINGS:
            shared = SharedStrings(data)
        elif kind == _Kind.CONTINUE:
            if shared is not None:
                shared.more(data)
        else:
            if shared is not None:
                book.strings, shared = shared.strings(), None
            book.take(kind, data)
    if shared is not None:
        book.strings = shared.strings()
    return book


class _Sheet:
    """The cells of one sheet, by row and column from 1, and its merged ranges."""

    def __init__(self, book: _Book, formats: Formats) -> None:
        self.cells: dict[int, dict[int, str]] = {}
        self.merged: list[tuple[int, int, int, int]] = []
        self._book = book
        self._formats = formats
        self._count = 0
        self._awaiting = (0, 0)

    def read(self, stream: bytes, start: int) -> None:
        """The records of the sheet that starts here, charts within it passed over."""
        depth = 0
        for kind, data in _records(stream, start):
            if kind == _Kind.BOF:
                depth += 1
            elif kind == _Kind.EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif self._count > limits.CELLS:
                return
            else:
                self._take(kind, data)

    def _take(self, kind: int, data: bytes) -> None:
        if kind == _Kind.MERGED:
            spans = struct.iter_unpack("<4H", data[2 : 2 + len(data[2:]) // 8 * 8])
            self.merged += [(top + 1, left + 1, bottom + 1, right + 1) for top, bottom, left, right in spans]
        elif kind == _Kind.STRING:  # the text of the formula just before
            self._put(*self._awaiting, self._book.text(data, 2))
        elif kind in _VALUES:
            for row, column, text in _values(kind, data, self._book, self._formats):
                self._awaiting = (row, column)
                self._put(row, column, text)

    def _put(self, row: int, column: int, text: str) -> None:
        if text.strip() and column <= limits.COLUMNS:
            self.cells.setdefault(row, {})[column] = text[: limits.CELL]
            self._count += 1


def _values(kind: int, data: bytes, book: _Book, formats: Formats) -> Iterator[tuple[int, int, str]]:
    """The cells of one record as (row, column, text); "" for a formula whose text follows."""
    row, column, style = struct.unpack_from("<3H", data)
    row, column = row + 1, column + 1
    match kind:
        case _Kind.LABEL_SST:
            index = struct.unpack_from("<I", data, 6)[0]
            yield row, column, book.strings[index] if index < len(book.strings) else ""
        case _Kind.LABEL | _Kind.RICH_LABEL:
            yield row, column, book.text(data[6:], 2)
        case _Kind.NUMBER:
            yield row, column, formats.shown(repr(struct.unpack_from("<d", data, 6)[0]), str(style))
        case _Kind.RK:
            yield row, column, formats.shown(repr(_rk(struct.unpack_from("<I", data, 6)[0])), str(style))
        case _Kind.MUL_RK:
            for n in range((len(data) - 6) // 6):
                each, value = struct.unpack_from("<HI", data, 4 + 6 * n)
                yield row, column + n, formats.shown(repr(_rk(value)), str(each))
        case _Kind.TRUTH:
            yield row, column, _ERRORS.get(data[6], "") if data[7] else ("TRUE" if data[6] else "FALSE")
        case _Kind.FORMULA:
            yield row, column, _result(data[6:14], formats, style)


def _result(data: bytes, formats: Formats, style: int) -> str:
    if data[6:8] != b"\xff\xff":
        return formats.shown(repr(struct.unpack("<d", data)[0]), str(style))
    match data[0]:
        case 1:
            return "TRUE" if data[2] else "FALSE"
        case 2:
            return _ERRORS.get(data[2], "")
        case _:
            return ""


def _rk(value: int) -> float:
    """A number packed into 30 bits ([MS-XLS] 2.5.217)."""
    if value & 2:
        number = float((value >> 2) - (1 << 30) if value & 0x80000000 else value >> 2)
    else:
        number = float(struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))[0])
    return number / 100 if value & 1 else number
