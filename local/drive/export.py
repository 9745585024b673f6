"""Turning stored bytes into what files.export offers for a Google type."""

import csv
import io
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

from local.drive.items import DOCUMENT, DOCX, PPTX, PRESENTATION, SPREADSHEET, XLSX

TEXT, MARKDOWN, CSV, HTML = "text/plain", "text/markdown", "text/csv", "text/html"
EXPORT_LIMIT = 10 * 1024 * 1024
"""files.export answers at most 10 MB (Drive API reference)."""

OFFERED: dict[str, tuple[str, ...]] = {
    DOCUMENT: (TEXT, MARKDOWN, HTML, DOCX, "application/pdf", "application/rtf"),
    SPREADSHEET: (XLSX, CSV, "text/tab-separated-values", "application/pdf"),
    PRESENTATION: (PPTX, TEXT, "application/pdf"),
}
"""What Google offers for each type (guide "Export MIME types"), shortened to what is read here."""


class NotConvertible(Exception):
    """The type is on Google's list, but this stand-in cannot make it from the stored bytes."""


def _blocks(content: bytes) -> Iterator[Any]:
    """Paragraphs and tables of a DOCX in the order in which they stand."""
    from docx import Document

    return Document(io.BytesIO(content)).iter_inner_content()


def _table_rows(table: Any) -> list[list[str]]:
    return [[cell.text.replace("\n", " ").strip() for cell in row.cells] for row in table.rows]


def _docx_markdown(content: bytes) -> bytes:
    """Headings, lists and tables as Markdown, the rest as paragraphs."""
    lines: list[str] = []
    for block in _blocks(content):
        if hasattr(block, "rows"):
            rows = [[cell.replace("|", "\\|") for cell in row] for row in _table_rows(block)]
            table = ["| " + " | ".join(row) + " |" for row in rows]
            table.insert(1, "|" + " --- |" * (len(rows[0]) if rows else 1))
            lines.append("\n".join(table))
            continue
        style, text = str(block.style.name), block.text.strip()
        if not text:
            continue
        if style == "Title" or style.startswith("Heading"):
            level = int(style[-1]) if style[-1].isdecimal() else 1
            text = "#" * level + " " + text
        elif style.startswith("List"):
            text = ("1. " if "Number" in style else "* ") + text
        lines.append(text)
    return "\n\n".join(lines).encode() + b"\n"


def _docx_text(content: bytes) -> bytes:
    """Plain text with a byte order mark, as Google exports it."""
    lines = []
    for block in _blocks(content):
        if hasattr(block, "rows"):
            lines += ["\t".join(row) for row in _table_rows(block)]
        else:
            lines.append(block.text)
    return ("\ufeff" + "\r\n".join(lines)).encode()


def _xlsx_rows(content: bytes) -> Iterator[list[object]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(values_only=True):
        yield ["" if value is None else value for value in row]


def _xlsx_delimited(delimiter: str) -> Callable[[bytes], bytes]:
    def convert(content: bytes) -> bytes:
        """The first sheet only, as Google does it."""
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(_xlsx_rows(content))
        return out.getvalue().encode()

    return convert


def _csv_xlsx(content: bytes) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"))):
        if sheet is not None:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _pptx_text(content: bytes) -> bytes:
    from pptx import Presentation

    parts = []
    for slide in Presentation(io.BytesIO(content)).slides:
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for shape in slide.shapes:
            if getattr(shape, "has_table", False):
                texts += ["\t".join(row) for row in _table_rows(shape.table)]
        parts.append("\n".join(text for text in texts if text))
    return "\n\n".join(parts).encode()


class _Markdown(HTMLParser):
    """Headings, lists and paragraphs of an HTML page as Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block."""
        _ = attrs
        if tag in {"script", "style", "head"}:
            self._hidden += 1
        if tag in {"p", "div", "tr", "table", "ul", "ol", "br"}:
            self.parts.append("\n\n" if tag != "br" else "\n")
        if tag == "li":
            self.parts.append("\n* ")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal():  # noqa: PLR2004
            self.parts.append("\n\n" + "#" * int(tag[1]) + " ")

    def handle_endtag(self, tag: str) -> None:
        """Close a block."""
        if tag in {"script", "style", "head"}:
            self._hidden -= 1
        if tag in {"td", "th"}:
            self.parts.append("\t")

    def handle_data(self, data: str) -> None:
        """Keep visible text."""
        if not self._hidden:
            self.parts.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def _html_markdown(content: bytes) -> bytes:
    page = _Markdown()
    page.feed(content.decode("utf-8", "replace"))
    lines = [line.strip() for line in "".join(page.parts).split("\n")]
    return "\n".join(line for at, line in enumerate(lines) if line or (at and lines[at - 1])).strip().encode()


def _same(content: bytes) -> bytes:
    return content


CONVERTERS: dict[tuple[str, str], Callable[[bytes], bytes]] = {
    (DOCX, MARKDOWN): _docx_markdown,
    (DOCX, TEXT): _docx_text,
    (MARKDOWN, TEXT): _same,
    (TEXT, MARKDOWN): _same,
    (HTML, MARKDOWN): _html_markdown,
    (HTML, TEXT): _html_markdown,
    (XLSX, CSV): _xlsx_delimited(","),
    (XLSX, "text/tab-separated-values"): _xlsx_delimited("\t"),
    (CSV, XLSX): _csv_xlsx,
    (PPTX, TEXT): _pptx_text,
}


def convert(content: bytes, stored: str, wanted: str) -> bytes:
    """The stored bytes in the wanted type. Raises NotConvertible."""
    if stored == wanted:
        return content
    converter = CONVERTERS.get((stored, wanted))
    if converter is None:
        raise NotConvertible(f"{stored} to {wanted}")
    try:
        return converter(content)
    except Exception as error:
        raise NotConvertible(f"{stored} to {wanted}: the stored bytes cannot be read") from error
