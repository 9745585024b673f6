"""Files made to exhaust or mislead whoever opens them, of full size."""

import gzip
import io
import random
import zipfile
from pathlib import Path

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;" * 10}">' for n in range(12))
    + "]><x>&a11;</x>"
)
ZEROS = 2**30
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def make(folder: Path) -> Path:
    """Write them all into `folder`; about 30 MB on disk, some gigabytes to whoever unpacks them."""
    (folder / "billion-laughs.docx").write_bytes(_office(WORD, "word/document.xml", LAUGHS.encode()))
    (folder / "billion-laughs.xml").write_text(LAUGHS, encoding="utf-8")
    (folder / "empty.docx").write_bytes(b"")
    (folder / "corrupt.docx").write_bytes(_office(WORD, "word/document.xml", b"<x/>")[:200])
    (folder / "noise.pdf").write_bytes(b"%PDF-1.7\n" + random.Random(7).randbytes(2**20))  # noqa: S311
    (folder / "pages-10000.pdf").write_bytes(_pages(10_000))
    (folder / "sheet-in-disguise.pdf").write_bytes(_sheet())
    (folder / "text-in-disguise.xlsx").write_text("It says workbook, and is a text.\n" * 50, encoding="utf-8")
    (folder / "zeros-1gb.docx").write_bytes(_zeros("word/document.xml"))
    (folder / "zeros-1gb.xlsx").write_bytes(_zeros("xl/sharedStrings.xml"))
    (folder / "zeros-1gb.zip").write_bytes(_zeros("zeros.txt"))
    (folder / "zeros-1gb.gz").write_bytes(_gzip_zeros())
    (folder / "deep.html").write_text("<div>" * 200_000 + "end", encoding="utf-8")
    (folder / "long-line.csv").write_text("a," * 10_000_000, encoding="utf-8")
    return folder


def _office(kind: str, part: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        types = f'<Types><Override PartName="/{part}" ContentType="{kind}"/></Types>'
        package.writestr("[Content_Types].xml", types)
        package.writestr(part, data)
    return file.getvalue()


def _sheet() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types><Override PartName="/xl/workbook.xml" ContentType="{SHEET}"/></Types>',
        )
        package.writestr(
            "xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="s"/></sheets></workbook>'
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="s" Type="x/worksheet" Target="s.xml"/></Relationships>',
        )
        cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>found</t></is></c></row>'
        package.writestr("xl/s.xml", f"<worksheet><sheetData>{cell}</sheetData></worksheet>")
    return file.getvalue()


def _zeros(member: str) -> bytes:
    """An archive of a megabyte that unpacks to ZEROS bytes."""
    kind = WORD if member.startswith("word") else SHEET
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        if not member.startswith("zeros"):
            types = f'<Types><Override PartName="/{member}" ContentType="{kind}"/></Types>'
            package.writestr("[Content_Types].xml", types)
        with package.open(member, "w") as target:
            block = b"\x00" * 2**20
            for _ in range(ZEROS // len(block)):
                target.write(block)
    return file.getvalue()


def _gzip_zeros() -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as target:
        block = b"\x00" * 2**20
        for _ in range(ZEROS // len(block)):
            target.write(block)
    return file.getvalue()


def _pages(count: int) -> bytes:
    """A PDF of `count` pages with a line of text each (ISO 32000-1)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for number in range(1, count + 1):
        stream = f"BT /F1 12 Tf 72 700 Td (This is page {number} of many.) Tj ET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Count {count} /Kids [{' '.join(kids)}] >>"
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)
