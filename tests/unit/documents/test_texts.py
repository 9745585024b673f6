"""Text, Markdown, HTML, CSV, mail, notebooks, RTF: what each becomes."""

import json
from email.message import EmailMessage

import pytest

from shared.documents.chunks import cut
from shared.documents.reasons import Unreadable
from shared.models import Extraction
from tests.unit.documents import files
from tests.unit.documents.conftest import Reading


def outline(extraction: Extraction) -> list[tuple[tuple[str, ...], list[tuple[str, str]]]]:
    """Sections as (path, [(kind, text)])."""
    return [(each.path, [(block.kind, block.text) for block in each.blocks]) for each in extraction.sections]


def test_markdown_headings_open_sections(read: Reading) -> None:
    """Levels nest, marks of emphasis go, tables, lists and code keep their kind."""
    text = (
        "Before.\n\n# One\nSome *fine* [link](http://x) text\n\n## Two\n| A | B |\n|---|---|\n| `1` | 2 |\n\n"
        "- first\n- second\n    1. deep\n\n```\nmake  run\n```\n# Three\nEnd."
    )
    assert outline(read(text, "a.md")) == [
        ((), [("paragraph", "Before.")]),
        (("One",), [("paragraph", "One"), ("paragraph", "Some fine link text")]),
        (
            ("One", "Two"),
            [
                ("paragraph", "Two"),
                ("table", "A | B\n1 | 2"),
                ("list", "- first\n- second\n  1. deep"),
                ("code", "make  run"),
            ],
        ),
        (("Three",), [("paragraph", "Three"), ("paragraph", "End.")]),
    ]


def test_a_heading_with_nothing_under_it_goes_to_the_front_of_the_next_section(read: Reading) -> None:
    """No section is a heading alone, and no heading is lost."""
    sections = outline(read("# Guide\n## Start\nText.\n## End", "a.md"))
    assert sections == [
        (("Guide", "Start"), [("paragraph", "Guide"), ("paragraph", "Start"), ("paragraph", "Text.")]),
        (("Guide", "End"), [("paragraph", "End")]),
    ]


def test_html_gives_what_a_reader_sees(read: Reading) -> None:
    """No scripts, styles, navigation or hidden parts; lists and tables with merged cells are resolved."""
    page = (
        "<html><head><title>Shop</title><style>p{}</style><script>var a='no'</script></head><body>"
        "<nav>Home Help</nav><div style='display: none'>secret</div>"
        "<h1>Shop</h1><p>Hello<br>there, <b>you</b>.</p>"
        "<ol><li>one<ul><li>deep</li></ul></li><li>two</li></ol>"
        "<table><tr><th>Size</th><th>Price</th></tr>"
        "<tr><td rowspan=2>Big</td><td>3</td></tr><tr><td>4</td></tr></table>"
        "<table role=presentation><tr><td><p>Laid out</p></td></tr></table></body></html>"
    )
    assert outline(read(page, "a.html")) == [
        (
            ("Shop",),
            [
                ("paragraph", "Shop"),
                ("paragraph", "Hello\nthere, you."),
                ("list", "1. one\n  - deep\n2. two"),
                ("table", "Size | Price\nBig | 3\nBig | 4"),
                ("paragraph", "Laid out"),
            ],
        )
    ]


def test_html_says_its_own_encoding(read: Reading) -> None:
    """A page's stated character set is believed when its bytes are not UTF-8."""
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>žluťoučký kůň</p></body></html>'
    assert outline(read(page.encode("iso-8859-2"), "a.html"))[0][1] == [("paragraph", "žluťoučký kůň")]


def test_csv_rows_are_kept_as_they_are_written(read: Reading) -> None:
    """Delimiter and decimal commas stay, the header is known, the range counts it as row 1."""
    extraction = read('Ort;Note\nVejle;1,2\nPorto;"3,4"\n'.encode("cp1252"), "a.csv")
    (block,) = extraction.sections[0].blocks
    assert block.text == 'Ort;Note\nVejle;1,2\nPorto;"3,4"'
    assert (block.kind, block.header, block.locator.range) == ("table", "Ort;Note", "A1:B3")


def test_csv_records_over_several_lines_count_as_one_row(read: Reading) -> None:
    """A quoted line break joins lines; a blank row parts tables, which share a header of the same width."""
    extraction = read('name,text\na,"one\ntwo"\n\nb,three\n', "a.csv")
    blocks = extraction.sections[0].blocks
    assert [block.text for block in blocks] == ['name,text\na,"one two"', "b,three"]
    assert [block.locator.range for block in blocks] == ["A1:B2", "A4:B4"]
    assert [block.header for block in blocks] == ["name,text", "name,text"]


