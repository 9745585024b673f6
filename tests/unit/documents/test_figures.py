"""What is said beside the running text: pictures, charts, diagrams, files within files, invitations."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from tests.unit.documents import files
from tests.unit.documents.conftest import Reading
from tests.unit.documents.test_office import blocks

DIAGRAM = "<m><ptLst><pt><t><p><t>Boil</t></p></t></pt><pt><t><p><t>Pour</t></p></t></pt></ptLst></m>"
CHART = (
    "<c><chart><title><t>Kettles sold</t></title><ser><tx><pt idx='0'><v>2025</v></pt></tx>"
    "<cat><pt idx='0'><v>Porto</v></pt></cat><val><pt idx='0'><v>42.0</v></pt></val></ser></chart></c>"
)


def test_word_says_what_its_figures_say(read: Reading, tmp_path: Path) -> None:
    """The description of a picture, a chart's title and numbers, a diagram's nodes, WordArt; each once."""
    body = (
        "<w:p><w:r><w:drawing><docPr descr='A red kettle'/></w:drawing>"
        "<docPr descr='A red kettle'/></w:r></w:p>"
        "<w:p><w:r><chart r:id='chart'/></w:r></w:p><w:p><w:r><relIds r:dm='diagram'/></w:r></w:p>"
        "<w:p><w:r><textpath string='SALE'/></w:r></w:p>"
    )
    path = files.docx(tmp_path / "a.docx", body, chart=CHART, diagram=DIAGRAM)
    assert blocks(read(path, "a.docx")) == [
        ("paragraph", "A red kettle"),
        ("paragraph", "Kettles sold"),
        ("table", "| 2025\nPorto | 42"),
        ("list", "Boil\nPour"),
        ("paragraph", "SALE"),
    ]


def test_a_workbook_within_a_document_is_read(read: Reading, tmp_path: Path) -> None:
    """As sections of its own, behind the text."""
    book, inner = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active["A1"] = "Embedded price"
    book.save(inner)
    body = "<w:p><w:r><w:t>See below.</w:t></w:r></w:p>"
    path = files.docx(tmp_path / "a.docx", body, package="")
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    path = files.zipped(path, {**members, "word/package.xml": inner.getvalue()})
    assert [text for _, text in blocks(read(path, "a.docx"))] == ["See below.", "Sheet", "Embedded price"]


def test_a_sheet_says_what_its_chart_is_of(read: Reading, tmp_path: Path) -> None:
    """The chart's title; its numbers are the sheet's cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Item", "Sold"])
    sheet.append(["Lid", 3])
    chart = BarChart()
    chart.title = "Lids by month"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "D1")
    book.save(tmp_path / "a.xlsx")
    found = blocks(read(tmp_path / "a.xlsx", "a.xlsx"))
    assert ("paragraph", "Lids by month") in found


def test_a_drawing_of_open_document_is_read(read: Reading, tmp_path: Path) -> None:
    """The texts on its pages, and what its pictures are said to show."""
    content = (
        "<d xmlns:o='o'><body><drawing><page><frame><text-box><p>Plan of Porto</p></text-box>"
        "<desc>A map</desc></frame></page></drawing></body></d>"
    )
    path = files.zipped(
        tmp_path / "a.odg",
        {"mimetype": "application/vnd.oasis.opendocument.graphics", "content.xml": content},
    )
    assert [text for _, text in blocks(read(path, "a.odg"))] == ["Plan of Porto", "A map"]


def test_an_invitation_is_read(read: Reading) -> None:
    """The calendar's part of a mail says when and where; Apple's count before a message is no harm."""
    mail = (
        "From: a@x.example\nSubject: Invitation\nDate: today\nMIME-Version: 1.0\n"
        "Content-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: text/plain\n\nPlease come.\n"
        "--B\nContent-Type: text/calendar; method=REQUEST\n\n"
        "BEGIN:VCALENDAR\nLOCATION:Porto\nEND:VCALENDAR\n--B--\n"
    )
    for data, name in ((mail, "a.eml"), (f"{len(mail)}      \n{mail}", "a.emlx")):
        text = "\n".join(text for _, text in blocks(read(data, name)))
        assert "Please come." in text
        assert "LOCATION:Porto" in text


def test_notebooks_of_the_older_form_and_their_errors_are_read(read: Reading) -> None:
    """Worksheets and inputs of nbformat 3; what an error said in nbformat 4."""
    old = {
        "worksheets": [{"cells": [{"cell_type": "code", "input": "boil()", "outputs": [{"text": "hot"}]}]}]
    }
    assert blocks(read(json.dumps(old), "a.ipynb")) == [("code", "boil()"), ("code", "hot")]
    failed = {"output_type": "error", "ename": "TooHot", "evalue": "lid on"}
    new = {"cells": [{"cell_type": "code", "source": "boil()", "outputs": [failed]}]}
    assert blocks(read(json.dumps(new), "a.ipynb")) == [("code", "boil()"), ("code", "TooHot: lid on")]


@pytest.mark.parametrize("mark", ["<!-- nobody sees this -->", "</div>", "<?php x ?>"])
def test_markup_without_words_does_not_spoil_a_page(read: Reading, mark: str) -> None:
    """A comment, a closing tag or an instruction alone is passed over, in Markdown and as a whole page."""
    assert blocks(read(f"# Kettles\n\n{mark}\n\nThey boil.\n", "a.md"))[-1] == ("paragraph", "They boil.")
