"""Word, Excel, PowerPoint and OpenDocument: what each becomes."""

from datetime import date
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from openpyxl.comments import Comment
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from shared.documents.chunks import cut
from shared.documents.reasons import Unreadable
from shared.models import Extraction
from tests.unit.documents import files
from tests.unit.documents.conftest import Reading


def blocks(extraction: Extraction) -> list[tuple[str, str]]:
    """Every block as (kind, text)."""
    return [(block.kind, block.text) for section in extraction.sections for block in section.blocks]


def test_word_headings_lists_and_tables(read: Reading, tmp_path: Path) -> None:
    """Heading styles open sections; lists have their marks; merged cells are resolved."""
    document = docx.Document()
    document.add_heading("Handbook", 0)
    document.add_heading("Leave", 1)
    document.add_paragraph("Everyone has leave.")
    document.add_paragraph("Ask early", style="List Bullet")
    document.add_paragraph("Write it down", style="List Number")
    table = document.add_table(3, 2)
    for row, texts in enumerate([("Years", "Days"), ("0 to 2", "25"), ("", "27")]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_heading("Sickness", 2)
    document.add_paragraph("Call by nine.")
    document.sections[0].footer.paragraphs[0].text = "Internal"
    document.save(str(tmp_path / "a.docx"))
    extraction = read(tmp_path / "a.docx", "a.docx")
    assert [section.path for section in extraction.sections] == [("Leave",), ("Leave", "Sickness"), ()]
    assert blocks(extraction)[2:6] == [
        ("paragraph", "Everyone has leave."),
        ("list", "- Ask early"),
        ("list", "1. Write it down"),
        ("table", "Years | Days\n0 to 2 | 25\n0 to 2 | 27"),
    ]
    assert extraction.sections[0].blocks[5].header == "Years | Days"
    assert extraction.sections[1].blocks[1].locator.heading == ("Leave", "Sickness")
    assert blocks(extraction)[-1] == ("note", "Internal")


def test_word_reads_as_it_would_be_accepted(read: Reading, tmp_path: Path) -> None:
    """Insertions are in, deletions and field codes out, text boxes once, notes and comments as notes."""
    body = (
        "<w:p><w:r><w:t>Pay </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>twelve</w:t></w:r></w:ins>"
        "<w:r><w:instrText>PAGE</w:instrText><w:t> euros</w:t></w:r></w:p>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>Boxed</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>Boxed</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    note = "<w:{0}><w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:{0}>"
    notes = f'<w:x xmlns:w="w"><w:{{0}} w:type="separator"/>{note}</w:x>'
    path = files.docx(
        tmp_path / "a",
        body,
        footnotes=notes.format("footnote", "See law."),
        comments=notes.format("comment", "Sure?"),
    )
    assert blocks(read(path, "a.docx")) == [
        ("paragraph", "Pay twelve euros"),
        ("paragraph", "Boxed"),
        ("paragraph", "Controlled"),
        ("note", "See law."),
        ("note", "Sure?"),
    ]


def test_excel_sheets_values_and_places(read: Reading, tmp_path: Path) -> None:
    """A section a sheet; dates in ISO, whole numbers whole, merged and hidden cells and sheets, comments."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Prices"
    for row in [
        ["Kettles"],
        [],
        ["Name", "Price", "Since"],
        ["Tarn", 96.0, date(2025, 3, 12)],
        ["Tarn", 0.1 + 0.2, True],
    ]:
        sheet.append(row)
    sheet.merge_cells("A4:A5")
    sheet["B4"].comment = Comment("Was 99", "Ann")
    hidden = book.create_sheet("Costs")
    hidden["C7"] = "Secret sauce"
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    extraction = read(tmp_path / "a.xlsx", "a.xlsx")
    prices, costs = extraction.sections
    assert (prices.path, costs.path) == (("Prices",), ("Costs (hidden sheet)",))
    table = prices.blocks[2]
    assert table.text == "Name | Price | Since\nTarn | 96 | 2025-03-12\nTarn | 0.3 | TRUE"
    assert (table.header, table.locator.sheet, table.locator.range) == (
        "Name | Price | Since",
        "Prices",
        "A3:C5",
    )
    assert (prices.blocks[3].kind, prices.blocks[3].text, prices.blocks[3].locator.range) == (
        "note",
        "Was 99",
        "B4",
    )
    assert (costs.blocks[1].text, costs.blocks[1].locator.sheet) == ("Secret sauce", "Costs")
    assert costs.blocks[1].locator.range == "C7"


def test_excel_formulas_give_their_stored_values(read: Reading, tmp_path: Path) -> None:
    """A stored result is read; a formula without one is named in a warning, and nothing is calculated."""
    sheet = (
        '<sheetData><row r="1"><c r="A1" t="str"><f>A2</f><v>Total</v></c><c r="B1"><f>1+1</f><v>2</v></c>'
        '<c r="C1"><f>1+2</f></c><c r="D1" t="e"><v>#N/A</v></c></row></sheetData>'
    )
    extraction = read(files.xlsx(tmp_path / "a", sheet), "a.xlsx")
    assert blocks(extraction)[1] == ("table", "Total | 2 |  | #N/A")
    assert len(extraction.warnings) == 1


def test_tables_side_by_side_are_two(read: Reading, tmp_path: Path) -> None:
    """Tables that a blank column parts, each with its header, have ranges of their own."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [
        ["Name", "Age", None, "City", "Code"],
        ["Ann", 33, None, "Porto", "P"],
        ["Bob", 4, None, "Leeds", "L"],
    ]:
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    tables = read(tmp_path / "a.xlsx", "a.xlsx").sections[0].blocks[1:]
    assert [(each.text, each.locator.range) for each in tables] == [
        ("Name | Age\nAnn | 33\nBob | 4", "A1:B3"),
        ("City | Code\nPorto | P\nLeeds | L", "D1:E3"),
    ]


def test_a_long_sheet_is_found_by_column_name_everywhere(read: Reading, tmp_path: Path) -> None:
    """Every chunk of a sheet begins with the header and names exactly its rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Order", "Customer"])
    for n in range(2, 400):
        sheet.append([f"SO-{n}", f"Customer number {n}"])
    book.save(tmp_path / "a.xlsx")
    chunks = cut(read(tmp_path / "a.xlsx", "a.xlsx"), "a.xlsx")
    for chunk in chunks[1:]:
        header, *rows = chunk.text.split("\n")
        assert header == "Order | Customer"
        first, last = rows[0].split(" ")[0][3:], rows[-1].split(" ")[0][3:]
        assert chunk.locator.range == f"A{first}:B{last}"


def test_a_wide_sheet_is_cut_by_columns(read: Reading, tmp_path: Path) -> None:
    """Each chunk of a sheet too wide for one has whole columns, behind the one that names the row."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Employee", *(f"Training of week {n}" for n in range(2, 61))])
    for row in range(2, 30):
        sheet.append([f"Person {row}", *(row * n for n in range(2, 61))])
    book.save(tmp_path / "a.xlsx")
    chunks = cut(read(tmp_path / "a.xlsx", "a.xlsx"), "a.xlsx")[1:]
    cells: dict[tuple[str, str], str] = {}
    for chunk in chunks:
        header, *rows = (line.split(" | ") for line in chunk.text.split("\n"))
        assert header[0] == "Employee"
        for row in rows:
            assert row[0].startswith("Person")
            cells |= {(row[0], name): value for name, value in zip(header[1:], row[1:], strict=True)}
    assert cells["Person 29", "Training of week 60"] == str(29 * 60)
    assert len(cells) == 28 * 59
    assert {chunk.locator.range[0] for chunk in chunks if chunk.locator.range} > {"A"}
    assert chunks[-1].locator.range is not None
    assert chunks[-1].locator.range.endswith("BH29")


