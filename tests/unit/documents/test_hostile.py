"""Files made to exhaust or to mislead whoever opens them: each ends in a reason or in part, bounded."""

import io
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from shared.documents import limits
from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Transcript
from tests.unit.documents import files
from tests.unit.documents.conftest import Reading

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;" * 10}">' for n in range(12))
    + "]>"
)


def code_of(read: Reading, data: bytes | str | Path, name: str) -> str:
    """The reason's code for a file that cannot be read."""
    with pytest.raises(Unreadable) as caught:
        read(data, name)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml"])
def test_a_billion_laughs_are_not_laughed(read: Reading, tmp_path: Path, part: str) -> None:
    """An office part with a document type declaration is refused before its entities are looked at."""
    path = files.docx(tmp_path / "a", "<w:p/>", styles="<x/>")
    with zipfile.ZipFile(path) as package:
        members: dict[str, bytes | str] = {name: package.read(name) for name in package.namelist()}
    members[part] = LAUGHS + "<x>&a11;</x>"
    assert code_of(read, files.zipped(tmp_path / "b", members), "a.docx") == "bomb"


@pytest.mark.parametrize("name", ["a.xml", "a.html", "a.svg"])
def test_entities_are_never_expanded(read: Reading, name: str) -> None:
    """Outside office files a declaration is allowed, but an entity stays a name; files are not fetched."""
    body = "<html><body><p>text &a11; &f;</p></body></html>"
    page = f'{LAUGHS[:-2]}<!ENTITY f SYSTEM "file:///etc/passwd">]>{body}'
    text = "\n".join(block.text for section in read(page, name).sections for block in section.blocks)
    assert "text" in text
    assert "haha" not in text
    assert "root:" not in text


def test_a_zip_of_zeros_is_a_bomb(read: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that unpacks to far too much is given up while it grows, whatever size it claims."""
    monkeypatch.setattr(limits, "RATIO_FROM", 2**20)
    path = files.zipped(tmp_path / "a", {"zeros.txt": b"0" * (16 * 2**20)})
    tracemalloc.start()
    assert code_of(read, path, "a.zip") == "bomb"
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_a_package_in_sum_too_large_is_given_up(
    read: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many members, each within its limit, count together."""
    monkeypatch.setattr(limits, "PACKAGE_BYTES", 10_000)
    body = "".join(f"<w:p><w:r><w:t>{n * 7919 % 1013}</w:t></w:r></w:p>" for n in range(1_000))
    assert code_of(read, files.docx(tmp_path / "a", body), "a.docx") == "too-large"


def test_an_archive_in_itself_ends(read: Reading, tmp_path: Path) -> None:
    """Archives nested deeper than the limit are left out, not followed."""
    data = files.zipped(tmp_path / "0", {"end.txt": "End."}).read_bytes()
    for n in range(1, 12):
        data = files.zipped(tmp_path / str(n), {"in.zip": data, f"at{n}.txt": f"Level {n}."}).read_bytes()
    extraction = read(data, "a.zip")
    texts = [block.text for section in extraction.sections for block in section.blocks]
    assert "Level 11." in texts
    assert len(texts) == limits.DEPTH
    assert extraction.warnings


def test_a_sheet_that_claims_a_million_rows_is_read_at_its_size(read: Reading, tmp_path: Path) -> None:
    """Dimensions are claims; far cells are read where they are, and blank ones cost nothing."""
    sheet = (
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>first</t></is></c></row>'
        '<row r="1048576"><c r="B1048576" t="inlineStr"><is><t>last</t></is></c></row></sheetData>'
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    )
    blocks = read(files.xlsx(tmp_path / "a", sheet), "a.xlsx").sections[0].blocks
    assert [(block.text, block.locator.range) for block in blocks[1:]] == [
        ("first", "A1"),
        ("last", "B1048576"),
    ]


def test_one_long_string_in_every_cell_is_cut(
    read: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shared string repeated without end stops at the limit of characters, with a sentence."""
    monkeypatch.setattr(limits, "CHARACTERS", 100_000)
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 2_000))
    path = files.xlsx(tmp_path / "a", f"<sheetData>{rows}</sheetData>", f"<si><t>{'word ' * 20_000}</t></si>")
    extraction = read(path, "a.xlsx")
    assert extraction.characters < 250_000
    assert extraction.warnings


def test_crowds_of_tiny_elements_are_refused(
    read: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XML that is small in bytes and large in memory is given up before it is built."""
    monkeypatch.setattr(limits, "MARKS", 10_000)
    assert code_of(read, files.docx(tmp_path / "a", "<x/>" * 40_000), "a.docx") == "too-large"
    assert code_of(read, "<html><p>" + "<b>" * 20_000, "a.html") == "too-large"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("<html><body>" + "<div>" * 50_000 + "deep", "a.html"),
        ("<table><tr><td>" * 5_000 + "deep", "a.html"),
        ("<ul><li>x" * 20_000, "a.html"),
        (">" * 20_000 + " quote", "a.md"),
        ("- " * 5_000 + "item", "a.md"),
        ("[" * 200_000 + "link", "a.md"),
        ("*a " * 100_000, "a.md"),
        ("a**b" + "c* " * 30_000, "a.md"),
        ("{" * 50_000 + r"\rtf deep", "a.rtf"),
        (r"{\rtf1 " + "{" * 50_000 + "deep", "a.rtf"),
        ('"' * 50_001 + ",\n" * 50, "a.csv"),
        ('{"cells": ' + "[" * 100_000, "a.ipynb"),
    ],
)
def test_deep_nesting_ends(read: Reading, data: str, name: str) -> None:
    """However deep, a file gives text or a reason, and the interpreter's stack holds."""
    try:
        assert read(data, name).sections
    except Unreadable as error:
        assert error.code in {"corrupt", "empty", "too-large"}  # noqa: PT017


