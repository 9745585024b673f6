"""Writes one file of each kind, as office programs write it.

Word and PowerPoint files are packages of python-docx and python-pptx with the texts put in, which is ten
times faster than building each by them.
"""

import csv
import io
import textwrap
import zipfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

Section = tuple[str, list[str]]
"""A heading and its paragraphs."""
SLIDES = 8
_BULLETS = 4
_LINES, _WIDTH = 50, 92
"""Lines of a page of a PDF, characters of a line."""
_EPOCH = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)


def docx(path: Path, title: str, sections: Sequence[Section], table: Sequence[Sequence[object]]) -> None:
    """A Word document with headings, and a table at its end if there is one."""
    body = [_paragraph(title, "Title")]
    for heading, paragraphs in sections:
        body.append(_paragraph(heading, "Heading1"))
        body += [_paragraph(text) for text in paragraphs]
    if table:
        rows = ("".join(f"<w:tc>{_paragraph(str(cell))}</w:tc>" for cell in row) for row in table)
        body.append("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")
    parts = dict(_docx_parts())
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        b"<w:body>", b"<w:body>" + "".join(body).encode(), 1
    )
    _package(path, parts)


def _paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


@cache
def _docx_parts() -> dict[str, bytes]:
    from docx import Document

    return _saved(Document())


def pptx(path: Path, title: str, slides: Sequence[Section], notes: str) -> None:
    """A presentation of SLIDES slides: a title, titles with bullets, notes on the last."""
    texts = {"T0": title, "N": notes}
    for number, (heading, bullets) in enumerate(slides, 1):
        texts[f"T{number}"] = heading
        texts |= {f"B{number}.{at}": bullet for at, bullet in enumerate(bullets)}
    parts = dict(_pptx_parts())
    for name, data in parts.items():
        if b"@@" in data:
            for key, text in texts.items():
                parts[name] = parts[name].replace(f"@@{key}@@".encode(), escape(text).encode())
    _package(path, parts)


@cache
def _pptx_parts() -> dict[str, bytes]:
    from pptx import Presentation

    show = Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "@@T0@@"
    for number in range(1, SLIDES):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"@@T{number}@@"
        frame = slide.placeholders[1].text_frame
        frame.text = f"@@B{number}.0@@"
        for at in range(1, _BULLETS):
            frame.add_paragraph().text = f"@@B{number}.{at}@@"
    slide.notes_slide.notes_text_frame.text = "@@N@@"
    return _saved(show)


def _saved(document: object) -> dict[str, bytes]:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    with zipfile.ZipFile(out) as package:
        return {name: package.read(name) for name in package.namelist()}


def _package(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2025, 1, 6, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)


def xlsx(path: Path, title: str, tabs: Sequence[Sequence[Sequence[object]]]) -> None:
    """A workbook with a table a tab."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.title = title
    for number, rows in enumerate(tabs, 1):
        sheet = book.create_sheet(f"Tab {number}")
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def markdown(path: Path, title: str, sections: Sequence[Section]) -> None:
    """A README's Markdown."""
    parts = [f"# {title}"]
    for heading, paragraphs in sections:
        parts += [f"## {heading}", *paragraphs[:-1], *(f"- {line}" for line in paragraphs[-1].split(". "))]
    path.write_text("\n\n".join(parts), encoding="utf-8")


def html(path: Path, title: str, sections: Sequence[Section]) -> None:
    """A page with what stands around an article."""
    menu = "".join(f'<li><a href="#{at}">{escape(one[0])}</a></li>' for at, one in enumerate(sections))
    article = "".join(
        f'<h2 id="{at}">{escape(heading)}</h2>' + "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        for at, (heading, paragraphs) in enumerate(sections)
    )
    path.write_text(
        f"<!doctype html><html><head><title>{escape(title)}</title>"
        "<style>p{margin:1em}</style></head><body>"
        f"<nav><ul>{menu}</ul></nav><main><h1>{escape(title)}</h1>{article}</main></body></html>",
        encoding="utf-8",
    )


def csv_file(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Rows with commas."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def email(path: Path, subject: str, paragraphs: Sequence[str]) -> None:
    """A message in plain text and HTML."""
    message = EmailMessage()
    message["From"], message["To"] = "alice@example.com", "bob@example.com"
    message["Subject"] = subject
    message["Date"] = format_datetime(_EPOCH + timedelta(minutes=len(subject)))
    message.set_content("\n\n".join(paragraphs))
    message.add_alternative("".join(f"<p>{escape(text)}</p>" for text in paragraphs), subtype="html")
    message.set_boundary("=== part ===")
    path.write_bytes(message.as_bytes())


def pdf(path: Path, title: str, sections: Sequence[Section]) -> None:
    """Pages of lines in Helvetica, compressed, headings in bold."""
    lines: list[tuple[bool, str]] = [(True, title)]
    for heading, paragraphs in sections:
        lines += [(False, ""), (True, heading)]
        for text in paragraphs:
            lines += [(False, line) for line in textwrap.wrap(text, _WIDTH)]
            lines.append((False, ""))
    pages = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    path.write_bytes(_pdf_file([_content(page) for page in pages]))


def _content(lines: Sequence[tuple[bool, str]]) -> bytes:
    drawn = ["BT", "14 TL", "1 0 0 1 60 780 Tm"]
    for bold, text in lines:
        words = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        drawn.append(f"/{'B' if bold else 'R'} {13 if bold else 10} Tf ({words}) Tj T*")
    return "\n".join([*drawn, "ET"]).encode("latin-1")


def _pdf_file(contents: Sequence[bytes]) -> bytes:
    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(contents)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
    ]
    for at, content in enumerate(contents):
        packed = zlib.compress(content)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</R 3 0 R/B 4 0 R>>>>"
            f"/Contents {6 + 2 * at} 0 R>>".encode()
        )
        objects.append(b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed))
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
