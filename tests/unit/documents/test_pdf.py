"""PDF: what it becomes."""

import threading

import pytest

from shared.documents import limits
from shared.documents.chunks import cut
from shared.documents.reasons import Unreadable
from shared.models import Extraction, Transcript
from tests.unit.documents import files
from tests.unit.documents.conftest import Reading


def texts(extraction: Extraction) -> list[tuple[int | None, str]]:
    """Every block as (page, text)."""
    return [(block.locator.page, block.text) for section in extraction.sections for block in section.blocks]


def test_lines_become_paragraphs_with_their_page(read: Reading) -> None:
    """Lines that run to the margin are joined, a short one ends the paragraph, a gap begins a new block."""
    page = [
        (50, 700, 10, "The kettle is filled with water up to the mark that stands on its inner side"),
        (50, 688, 10, "and is then set on its base. It boils in four minutes."),
        (50, 650, 10, "Another paragraph."),
    ]
    extraction = read(files.pdf([page, [(50, 700, 10, "On page two.")]]), "a.pdf")
    assert texts(extraction) == [
        (1, f"{page[0][3]} {page[1][3]}"),
        (1, "Another paragraph."),
        (2, "On page two."),
    ]
    assert extraction.pages == 2


def test_chunks_know_their_box_on_the_page(read: Reading) -> None:
    """The box of a chunk holds its lines and nothing else of the page."""
    extraction = read(files.pdf([[(50, 700, 10, "First line."), (60, 300, 10, "Far below.")]]), "a.pdf")
    first, second = (block.locator.box for section in extraction.sections for block in section.blocks)
    assert first is not None
    assert second is not None
    assert first[0] <= 50 < first[2] <= 120
    assert 690 <= first[1] <= 700 < first[3] <= 715
    assert second[3] < 320
    chunk = cut(extraction, "a.pdf")[0]
    assert chunk.locator.box == (first[0], second[1], max(first[2], second[2]), first[3])


def test_rows_of_a_table_stay_lines(read: Reading) -> None:
    """Cells on one height form a line; lines that do not fill the width are not joined."""
    rows = [("City", "Limit"), ("Lisbon", "140"), ("Zurich", "210")]
    page = [
        (50 + 200 * n, 700 - 14 * at, 10, cell) for at, row in enumerate(rows) for n, cell in enumerate(row)
    ]
    assert texts(read(files.pdf([page]), "a.pdf")) == [(1, "City Limit\nLisbon 140\nZurich 210")]


def test_larger_and_bold_lines_are_headings(read: Reading) -> None:
    """The largest type is level one; a bold line in the body's size comes under it."""
    body = "It covers kettles that were bought in a shop and used at home for no longer than three years."
    page = [(50, 740, 20, "Warranty"), (50, 700, 10, body)]
    page += [(50, 660, 10, "*Exceptions"), (50, 640, 10, body), (50, 626, 10, body), (50, 600, 10, body)]
    extraction = read(files.pdf([page]), "a.pdf")
    assert [section.path for section in extraction.sections] == [("Warranty",), ("Warranty", "Exceptions")]
    assert extraction.title == "Warranty"
    assert cut(extraction, "terms.pdf")[1].context == "terms > Warranty > Exceptions"


def test_running_headers_are_read_once(read: Reading) -> None:
    """A line at the edge of every page, page numbers aside, is kept on the first page only."""
    pages = [
        [(50, 780, 10, f"Kettle Works - page {n}"), (50, 700, 10, f"What page {'abcdef'[n]} says.")]
        for n in range(6)
    ]
    found = [text for _, text in texts(read(files.pdf(pages), "a.pdf"))]
    assert sum("Kettle Works" in text for text in found) == 1
    assert all(any(f"page {letter} says" in text for text in found) for letter in "abcdef")


