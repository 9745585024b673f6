"""PowerPoint decks (ECMA-376 PresentationML): a section a slide, speaker notes as notes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from shared.documents import limits
from shared.documents.archive import Package, link, local
from shared.documents.formats.charts import chart_rows, diagram_lines
from shared.documents.outline import Outline, one_line
from shared.documents.reasons import Unreadable, corrupt
from shared.documents.source import Source
from shared.documents.tables import Grid, header_line, table_text
from shared.models import BlockKind, Extraction, Locator

_TITLES: Final = frozenset({"title", "ctrTitle"})
_FURNITURE: Final = frozenset({"dt", "ftr", "sldNum", "hdr", "sldImg"})
_BAND: Final = 200_000
"""English Metric Units within which shapes count as standing side by side: about half a centimetre."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A shape's text and where on the slide it stands."""

    text: str
    kind: BlockKind
    top: int
    left: int
    header: str = ""


def read(source: Source) -> Extraction:
    """Shapes in reading order: from top to bottom, from left to right; hidden slides are included."""
    with Package(source.path) as package:
        deck = _Deck(package, Outline(), source)
        slides = deck.slides()
        for number, part in enumerate(slides[: limits.PAGES], 1):
            deck.slide(number, part)
        if len(slides) > limits.PAGES:
            deck.outline.warn(f"Only the first {limits.PAGES} of {len(slides)} slides were read.")
        return deck.outline.extraction(pages=len(slides))