def test_mail_prefers_plain_text_and_reads_attachments(read: Reading) -> None:
    """Envelope first, one form of the body, then each known attachment under its own name."""
    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = (
        "Case 7",
        "bob@example.com",
        "Thu, 06 Mar 2025 16:20:00 +0000",
    )
    message.set_content("The plain words.\n")
    message.add_alternative("<p>The rich words.</p>", subtype="html")
    message.add_attachment(b"# Plan\nDo it.", maintype="text", subtype="markdown", filename="plan.md")
    message.add_attachment(
        b"\x7fELF....", maintype="application", subtype="octet-stream", filename="tool.bin"
    )
    extraction = read(message.as_bytes(), "a.eml")
    texts = [block.text for section in extraction.sections for block in section.blocks]
    assert texts[0] == "Subject: Case 7\nFrom: bob@example.com\nDate: Thu, 06 Mar 2025 16:20:00 +0000"
    assert "The plain words." in texts
    assert not any("rich" in text for text in texts)
    plan = next(section for section in extraction.sections if section.path == ("plan.md", "Plan"))
    assert (plan.blocks[-1].text, plan.blocks[-1].locator.part) == ("Do it.", "plan.md")
    assert any("tool.bin" in warning for warning in extraction.warnings)


def test_an_encrypted_mail_needs_a_key(read: Reading) -> None:
    """PGP/MIME and S/MIME bodies are `encrypted`."""
    mail = 'From: a@b.c\nContent-Type: multipart/encrypted; boundary="x"\n\n--x\n\nVersion: 1\n--x--\n'
    with pytest.raises(Unreadable) as caught:
        read(mail, "a.eml")
    assert caught.value.code == "encrypted"


def test_a_notebook_gives_its_cells(read: Reading) -> None:
    """Markdown cells open sections and stay as written; code and printed output are code."""
    cells = [
        {"cell_type": "markdown", "source": ["# Sums\n", "Adding."]},
        {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": ["2"]}}]},
    ]
    assert outline(read(json.dumps({"cells": cells}), "a.ipynb")) == [
        (("Sums",), [("paragraph", "# Sums\nAdding."), ("code", "1 + 1"), ("code", "2")])
    ]


def test_rtf_text_tables_and_letters(read: Reading) -> None:
    """Code pages, Unicode with its fallback, tables and notes are read; fonts and colours are not."""
    rtf = (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}{\f1\fcharset204 Cyr;}}{\colortbl;\red0;}"
        r"Stra\'dfe \u8364?5{\footnote A note.} and {\f1 \'cf\'f0}\par"
        r"\trowd\intbl A\cell B\cell\row\pard After\par}"
    )
    assert outline(read(rtf, "a.rtf"))[0][1] == [
        ("paragraph", "Straße €5 and Пр"),
        ("table", "A | B"),
        ("paragraph", "After"),
        ("note", "A note."),
    ]


def test_a_zip_gives_the_documents_inside(read: Reading, tmp_path: object) -> None:
    """Each under its own name, archives within archives too; what cannot be read is named."""
    from pathlib import Path

    folder = Path(str(tmp_path))
    inner = files.zipped(folder / "inner.zip", {"deep.txt": "Deep text."}).read_bytes()
    archive = files.zipped(
        folder / "a.zip", {"a/one.txt": "One.", "in.zip": inner, "x.7z": b"7z\xbc\xaf\x27\x1c"}
    )
    extraction = read(archive, "a.zip")
    parts = {block.locator.part: block.text for section in extraction.sections for block in section.blocks}
    assert parts == {"a/one.txt": "One.", "in.zip/deep.txt": "Deep text."}
    assert len(extraction.warnings) == 1


def test_chunks_of_a_wide_csv_have_the_header(read: Reading) -> None:
    """A long CSV is found by column names in every chunk."""
    rows = "\n".join(f"SO-{n},2025-01-02,shop {n},BKW-{n},{n}.00" for n in range(300))
    chunks = cut(read(f"order_no,order_date,customer,sku,total\n{rows}\n", "orders.csv"), "orders.csv")
    assert all(chunk.text.startswith("order_no,order_date,customer,sku,total\n") for chunk in chunks)