def test_powerpoint_slides_in_reading_order(read: Reading, tmp_path: Path) -> None:
    """Title first, then shapes from top to bottom; groups, tables, charts' numbers and notes are read."""
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[5])
    first.shapes.title.text = "Sales"
    for top, text in ((4, "Below"), (2, "Above")):
        first.shapes.add_textbox(Inches(1), Inches(top), Inches(2), Inches(1)).text_frame.text = text
    group = first.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(6), Inches(1), Inches(1)).text_frame.text = "Grouped"
    first.notes_slide.notes_text_frame.text = "Say thanks"
    second = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["Iberia", "DACH"]
    data.add_series("2025", (1395, 905.5))
    second.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, Inches(4), Inches(3), data)
    table = second.shapes.add_table(2, 2, 0, Inches(5), Inches(4), Inches(1)).table
    for row, column, text in ((0, 0, "What"), (0, 1, "When"), (1, 0, "Party"), (1, 1, "4 July")):
        table.cell(row, column).text = text
    deck.save(str(tmp_path / "a.pptx"))
    extraction = read(tmp_path / "a.pptx", "a.pptx")
    assert [section.path for section in extraction.sections] == [("Sales",), ("Slide 2",)]
    texts = [[block.text for block in section.blocks] for section in extraction.sections]
    assert texts[0] == ["Sales", "Above", "Below", "Grouped", "Say thanks"]
    assert texts[1][:2] == ["| 2025\nIberia | 1395\nDACH | 905.5", "What | When\nParty | 4 July"]
    assert extraction.sections[0].blocks[-1].kind == "note"
    assert {block.locator.slide for block in extraction.sections[1].blocks} == {2}
    assert extraction.pages == 2


