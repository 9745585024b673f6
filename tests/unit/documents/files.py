"""Small files of every kind, made on the fly."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
"""The padding of PDF's standard security handler (ISO 32000-1, 7.6.3.3)."""


def zipped(path: Path, members: dict[str, bytes | str]) -> Path:
    """A ZIP package of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return path


def docx(path: Path, body: str, **parts: str) -> Path:
    """A Word document whose body is this WordprocessingML."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    main = f'<w:document xmlns:w="w" xmlns:r="r" xmlns:mc="mc"><w:body>{body}</w:body></w:document>'
    relations = "".join(f'<Relationship Id="{n}" Type="x/{n}" Target="{n}.xml"/>' for n in parts)
    return zipped(
        path,
        {
            "[Content_Types].xml": f'<Types><Override ContentType="{kind}"/></Types>',
            "word/document.xml": main,
            "word/_rels/document.xml.rels": f"<Relationships>{relations}</Relationships>",
            **{f"word/{name}.xml": text for name, text in parts.items()},
        },
    )


def xlsx(
    path: Path, sheet: str, strings: str = "", styles: str = "", states: Sequence[str] = ("visible",)
) -> Path:
    """A workbook whose sheets all have this SpreadsheetML within `worksheet`."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    sheets = "".join(
        f'<sheet name="S{n}" sheetId="{n}" state="{state}" r:id="s{n}"/>' for n, state in enumerate(states, 1)
    )
    relations = "".join(
        f'<Relationship Id="s{n}" Type="x/worksheet" Target="s{n}.xml"/>' for n, _ in enumerate(states, 1)
    )
    relations += '<Relationship Id="t" Type="x/sharedStrings" Target="strings.xml"/>'
    relations += '<Relationship Id="u" Type="x/styles" Target="styles.xml"/>'
    return zipped(
        path,
        {
            "[Content_Types].xml": f'<Types><Override ContentType="{kind}"/></Types>',
            "xl/workbook.xml": f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
            "xl/strings.xml": f"<sst>{strings}</sst>",
            "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>",
            **{f"xl/s{n}.xml": f"<worksheet>{sheet}</worksheet>" for n, _ in enumerate(states, 1)},
        },
    )


def pdf(
    pages: Sequence[Sequence[tuple[int, int, int, str]]],
    *,
    picture: bytes = b"",
    password: bytes | None = None,
) -> bytes:
    """A PDF of pages of lines (x, y, size, text; a bold face when the text begins with "*").

    `picture` is drawn over each page as raw bytes of a gray image of 100 by 100 dots. A password
    locks the file by the standard security handler, revision 2; b"" is the empty user password.
    """
    count = len(pages)
    kids = " ".join(f"{5 + n * 2} 0 R" for n in range(count))
    objects: list[bytes] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>",
    ]
    image = 5 + count * 2
    identity, owner = b"0123456789abcdef", b"o" * 32
    key = _key(password, owner, identity) if password is not None else b""
    for n, lines in enumerate(pages):
        fonts = "/Font<</R 3 0 R/B 4 0 R>>"
        images = f"/XObject<</I {image} 0 R>>" if picture else ""
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<<{fonts}{images}>>"
        page += f"/Contents {6 + n * 2} 0 R>>"
        drawn = "".join(_shown(*line) for line in lines) + ("q 600 0 0 800 0 0 cm /I Do Q" if picture else "")
        content = drawn.encode("latin-1")
        if key:
            content = _rc4(_object_key(key, 6 + n * 2), content)
        objects += [page.encode(), b"<</Length %d>>stream\n%b\nendstream" % (len(content), content)]
    if picture:
        size = b"/Width 100/Height 100/ColorSpace/DeviceGray/BitsPerComponent 8"
        objects.append(
            b"<</Type/XObject/Subtype/Image%b/Length %d>>stream\n%b\nendstream"
            % (size, len(picture), picture)
        )
    trailer = b""
    if key:
        locked = b"<</Filter/Standard/V 1/R 2/P -4/O<%b>/U<%b>>>" % (
            owner.hex().encode(),
            _rc4(key, PAD).hex().encode(),
        )
        objects.append(locked)
        trailer = b"/Encrypt %d 0 R/ID[<%b><%b>]" % (
            len(objects),
            identity.hex().encode(),
            identity.hex().encode(),
        )
    return _file(objects, trailer)


def png(width: int = 40, height: int = 30) -> bytes:
    """A white picture."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (width, height), 255).save(file, "PNG")
    return file.getvalue()


def _shown(x: int, y: int, size: int, text: str) -> str:
    face, words = ("B", text[1:]) if text.startswith("*") else ("R", text)
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{face} {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def _file(objects: list[bytes], trailer: bytes) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def _key(password: bytes, owner: bytes, identity: bytes) -> bytes:
    permissions = (-4).to_bytes(4, "little", signed=True)
    return hashlib.md5(
        (password + PAD)[:32] + owner + permissions + identity, usedforsecurity=False
    ).digest()[:5]


def _object_key(key: bytes, number: int) -> bytes:
    return hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0", usedforsecurity=False).digest()[:10]


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
