"""OpenDocument texts and presentations (ISO/IEC 26300)."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from shared.documents import limits
from shared.documents.archive import Package, attribute, local
from shared.documents.outline import Outline
from shared.documents.reasons import encrypted
from shared.documents.source import Source
from shared.documents.tables import Grid, header_line, table_text
from shared.models import Extraction, Locator

_SKIPPED: Final = frozenset(
    {"tracked-changes", "sequence-decls", "forms", "note-citation", "annotation-end", "title"}
)
_NOTES: Final = frozenset({"note", "annotation", "notes"})


def read_text(source: Source) -> Extraction:
    """A text: headings open sections, lists and tables stay what they are, notes follow their paragraph."""
    with open_document(source) as package:
        outline = Outline(_title(package))
        for body in package.tree("content.xml").iterfind("{*}body/{*}text"):
            _Walk(outline, Locator()).children(body, 0)
        return outline.extraction()


def read_slides(source: Source) -> Extraction:
    """A presentation or a drawing: a section a slide or page, speaker notes as notes."""
    with open_document(source) as package:
        outline = Outline(_title(package))
        number = 0
        for number, page in enumerate(package.tree("content.xml").iterfind("{*}body/*/{*}page"), 1):
            if number > limits.PAGES:
                outline.warn(f"Only the first {limits.PAGES} slides were read.")
                break
            titles = (each for each in page.iterfind("{*}frame") if attribute(each, "class") == "title")
            title = next((" ".join(paragraphs(each)) for each in titles), "")
            outline.under(1, title or f"Slide {number}")
            _Walk(outline, Locator(slide=number)).children(page, 0)
        return outline.extraction(pages=number)


def open_document(source: Source) -> Package:
    """The package of a document; raises Unreadable("encrypted") when its manifest says so."""
    package = Package(source.path)
    # ODF 1.0 files carry a document type declaration in the manifest, so it is searched, not parsed
    manifest = "META-INF/manifest.xml"
    if package.has(manifest) and b"encryption-data" in package.read(manifest, limits.TREE_BYTES):
        package.close()
        raise encrypted()
    return package


def _title(package: Package) -> str:
    if not package.has("meta.xml"):
        return ""
    return next(
        (
            each.text or ""
            for each in package.tree("meta.xml").iter("{http://purl.org/dc/elements/1.1/}title")
        ),
        "",
    )


class _Walk:
    """Appends the blocks below an element to an outline."""

    def __init__(self, outline: Outline, place: Locator) -> None:
        self._outline = outline
        self._place = place

    def children(self, element: etree._Element, depth: int) -> None:
        """Every block below, in order."""
        for child in element:
            if depth < limits.NESTING and not self._outline.full:
                self._block(child, depth + 1)

    def _block(self, element: etree._Element, depth: int) -> None:
        name = local(element)
        if name == "h" and self._place.slide is None:
            level = attribute(element, "outline-level")
            self._outline.heading(int(level) if level.isdecimal() else 1, inline(element))
        elif name in {"p", "h"}:
            self._outline.add(inline(element), place=self._place)
            self._notes(element)
            for frame in element.iterfind("{*}frame"):
                self.children(frame, depth)
        elif name == "list":
            self._outline.add("\n".join(_items(element, 0)), "list", self._place)
            self._notes(element)
        elif name == "table":
            rows = _rows(element)
            self._outline.add(table_text(rows), "table", self._place, header_line(rows))
        elif name == "desc":
            self._outline.add(element.text or "", place=self._place)
        elif name in _NOTES:
            self._outline.add("\n".join(paragraphs(element)), "note", self._place)
        elif name not in _SKIPPED:
            self.children(element, depth)

    def _notes(self, element: etree._Element) -> None:
        for note in element.iter("{*}note", "{*}annotation"):
            self._outline.add("\n".join(paragraphs(note)), "note", self._place)


def paragraphs(element: etree._Element) -> list[str]:
    """The text of every paragraph below."""
    return [text for each in element.iter("{*}p", "{*}h") if (text := inline(each)).strip()]


def inline(element: etree._Element, depth: int = 0) -> str:
    """A paragraph's own text, notes and frames apart."""
    pieces = [element.text or ""]
    for child in element:
        name = local(child)
        match name:
            case "s":
                count = attribute(child, "c")
                pieces.append(" " * min(int(count) if count.isdecimal() else 1, 80))
            case "tab":
                pieces.append("\t")
            case "line-break":
                pieces.append("\n")
            case _ if name not in _NOTES | _SKIPPED | {"frame", "p"} and depth < limits.NESTING:
                pieces.append(inline(child, depth + 1))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _items(element: etree._Element, depth: int) -> Iterator[str]:
    if depth > limits.NESTING // 4:
        return
    for item in element:
        mark = "- "
        for child in item:
            if local(child) == "list":
                yield from _items(child, depth + 1)
            elif local(child) in {"p", "h"} and (text := inline(child)).strip():
                yield "  " * depth + mark + text
                mark = "  "


def _rows(table: etree._Element) -> list[list[str]]:
    grid = Grid()
    for row in table.iter("{*}table-row"):
        if next((each for each in row.iterancestors("{*}table")), None) is not table:
            continue
        grid.row()
        for cell in row:
            if local(cell) == "table-cell":
                across, down = (
                    attribute(cell, "number-columns-spanned"),
                    attribute(cell, "number-rows-spanned"),
                )
                grid.cell("\n".join(paragraphs(cell)), _number(across), _number(down))
    return grid.rows


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else 1  # noqa: PLR2004
