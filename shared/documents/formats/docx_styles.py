"""Which paragraphs of a Word document are headings and list items, and how they are numbered."""

from dataclasses import dataclass
from hashlib import blake2b

from lxml import etree

from shared.documents import limits
from shared.documents.archive import Package, attribute, local, parse_xml

_LEVELS = 9
_CHAIN = 12
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """`level` is 1 and more for a heading, 0 else; `number` is what Word prints before the text."""

    level: int = 0
    listed: bool = False
    indent: int = 0
    number: str = ""


@dataclass(slots=True)
class _Definition:
    parent: str = ""
    level: int | None = None
    numbering: tuple[str, int] | None = None


class Styles:
    """Styles and numbering of one document; counts lists as it meets their items."""

    def __init__(self, package: Package, part: str) -> None:
        self._styles: dict[str, _Definition] = {}
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._abstract: dict[str, str] = {}
        for styles in package.related(part, "styles"):
            self._styles |= _definitions(package.read(styles, limits.TREE_BYTES))
        for numbering in package.related(part, "numbering"):
            self._read_numbering(package.tree(numbering))

    def of(self, paragraph: etree._Element) -> Style:
        """How a paragraph is set; call it for each in order, since numbers count up."""
        style, numbering, level = "", None, None
        for each in paragraph.iterfind("{*}pPr/*"):
            match local(each):
                case "pStyle":
                    style = attribute(each, "val")
                case "numPr":
                    numbering = _numbering(each)
                case "outlineLvl":
                    level = _integer(attribute(each, "val"))
        for definition in self._chain(style):
            level = definition.level if level is None else level
            numbering = definition.numbering if numbering is None else numbering
        heading = level + 1 if level is not None and level < _LEVELS else 0
        if numbering is None or numbering[0] in {"", "0"}:
            return Style(heading)
        return Style(heading, heading == 0, numbering[1], self._number(*numbering))

    def _chain(self, style: str) -> list[_Definition]:
        chain: list[_Definition] = []
        while style in self._styles and len(chain) < _CHAIN:
            chain.append(self._styles[style])
            style = chain[-1].parent
        return chain

    def _read_numbering(self, root: etree._Element) -> None:
        for abstract in root.iterfind("{*}abstractNum"):
            levels = {
                _integer(attribute(level, "ilvl")) or 0: _level(level)
                for level in abstract.iterfind("{*}lvl")
            }
            self._levels[attribute(abstract, "abstractNumId")] = levels
        for number in root.iterfind("{*}num"):
            abstract_id = next((attribute(each, "val") for each in number.iterfind("{*}abstractNumId")), "")
            self._abstract[attribute(number, "numId")] = abstract_id
            for override in number.iterfind("{*}lvlOverride/{*}startOverride"):
                parent = override.getparent()
                level = _integer(attribute(parent, "ilvl")) if parent is not None else 0
                self._counts[attribute(number, "numId"), level or 0] = (
                    _integer(attribute(override, "val")) or 1
                ) - 1

    def _number(self, list_id: str, level: int) -> str:
        """The printed number of the next item, "" for a bullet."""
        levels = self._levels.get(self._abstract.get(list_id, ""), {})
        kind, pattern, start = levels.get(level, ("bullet", "", 1))
        key = (list_id, level)
        self._counts[key] = self._counts.get(key, start - 1) + 1
        for deeper in range(level + 1, _LEVELS):
            self._counts.pop((list_id, deeper), None)
        if kind in {"bullet", "none"}:
            return ""
        for each in range(level + 1):
            each_kind, _, each_start = levels.get(each, ("decimal", "", 1))
            count = self._counts.get((list_id, each), each_start)
            pattern = pattern.replace(f"%{each + 1}", _written(count, each_kind))
        return pattern.strip()


_KNOWN: dict[bytes, dict[str, _Definition]] = {}
"""The styles of parts read lately: documents of one template have the same, and they are most of its XML."""
_PARTS, _FEW = 64, 1_000
"""Parts that are remembered, and styles that one of them may have."""


def _definitions(part: bytes) -> dict[str, _Definition]:
    digest = blake2b(part, digest_size=16).digest()
    found = _KNOWN.get(digest)
    if found is None:
        found = _read_styles(parse_xml(part))
        if len(found) <= _FEW:
            if len(_KNOWN) >= _PARTS:
                _KNOWN.clear()
            _KNOWN[digest] = found
    return found


def _read_styles(root: etree._Element) -> dict[str, _Definition]:
    found: dict[str, _Definition] = {}
    for style in root.iterfind("{*}style"):
        definition = _Definition()
        name = ""
        if attribute(style, "type") not in {"paragraph", ""}:
            continue  # of tables there are many and large ones, and no paragraph is in one
        for each in (*style, *style.iterfind("{*}pPr/*")):
            match local(each):
                case "name":
                    name = attribute(each, "val").lower()
                case "basedOn":
                    definition.parent = attribute(each, "val")
                case "outlineLvl":
                    definition.level = _integer(attribute(each, "val"))
                case "numPr":
                    definition.numbering = _numbering(each)
        if name.startswith("heading ") and name[8:].isdecimal():
            definition.level = int(name[8:]) - 1
        elif name == "title":
            definition.level = 0
        found[attribute(style, "styleId")] = definition
    return found


def _level(level: etree._Element) -> tuple[str, str, int]:
    kind, pattern, start = "decimal", "", 1
    for each in level:
        match local(each):
            case "numFmt":
                kind = attribute(each, "val")
            case "lvlText":
                pattern = attribute(each, "val")
            case "start":
                start = _integer(attribute(each, "val")) or 0
    return kind, pattern, start


def _numbering(element: etree._Element) -> tuple[str, int]:
    list_id, level = "", 0
    for each in element:
        if local(each) == "numId":
            list_id = attribute(each, "val")
        elif local(each) == "ilvl":
            level = min(_integer(attribute(each, "val")) or 0, _LEVELS - 1)
    return list_id, level


def _integer(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < _LEVELS else None


def _written(count: int, kind: str) -> str:
    match kind:
        case "lowerLetter" | "upperLetter" if count > 0:
            letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
            return letter.upper() if kind == "upperLetter" else letter
        case "lowerRoman" | "upperRoman" if 0 < count < 4000:  # noqa: PLR2004
            text = ""
            for value, digits in _ROMAN:
                text += digits * (count // value)
                count %= value
            return text.upper() if kind == "upperRoman" else text
        case "decimalZero":
            return f"{count:02d}"
        case _:
            return str(count)
