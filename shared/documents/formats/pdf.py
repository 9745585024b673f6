"""PDF by PDFium: text page by page, pictures of text by the reader of images, attachments.

PDFium keeps global state and may be entered by one thread at a time, so every call stands under one
lock; it is let go while a picture is being read, which is the slow part and needs no PDFium.
"""

import ctypes
import io
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from shared.documents import limits
from shared.documents.formats.pdf_lines import Line, Lines
from shared.documents.formats.pdf_paragraphs import Document
from shared.documents.outline import Outline, clean, one_line
from shared.documents.reasons import Unreadable, corrupt, encrypted
from shared.documents.source import Source
from shared.models import Extraction

_PDFIUM: Final = Lock()
_PASSWORD: Final = 4
_DPI: Final = 200
_SIDE: Final = 3_000
_SCRAP: Final = 40
"""Characters below which a page that is a picture is taken as scanned, page numbers or stamps apart."""
_COVERED: Final = 0.4
_WIDGET: Final = 20
_NAMED: Final = 10
_LETTERS: Final = 4


def read(source: Source) -> Extraction:
    """Paragraphs and headings with their pages; scanned pages by `read_image`.

    Raises Unreadable: encrypted, corrupt, or needs-ocr when no page has text and no reader was given.
    """
    with _PDFIUM:
        document = _open(source.path)
    reading = _Reading(document, source)
    try:
        reading.pages()
        return reading.extraction()
    finally:
        with _PDFIUM:
            document.close()


def _open(path: Path) -> Any:
    try:
        document = pypdfium2.PdfDocument(path)
        if len(document) == 0:
            raise corrupt("The PDF")
    except pypdfium2.PdfiumError as error:
        raise (encrypted() if error.err_code == _PASSWORD else corrupt("The PDF")) from error
    return document


class _Reading:
    """One pass over a PDF."""

    def __init__(self, document: Any, source: Source) -> None:
        self._document = document
        self._source = source
        self._outline = Outline()
        self._text = Document()
        self._unread: list[int] = []
        self._pictures = 0
        with _PDFIUM:
            self._count = len(document)
            self._outline.title = _title(document)
            self._text.contents = list(_contents(document))

    def pages(self) -> None:
        """All pages up to the limit."""
        characters = 0
        for number in range(1, min(self._count, limits.PAGES) + 1):
            lines, notes, picture = self._page(number)
            if picture:
                lines += self._seen(number, picture)
            characters += sum(len(line.text) for line in lines)
            self._text.page(number, lines, notes)
            if characters > limits.CHARACTERS:
                break
        if self._count > limits.PAGES:
            self._outline.warn(f"Only the first {limits.PAGES} of {self._count} pages were read.")

    def extraction(self) -> Extraction:
        """The text under its headings, then the attachments."""
        self._text.write(self._outline)
        self._attachments()
        if self._unread:
            sentence = f"{_pages(self._unread)} without text: a picture that was not read."
            self._outline.warn(sentence)
        try:
            return self._outline.extraction(pages=self._count)
        except Unreadable as error:
            if self._unread and self._source.read_image is None:
                raise Unreadable("needs-ocr", "The PDF holds pictures of pages and no text.") from error
            raise

    def _page(self, number: int) -> tuple[list[Line], list[str], bytes]:
        """The lines and notes of a page, and its picture as PNG when that is what the page consists of."""
        with _PDFIUM:
            try:
                page = self._document[number - 1]
            except pypdfium2.PdfiumError:
                self._outline.warn(f"Page {number} is damaged and was left out.")
                return [], [], b""
            try:
                lines = Lines(page).all()
                notes = list(_annotations(page))
                characters = sum(len(line.text) for line in lines)
                scanned = characters < _SCRAP and _is_picture(page, bare=not characters)
                picture = self._rendered(page, number) if scanned else b""
            finally:
                page.close()
        return lines, notes, picture

    def _rendered(self, page: Any, number: int) -> bytes:
        if self._source.read_image is None:
            self._unread.append(number)
            return b""
        if self._pictures >= limits.IMAGE_PAGES:
            self._outline.warn(f"Only the first {limits.IMAGE_PAGES} scanned pages were read.")
            return b""
        self._pictures += 1
        width, height = page.get_size()
        scale = min(_DPI / 72, _SIDE / max(width, height, 1))
        image = page.render(scale=scale).to_pil()
        file = io.BytesIO()
        image.convert("L" if image.mode == "L" else "RGB").save(file, "PNG")
        return file.getvalue()

    def _seen(self, number: int, picture: bytes) -> list[Line]:
        if self._source.read_image is None:
            return []
        seen = self._source.read_image(picture, "image/png")
        self._outline.seen(number, seen)
        if not seen.text.strip():
            self._outline.warn(f"Page {number} is a picture in which no text was found.")
        return [Line(line) for line in clean(seen.text).split("\n")]

    def _attachments(self) -> None:
        for name, data in self._attached():
            if not data:
                self._outline.warn(f"The attached file {name} could not be read.")
                continue
            try:
                self._outline.graft(self._source.nested(data, "", name), name)
            except Unreadable as error:
                self._outline.warn(f"The attached file {name} was left out: {error.sentence}")

    def _attached(self) -> Iterator[tuple[str, bytes]]:
        for index in range(min(self._document.count_attachments(), limits.PARTS)):
            with _PDFIUM:
                try:
                    attachment = self._document.get_attachment(index)
                    name = one_line(attachment.get_name()) or f"attachment {index + 1}"
                    data = bytes(attachment.get_data())
                except pypdfium2.PdfiumError:
                    name, data = f"attachment {index + 1}", b""
            yield name, data