def test_pages_that_differ_in_a_number_alone_are_all_read(read: Reading) -> None:
    """A sum at the foot of every page is no page number."""
    pages = [[(50, 700, 10, "Statement"), (50, 100, 10, f"Total {n * 37 % 91} euros")] for n in range(8)]
    found = {text for _, text in texts(read(files.pdf(pages), "a.pdf"))}
    assert found >= {f"Total {n * 37 % 91} euros" for n in range(8)}


def test_a_word_parted_at_a_lines_end_is_one_word(read: Reading) -> None:
    """The hyphen goes where it only parts a word, and stays where it belongs to one."""
    page = [
        (50, 700, 10, "Every well-known kettle is made for the prepa-"),
        (50, 688, 10, "ration of tea, and every cook has a well-"),
        (50, 676, 10, "known one."),
    ]
    (text,) = [text for _, text in texts(read(files.pdf([page]), "a.pdf"))]
    assert "the preparation of tea" in text
    assert "a well-known one" in text


def test_scanned_pages_are_given_to_the_reader(read: Reading) -> None:
    """A page that is a picture comes out as its reader says, on its own page; PDFium is free meanwhile."""
    scan = files.pdf([[], []], picture=b"\x80" * 10_000)
    free: list[bool] = []

    def reader(data: bytes, mime_type: str) -> Transcript:
        assert (data[:4], mime_type) == (b"\x89PNG", "image/png")
        other = threading.Thread(
            target=lambda: free.append(read(files.pdf([[(9, 9, 9, "x y")]]), "b.pdf").pages == 1)
        )
        other.start()
        other.join(10)
        return Transcript(f"Seen {len(free)}")

    assert texts(read(scan, "scan.pdf", "", reader)) == [(1, "Seen 1"), (2, "Seen 2")]
    assert free == [True, True]


def test_scanned_pages_without_a_reader_are_a_reason_or_a_warning(read: Reading) -> None:
    """Nothing but scans: needs-ocr. Scans among text: partial, with the pages named."""
    with pytest.raises(Unreadable) as caught:
        read(files.pdf([[]], picture=b"\x80" * 10_000), "scan.pdf")
    assert caught.value.code == "needs-ocr"
    long = [(50, 700 - 20 * n, 12, "A page with enough text to be no scan.") for n in range(3)]
    extraction = read(files.pdf([long, []], picture=b"\x80" * 10_000), "mixed.pdf")
    assert len(extraction.warnings) == 1
    assert "Page 2" in extraction.warnings[0]


def test_an_empty_pdf_is_empty(read: Reading) -> None:
    """A page without text and picture has nothing to read, with or without a reader."""
    for reader in (None, lambda _data, _type: Transcript("invented")):
        with pytest.raises(Unreadable) as caught:
            read(files.pdf([[]]), "a.pdf", "", reader)
        assert caught.value.code == "empty"


def test_encryption_stops_only_where_a_password_is_needed(read: Reading) -> None:
    """An empty user password opens by itself; another one is `encrypted`."""
    page = [(50, 700, 12, "Locked words")]
    assert texts(read(files.pdf([page], password=b""), "a.pdf")) == [(1, "Locked words")]
    with pytest.raises(Unreadable) as caught:
        read(files.pdf([page], password=b"secret"), "a.pdf")
    assert caught.value.code == "encrypted"


def test_a_pdf_of_too_many_pages_is_read_in_part(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages past the limit are left out with a sentence that says so."""
    monkeypatch.setattr(limits, "PAGES", 5)
    extraction = read(files.pdf([[(50, 700, 12, f"Number {n * n}")] for n in range(12)]), "a.pdf")
    assert [page for page, _ in texts(extraction)] == [1, 2, 3, 4, 5]
    assert extraction.warnings == ("Only the first 5 of 12 pages were read.",)
    assert extraction.pages == 12


def test_several_threads_may_read_at_once(read: Reading) -> None:
    """PDFium is entered by one thread at a time, so parallel reads all succeed."""
    data = files.pdf([[(50, 700, 12, f"Page {n * n} text")] for n in range(20)])
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(len(texts(read(data, "a.pdf"))))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counts == [20] * 4