def test_nested_tables_and_groups_of_office_files_end(read: Reading, tmp_path: Path) -> None:
    """Ten thousand tables in one another are corrupt to the XML parser, not a crash."""
    depth = 10_000
    body = "<w:tbl><w:tr><w:tc>" * depth + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * depth
    assert code_of(read, files.docx(tmp_path / "a", body), "a.docx") in {"corrupt", "empty"}


def test_files_over_the_limit_are_not_opened(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size on disk counts first, then the size of what is read whole."""
    monkeypatch.setattr(limits, "FILE_BYTES", 1_000)
    assert code_of(read, "x" * 1_001, "a.txt") == "too-large"


def test_a_very_long_text_is_read_in_part(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit of characters the beginning is kept, with a warning."""
    monkeypatch.setattr(limits, "CHARACTERS", 500)
    extraction = read("Some words.\n\n" * 1_000, "a.txt")
    assert extraction.characters == 500
    assert extraction.warnings == ("The file is very long; only its beginning was read.",)


def test_an_encrypted_member_needs_a_password(read: Reading, tmp_path: Path) -> None:
    """The flag bit of an encrypted ZIP member is answered with `encrypted` in a warning, not with noise."""
    data = bytearray(files.zipped(tmp_path / "a", {"a.txt": "Plain text here."}).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(read, bytes(data), "a.zip") == "unsupported"


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_give_text_or_a_reason(tmp_path: Path, seed: int) -> None:
    """Cut off, overwritten or spliced at random, no file raises anything but Unreadable."""
    chance = random.Random(seed)  # noqa: S311
    sheet = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row></sheetData>'
    originals = {
        "a.docx": files.docx(tmp_path / "d", "<w:p><w:r><w:t>Text</w:t></w:r></w:p>" * 30).read_bytes(),
        "a.xlsx": files.xlsx(tmp_path / "x", sheet, "<si><t>Text</t></si>").read_bytes(),
        "a.pdf": files.pdf([[(50, 700, 12, "Text of a page")]], picture=b"\x80" * 10_000),
        "a.png": files.png(),
        "a.rtf": rb"{\rtf1{\fonttbl{\f0 T;}}Text \u8364? \'e4\par\intbl A\cell\row}",
        "a.html": b"<html><body><h1>A</h1><table><tr><td rowspan=2>B</table><ul><li>C</body>",
        "a.md": b"# A\n| B | C |\n|---|---|\n| 1 | 2 |\n\n- d\n",
        "a.eml": b"From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nT\n",
    }
    for name, original in originals.items():
        for _ in range(8):
            path = tmp_path / "damaged"
            path.write_bytes(_damaged(original, chance))
            try:
                cut(extract(path, "", name, lambda _data, _type: Transcript("seen")), name)
            except Unreadable as error:
                assert error.sentence  # noqa: PT017


def _damaged(original: bytes, chance: random.Random) -> bytes:
    data = bytearray(original)
    at = chance.randrange(len(data))
    match chance.randrange(3):
        case 0:
            del data[at:]
        case 1:
            for _ in range(chance.randrange(1, 20)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        case _:
            data[at:at] = original[: chance.randrange(len(data))]
    return io.BytesIO(data).getvalue()