class _Deck:
    """One pass over a deck."""

    def __init__(self, package: Package, outline: Outline, source: Source) -> None:
        self.outline = outline
        self._package = package
        self._source = source
        self._furniture: set[str] = set()
        self._patterns: set[str] = set()
        """Layouts and masters that were read."""

    def slides(self) -> list[str]:
        """The slides' parts in the order of the show."""
        relations = self._package.relations("")
        main = next(
            (target for kind, target in relations.values() if kind == "officeDocument"),
            "ppt/presentation.xml",
        )
        targets = self._package.relations(main)
        ids = [link(each) for each in _slide_ids(self._package.tree(main))]
        parts = [targets[each][1] for each in ids if each in targets]
        return [part for part in parts if self._package.has(part)]

    def slide(self, number: int, part: str) -> None:
        """One slide: title, body, then what was said about it."""
        try:
            root = self._package.tree(part)
        except Unreadable as error:
            if error.code != "corrupt":
                raise
            self.outline.warn(f"Slide {number} is damaged and was left out.")
            return
        relations = self._package.relations(part)
        place = Locator(slide=number)
        title, items = self._shapes(root, relations)
        self.outline.under(1, title or f"Slide {number}")
        self.outline.add(title, place=place)
        for item in items:
            self.outline.add(item.text, item.kind, place, item.header)
        self._inherited(part, place)
        for kind in ("notesSlide", "comments"):
            for notes in self._package.related(part, kind):
                self.outline.add(self._notes(notes), "note", place)
        self._embedded(relations, number)

    def _shapes(self, root: etree._Element, relations: dict[str, tuple[str, str]]) -> tuple[str, list[_Item]]:
        title, items = "", list[_Item]()
        for tree in root.iterfind("{*}cSld/{*}spTree"):
            for shape, top, left in _flattened(tree, 0, 0, 0):
                if _placeholder(shape) in _TITLES and not title:
                    title = one_line(_text(shape))
                elif _placeholder(shape) not in _FURNITURE or _placeholder(shape) == "dt":
                    items += self._items(shape, relations, top, left)
        items.sort(key=lambda item: (item.top // _BAND, item.left))
        return title, items

    def _items(
        self, shape: etree._Element, relations: dict[str, tuple[str, str]], top: int, left: int
    ) -> Iterator[_Item]:
        for table in shape.iter("{*}tbl"):
            rows = _rows(table)
            yield _Item(table_text(rows), "table", top, left, header_line(rows))
        for reference in shape.iter("{*}chart", "{*}relIds"):
            _, target = relations.get(link(reference) or link(reference, "dm"), ("", ""))
            if self._package.has(target):
                drawn = self._package.tree(target)
                if lines := diagram_lines(drawn):
                    yield _Item("\n".join(lines), "list", top, left)
                title, rows = chart_rows(drawn)
                if title:
                    yield _Item(title, "paragraph", top, left)
                yield _Item(table_text(rows), "table", top, left, header_line(rows))
        text = _text(shape)
        if text.strip():
            yield _Item(text, "paragraph", top, left)
        for described in (
            *shape.iterfind("{*}nvPicPr/{*}cNvPr"),
            *shape.iterfind("{*}nvGraphicFramePr/{*}cNvPr"),
        ):
            yield _Item(described.get("descr", ""), "paragraph", top, left)

    def _inherited(self, part: str, place: Locator) -> None:
        """What slides show from their layout or master: given once, with the first slide that has it."""
        for layout in self._package.related(part, "slideLayout"):
            for source in (layout, *self._package.related(layout, "slideMaster")):
                if source in self._patterns:
                    continue
                self._patterns.add(source)
                for shape in self._package.tree(source).iterfind("{*}cSld/{*}spTree/{*}sp"):
                    text = _text(shape)
                    kind = _placeholder(shape)
                    shown = kind is None or kind == "ftr"
                    if shown and text.strip() and text not in self._furniture:
                        self._furniture.add(text)
                        self.outline.add(text, "note", place)

    def _notes(self, part: str) -> str:
        root = self._package.tree(part)
        texts = [
            _text(shape)
            for shape in root.iter("{*}sp")
            if _placeholder(shape) not in _FURNITURE - {"hdr", "ftr", "dt"}
        ]
        texts += [each.text or "" for each in root.iter("{*}text")]
        return "\n".join(text for text in texts if text.strip())

    def _embedded(self, relations: dict[str, tuple[str, str]], number: int) -> None:
        """Workbooks and documents placed on a slide, charts' own data apart."""
        for kind, target in relations.values():
            if kind == "package" and self._package.has(target):
                name = target.rpartition("/")[2]
                try:
                    self.outline.graft(self._source.nested(self._package.read(target), "", name), name)
                except Unreadable as error:
                    self.outline.warn(f"{name} on slide {number} was left out: {error.sentence}")


def _slide_ids(root: etree._Element) -> list[etree._Element]:
    if local(root) != "presentation":
        raise corrupt("The presentation")
    return root.findall("{*}sldIdLst/{*}sldId")


def _flattened(
    tree: etree._Element, top: int, left: int, depth: int
) -> Iterator[tuple[etree._Element, int, int]]:
    """The shapes of a tree, groups opened, each with its place; one without takes its group's."""
    if depth > limits.NESTING // 4:
        return
    for shape in tree:
        match local(shape):
            case "sp" | "pic" | "graphicFrame" | "cxnSp":
                y, x = _offset(shape, top, left)
                yield shape, y if depth == 0 else top, x if depth == 0 else left
            case "grpSp":
                y, x = _offset(shape, top, left) if depth == 0 else (top, left)
                yield from _flattened(shape, y, x, depth + 1)
            case "AlternateContent":
                for choice in shape.findall("{*}Choice")[:1]:
                    yield from _flattened(choice, top, left, depth + 1)


def _offset(shape: etree._Element, top: int, left: int) -> tuple[int, int]:
    for path in ("{*}spPr/{*}xfrm/{*}off", "{*}xfrm/{*}off", "{*}grpSpPr/{*}xfrm/{*}off"):
        for off in shape.iterfind(path):
            try:
                return int(off.get("y", "0")), int(off.get("x", "0"))
            except ValueError:
                return top, left
    return top, left


def _placeholder(shape: etree._Element) -> str | None:
    """The kind of placeholder a shape fills ("body" when unsaid), None when it is no placeholder."""
    for each in shape.iterfind("./*/{*}nvPr/{*}ph"):
        return each.get("type", "body")
    return None


def _text(shape: etree._Element) -> str:
    lines = (_paragraph(each) for body in shape.iterfind("{*}txBody") for each in body.iterfind("{*}p"))
    return "\n".join(line for line in lines if line.strip())


def _paragraph(element: etree._Element) -> str:
    return "".join(each.text or "" if local(each) == "t" else "\n" for each in element.iter("{*}t", "{*}br"))


def _rows(table: etree._Element) -> list[list[str]]:
    grid = Grid()
    for row in table.iterfind("{*}tr"):
        grid.row()
        for cell in row.iterfind("{*}tc"):
            if cell.get("hMerge") in {"1", "true"} or cell.get("vMerge") in {"1", "true"}:
                continue
            grid.cell(_text(cell), _span(cell.get("gridSpan")), _span(cell.get("rowSpan")))
    return grid.rows


def _span(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 5 else 1  # noqa: PLR2004
