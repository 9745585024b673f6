"""OpenDocument spreadsheets (ISO/IEC 26300), read as a stream of rows."""

from dataclasses import dataclass, field

from lxml import etree

from shared.documents import limits
from shared.documents.archive import attribute, local
from shared.documents.formats.odf import inline, open_document, paragraphs
from shared.documents.formats.sheets import Row, add_sheet
from shared.documents.outline import Outline
from shared.documents.source import Source
from shared.models import Extraction, Locator


@dataclass
class _Sheet:
    """One table being read; `number` is that of the row read last."""

    name: str
    number: int = 0
    rows: list[Row] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(source: Source) -> Extraction:
    """A section a sheet; cells as they are shown, dates in ISO 8601."""
    outline = Outline()
    with open_document(source) as package:
        sheet = _Sheet("")
        cells = 0
        for row in package.elements("content.xml", "table-row"):
            name = next((attribute(each, "name") for each in row.iterancestors("{*}table")), "")
            if name != sheet.name:
                _write(outline, sheet)
                sheet = _Sheet(name)
            cells += _row(sheet, row)
            if cells > limits.CELLS:
                outline.warn(f"The workbook is large; its first {cells} cells were read.")
                break
        _write(outline, sheet)
        return outline.extraction()


def _write(outline: Outline, sheet: _Sheet) -> None:
    if not sheet.rows:
        return
    outline.heading(1, sheet.name, Locator(sheet=sheet.name))
    add_sheet(outline, sheet.name, sheet.rows, sheet.merged)
    for note in sheet.notes:
        outline.add(note, "note", Locator(sheet=sheet.name))


def _row(sheet: _Sheet, row: etree._Element) -> int:
    """Read a row, as often as it says it is repeated; returns how many cells it has."""
    first, column = sheet.number + 1, 0
    cells: dict[int, str] = {}
    for cell in row:
        if local(cell) not in {"table-cell", "covered-table-cell"}:
            continue
        text = _shown(cell)[: limits.CELL]
        repeated = _number(cell, "number-columns-repeated")
        if text.strip():
            cells.update(
                {column + each: text for each in range(1, min(repeated, limits.COLUMNS - column) + 1)}
            )
        across, down = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
        if across > 1 or down > 1:
            sheet.merged.append((first, column + 1, first + down - 1, column + across))
        sheet.notes += ["\n".join(paragraphs(note)) for note in cell.iterfind("{*}annotation")]
        column += repeated
    repeated = _number(row, "number-rows-repeated")
    if cells:
        sheet.rows += [Row(first + each, dict(cells)) for each in range(min(repeated, limits.SPAN))]
    sheet.number += repeated
    return len(cells) * min(repeated, limits.SPAN)


def _shown(cell: etree._Element) -> str:
    if attribute(cell, "value-type") == "date":
        return attribute(cell, "date-value").replace("T", " ").removesuffix(" 00:00:00")
    text = "\n".join(inline(each) for each in cell.iterfind("{*}p"))
    return text or attribute(cell, "value")


def _number(element: etree._Element, name: str) -> int:
    text = attribute(element, name)
    return int(text) if text.isdecimal() and len(text) < 8 else 1  # noqa: PLR2004
