"""HTML: what a reader of the page sees, without scripts, styles and navigation."""

import re
from typing import Final

from lxml import etree, html

from shared.documents import limits
from shared.documents.archive import refuse_crowd
from shared.documents.formats.text import decode
from shared.documents.outline import Outline, clean, one_line
from shared.documents.reasons import corrupt, empty
from shared.documents.source import Source
from shared.documents.tables import Grid, header_line, table_text
from shared.models import BlockKind, Extraction

_CHARSET = re.compile(rb"<(?:meta\b[^>]*charset|\?xml[^>]*encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_DROPPED: Final = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "canvas",
        "audio",
        "video",
        "nav",
        "head",
        "title",
        "meta",
        "link",
        "button",
        "select",
        "option",
        "dialog",
        "map",
        "area",
    )
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_BLOCKS: Final = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    )
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")


def read(source: Source) -> Extraction:
    """Headings open sections; tables, lists and preformatted text stay what they are."""
    return read_text(decode_html(source.data()))


def read_xml(source: Source) -> Extraction:
    """An XML document of no known vocabulary: its text, element by element, no entity expanded."""
    outline = Outline()
    for paragraph in "\n".join(map(str, _parsed(decode_html(source.data())).itertext())).split("\n"):
        outline.add(paragraph)
    return outline.extraction()


def read_text(text: str) -> Extraction:
    """As `read`, from characters."""
    outline = Outline()
    add_html(text, outline)
    return outline.extraction()


def decode_html(data: bytes) -> str:
    """The characters of a page; the encoding it states counts when the bytes do not say themselves."""
    stated = _CHARSET.search(data[:4096])
    return decode(data, stated[1].decode("ascii") if stated else "")


def add_html(text: str, outline: Outline) -> None:
    """Append a page or a piece of one to an outline."""
    if not text.strip():
        raise empty()
    root = _parsed(text)
    title = one_line(root.findtext(".//head/title") or "")
    first = root.find(".//h1")
    heading = _plain(first) if first is not None else ""
    outline.title = outline.title or title
    if heading not in title and title not in heading:
        outline.prelude(title)
    elif not heading and not outline.path:
        outline.heading(1, title)
    _Walk(outline).page(root)


def _parsed(text: str) -> etree._Element:
    # libxml2's HTML parser knows no custom entities and, without huge_tree, cuts nesting at 256
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", clean(text), count=1)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    refuse_crowd(text.count("<"))
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:  # nothing but comments, closing tags, instructions
        raise empty() from error
    except (etree.XMLSyntaxError, ValueError) as error:
        raise corrupt("The page") from error
    return root


class _Walk:
    """One pass over a page, collecting inline text until a block element ends it."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._words: list[str] = []

    def page(self, root: etree._Element) -> None:
        self._element(root, 0, "paragraph")
        self._flush("paragraph")

    def _element(self, element: etree._Element, depth: int, kind: BlockKind) -> None:
        tag = str(element.tag).rpartition(":")[2].lower()
        if not tag or tag in _DROPPED or _is_hidden(element) or depth > limits.NESTING:
            return
        if tag in _HEADINGS:
            self._flush(kind)
            self._outline.heading(_HEADINGS[tag], _plain(element))
        elif tag == "table" and _is_data(element):
            self._flush(kind)
            rows = table_rows(element)
            self._outline.add(table_text(rows), "table", header=header_line(rows))
        elif tag in {"ul", "ol", "dl"}:
            self._flush(kind)
            self._outline.add("\n".join(_list_lines(element, 0)), "list")
        elif tag == "pre":
            self._flush(kind)
            self._outline.add("".join(_strings(element)), "code")
        elif tag == "br":
            self._words.append("\n")
        else:
            self._children(element, tag, depth, kind)

    def _children(self, element: etree._Element, tag: str, depth: int, kind: BlockKind) -> None:
        if tag in _BLOCKS:
            self._flush(kind)
        if tag == "img":
            self._words.append(f" {element.get('alt') or ''} ")
        if tag == "input" and element.get("type") not in {"hidden", "submit", "button"}:
            self._words.append(f" {element.get('value') or ''} ")
        self._text(element.text)
        for child in element:
            self._element(child, depth + 1, kind)
            self._text(child.tail)
        if tag in _BLOCKS:
            self._flush(kind)

    def _text(self, text: str | None) -> None:
        if text:
            self._words.append(_SPACES.sub(" ", text))

    def _flush(self, kind: BlockKind) -> None:
        text, self._words = "".join(self._words), []
        lines = (" ".join(line.split()) for line in text.split("\n"))
        self._outline.add("\n".join(line for line in lines if line), kind)


def table_rows(table: etree._Element) -> list[list[str]]:
    """The cells of a table, merged ones resolved, tables within cells as text."""
    grid = Grid()
    for row in table.iterdescendants("tr"):
        if _owner(row) is not table:
            continue
        grid.row()
        for cell in row:
            if cell.tag in {"td", "th"}:
                grid.cell(_plain(cell), _number(cell.get("colspan")), _number(cell.get("rowspan")))
    return grid.rows


def _owner(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors("table"), None)


def _number(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() and len(text) < 5 else 1  # noqa: PLR2004


def _is_data(table: etree._Element) -> bool:
    """Whether a table holds data and does not lay out a page: no headings, no long or nested content."""
    if table.get("role") in {"presentation", "none"}:
        return False
    if any(True for _ in table.iterdescendants("table", "h1", "h2", "h3", "h4", "h5", "h6")):
        return False
    rows = list(table.iterdescendants("tr"))
    return max((len(row) for row in rows), default=0) > 1 and not any(
        len(cell.findall(".//p")) + len(cell.findall(".//div")) > 3  # noqa: PLR2004
        for cell in table.iterdescendants("td")
    )


def _is_hidden(element: etree._Element) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") == "navigation"
        or bool(_HIDDEN.search(element.get("style", "")))
    )


def _list_lines(element: etree._Element, depth: int) -> list[str]:
    lines: list[str] = []
    number = _number(element.get("start")) if element.tag == "ol" else 0
    for item in element:
        if item.tag not in {"li", "dt", "dd"} or _is_hidden(item):
            continue
        inner = (
            [each for each in item if each.tag in {"ul", "ol", "dl"}] if depth < limits.NESTING // 4 else []
        )
        text = " ".join("".join(_strings(item, skip=frozenset(inner))).split())
        mark = f"{number}. " if number else "" if item.tag == "dt" else "- "
        number += bool(number)
        if text:
            lines.append("  " * depth + mark + text)
        for each in inner:
            lines += _list_lines(each, depth + 1)
    return lines


def _plain(element: etree._Element) -> str:
    return " ".join("".join(_strings(element)).split())


def _strings(element: etree._Element, skip: frozenset[etree._Element] = frozenset()) -> list[str]:
    """Text of an element in order, block elements parted by a space, what is not shown left out."""
    found: list[str] = [element.text or ""]
    for child in element:
        tag = str(child.tag)
        if tag not in _DROPPED and child not in skip and not _is_hidden(child):
            joint = " " if tag in _BLOCKS or tag == "br" else ""
            found += [joint, *_strings(child, skip), joint]
            if tag == "img":
                found.append(child.get("alt") or "")
        found.append(child.tail or "")
    return found
