"""Word documents (ECMA-376 WordprocessingML, strict and transitional), read as a stream."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from shared.documents.archive import Package, attribute, link, local
from shared.documents.formats.charts import chart_rows, diagram_lines
from shared.documents.formats.docx_styles import Styles
from shared.documents.outline import Outline, one_line
from shared.documents.reasons import Unreadable, corrupt
from shared.documents.source import Source
from shared.documents.tables import header_line, table_text
from shared.models import Extraction

# Deleted or moved-away text, field codes, the fallback of a drawing that was read already, phonetic guides.
_SKIPPED: Final = frozenset(
    {"del", "moveFrom", "instrText", "delText", "Fallback", "rt", "pPr", "rPr", "sectPr"}
)
_CONTAINERS: Final = frozenset(
    {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice"}
)
_NOTES: Final = (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment"))
_DEPTH: Final = 30
_PRIVATE: Final = range(0xE000, 0xF900)


def read(source: Source) -> Extraction:
    """Headings open sections; then lists, tables, text boxes, notes, comments, headers and footers."""
    with Package(source.path) as package:
        part = _main_part(package)
        document = _Document(package, part, Outline(), source)
        document.body()
        document.notes()
        document.embedded()
        return document.outline.extraction()


def _main_part(package: Package) -> str:
    for kind, target in package.relations("").values():
        if kind == "officeDocument" and package.has(target):
            return target
    if package.has("word/document.xml"):
        return "word/document.xml"
    raise corrupt()


class _Document:
    """One pass over a document's parts."""

    def __init__(self, package: Package, part: str, outline: Outline, source: Source) -> None:
        self.outline = outline
        self._package = package
        self._part = part
        self._source = source
        self._relations = package.relations(part)
        self._styles = Styles(package, part)

    def body(self) -> None:
        """The main text: the body's own children, whatever content controls stand between."""
        for element in self._package.elements(self._part, "p", "tbl", "altChunk"):
            if _is_top(element):
                self._block(element)
            if self.outline.full:
                break

    def notes(self) -> None:
        """Footnotes, endnotes, comments, then each distinct header and footer, all as notes."""
        self.outline.top()
        for kind, tag in _NOTES:
            for part in self._package.related(self._part, kind):
                for note in self._package.tree(part):
                    if local(note) == tag and attribute(note, "type") not in {
                        "separator",
                        "continuationSeparator",
                    }:
                        self.outline.add("\n".join(_paragraph_texts(note)), "note")
        seen: set[str] = set()
        for kind in ("header", "footer"):
            for part in self._package.related(self._part, kind):
                text = "\n".join(_paragraph_texts(self._package.tree(part)))
                if one_line(text) not in seen and any(map(str.isalpha, text)):
                    seen.add(one_line(text))
                    self.outline.add(text, "note")

    def _block(self, element: etree._Element) -> None:
        match local(element):
            case "p":
                self._paragraph(element)
            case "tbl":
                self._table(element)
            case "altChunk":
                self._chunk(element)

    def _paragraph(self, element: etree._Element) -> None:
        text = paragraph_text(element)
        style = self._styles.of(element)
        if style.level and text.strip():
            self.outline.heading(style.level, f"{style.number} {text}".strip())
        elif style.listed:
            self.outline.add(
                f"{'  ' * style.indent}{style.number or '-'} {text}" if text.strip() else "", "list"
            )
        else:
            self.outline.add(text)
        for box in _boxes(element):
            self.outline.add(box)
        self._figures(element)

    def _figures(self, element: etree._Element) -> None:
        """What a paragraph's pictures, charts and diagrams say; drawn twice for old readers, said once."""
        said: set[str] = set()
        for drawn in element.iter("{*}docPr", "{*}textpath", "{*}chart", "{*}relIds"):
            words = drawn.get("descr" if local(drawn) == "docPr" else "string", "").strip()
            if words and words not in said:
                said.add(words)
                self.outline.add(words)
            _, target = self._relations.get(link(drawn) or link(drawn, "dm"), ("", ""))
            if local(drawn) in {"chart", "relIds"} and self._package.has(target) and target not in said:
                said.add(target)
                self._chart(self._package.tree(target))

    def _chart(self, root: etree._Element) -> None:
        self.outline.add("\n".join(diagram_lines(root)), "list")
        title, rows = chart_rows(root)
        self.outline.add(title)
        self.outline.add(table_text(rows), "table", header=header_line(rows))

    def embedded(self) -> None:
        """Workbooks and documents placed in the text, charts' own data apart."""
        for kind, target in self._relations.values():
            if kind == "package" and self._package.has(target):
                name = target.rpartition("/")[2]
                try:
                    self.outline.graft(self._source.nested(self._package.read(target), "", name), name)
                except Unreadable as error:
                    self.outline.warn(f"{name} within the document was left out: {error.sentence}")

    def _table(self, element: etree._Element) -> None:
        rows = _rows(element)
        self.outline.add(table_text(rows), "table", header=header_line(rows))

    def _chunk(self, element: etree._Element) -> None:
        """A document within the document (altChunk): mostly HTML."""
        _, target = self._relations.get(link(element), ("", ""))
        if not self._package.has(target):
            return
        try:
            inner = self._source.nested(self._package.read(target), "", target)
        except Unreadable as error:
            self.outline.warn(f"An embedded part was left out: {error.sentence}")
            return
        for section in inner.sections:
            for block in section.blocks:
                self.outline.add(block.text, block.kind, header=block.header)