def test_opendocument_texts_slides_and_sheets(read: Reading, tmp_path: Path) -> None:
    """Headings, lists, tables, repeated cells and rows, dates and notes of ODF."""

    def odf(kind: str, body: str) -> Path:
        spaces = 'xmlns:o="o" xmlns:t="t" xmlns:b="b" xmlns:d="d"'
        content = f"<o:document-content {spaces}><o:body>{body}</o:body></o:document-content>"
        mimetype = f"application/vnd.oasis.opendocument.{kind}"
        return files.zipped(tmp_path / kind, {"mimetype": mimetype, "content.xml": content})

    text = odf(
        "text",
        '<o:text><t:h t:outline-level="1">One</t:h>'
        '<t:p>Some<t:s t:c="2"/>text<t:note><t:note-body><t:p>Noted</t:p>'
        "</t:note-body></t:note></t:p><t:list><t:list-item><t:p>item</t:p></t:list-item></t:list></o:text>",
    )
    assert blocks(read(text, "a.odt"))[1:] == [
        ("paragraph", "Some  text"),
        ("note", "Noted"),
        ("list", "- item"),
    ]
    sheet = odf(
        "spreadsheet",
        '<o:spreadsheet><b:table b:name="S">'
        '<b:table-row b:number-rows-repeated="3"><b:table-cell/></b:table-row>'
        '<b:table-row><b:table-cell b:number-columns-repeated="2"><t:p>x</t:p></b:table-cell><b:table-cell '
        'o:value-type="date" o:date-value="2025-03-12"><t:p>12.3.</t:p></b:table-cell></b:table-row>'
        "</b:table></o:spreadsheet>",
    )
    (table,) = read(sheet, "a.ods").sections[0].blocks[1:]
    assert (table.text, table.locator.range, table.locator.sheet) == ("x | x | 2025-03-12", "A4:C4", "S")
    slides = odf(
        "presentation",
        "<o:presentation><d:page><d:frame><d:text-box><t:p>Said</t:p></d:text-box></d:frame></d:page>"
        "</o:presentation>",
    )
    assert read(slides, "a.odp").sections[0].blocks[0].locator.slide == 1


def test_an_epub_gives_its_chapters_in_the_order_of_the_spine(read: Reading, tmp_path: Path) -> None:
    """Chapters are read as pages are; the order is the spine's, not the archive's."""
    book = files.zipped(
        tmp_path / "a",
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<c><rootfiles><rootfile full-path="o/p.opf"/></rootfiles></c>',
            "o/two.xhtml": "<html><body><h1>Two</h1><p>Later.</p></body></html>",
            "o/one.xhtml": "<!DOCTYPE html><html><body><h1>One</h1><p>First.</p></body></html>",
            "o/p.opf": "<package><metadata><title>Book</title></metadata>"
            '<manifest><item id="1" href="one.xhtml"/><item id="2" href="two.xhtml"/></manifest>'
            '<spine><itemref idref="1"/><itemref idref="2"/></spine></package>',
        },
    )
    extraction = read(book, "a.epub")
    assert extraction.title == "Book"
    assert [section.path for section in extraction.sections] == [("One",), ("Two",)]


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx"])
def test_an_office_file_without_its_main_part_is_corrupt(read: Reading, tmp_path: Path, name: str) -> None:
    """A package that names its kind and has nothing else is `corrupt`."""
    kinds = {
        "a.docx": "wordprocessingml.document",
        "a.xlsx": "spreadsheetml.sheet",
        "a.pptx": "presentationml.presentation",
    }
    kind = f"application/vnd.openxmlformats-officedocument.{kinds[name]}.main+xml"
    types = f'<Types><Override ContentType="{kind}"/></Types>'
    with pytest.raises(Unreadable) as caught:
        read(files.zipped(tmp_path / "a", {"[Content_Types].xml": types}), name)
    assert caught.value.code == "corrupt"