def _title(document: Any) -> str:
    """The title of the document's properties, when it is one and not a file's name."""
    title = one_line(document.get_metadata_value("Title"))
    named = "." in title[-6:] or title.lower().startswith(("microsoft", "untitled"))
    return "" if named or sum(map(str.isalpha, title)) < _LETTERS else title


def _contents(document: Any) -> Iterator[tuple[int, int, str]]:
    """The bookmarks as (page from 1, level from 1, title)."""
    try:
        for count, bookmark in enumerate(document.get_toc(max_depth=6)):
            target = bookmark.get_dest()
            page = target.get_index() if target else None
            if page is not None:
                yield page + 1, bookmark.level + 1, one_line(bookmark.get_title())
            if count > limits.MEMBERS:
                return
    except pypdfium2.PdfiumError:
        return


def _is_picture(page: Any, *, bare: bool) -> bool:
    """Whether pictures make up the page; on a `bare` one, any picture or drawing of size counts."""
    width, height = page.get_size()
    area = max(width * height, 1.0)
    covered, drawn = 0.0, 0
    for item in page.get_objects(max_depth=4):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            covered += abs((right - left) * (top - bottom)) / area
        elif item.type == pdfium.FPDF_PAGEOBJ_PATH:
            drawn += 1
    return covered > (0.02 if bare else _COVERED) or (bare and drawn > 200)  # noqa: PLR2004


def _annotations(page: Any) -> Iterator[str]:
    """Comments written onto a page, and what was filled into its form."""
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), limits.PARTS * 5)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) == _WIDGET:
                yield _string(annotation, b"V")
            else:
                yield _string(annotation, b"Contents")
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _string(annotation: Any, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if size <= 2:  # noqa: PLR2004 - the closing zero alone
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAnnot_GetStringValue(
        annotation, key, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size
    )
    return clean(buffer.raw[: size - 2].decode("utf-16-le", "replace"))


def _pages(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_NAMED]))
    return (
        f"Page {shown} is"
        if len(numbers) == 1
        else f"{len(numbers)} pages ({shown}{'…' if len(numbers) > _NAMED else ''}) are"
    )
