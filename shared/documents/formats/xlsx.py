"""Excel workbooks (ECMA-376 SpreadsheetML, strict and transitional), read as a stream of rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from shared.documents import limits
from shared.documents.archive import Package, attribute, link, local
from shared.documents.formats.charts import chart_rows
from shared.documents.formats.sheets import Row, add_sheet
from shared.documents.formats.xlsx_numbers import Formats
from shared.documents.outline import Outline
from shared.documents.reasons import Unreadable, corrupt
from shared.documents.source import Source
from shared.models import Extraction, Locator

_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DIGITS: Final = 8
_PRINTED: Final = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
_PRINT_CODE: Final = re.compile(
    r"&(?:\"[^\"]*\"|\d+|K[0-9A-F+-]{5,8}|[LCRPNDTZFAGBIUESXYOH&])", re.IGNORECASE
)


def read(source: Source) -> Extraction:
    """A section a sheet in the workbook's order; formulas give their stored values."""
    with Package(source.path) as package:
        book = _Workbook(package, Outline(), source)
        book.sheets()
        return book.outline.extraction()


@dataclass
class _Sheet:
    """What was read of one sheet's XML."""

    rows: list[Row] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)


class _Workbook:
    """One pass over a workbook's parts."""

    def __init__(self, package: Package, outline: Outline, source: Source) -> None:
        self.outline = outline
        self._package = package
        self._source = source
        self._main = _main_part(package)
        self._root = package.tree(self._main)
        self._strings = list(self._shared_strings())
        dates = next(self._root.iterfind("{*}workbookPr"), None)
        from_1904 = dates is not None and attribute(dates, "date1904") in {"1", "true"}
        styles = package.related(self._main, "styles")
        self._formats = Formats(package.tree(styles[0]) if styles else None, from_1904=from_1904)
        self._cells = 0
        self._characters = 0

    def sheets(self) -> None:
        """All sheets, hidden ones marked as such in their section's name."""
        relations = self._package.relations(self._main)
        for sheet in self._root.iterfind("{*}sheets/{*}sheet"):
            _, part = relations.get(link(sheet), ("", ""))
            if not self._package.has(part):
                continue
            name = sheet.get("name", "")
            shown = sheet.get("state", "visible") == "visible"
            self.outline.heading(1, name if shown else f"{name} (hidden sheet)", Locator(sheet=name))
            try:
                self._sheet(name, part)
            except Unreadable as error:
                if error.code != "corrupt":
                    raise
                self.outline.warn(f"The sheet {name} is damaged and was left out.")
            if self.outline.full:
                break

    def _sheet(self, name: str, part: str) -> None:
        sheet = self._read(part)
        add_sheet(self.outline, name, sheet.rows, sheet.merged)
        place = Locator(sheet=name)
        relations = self._package.relations(part).values()
        for kind, target in relations:
            if not self._package.has(target):
                continue
            if kind == "comments":
                self._comments(target, name)
            elif kind == "threadedComment":
                for comment in self._package.tree(target).iter("{*}threadedComment"):
                    text = "".join(each.text or "" for each in comment.iter("{*}text"))
                    self.outline.add(text, "note", Locator(sheet=name, range=comment.get("ref")))
            elif kind == "drawing":
                self._drawings(target, place)
            elif kind in {"package", "oleObject"}:
                self._embedded(target)
        for printed in sheet.printed:
            self.outline.add(printed, "note", place)

    def _drawings(self, part: str, place: Locator) -> None:
        for text in _drawn(self._package.tree(part)):
            self.outline.add(text, place=place)
        for chart in self._package.related(part, "chart"):
            title, _ = chart_rows(self._package.tree(chart))  # its numbers are cells
            self.outline.add(title, place=place)

    def _read(self, part: str) -> _Sheet:
        sheet = _Sheet()
        number = 0
        for count, element in enumerate(self._package.elements(part, "row", "mergeCell", *_PRINTED)):
            match local(element):
                case "row":
                    stated = element.get("r", "")
                    number = int(stated) if stated.isdecimal() and len(stated) < _DIGITS else number + 1
                    if self._is_enough(count):
                        break
                    if cells := dict(self._row(element)):
                        sheet.rows.append(Row(number, cells))
                case "mergeCell":
                    if span := _span(element.get("ref", "")):
                        sheet.merged.append(span)
                case _:
                    text = _PRINT_CODE.sub(" ", element.text or "")
                    sheet.printed.append(" ".join(text.split()))
        return sheet

    def _is_enough(self, rows: int) -> bool:
        enough = self._cells > limits.CELLS or self._characters > limits.CHARACTERS or rows > limits.ROWS
        if enough:
            self.outline.warn(f"The workbook is large; its first {self._cells} cells were read.")
        return enough

    def _row(self, row: etree._Element) -> Iterator[tuple[int, str]]:
        column = 0
        for cell in row:
            place = _CELL.match(cell.get("r", ""))
            column = _column(place[1]) if place else column + 1
            text = self._value(cell)[: limits.CELL]
            if text.strip() and column <= limits.COLUMNS:
                self._cells += 1
                self._characters += len(text)
                yield column, text

    def _value(self, cell: etree._Element) -> str:
        kind = cell.get("t", "n")
        value, formula = "", False
        for child in cell:
            match local(child):
                case "v":
                    value = child.text or ""
                case "is":
                    return _string(child)
                case "f":
                    formula = True
        if not value:
            if formula and kind != "str":
                self.outline.warn(
                    "Some formulas have no stored result; open and save the workbook to give them one."
                )
            return ""
        if kind == "s":
            return self._strings[int(value)] if value.isdecimal() and int(value) < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n":
            return self._formats.shown(value, cell.get("s", "0"))
        return value.replace("T", " ").removesuffix(" 00:00:00") if kind == "d" else value

    def _shared_strings(self) -> Iterator[str]:
        left = limits.PACKAGE_BYTES // 4
        for part in self._package.related(self._main, "sharedStrings"):
            for item in self._package.elements(part, "si"):
                text = _string(item)[: limits.CELL]
                left -= len(text) + 50
                if left < 0:
                    raise Unreadable("too-large", "The workbook holds more text than can be read.")
                yield text

    def _comments(self, part: str, name: str) -> None:
        for comment in self._package.tree(part).iter("{*}comment"):
            text = "".join(each.text or "" for each in comment.iter("{*}t"))
            if not text.startswith("[Threaded comment]"):
                self.outline.add(text, "note", Locator(sheet=name, range=comment.get("ref")))

    def _embedded(self, part: str) -> None:
        name = part.rpartition("/")[2]
        try:
            self.outline.graft(self._source.nested(self._package.read(part), "", name), name)
        except Unreadable as error:
            self.outline.warn(f"{name} was left out: {error.sentence}")


