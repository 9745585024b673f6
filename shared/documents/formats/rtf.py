"""Rich Text Format (Microsoft, version 1.9.1): text and tables, no formatting."""

import re
from dataclasses import dataclass, field
from typing import Final

from shared.documents import limits
from shared.documents.outline import Outline
from shared.documents.source import Source
from shared.documents.tables import header_line, table_text
from shared.models import Extraction

_TOKEN: Final = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])"  # words, characters, symbols
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_DESTINATIONS: Final = frozenset(
    b"fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping datastore "
    b"latentstyles listtable listoverridetable revtbl rsidtbl generator xmlnstbl fldinst filetbl mmathPr "
    b"wgrffmtfilter pnseclvl bkmkstart bkmkend falt panose atnid atnauthor private".split()
)
_NOTES: Final = frozenset(
    {b"footnote", b"annotation", b"header", b"footer", b"headerl", b"headerr", b"headerf"}
)
_CHARACTERS: Final = {
    b"tab": "\t",
    b"line": "\n",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
    b"emspace": " ",
    b"enspace": " ",
}
# Character set of a font (fcharset) -> code page.
_CHARSETS: Final = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "cp936",
    136: "cp950",
    177: "cp1255",
} | {
    0: "cp1252",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}


def read(source: Source) -> Extraction:
    """Paragraphs and tables in order; text of notes follows as notes."""
    reader = _Reader()
    reader.read(source.data())
    return reader.outline.extraction()


@dataclass(slots=True)
class _Group:
    """What holds until the closing brace."""

    skipped: bool = False
    note: bool = False
    font: int = 0
    fonts: bool = False
    fallback: int = 1
    hidden: bool = False


@dataclass
class _Reader:
    """One pass over the tokens."""

    outline: Outline = field(default_factory=Outline)
    _stack: list[_Group] = field(default_factory=lambda: [_Group()])
    _text: list[str] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _notes: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _page: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _skip: int = 0
    _in_table: bool = False
    _star: bool = False

    def read(self, data: bytes) -> None:
        """All tokens, then what is left open."""
        position = 0
        for token in _TOKEN.finditer(data):
            if token.start() < position:
                continue
            word, number, code, symbol, brace, text = token.groups()
            if word == b"bin":
                position = token.end() + int(number or 0)
            elif word is not None:
                self._word(word, int(number) if number is not None else None)
            elif code is not None:
                self._byte(bytes.fromhex(code.decode()))
            elif symbol is not None:
                self._symbol(symbol)
            elif brace is not None:
                self._brace(brace)
            elif text is not None:
                self._plain(text)
        self._paragraph()
        self._table()
        for note in self._notes:
            self.outline.add(note, "note")

    def _brace(self, brace: bytes) -> None:
        self._decode()
        self._star = False
        if brace == b"{":
            if len(self._stack) < limits.MEMBERS:
                group = self._stack[-1]
                self._stack.append(
                    _Group(group.skipped, group.note, group.font, group.fonts, group.fallback, group.hidden)
                )
        elif len(self._stack) > 1:
            group = self._stack.pop()
            if group.note and not self._stack[-1].note:
                self._end_note()

    def _word(self, word: bytes, number: int | None) -> None:
        group = self._stack[-1]
        if word in {b"f", b"fcharset", b"ansicpg", b"uc", b"u", b"v"}:
            self._decode() if word in {b"f", b"u"} else None
            self._setting(group, word, number)
            return
        self._decode()
        if self._star or word in _DESTINATIONS:
            group.fonts = word == b"fonttbl"
            group.skipped = True
            self._star = False
        elif word in _NOTES:
            self._notes.append("\x00".join(self._text))
            self._text = []
            group.note = True
        elif group.skipped or group.hidden:
            return
        elif word in _CHARACTERS:
            self._text.append(_CHARACTERS[word])
        else:
            self._structure(word)

    def _structure(self, word: bytes) -> None:
        match word:
            case b"par" | b"sect" | b"page":
                if self._stack[-1].note or self._in_table:
                    self._text.append("\n")
                else:
                    self._paragraph()
            case b"pard":
                self._in_table = False
            case b"intbl":
                self._in_table = True
            case b"cell" | b"nestcell":
                self._cells.append("".join(self._text))
                self._text = []
            case b"row" | b"nestrow":
                self._rows.append(self._cells)
                self._cells = []

    def _setting(self, group: _Group, word: bytes, number: int | None) -> None:
        match word:
            case b"f":
                group.font = number or 0
            case b"fcharset" if group.fonts:
                self._fonts[group.font] = _CHARSETS.get(number or 0, "")
            case b"ansicpg":
                self._page = f"cp{number or 1252}"
            case b"uc":
                group.fallback = min(number if number is not None else 1, 8)
            case b"v":
                group.hidden = number != 0
            case b"u" if number is not None and not group.skipped and not group.hidden:
                self._text.append(chr(number % 0x10000))
                self._skip = group.fallback

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
        elif symbol in b"\\{}":
            self._byte(symbol)
        elif symbol == b"~":
            self._byte(b" ")
        elif symbol == b"_":
            self._byte(b"-")
        elif symbol in b"\r\n":
            self._word(b"par", None)

    def _plain(self, text: bytes) -> None:
        skip = min(self._skip, len(text))
        self._skip -= skip
        if not self._stack[-1].skipped and not self._stack[-1].hidden:
            self._bytes += text[skip:]

    def _byte(self, byte: bytes) -> None:
        if self._skip:
            self._skip -= 1
        elif not self._stack[-1].skipped and not self._stack[-1].hidden:
            self._bytes += byte

    def _decode(self) -> None:
        """Bytes so far as characters of the current font's code page."""
        if not self._bytes:
            return
        encoding = self._fonts.get(self._stack[-1].font) or self._page
        try:
            self._text.append(self._bytes.decode(encoding, "replace"))
        except LookupError:
            self._text.append(self._bytes.decode("cp1252", "replace"))
        self._bytes.clear()

    def _end_note(self) -> None:
        note, before = "".join(self._text), self._notes.pop()
        self._notes.append(note)
        self._text = before.split("\x00") if before else []

    def _paragraph(self) -> None:
        self._decode()
        self._table()
        text = "".join(self._text)
        # \u writes characters beyond the basic plane as two halves
        self.outline.add(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        self._text = []

    def _table(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            self.outline.add(table_text(rows), "table", header=header_line(rows))
