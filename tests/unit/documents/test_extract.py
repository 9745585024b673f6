"""What reading any file promises, whatever its format."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Transcript
from tests.unit.documents import files
from tests.unit.documents.conftest import Reading

PARSERS = (
    "lxml",
    "pypdfium2",
    "markdown_it",
    "openpyxl",
    "docx",
    "pptx",
    "PIL",
    "charset_normalizer",
    "email.parser",
)


def test_no_parser_is_loaded_before_its_format_arrives() -> None:
    """Importing the entry costs a cold start no parser; reading plain text loads none either."""
    code = (
        "import sys, pathlib, shared.documents.chunks\nfrom shared.documents.extract import extract\n"
        "extract(pathlib.Path(sys.argv[1]), 'text/plain', 'LICENSE')\n"
        f"print([name for name in {PARSERS!r} if name in sys.modules])"
    )
    text = Path(__file__)
    command = [sys.executable, "-c", code, str(text)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["empty.pdf", "empty.txt", "empty.docx"])
def test_a_file_of_no_bytes_is_empty(read: Reading, name: str) -> None:
    """Zero bytes, or nothing but blanks, are `empty` under any name."""
    for data in (b"", b" \n\n", b"\xef\xbb\xbf\r\n"):
        with pytest.raises(Unreadable) as caught:
            read(data, name)
        assert caught.value.code == "empty"


def test_content_counts_and_not_the_name(read: Reading, tmp_path: Path) -> None:
    """A PDF named .txt, a page named .pdf and a workbook named .csv are read as what they are."""
    assert read(files.pdf([[(50, 700, 12, "Hello from a PDF")]]), "a.txt", "text/plain").pages == 1
    assert read("<!DOCTYPE html><h1>Hello</h1><p>World", "a.pdf", "application/pdf").sections[0].path == (
        "Hello",
    )
    book = files.xlsx(
        tmp_path / "b", '<sheetData><row><c t="inlineStr"><is><t>Cell</t></is></c></row></sheetData>'
    )
    assert read(book, "a.csv", "text/csv").sections[0].path == ("S1",)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\0", "a.docx"),
        (b"\x7fELF\x02\x01", "a.pdf"),
        (bytes(range(256)) * 40, "a.txt"),
        (b"\0\0\0\x20ftypisom", "film.mp4"),
    ],
)
def test_what_is_no_document_says_so(read: Reading, data: bytes, name: str) -> None:
    """Archives, programs, films and noise are `unsupported`, with a sentence that ends in a full stop."""
    with pytest.raises(Unreadable) as caught:
        read(data, name)
    assert caught.value.code == "unsupported"
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Müller Präzision; 97,4 % \u2013 Größe", "utf-8"),
        ("Müller Präzision; 97,4 % \u2013 Größe", "cp1252"),
        ("Müller Präzision; 97,4 % \u2013 Größe", "utf-16"),
        ("Müller Präzision und Größe", "utf-16-le"),
        ("Привет, это русский текст про чайники и заварку.", "cp1251"),
        ("日本語の文章です。お茶を飲みましょう。", "shift_jis"),
    ],
)
def test_encodings_are_told_apart(read: Reading, text: str, encoding: str) -> None:
    """Text comes out in its own letters, with or without a byte order mark."""
    extraction = read(text.encode(encoding), "notes.txt")
    assert extraction.sections[0].blocks[0].text == text


def test_a_picture_needs_a_reader(read: Reading) -> None:
    """Without one: needs-ocr. With one: its text. When it finds nothing: no-text, and nothing is invented."""
    with pytest.raises(Unreadable) as caught:
        read(files.png(), "scan.png")
    assert caught.value.code == "needs-ocr"
    seen: list[tuple[bytes, str]] = []

    def reader(data: bytes, mime_type: str) -> Transcript:
        seen.append((data, mime_type))
        return Transcript("Delivery note\n\n2 cartons", 0.87654)

    extraction = read(files.png(), "scan.png", "image/png", reader)
    assert [block.text for block in extraction.sections[0].blocks] == ["Delivery note", "2 cartons"]
    assert extraction.sections[0].blocks[0].locator.page == 1
    assert extraction.confidence == ((1, 0.877),)
    assert seen == [(files.png(), "image/png")]
    with pytest.raises(Unreadable) as caught:
        read(files.png(), "scan.png", "", lambda _data, _type: Transcript(" "))
    assert caught.value.code == "no-text"


def test_the_image_readers_own_errors_pass_through(read: Reading) -> None:
    """A reader that cannot reach its service is not the file's fault, whatever it raises."""

    def reader(_data: bytes, _mime_type: str) -> Transcript:
        raise ValueError("service down")

    with pytest.raises(ValueError, match="service down"):
        read(files.png(), "scan.png", "", reader)


def test_a_missing_file_is_not_unreadable(tmp_path: Path) -> None:
    """The caller's own mistakes stay OSErrors."""
    with pytest.raises(FileNotFoundError):
        extract(tmp_path / "none", "text/plain", "none.txt")