def _main_part(package: Package) -> str:
    for kind, target in package.relations("").values():
        if kind == "officeDocument" and package.has(target):
            return target
    if package.has("xl/workbook.xml"):
        return "xl/workbook.xml"
    raise corrupt("The workbook")


def _string(item: etree._Element) -> str:
    """A string's runs together, phonetic guides left out."""
    texts: list[str] = []
    for child in item:
        match local(child):
            case "t":
                texts.append(child.text or "")
            case "r":
                texts += [each.text or "" for each in child.iterfind("{*}t")]
    return _unescaped("".join(texts))


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written _x000D_ (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


def _span(reference: str) -> tuple[int, int, int, int] | None:
    """First row, first column, last row, last column of A1:B2; None for one cell or nonsense."""
    cells = _CELL.findall(reference)
    if len(cells) != 2:  # noqa: PLR2004
        return None
    (first_column, first_row), (last_column, last_row) = cells
    return int(first_row), _column(first_column), int(last_row), _column(last_column)


def _drawn(root: etree._Element) -> Iterator[str]:
    """Text boxes and shapes drawn on a sheet, and what its pictures are said to show."""
    yield from (each.get("descr", "") for each in root.iter("{*}cNvPr"))
    for body in root.iter("{*}txBody"):
        lines = (
            "".join(each.text or "" for each in paragraph.iter("{*}t")) for paragraph in body.iterfind("{*}p")
        )
        yield "\n".join(lines)
