"""PowerPoint decks of 1997 to 2003 ([MS-PPT]): slides' texts and notes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from shared.documents import limits
from shared.documents.compound import Compound
from shared.documents.outline import Outline, one_line
from shared.models import Extraction, Locator

_SLIDE, _NOTES, _NOTES_ATOM, _PERSIST, _LIST = 1006, 1008, 1009, 1011, 4080
_CHARACTERS, _BYTES = 4000, 4008
_CONTAINER: Final = 0xF


@dataclass
class _Slide:
    """One slide's texts: those of its placeholders, of its other shapes, and its notes."""

    texts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(compound: Compound) -> Extraction:
    """A section a slide, its first text as title."""
    slides = _slides(compound.read("PowerPoint Document"))
    outline = Outline()
    for number, slide in enumerate(slides[: limits.PAGES], 1):
        title = one_line(slide.texts[0]) if slide.texts else ""
        outline.under(1, title or f"Slide {number}")
        for text in slide.texts:
            outline.add(text, place=Locator(slide=number))
        for text in slide.notes:
            outline.add(text, "note", Locator(slide=number))
    return outline.extraction(pages=len(slides))


def _slides(stream: bytes) -> list[_Slide]:
    slides: dict[int, _Slide] = {}
    shapes: list[list[str]] = []
    notes: list[tuple[int, list[str]]] = []
    for kind, instance, data in _records(stream, 0):
        if kind == _LIST and instance == 0:
            _outline_texts(data, slides)
        elif kind == _SLIDE:
            shapes.append(_texts(data))
        elif kind == _NOTES:
            atoms = (
                struct.unpack_from("<I", body)[0]
                for inner, _, body in _records(data, 0)
                if inner == _NOTES_ATOM
            )
            notes.append((next(atoms, 0), _texts(data)))
    for slide, texts in zip(slides.values(), shapes, strict=False):
        slide.texts += [text for text in texts if text not in slide.texts]
    for slide_id, texts in notes:
        slides.get(slide_id, _Slide()).notes += [text for text in texts if text != "*"]
    return list(slides.values())


def _outline_texts(data: bytes, slides: dict[int, _Slide]) -> None:
    """Texts of placeholders, which follow the record of their slide."""
    current = _Slide()
    for kind, _, body in _records(data, 0):
        if kind == _PERSIST and len(body) >= 16:  # noqa: PLR2004
            current = slides.setdefault(struct.unpack_from("<I", body, 12)[0], _Slide())
        elif text := _text(kind, body):
            current.texts.append(text)


def _texts(data: bytes) -> list[str]:
    return [text for kind, _, body in _records(data, 0) if (text := _text(kind, body))]


def _records(data: bytes, depth: int) -> Iterator[tuple[int, int, bytes]]:
    """Records in order, containers opened but for those whose content belongs together."""
    at = 0
    while at + 8 <= len(data):
        version, kind, size = struct.unpack_from("<HHI", data, at)
        body = data[at + 8 : at + 8 + size]
        if (
            version & 0xF == _CONTAINER
            and kind not in {_SLIDE, _NOTES, _LIST}
            and depth < limits.NESTING // 4
        ):
            yield from _records(body, depth + 1)
        else:
            yield kind, version >> 4, body
        at += 8 + size


def _text(kind: int, body: bytes) -> str:
    if kind == _CHARACTERS:
        text = body.decode("utf-16-le", "replace")
    elif kind == _BYTES:
        text = body.decode("latin-1")
    else:
        return ""
    return text.strip("\r\x0b ")
