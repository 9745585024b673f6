"""Word documents of 1993 to 2003 ([MS-DOC]): the text in order, rows of tables as tables."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from shared.documents.compound import Compound
from shared.documents.outline import Outline
from shared.documents.reasons import corrupt, encrypted
from shared.documents.tables import header_line, table_text
from shared.models import Extraction

_WORD, _WORD_97 = 0xA5EC, 0x65
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_COMPRESSED: Final = 0x40000000
_CELL: Final = "\x07"
# A field is its code, a separator and its result, of which only the result is shown.
_FIELD: Final = re.compile(r"\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_MARKS: Final = {
    0x0B: "\n",
    0x0C: "\r",
    0x0E: "\r",
    0x1E: "-",
    0x1F: "",
    0xA0: " ",
    1: "",
    2: "",
    5: "",
    8: "",
}


def read(compound: Compound) -> Extraction:
    """Body text, then footnotes, headers and comments as notes; styles are not read."""
    stream = compound.read("WordDocument")
    try:
        ident, version = struct.unpack_from("<HH", stream)
        flags = struct.unpack_from("<H", stream, 10)[0]
        if flags & _ENCRYPTED:
            raise encrypted()
        if ident == _WORD and version >= _WORD_97:
            table = compound.read("1Table" if flags & _SECOND_TABLE else "0Table")
            text, body = "".join(_pieces(stream, table)), struct.unpack_from("<I", stream, 0x4C)[0]
        else:
            start, end = struct.unpack_from("<II", stream, 0x18)
            text, body = (
                stream[start:end].decode("cp1252", "replace"),
                struct.unpack_from("<I", stream, 0x34)[0],
            )
    except struct.error as error:
        raise corrupt("The document") from error
    outline = Outline()
    _add(outline, text[:body] if body else text)
    for note in _shown(text[body:]).split("\r") if body else []:
        outline.add(note.replace(_CELL, " "), "note")
    return outline.extraction()


def _pieces(stream: bytes, table: bytes) -> Iterator[str]:
    """The document's text, in the order of the piece table."""
    at, size = struct.unpack_from("<II", stream, 0x01A2)
    end = at + size
    while at < end and table[at] == 1:  # formatting of pieces, not needed
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if at + 5 > len(table) or table[at] != 2:  # noqa: PLR2004 - the mark of the piece table
        raise corrupt("The document")
    length = struct.unpack_from("<I", table, at + 1)[0]
    count = (length - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    left = len(stream)
    for n in range(count):
        offset = struct.unpack_from("<I", table, at + 5 + 4 * (count + 1) + 8 * n + 2)[0]
        characters = places[n + 1] - places[n]
        left -= characters
        if characters < 0 or left < 0:  # pieces may not overlap, so they are no longer than the stream
            raise corrupt("The document")
        if offset & _COMPRESSED:
            start = (offset & ~_COMPRESSED) // 2
            yield stream[start : start + characters].decode("cp1252", "replace")
        else:
            yield stream[offset : offset + 2 * characters].decode("utf-16-le", "replace")


def _shown(text: str) -> str:
    before = ""
    while before != text and "\x13" in text:
        before, text = text, _FIELD.sub(lambda found: found[1] or "", text)
    return text.translate(_MARKS)


def _add(outline: Outline, text: str) -> None:
    rows: list[list[str]] = []
    cells: list[str] = []
    for paragraph in re.split(r"(?<=[\r\x07])", _shown(text)):
        if paragraph.endswith(_CELL):
            # the mark of a row is a cell mark with nothing before it
            if paragraph == _CELL and cells:
                rows.append(cells)
                cells = []
            else:
                cells.append(paragraph[:-1])
        elif cells:
            cells[-1] += f"\n{paragraph.rstrip()}"
        else:
            _flush(outline, rows)
            rows = []
            outline.add(paragraph)
    _flush(outline, [*rows, cells])


def _flush(outline: Outline, rows: list[list[str]]) -> None:
    outline.add(table_text(rows), "table", header=header_line(rows))