def _is_top(element: etree._Element) -> bool:
    """Whether an element is a block of the body, not of a table or a text box."""
    for parent in element.iterancestors():
        name = local(parent)
        if name == "body":
            return True
        if name not in _CONTAINERS:
            return False
    return False


def paragraph_text(element: etree._Element) -> str:
    """The text of a paragraph as it reads now: insertions in, deletions out, text boxes apart."""
    return "".join(_pieces(element, 0))


def _pieces(element: etree._Element, depth: int) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name in _SKIPPED or name == "txbxContent" or depth > _DEPTH:
            continue
        match name:
            case "t":
                yield child.text or ""
            case "tab" | "ptab":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "sym":
                yield _symbol(child)
            case "checkBox" | "checkbox":
                yield _check_box(child)
            case "oMath" | "oMathPara":
                yield f" {''.join(each.text or '' for each in child.iter('{*}t'))} "
            case _:
                yield from _pieces(child, depth + 1)


def _symbol(element: etree._Element) -> str:
    try:
        code = int(attribute(element, "char"), 16)
    except ValueError:
        return ""
    # symbol fonts put their glyphs into the private area, where a code means nothing to a reader
    return "" if code in _PRIVATE else chr(code)


def _check_box(element: etree._Element) -> str:
    checked = next((attribute(each, "val") for each in element if local(each) == "checked"), "0")
    return "[x] " if checked in {"1", "true", ""} else "[ ] "


def _boxes(element: etree._Element) -> Iterator[str]:
    for box in element.iter("{*}txbxContent"):
        if not any(local(parent) == "Fallback" for parent in box.iterancestors()):
            yield "\n".join(_paragraph_texts(box))


def _paragraph_texts(element: etree._Element) -> Iterator[str]:
    for paragraph in element.iter("{*}p"):
        text = paragraph_text(paragraph)
        if text.strip():
            yield text


def _rows(table: etree._Element) -> list[list[str]]:
    """The cells of a table; a cell merged downwards repeats its text, one merged across has it once."""
    rows: list[list[str]] = []
    for row in _children(table, "tr"):
        cells: list[str] = []
        cells.extend("" for _ in range(_before(row)))
        for cell in _children(row, "tc"):
            span, merge = _merge(cell)
            text = "\n".join(_cell_texts(cell))
            if merge == "continue" and rows and len(cells) < len(rows[-1]):
                text = rows[-1][len(cells)]
            cells.extend([text, *[""] * (span - 1)])
        rows.append(cells)
    return rows


def _children(element: etree._Element, tag: str, depth: int = 0) -> Iterator[etree._Element]:
    """Children of one name, content controls and revisions between taken away."""
    for child in element:
        name = local(child)
        if name == tag:
            if not (tag == "tr" and _is_deleted(child)):
                yield child
        elif name in _CONTAINERS and depth < _DEPTH:
            yield from _children(child, tag, depth + 1)


def _is_deleted(row: etree._Element) -> bool:
    return any(local(each) == "del" for each in row.iterfind("{*}trPr/*"))


def _before(row: etree._Element) -> int:
    skipped = next(row.iterfind("{*}trPr/{*}gridBefore"), None)
    return _count(attribute(skipped, "val")) if skipped is not None else 0


def _merge(cell: etree._Element) -> tuple[int, str]:
    span, merge = 1, ""
    for each in cell.iterfind("{*}tcPr/*"):
        if local(each) == "gridSpan":
            span = max(1, _count(attribute(each, "val")))
        elif local(each) == "vMerge":
            merge = attribute(each, "val") or "continue"
    return span, merge


def _count(text: str) -> int:
    return min(int(text), 64) if text.isdecimal() else 0


def _cell_texts(cell: etree._Element) -> Iterator[str]:
    for child in cell:
        name = local(child)
        if name == "p":
            yield paragraph_text(child)
            yield from _boxes(child)
        elif name == "tbl":
            yield from (" ".join(filter(str.strip, row)) for row in _rows(child))
        elif name in _CONTAINERS:
            yield from _cell_texts(child)
